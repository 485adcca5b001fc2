"""Benchmarks: the items that neither a document nor a pair may hold; kept in a table, searched by an index of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl.config import Config
from etl.errors import ConfigError
from etl.lease import Lease
from etl.schema import TABLES
from etl.tables import Warehouse
from udfs.contamination import Index, searched

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = {"jsonl": "json", "json": "json", "parquet": "parquet", "csv": "csv"}
FOUND_DDL = "matched string, match_score double"


def add(spark: SparkSession, config: Config, name: str, path: str, columns: tuple[str, str | None]) -> int:
    """Keep a file's items as benchmark `name`, in place of those it had; return how many.

    `columns` name the question and, where the file has one, the answer. An item without a question is none.

    Raises:
        ConfigError: no such file or column, no item in it, or a name with a slash.
        WarehouseBusy: a run holds the warehouse.
    """
    if not name or "/" in name:
        raise ConfigError(f"benchmarks add {name!r}: give a name without a slash")
    question, answer = columns
    frame = _read(spark, path)
    for column in (question, answer):
        if column and column not in frame.columns:
            listed = ", ".join(sorted(frame.columns))
            raise ConfigError(f"benchmarks add {name}: no column {column!r} in {path}; there are: {listed}")
    warehouse = Warehouse.of(spark, config)
    with Lease(warehouse.root, "benchmarks"):
        warehouse.create()
        now = datetime.now(UTC)
        asked = {
            i: row for i, row in enumerate(r.asDict() for r in frame.collect())
            if row[question] is not None and str(row[question]).strip()
        }  # fmt: skip
        named = zip(names({i: row.get("id") for i, row in asked.items()}), asked.values(), strict=True)
        rows = [
            {
                "benchmark": name, "item": item, "question": str(row[question]),
                "answer": None if not answer or row[answer] is None else str(row[answer]), "added_at": now,
            }
            for item, row in named
        ]  # fmt: skip
        if not rows:
            raise ConfigError(f"benchmarks add {name}: no row of {path} has a question in column {question!r}")
        items = warehouse.frame(rows, TABLES["benchmarks"].ddl)
        known = warehouse.read("benchmarks").where(F.col("benchmark") == name)
        try:
            gone = known.join(items, on=["benchmark", "item"], how="left_anti")
            warehouse.replace("benchmarks", items, gone)
        finally:
            warehouse.drop_copies()
    return len(rows)


def names(ids: Mapping[int, Any]) -> list[str]:
    """Return a name for each item, no two alike: its id, else its row from 0; where another item has that name, with
    `#` and the row behind it. `ids` has each item's by its row.
    """
    free = {str(given) for given in ids.values() if given is not None}
    taken = set(free)
    found = []
    for row, given in ids.items():
        name = str(row if given is None else given)
        if given is None or name not in free:
            while name in taken:
                name = f"{name}#{row}"
        free.discard(name)
        taken.add(name)
        found.append(name)
    return found


def _read(spark: SparkSession, path: str) -> DataFrame:
    kind = next((f for end, f in FORMATS.items() if path.removesuffix(".gz").endswith(f".{end}")), None)
    if kind is None:
        raise ConfigError(f"benchmarks add --path {path}: the name must end in {', '.join(FORMATS)}, or that and .gz")
    try:
        return (
            spark.read.options(header="true", multiLine=str(kind == "csv").lower(), escape='"').format(kind).load(path)
        )
    except AnalysisException as error:
        raise ConfigError(f"benchmarks add --path {path}: {str(error).splitlines()[0]}") from None


def listed(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return the benchmarks kept: name, items, added_at."""
    kept = warehouse.read("benchmarks").groupBy("benchmark")
    rows = kept.agg(F.count("*").alias("items"), F.max("added_at").alias("added_at")).orderBy("benchmark")
    return [r.asDict() for r in rows.collect()]


def index(warehouse: Warehouse) -> Index | None:
    """Return the index of all items, or None where no benchmark is kept."""
    rows = warehouse.read("benchmarks").select("benchmark", "item", "question").collect()
    return _index(tuple(sorted((f"{r['benchmark']}/{r['item']}", r["question"]) for r in rows))) if rows else None


@lru_cache(maxsize=2)
def _index(items: tuple[tuple[str, str], ...]) -> Index:
    return Index(items)


def search(found: Index, rows: DataFrame, key: str, text: str, prose: bool = False) -> DataFrame:
    """Search the rows' texts for items: the key column, matched (`benchmark/item`; null where there is none) and
    match_score.
    """

    def make(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return searched(batches, found, prose)

    return rows.select(key, text).mapInArrow(make, f"{key} string, {FOUND_DDL}")
