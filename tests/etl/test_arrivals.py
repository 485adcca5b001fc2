"""Of what is seen together, the last in its source counts; of rows at one place, the same one whatever the order."""

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.arrivals import arrived_versions
from etl.resolve import recency
from etl.schema import TABLES
from udfs.ingest import RECORD_DDL

PLACES = (
    ("a.jsonl", "7"), ("a.jsonl", "12"), ("a.jsonl", "134217728+99999"), ("a.jsonl", "268435456+5"),
    ("a.jsonl", "1073741824+1"), ("b.warc.gz", "0"), ("b.warc.gz", "0+1234567"), ("b.warc.gz", "90000"),
    ("b.warc.gz", "90000+5"),
)  # fmt: skip


def seen(spark: SparkSession, *rows: dict[str, Any]) -> DataFrame:
    """Return records of one document, seen at one moment, in this order."""
    ddl = f"{RECORD_DDL}, seen_at timestamp"
    same = {"source": "s", "doc_id": "d", "seen_at": datetime(2026, 1, 1, tzinfo=UTC)}
    blank = dict.fromkeys(column.split(" ")[0] for column in ddl.split(", "))
    frame = spark.createDataFrame([{**blank, **same, **row} for row in rows], ddl)
    return frame.drop("skipped", "skipped_count").coalesce(1)


def test_which_of_the_rows_seen_together_counts(spark: SparkSession) -> None:
    rows = [{"file": f, "position": p, "content_hash": f"text {n}"} for n, (f, p) in enumerate(PLACES)]
    ordered = seen(spark, *reversed(rows)).orderBy(recency()).select("file", "position").collect()
    assert [tuple(r) for r in ordered] == list(PLACES)

    at = {"file": "table", "position": "4", "content_hash": "text", "title": "A"}
    rows = [
        {**at, "license": "x", "measures": {"lines": 2.0}},
        {**at, "license": "x", "measures": {"lines": 3.0}},
        {**at, "license": None, "measures": {"lines": 4.0}},
        {**at, "title": None, "license": "y", "measures": None},
    ]
    nothing = spark.createDataFrame([], TABLES["documents"].ddl)
    for given in (rows, rows[::-1]):
        [row] = arrived_versions(nothing, seen(spark, *given)).collect()
        assert (row["title"], row["license"], row["measures"]) == ("A", "x", {"lines": 3.0})
