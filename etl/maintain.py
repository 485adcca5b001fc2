"""Maintenance: small files become large ones, and files that no version within the retention needs are deleted."""

from typing import Any

from pyspark.sql import SparkSession

from etl.config import Config
from etl.lease import Lease
from etl.schema import TABLES
from etl.tables import Warehouse
from udfs import files


def maintain(spark: SparkSession, config: Config) -> list[dict[str, Any]]:
    """Compact and vacuum every table, and remove what dead runs left beside them; return a row per table with its
    number of files and bytes, before and after.

    Raises:
        WarehouseBusy: a run holds the warehouse.
    """
    warehouse = Warehouse.of(spark, config)
    with Lease(warehouse.root, "maintain") as lease:
        done = []
        for name in (n for n in TABLES if warehouse.exists(n)):
            lease.check()
            before = warehouse.size(name)
            warehouse.compact(name)
            lease.check()
            warehouse.vacuum(name)
            after = warehouse.size(name)
            done.append({
                "table": name, "files": before[0], "files_now": after[0], "bytes": before[1], "bytes_now": after[1],
            })  # fmt: skip
        for left in ("_staging", "_progress"):
            files.remove(files.join(warehouse.root, left))
    return done
