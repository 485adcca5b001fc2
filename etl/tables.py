"""The warehouse: the one place that reads and writes Delta tables."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  the field's own name for it

from etl.config import Config
from etl.schema import LOGGED, TABLES, Table
from etl.session import setting, side_by_side
from udfs import files
from udfs.keys import key

REPLACE = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
DELETE = "WHEN MATCHED THEN DELETE"
# names the columns: with `*` and schema evolution on, the table would get a column `_gone`
CHANGE = (
    "WHEN MATCHED AND s._gone THEN DELETE WHEN MATCHED THEN UPDATE SET {set} "
    "WHEN NOT MATCHED AND NOT s._gone THEN INSERT ({into}) VALUES ({values})"
)
EVERY_READER = "'delta.enableDeletionVectors' = 'false'"  # so that every Delta reader can open the tables


def root_of(config: Config) -> str:
    """Return where a warehouse's small state lies, and its tables unless a catalog has them."""
    if config.catalog:
        return files.join(str(config.journal), f"{config.catalog}.{config.schema_}")
    path = files.local(str(config.warehouse))
    return str(path.absolute()) if path is not None else str(config.warehouse).rstrip("/")


@dataclass(frozen=True)
class Warehouse:
    """The tables of one configuration: a folder with one Delta table per name, or a catalog's schema.

    `root` is where small state lives beside the tables (lease, progress, secret); `journal` where paid answers wait.
    """

    spark: SparkSession
    root: str
    journal: str
    schema: str | None = None
    scratch: str = "shared"
    """Names the folder of this run's copies."""
    guard: Callable[[], None] = lambda: None
    """Called before every write; raises where the run no longer holds the warehouse."""

    @classmethod
    def of(cls, spark: SparkSession, config: Config) -> "Warehouse":
        """Return the warehouse that a configuration names; nothing is created."""
        root = root_of(config)
        if config.catalog:
            return cls(spark, root, files.join(root, "_journal"), f"`{config.catalog}`.`{config.schema_}`")
        apart = files.join(config.journal, key("journal", root)[:12]) if config.journal else None
        return cls(spark, root, apart or files.join(root, "_journal"))

    @property
    def place(self) -> tuple[SparkSession, str, str, str | None, str]:
        """Return what another view of the same warehouse is made with."""
        return self.spark, self.root, self.journal, self.schema, self.scratch

    def identifier(self, name: str) -> str:
        """Return how SQL names a table."""
        return f"{self.schema}.`{name}`" if self.schema else f"delta.`{self._path(name)}`"

    def create(self) -> None:
        """Create the tables that are missing, and add the columns that an older release did not have."""
        side_by_side(self.spark, *[partial(self._complete, table) for table in TABLES.values()])

    def exists(self, name: str) -> bool:
        """Return whether a table is there."""
        if self.schema:
            return bool(self.spark.catalog.tableExists(f"{self.schema}.`{name}`"))
        path = files.local(self._path(name))
        if path is not None:
            return any((path / "_delta_log").glob("*.json"))
        return bool(files.listing(files.join(self._path(name), "_delta_log")))

    def _complete(self, table: Table) -> None:
        if not self.exists(table.name):
            self._create(table)
            return
        there = set(self.read(table.name).columns)
        wanted = self.spark.createDataFrame([], table.ddl).schema
        lacking = [f"`{f.name}` {f.dataType.simpleString()}" for f in wanted if f.name not in there]
        if lacking:
            self.guard()
            self.spark.sql(f"ALTER TABLE {self.identifier(table.name)} ADD COLUMNS ({', '.join(lacking)})")

    def _create(self, table: Table) -> None:
        clause = f"PARTITIONED BY ({table.partition})" if table.partition else ""
        logged = [n for n in LOGGED if re.search(rf"(^|, ){n} ", table.ddl)]
        limit = f"dataSkippingStatsColumns' = '{','.join(logged)}" if logged else "dataSkippingNumIndexedCols' = '0"
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {self.identifier(table.name)} ({table.ddl}) USING DELTA {clause} "
            f"TBLPROPERTIES ({EVERY_READER}, 'delta.{limit}')"
        )

    def read(self, name: str) -> DataFrame:
        """Return a table as it is now; empty where it does not exist yet."""
        if not self.exists(name):
            return self.spark.createDataFrame([], TABLES[name].ddl)
        return self.spark.table(self.identifier(name)) if self.schema else (
            self.spark.read.format("delta").load(self._path(name))
        )  # fmt: skip

    def append(self, name: str, rows: DataFrame) -> None:
        """Append rows, which have the table's columns in any order."""
        self.guard()
        writer = rows.select(*self._names(name)).write.format("delta").mode("append")
        if self.schema:
            writer.saveAsTable(self.identifier(name))
        else:
            writer.save(self._path(name))

    def append_records(self, name: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Append a few rows made on the driver."""
        self.append(name, self.frame([dict(r) for r in records], TABLES[name].ddl))

    def frame(self, records: Sequence[Mapping[str, Any]], ddl: str) -> DataFrame:
        """Return a few driver-side rows as a frame with the given columns."""
        return self.spark.createDataFrame(list(records), ddl)

    def replace(self, name: str, rows: DataFrame, gone: DataFrame | None = None) -> None:
        """Put rows in place of those with the same key, and delete the rows with the keys of `gone`, in one commit;
        the two hold a key once. Nothing is written for no rows.

        A MERGE rewrites files and takes seconds: use `append` where no row can be there yet.
        """
        action = REPLACE
        if gone is not None:
            away = gone.select(*TABLES[name].key).distinct().withColumn("_gone", F.lit(True))
            both = rows.withColumn("_gone", F.lit(False)).unionByName(away, allowMissingColumns=True)
            rows, action = self.stage_copy(f"changes-{name}", both), CHANGE
        if not rows.isEmpty():
            self._merge(name, rows, action)

    def delete(self, name: str, keys: DataFrame) -> None:
        """Delete the rows with these keys; no new version where there is none."""
        key = list(TABLES[name].key)
        found = keys.select(*key).distinct()
        if not found.isEmpty():
            self._merge(name, found, DELETE)

    def assign(self, name: str, column: str, rows: DataFrame) -> None:
        """Set one column of the rows with these keys; `rows` holds a key once."""
        if not rows.isEmpty():
            self._merge(name, rows, f"WHEN MATCHED THEN UPDATE SET t.{column} = s.{column}")

    def clear(self, name: str) -> None:
        """Delete all rows of a table."""
        self.guard()
        self.spark.sql(f"DELETE FROM {self.identifier(name)}")

    def _merge(self, name: str, rows: DataFrame, action: str) -> None:
        self.guard()
        table = TABLES[name]
        source = f"_merge_{name}"
        rows.createOrReplaceTempView(source)
        condition = " AND ".join(f"t.{k} <=> s.{k}" for k in table.key)
        names = self._names(name)
        done = action.format(
            set=", ".join(f"t.`{n}` = s.`{n}`" for n in names),
            into=", ".join(f"`{n}`" for n in names),
            values=", ".join(f"s.`{n}`" for n in names),
        )
        self.spark.sql(f"MERGE INTO {self.identifier(name)} t USING {source} s ON {condition} {done}")
        self.spark.catalog.dropTempView(source)

    def _names(self, name: str) -> list[str]:
        return list(self.spark.createDataFrame([], TABLES[name].ddl).columns)

    def _path(self, name: str) -> str:
        return files.join(self.root, name)

    def stage_copy(self, name: str, rows: DataFrame) -> DataFrame:
        """Write rows to a scratch folder of plain Parquet and return them from there, so that what made them runs
        once. `drop_copies` removes the folder.
        """
        path = files.join(self.root, "_staging", self.scratch, name)
        rows.write.mode("overwrite").parquet(path)
        return self.spark.read.schema(rows.schema).parquet(path)

    def drop_copies(self) -> None:
        """Remove the scratch folder."""
        files.remove(files.join(self.root, "_staging", self.scratch))

    def compact(self, name: str) -> None:
        """Write a table's small files together into large ones; what it holds stays the same."""
        self.guard()
        self.spark.sql(f"OPTIMIZE {self.identifier(name)}").collect()

    def vacuum(self, name: str, at_once: bool = False) -> None:
        """Delete the files that no version within the table's retention needs (a week, unless the table says else);
        `at_once` all that the present version does not need: a reader amid a former version loses it.
        """
        self.guard()
        if at_once:
            with setting(self.spark, "spark.databricks.delta.retentionDurationCheck.enabled", "false"):
                self.spark.sql(f"VACUUM {self.identifier(name)} RETAIN 0 HOURS").collect()
        else:
            self.spark.sql(f"VACUUM {self.identifier(name)}").collect()

    def size(self, name: str) -> tuple[int, int]:
        """Return how many files the present version of a table has, and how many bytes."""
        detail = self.spark.sql(f"DESCRIBE DETAIL {self.identifier(name)}").first()
        return (int(detail["numFiles"]), int(detail["sizeInBytes"])) if detail else (0, 0)

    def versions(self) -> dict[str, int]:
        """Return the Delta version of each table: equal before and after means that nothing was written."""
        return {name: self._version(name) for name in TABLES}

    def _version(self, name: str) -> int:
        """Return a table's newest version: of a folder, the highest number among its commits."""
        if self.schema:
            history = self.spark.sql(f"DESCRIBE HISTORY {self.identifier(name)} LIMIT 1").first()
            return int(history["version"]) if history else -1
        commits = files.listing(files.join(self._path(name), "_delta_log"))
        numbers = (c.rsplit("/", 1)[-1].removesuffix(".json") for c in commits)
        return max((int(n) for n in numbers if n.isdigit()), default=-1)


def others_table(spark: SparkSession, path: str, **options: int | bool) -> DataFrame:
    """Return somebody else's Delta table, by its folder or its name in the catalog, with Delta's own read options."""
    reader = spark.read.format("delta").options(**options)
    return reader.load(path) if "/" in path else reader.table(path)


def others_version(spark: SparkSession, path: str) -> int:
    """Return the newest version of somebody else's Delta table."""
    name = f"delta.`{path}`" if "/" in path else path
    newest = spark.sql(f"DESCRIBE HISTORY {name} LIMIT 1").first()
    return int(newest["version"]) if newest else 0


@dataclass(frozen=True)
class Overlay(Warehouse):
    """A warehouse as it would be: what is written is laid over its tables, which stay as they are.

    Copies in the scratch folder hold it, so that `drop_copies` undoes all.
    """

    frames: dict[str, DataFrame] = field(default_factory=dict)

    @classmethod
    def over(cls, warehouse: Warehouse, frames: Mapping[str, DataFrame]) -> "Overlay":
        """Lay frames over the tables of a warehouse."""
        laid = warehouse.frames if isinstance(warehouse, cls) else {}
        return cls(*warehouse.place, frames={**laid, **frames})

    def read(self, name: str) -> DataFrame:
        """Return the frame laid over a table, or the table."""
        return self.frames[name] if name in self.frames else super().read(name)

    def append(self, name: str, rows: DataFrame) -> None:
        """Lay rows over a table."""
        self.frames[name] = self.read(name).unionByName(self._laid(name, rows.select(*self._names(name))))

    def clear(self, name: str) -> None:
        """Hide all rows of a table."""
        self.frames[name] = self.frame([], TABLES[name].ddl)

    def _merge(self, name: str, rows: DataFrame, action: str) -> None:
        """Hide the rows with the keys of others; lay these over the table where the action inserts them."""
        if action not in (REPLACE, DELETE, CHANGE):
            raise NotImplementedError(action)
        new = self._laid(name, rows)
        same = reduce(lambda x, y: x & y, [F.col(f"t.{k}").eqNullSafe(F.col(f"s.{k}")) for k in TABLES[name].key])
        kept = self.read(name).alias("t").join(new.alias("s"), on=same, how="left_anti")
        if action == CHANGE:
            new = new.where("NOT _gone").drop("_gone")
        self.frames[name] = kept if action == DELETE else kept.unionByName(new)

    def _laid(self, name: str, rows: DataFrame) -> DataFrame:
        """Return rows from a copy that no later one replaces."""
        return self.stage_copy(f"{name}-{secrets.token_hex(4)}", rows)


@dataclass(frozen=True)
class Excerpt(Warehouse):
    """Some documents of a warehouse, to read only: of the tables whose rows belong to documents, theirs."""

    whole: Warehouse = field(kw_only=True)
    keep: Callable[[DataFrame], DataFrame] = field(kw_only=True)
    """Leaves their rows of a frame with `doc_id`."""

    def read(self, name: str) -> DataFrame:
        """Return the rows of a table that belong to the documents, or all of one whose rows belong to none."""
        rows = self.whole.read(name)
        return self.keep(rows) if TABLES[name].forget == "doc_id" else rows
