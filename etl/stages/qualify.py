"""Stage qualify: the passages of active documents -> qualifications."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, active, payload
from etl.tables import Warehouse
from udfs.errors import RETRYABLE


def _inputs(warehouse: Warehouse) -> DataFrame:
    """One input per document, with a null part: how many passages it has is only known from its text."""
    nothing = F.lit(None)
    return active(warehouse).select(
        "doc_id", "content_hash", nothing.cast("int").alias("part"), nothing.cast("string").alias("persona"),
        nothing.cast("string").alias("qa_id"), payload("title").alias("payload"),
    )  # fmt: skip


def _rows(warehouse: Warehouse, fingerprint: str) -> DataFrame:
    """One row per document: as good as the worst of its passages; without fingerprint while some are missing, and
    without inputs_sha while some were made from other inputs.
    """
    complete = (F.count("*") == F.max("parts")) & (F.min("parts") == F.max("parts"))
    current = F.min(F.col("fingerprint") == fingerprint)
    return (
        warehouse.read("qualifications")
        .groupBy("doc_id", "content_hash")
        .agg(
            F.when(F.min("inputs_sha") == F.max("inputs_sha"), F.min("inputs_sha")).alias("inputs_sha"),
            F.when(~complete, F.lit(""))
            .when(current, F.lit(fingerprint))
            .otherwise(F.min("fingerprint"))
            .alias("fingerprint"),
            F.max(F.when(F.col("error_type").isin(*RETRYABLE), F.col("error_type"))).alias("error_type"),
        )
    )


STAGE = Stage(
    name="qualify", table="qualifications", key=("doc_id", "content_hash"),
    inputs=_inputs, rows=_rows,
)  # fmt: skip
