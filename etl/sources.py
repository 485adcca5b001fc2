"""Sources -> records: every record of the files to read as a frame, read by its format, judged by itself."""

from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.config import Config
from etl.config.sources import GIVEN, Source
from etl.errors import ConfigError, reason
from etl.files import Unread, paths, version
from etl.tables import Warehouse, others_table
from udfs.ingest import RECORD_DDL, Rules, column_documents, file_documents, json_documents, named, named_by_text
from udfs.sources import READERS

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS = ("text", "url", "id", "title", "language", "license", "robots", "fetched_at")


def records(warehouse: Warehouse, config: Config, part: Unread) -> DataFrame:
    """Return every record of the files to read (RECORD_DDL), in the state that it has by itself.

    Raises:
        ConfigError: the source cannot be read, or its columns are not there.
    """
    return _read(warehouse, config, part, "read")


def deleted(warehouse: Warehouse, config: Config, part: Unread) -> DataFrame | None:
    """Return the records that a table's change data feed says are gone (RECORD_DDL), None where there is no feed.

    A record's position is the version of the table that removed it, or gave it another identity.
    """
    return None if part.since is None else _read(warehouse, config, part, "deleted")


def standing(warehouse: Warehouse, config: Config, part: Unread) -> DataFrame:
    """Return the records that a table still has in the rows that are named like those its feed says are gone
    (RECORD_DDL): of two rows of one document one may be deleted.
    """
    return _read(warehouse, config, part, "standing")


def _read(warehouse: Warehouse, config: Config, part: Unread, what: str) -> DataFrame:
    source = part.source
    rules = Rules(source.name, {f: getattr(source.columns, f) for f in FIELDS}, config.quality.mask)
    try:
        if source.format == "delta":
            return _columns(_table(warehouse, part, what, rules), source, rules)
        if source.format in READERS:
            return _files(warehouse, part, rules)
        if source.format == "parquet":
            return _columns(_parquet(warehouse, part), source, rules)
        return _jsonl(warehouse, paths(part), rules)
    except (PySparkException, Py4JJavaError) as error:
        raise ConfigError(f"sources.{source.name}: cannot be read: {reason(error)}") from None


def _files(warehouse: Warehouse, part: Unread, rules: Rules) -> DataFrame:
    """Whole files, opened where Spark puts their names: it packs small ones into one task and splits none."""
    format_, roots = part.source.format, [_fixed(path) for path in part.source.path.splitlines()]
    if part.source.name == GIVEN:  # another file of the same name is another document
        roots = []

    def read(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return file_documents(batches, rules, format_, roots)

    listed = warehouse.spark.read.format("binaryFile").load(paths(part))
    return listed.select("path", F.col("_metadata.file_path").alias("file")).mapInArrow(read, RECORD_DDL)


def _fixed(path: str) -> str:
    """Return the part of a path before its first pattern."""
    return "/".join(takewhile(lambda name: not set(name) & set("*?[{"), path.split("/")))


def _jsonl(warehouse: Warehouse, names: list[str], rules: Rules) -> DataFrame:
    """Lines as bytes: Spark would replace what is not UTF-8 without a word."""

    def read(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return json_documents(batches, rules)

    lines = warehouse.spark.read.option("lineSep", "\n").format("text").load(names)
    return lines.select(
        F.col("value").cast("binary").alias("value"),
        F.col("_metadata.file_path").alias("file"),
        F.col("_metadata.file_block_start").alias("block"),
    ).mapInArrow(read, RECORD_DDL)


def _parquet(warehouse: Warehouse, part: Unread) -> DataFrame:
    """Rows of Parquet files; folders named `column=value` below the source's are columns too, and a column that only
    some files have is null in the others.
    """
    folder, names = part.source.path, paths(part)
    base = {"basePath": folder} if "=" in names[0] and not set(folder) & set("*?[{\n") else {}
    frame = warehouse.spark.read.options(**base, mergeSchema="true").parquet(*names)
    return frame.withColumns({"_file": F.col("_metadata.file_path"), "_position": F.col("_metadata.row_index")})


def _table(warehouse: Warehouse, part: Unread, what: str, rules: Rules) -> DataFrame:
    """Rows of a Delta table's version, or those its change data feed has since the version read before."""
    path = part.source.path
    until = version(part)
    if part.since is None:
        whole = others_table(warehouse.spark, path, versionAsOf=until)
        return whole.withColumns({"_file": F.lit(path), "_position": F.lit(until)})
    feed = others_table(warehouse.spark, path, readChangeFeed=True, startingVersion=part.since + 1, endingVersion=until)
    try:
        feed.isEmpty()
    except AnalysisException as error:
        raise ConfigError(
            f"sources.{part.source.name}.changes: no feed since version {part.since} ({error.getCondition()}): set "
            "delta.enableChangeDataFeed = true on the table, and read it once with changes = false"
        ) from None
    if what == "read":
        rows = feed.where(F.col("_change_type").isin("insert", "update_postimage"))
    else:
        rows = feed.where(F.col("_change_type").isin("delete", "update_preimage"))
    if what == "standing":
        rows = _named_alike(others_table(warehouse.spark, path, versionAsOf=until), rows, rules)
        return rows.withColumns({"_file": F.lit(path), "_position": F.lit(until)})
    return rows.withColumns({"_file": F.lit(path), "_position": F.col("_commit_version")})


def _named_alike(rows: DataFrame, others: DataFrame, rules: Rules) -> DataFrame:
    """Return the rows of the documents that others are of, however address, id or text are written."""
    by_name = F.udf(lambda url, source_id: named(rules, url, source_id), "string")
    by_text = F.udf(lambda text: None if text is None else named_by_text(rules, text), "string")
    columns = [rules.columns[field] for field in ("url", "id", "text")]
    url, source_id, text = ((F.col(f"`{c}`") if c in rows.columns else F.lit(None)).cast("string") for c in columns)

    def identified(frame: DataFrame) -> DataFrame:
        with_name = frame.withColumn("_name", by_name(url, source_id))
        unnamed = F.when(F.col("_name").isNull(), F.coalesce(text, F.lit("")))  # no other text need go to Python
        return with_name.withColumn("_name", F.coalesce("_name", by_text(unnamed)))

    return identified(rows).join(identified(others).select("_name"), on="_name", how="left_semi").drop("_name")


def _columns(frame: DataFrame, source: Source, rules: Rules) -> DataFrame:
    def read(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return column_documents(batches, rules)

    there = set(frame.columns)
    if source.columns.text not in there:
        listed = ", ".join(sorted(c for c in there if not c.startswith("_")))
        raise ConfigError(f"sources.{source.name}.columns.text: no column {source.columns.text!r}; there are: {listed}")
    return frame.select(
        *[_mapped(frame, f, name if (name := rules.columns[f]) in there else None) for f in FIELDS],
        F.col("_file").alias("file"),
        F.col("_position").alias("position"),
    ).mapInArrow(read, RECORD_DDL)


def _mapped(frame: DataFrame, field: str, name: str | None) -> Column:
    """Return a source's column under our name, as text but for times; null where the source has none."""
    if name is None:
        return F.lit(None).cast("string").alias(field)
    kind = dict(frame.dtypes)[name]
    keep = kind in ("string", "timestamp") or (field == "text" and kind != "binary")
    return F.col(f"`{name}`").alias(field) if keep else F.col(f"`{name}`").cast("string").alias(field)
