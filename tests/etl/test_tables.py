"""Rows of a table are replaced and deleted in one commit, and nothing else of it changes."""

from datetime import UTC, datetime

from pyspark.sql import DataFrame

from etl.schema import TABLES
from etl.tables import Overlay, Warehouse
from tests.conftest import Bench

NAME = "suppressions"


def rows(warehouse: Warehouse, **kinds: str) -> DataFrame:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    records = [{"digest": d, "kind": kind, "suppressed_at": at} for d, kind in kinds.items()]
    return warehouse.frame(records, TABLES[NAME].ddl)


def kept(warehouse: Warehouse) -> dict[str, str]:
    return {r["digest"]: r["kind"] for r in warehouse.read(NAME).collect()}


def test_rows_are_replaced_and_deleted_in_one_commit(bench: Bench) -> None:
    warehouse, evolve = bench.warehouse, "spark.databricks.delta.schema.autoMerge.enabled"
    warehouse.create()
    warehouse.append(NAME, rows(warehouse, a="old", b="old", c="old"))
    before, columns = warehouse.versions()[NAME], warehouse.read(NAME).columns
    changed, gone = rows(warehouse, a="new", d="new"), rows(warehouse, b="?", x="not there")
    overlay = Overlay.over(warehouse, {})
    overlay.replace(NAME, changed, gone)
    assert kept(overlay) == {"a": "new", "c": "old", "d": "new"}
    assert kept(warehouse) == {"a": "old", "b": "old", "c": "old"}
    bench.spark.conf.set(evolve, "true")  # a platform's session may have it on
    try:
        warehouse.replace(NAME, changed, gone)
    finally:
        bench.spark.conf.unset(evolve)
    assert kept(warehouse) == {"a": "new", "c": "old", "d": "new"}
    assert warehouse.read(NAME).columns == columns
    assert warehouse.versions()[NAME] == before + 1
    warehouse.replace(NAME, rows(warehouse), rows(warehouse))
    assert warehouse.versions()[NAME] == before + 1
