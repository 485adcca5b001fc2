"""The stages' driver side: which rows go in, and which table comes out. One file per stage."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.tables import Warehouse

MAKING = ("qualify", "classify", "generate", "check")
"""The stages that decide what is published; those behind them measure it."""


@dataclass(frozen=True)
class Stage:
    """One stage. `inputs` returns doc_id, content_hash, part, persona, qa_id and payload, one row per key; `rows` the
    table's rows by the same key.
    """

    name: str
    table: str
    key: tuple[str, ...]
    """What identifies an input: columns of `inputs` and of `rows`."""
    inputs: Callable[[Warehouse], DataFrame]
    rows: Callable[[Warehouse, str], DataFrame]
    """(warehouse, fingerprint) -> key columns, doc_id, content_hash, inputs_sha, fingerprint, error_type."""


def table_rows(table: str) -> Callable[[Warehouse, str], DataFrame]:
    """Return `rows` of a stage whose table holds one row per input."""
    return lambda warehouse, _: warehouse.read(table)


def payload(*columns: str) -> Column:
    """Return the named columns as JSON: what reaches the stage beside the passage."""
    return F.to_json(F.struct(*columns)) if columns else F.lit("{}")


def payload_sha() -> Column:
    """Return what tells whether a row was made from the payload as it is now."""
    return F.substring(F.sha2("payload", 256), 1, 32)


def active(warehouse: Warehouse) -> DataFrame:
    """Return the active documents: doc_id, content_hash, and the title, which every prompt shows. Of one document
    one row is active (see `etl.resolve`).
    """
    return warehouse.read("documents").where("status = 'active'").select("doc_id", "content_hash", "title")


def ordered() -> tuple[Stage, ...]:
    """Return the stages in the order in which data flows."""
    from etl.stages import check, classify, difficulty, generate, judge, qualify

    return (qualify.STAGE, classify.STAGE, generate.STAGE, check.STAGE, difficulty.STAGE, judge.STAGE)
