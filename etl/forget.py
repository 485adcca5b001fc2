"""Forget: a document and all that came of it goes out of everything, for good, and does not come back.

Order, so that being killed anywhere and running it again ends the same: journals are moved into the ledger, the
suppression is written, the documents are retired (those return that stood back for them), rows are deleted table by
table with `documents` last, then all that can hold a former state is removed: copies, progress, journals that could
not be read, and the tables' history.
"""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl import ledger
from etl.config import Config
from etl.errors import ConfigError
from etl.ingest import retire
from etl.lease import Lease, secret
from etl.schema import TABLES, Table
from etl.tables import Warehouse
from udfs import files
from udfs.keys import address_id
from udfs.suppress import DOC_ID, HOST, digest

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Target:
    """What is to be forgotten: one kind (DOC_ID or HOST) and its value."""

    kind: str
    value: str


def target(url: str | None, host: str | None, document: str | None) -> Target:
    """Return what the command line names.

    Raises:
        ConfigError: it is no absolute URL, no host, or no doc_id.
    """
    if url is not None:
        there = address_id(url)
        if there is None:
            raise ConfigError(f"--url {url}: no absolute URL, such as https://example.org/page")
        return Target(DOC_ID, there)
    if host is not None:
        if not host or re.search(r"[/:@\s]", host):
            raise ConfigError(f"--host {host}: give the host alone, such as www.example.org")
        return Target(HOST, host.lower())
    if not _ID.fullmatch(document or ""):
        raise ConfigError(f"--doc-id {document}: a doc_id has 32 hex digits; `documents` lists them")
    return Target(DOC_ID, str(document))


def forget(spark: SparkSession, config: Config, wanted: Target, dry_run: bool = False) -> dict[str, int]:
    """Forget a target; return the rows that went, or with `dry_run` would go, by table.

    The tables' history goes too, at once: a reader that is in the middle of an older version loses it.

    Raises:
        ConfigError: there is no warehouse. WarehouseBusy: a run holds it.
    """
    warehouse = Warehouse.of(spark, config)
    if not warehouse.exists("documents"):
        raise ConfigError(f"forget: no warehouse at {warehouse.root}")
    if dry_run:
        ids = _ids(warehouse, wanted)
        return {name: rows.count() for name, rows in _doomed(warehouse, ids, _heirs(warehouse, ids)).items()}
    run_id = f"forget-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    with Lease(warehouse.root, run_id) as lease:
        warehouse = replace(warehouse, scratch=run_id, guard=lease.check)
        warehouse.create()
        ledger.recover(warehouse)
        _suppress(warehouse, wanted)
        ids = warehouse.stage_copy("forgotten", _ids(warehouse, wanted))
        gone = _remove(warehouse, config, ids, run_id)
        for location in (files.join(warehouse.root, n) for n in ("_staging", "_progress")):
            files.remove(location)
        files.remove(files.join(warehouse.journal, "corrupt"))
        for name in (n for n, t in TABLES.items() if t.forget != "stays"):
            warehouse.vacuum(name, at_once=True)
    return gone


def _ids(warehouse: Warehouse, wanted: Target) -> DataFrame:
    """Return the doc_ids of a target: the one it is, with those of records of that address that could not be read, or
    those of the documents of a host.
    """
    if wanted.kind == DOC_ID:
        same = F.udf(lambda url: address_id(url) == wanted.value, "boolean")
        torn = warehouse.read("documents").where("reason = 'undecodable' AND url IS NOT NULL").where(same("url"))
        named = warehouse.frame([{"doc_id": wanted.value}], "doc_id string")
        return named.union(torn.select("doc_id")).distinct()
    return warehouse.read("documents").where(F.col("host") == wanted.value).select("doc_id").distinct()


def _suppress(warehouse: Warehouse, wanted: Target) -> None:
    known = digest(secret(warehouse.root), wanted.kind, wanted.value)
    if warehouse.read("suppressions").where(F.col("digest") == known).isEmpty():
        row = {"digest": known, "kind": wanted.kind, "suppressed_at": datetime.now(UTC)}
        warehouse.append_records("suppressions", [row])


def _remove(warehouse: Warehouse, config: Config, ids: DataFrame, run_id: str) -> dict[str, int]:
    heirs = warehouse.stage_copy("heirs", _heirs(warehouse, ids))
    own = warehouse.read("documents").join(ids, on="doc_id", how="left_semi").select("source", "doc_id").distinct()
    retire(warehouse, config, warehouse.stage_copy("own", own), run_id)
    # now: retiring may derive what was out of date, theirs with it
    doomed = {n: warehouse.stage_copy(f"doomed-{n}", rows) for n, rows in _doomed(warehouse, ids, heirs).items()}
    warehouse.assign("completions", "doc_id", heirs)
    for name, rows in sorted(doomed.items(), key=lambda item: item[0] == "documents"):
        warehouse.delete(name, rows)
    return {name: rows.count() for name, rows in doomed.items()}


def _doomed(warehouse: Warehouse, ids: DataFrame, heirs: DataFrame) -> dict[str, DataFrame]:
    """Return the keys of the rows to delete, for each table that does not stay as it is (see `etl.schema.Table`)."""
    left = _left(warehouse, ids)

    def rows(table: Table) -> DataFrame:
        found = warehouse.read(table.name)
        if table.forget == "content_hash":
            return found.join(left, on="content_hash", how="left_anti")
        own = found.join(ids, on="doc_id", how="left_semi")
        return own.join(heirs, on="call_key", how="left_anti") if table.forget == "call_key" else own

    return {t.name: rows(t).select(*t.key) for t in TABLES.values() if t.forget != "stays"}


def _left(warehouse: Warehouse, ids: DataFrame) -> DataFrame:
    return warehouse.read("documents").join(ids, on="doc_id", how="left_anti")


def _heirs(warehouse: Warehouse, ids: DataFrame) -> DataFrame:
    """Return the calls made for the forgotten (call_key) that another document (doc_id) has too, and so stay.

    It has them where its own rows rest on them, or where it has the same text and title, so that it would ask the
    same once it takes the place of the forgotten.
    """
    made = [
        warehouse.read(name).select("doc_id", "content_hash", F.explode("call_keys").alias("call_key"))
        for name, table in TABLES.items()
        if "call_keys array<string>" in table.ddl
    ]
    calls = reduce(DataFrame.union, made)
    own = warehouse.read("completions").join(ids, on="doc_id", how="left_semi").select("call_key").distinct()
    others = calls.join(ids, on="doc_id", how="left_anti").select("call_key", "doc_id")
    forgotten = warehouse.read("documents").join(ids, on="doc_id", how="left_semi")
    twin = _left(warehouse, ids).select("content_hash", "title", F.col("doc_id").alias("heir"))
    same = (F.col("f.content_hash") == F.col("t.content_hash")) & F.col("f.title").eqNullSafe(F.col("t.title"))
    twins = (
        forgotten.alias("f").join(twin.alias("t"), on=same, how="inner").select("f.doc_id", "f.content_hash", "t.heir")
    )
    shared = calls.join(twins, on=["doc_id", "content_hash"], how="inner").select(
        "call_key", F.col("heir").alias("doc_id")
    )
    return (
        others.union(shared)
        .join(own, on="call_key", how="left_semi")
        .groupBy("call_key")
        .agg(F.min("doc_id").alias("doc_id"))
    )
