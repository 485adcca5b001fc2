"""Maintenance compacts without changing what a table holds, and waits for no run that is at work."""

import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from etl.config import Config
from etl.errors import WarehouseBusy
from etl.lease import Lease
from etl.maintain import maintain
from etl.tables import Warehouse


def test_small_files_become_one_and_old_ones_go(spark: SparkSession, warehouse_path: Path) -> None:
    config = Config(warehouse=str(warehouse_path))
    warehouse = Warehouse.of(spark, config)
    for i in range(3):
        warehouse.append_records("texts", [{"content_hash": f"h{i}", "text": f"text {i}"}])
    table = warehouse.identifier("texts")
    spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 1 second')")
    (warehouse_path / "_staging" / "dead-run").mkdir(parents=True)
    time.sleep(1.1)
    [texts] = [r for r in maintain(spark, config) if r["table"] == "texts"]
    assert (texts["files"], texts["files_now"]) == (3, 1)
    rows = warehouse.read("texts").orderBy("content_hash").collect()
    assert [r["text"] for r in rows] == ["text 0", "text 1", "text 2"]
    time.sleep(1.1)
    maintain(spark, config)
    assert len(list((warehouse_path / "texts").glob("*.parquet"))) == 1
    assert not (warehouse_path / "_staging").exists()


def test_it_does_not_run_beside_a_run(spark: SparkSession, warehouse_path: Path) -> None:
    with Lease(str(warehouse_path), "other"), pytest.raises(WarehouseBusy, match="run other on"):
        maintain(spark, Config(warehouse=str(warehouse_path)))
