"""The ledger: what was asked and answered, ever. Journals go in; answers come out by call_key."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial, reduce
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.session import side_by_side
from etl.tables import Warehouse
from udfs import files
from udfs.errors import RETRYABLE
from udfs.ledger import ENTRY_DDL, is_corrupt, journal_rows
from udfs.spec import CallSpec

if TYPE_CHECKING:
    import pyarrow as pa


LATE = "-late"
_JOURNAL = re.compile(rf"(?P<run>[a-z0-9-]+)/[a-z]+/[0-9]{{5}}-[0-9-]+({LATE})?")


def recover(warehouse: Warehouse) -> None:
    """Move what dead runs' journals hold into `completions` and `attempts`, then delete them.

    Appends only what the tables lack, so being killed half-way and starting again changes nothing. Journal files
    with lines that fail their checksum elsewhere than at the end are kept under <journal>/corrupt.
    """
    found = _journals(warehouse)
    if found:
        entries = _entries(warehouse, found)
        attempts, completions = _attempts(entries), _completions(entries)
        warehouse.append(
            "attempts", _lacking(warehouse, "attempts", attempts, ["run_id", "call_key", "started_at", "n"])
        )
        key = ["call_key", "params", "error_type"]
        warehouse.append("completions", _lacking(warehouse, "completions", completions, key))
        _put_away(warehouse, found)


def commit(warehouse: Warehouse, run_id: str) -> None:
    """Move this run's journal into the tables. Nobody else can have done that, so nothing is looked up; what grew while
    it was moved is left to `recover`.
    """
    found = _journals(warehouse, run_id)
    if found:
        entries = _entries(warehouse, found)
        side_by_side(
            warehouse.spark,
            partial(warehouse.append, "attempts", _attempts(entries)),
            partial(warehouse.append, "completions", _completions(entries)),
        )
        _put_away(warehouse, found)
    else:
        files.remove(files.join(warehouse.journal, run_id))  # claims on tasks that settled nothing


def settled(warehouse: Warehouse, spec: CallSpec, asked: DataFrame) -> DataFrame:
    """Return those of the calls asked for (column `call_key`) that are settled under a stage's settings, once each:
    call_key, text, finish_reason, error_type.
    """
    keys = asked.select("call_key").where(F.col("call_key").isNotNull())
    found = warehouse.read("completions").where(_valid(spec)).join(keys, on="call_key", how="left_semi")
    return _best(found).select("call_key", "text", "finish_reason", "error_type")


def known(warehouse: Warehouse, specs: Sequence[CallSpec], passages: DataFrame) -> DataFrame:
    """Return what is settled for passages (column `passage_key`) in the stages of `specs`: passage_key and `known`, a
    JSON object call_key -> [text, error_type].
    """
    valid = reduce(Column.__or__, [_valid(s) for s in specs], F.lit(False))
    found = warehouse.read("completions").where(valid).join(passages, on="passage_key", how="left_semi")
    entry = F.struct("call_key", F.array("text", "error_type"))
    return (
        _best(found)
        .groupBy("passage_key")
        .agg(F.to_json(F.map_from_entries(F.collect_list(entry)), {"ignoreNullFields": "false"}).alias("known"))
    )


def _valid(spec: CallSpec) -> Column:
    """Return whether a completion counts for a stage's settings: a `length_stop` only if it was made under at least
    the limit of now, and a `context_length` only if under at most that, since servers count the room for the answer in.
    """
    limit = F.get_json_object("params", "$.max_tokens").cast("int")
    stopped = (F.col("error_type") == "length_stop") & (limit < spec.max_tokens)
    too_long = (F.col("error_type") == "context_length") & (limit > spec.max_tokens)
    return (F.col("stage") == spec.stage) & (F.col("error_type").isNull() | ~(stopped | too_long))


def _best(completions: DataFrame) -> DataFrame:
    """Return one completion per call_key: an answer before an error, then the newest."""
    best = Window.partitionBy("call_key").orderBy(F.col("error_type").isNotNull(), F.col("completed_at").desc())
    return completions.withColumn("rank", F.row_number().over(best)).where("rank = 1")


def failed(warehouse: Warehouse, stage: str, run_id: str | None = None, attempts: int = 1) -> DataFrame:
    """Return call_key and the last retryable error (`failure`) of each call of a stage that was tried so many times in
    a row, in one run or ever: how a call that is not settled stands.
    """
    last = F.max_by("error_type", F.struct("started_at", "n")).alias("failure")
    scope = F.lit(True) if run_id is None else F.col("run_id") == run_id
    return (
        warehouse.read("attempts")
        .where((F.col("stage") == stage) & F.col("error_type").isin(*RETRYABLE) & scope)
        .groupBy("call_key")
        .agg(last, F.max("n").alias("attempts"))
        .where(F.col("attempts") >= attempts)
        .drop("attempts")
    )


def spent(warehouse: Warehouse, per: str, run_id: str) -> float:
    """Return the US dollars spent in this run, this UTC day, or ever, summed over all requests ever sent."""
    scope = {
        "run": F.col("run_id") == run_id,
        "day": F.col("started_at") >= F.lit(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)),
        "total": F.lit(True),
    }[per]
    row = warehouse.read("attempts").where(scope).agg(F.sum("cost_usd").alias("usd")).first()
    return float(row["usd"] or 0.0) if row else 0.0


def _journals(warehouse: Warehouse, run_id: str | None = None) -> dict[str, int]:
    """Return the journal files, of all runs or those that one is to move, and how many bytes each has by now."""
    at = len(warehouse.journal)
    found = files.listing(files.join(warehouse.journal, run_id) if run_id else warehouse.journal)
    wanted = [name for name in found if _JOURNAL.fullmatch(name[at:].strip("/"))]
    return {name: files.size(name) for name in wanted if run_id is None or not name.endswith(LATE)}


def _entries(warehouse: Warehouse, found: Collection[str]) -> DataFrame:
    """Return one row per attempt and per completion of the journal files, which are read once."""
    warehouse.guard()  # no copy of answers beside a run that has taken the warehouse over
    names = warehouse.frame([{"file": n} for n in found], "file string")
    root = warehouse.journal

    def read(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return journal_rows(batches, root)

    return warehouse.stage_copy("entries", names.repartition(min(len(found), 64)).mapInArrow(read, ENTRY_DDL))


def _attempts(entries: DataFrame) -> DataFrame:
    return (
        entries.where("kind = 'attempt'")
        .withColumn("started_at", F.to_timestamp("started_at"))
        .dropDuplicates(["run_id", "call_key", "started_at", "n"])
    )


def _completions(entries: DataFrame) -> DataFrame:
    return (
        entries.where("kind = 'completion'")
        .withColumn("completed_at", F.to_timestamp("completed_at"))
        .withColumn(
            "rank",
            F.row_number().over(Window.partitionBy("call_key", "params", "error_type").orderBy("completed_at")),
        )
        .where("rank = 1")
    )


def _lacking(warehouse: Warehouse, name: str, rows: DataFrame, key: list[str]) -> DataFrame:
    """Return the rows that a table does not have yet; nulls in the key are equal."""
    there = warehouse.read(name).select(*[F.col(k).alias(f"_{k}") for k in key])
    same = reduce(lambda a, b: a & b, [F.col(k).eqNullSafe(F.col(f"_{k}")) for k in key])
    return rows.join(there, on=same, how="left_anti")


def _put_away(warehouse: Warehouse, found: Mapping[str, int]) -> None:
    """Delete journal files that the tables hold. One that has grown since (by a worker that Spark replaced, or of a run
    that was taken over, which had an answer to come) is kept, under a name that says so.
    """
    for name, size in found.items():
        data = files.read(name) or b""
        if len(data) != size:
            if not name.endswith(LATE):
                files.rename(name, name + LATE)  # whoever has it open goes on writing there
            continue
        if is_corrupt(data):
            files.write(
                files.join(warehouse.journal, "corrupt", name[len(warehouse.journal) :].strip("/").replace("/", "-")),
                data,
            )
        files.remove(name)
    for run_id in {n[len(warehouse.journal) :].strip("/").split("/")[0] for n in found}:
        if not any(n.startswith(files.join(warehouse.journal, run_id, "")) for n in _journals(warehouse)):
            files.remove(files.join(warehouse.journal, run_id))
