"""Stage difficulty: the pairs that passed the check -> how often a reference model solves them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, payload, table_rows
from etl.stages.check import chosen_candidates
from etl.tables import Warehouse
from udfs.stages.difficulty import FIELDS


def _inputs(warehouse: Warehouse) -> DataFrame:
    """Before the rules over sets choose among equal pairs, so that no measurement depends on their choice."""
    passed = warehouse.read("verdicts").where("passed").select("qa_id")
    return (
        chosen_candidates(warehouse)
        .join(passed, on="qa_id", how="left_semi")
        .select(
            "doc_id", "content_hash", "part", F.lit(None).cast("string").alias("persona"), "qa_id",
            payload(*FIELDS, "content_hash", "part").alias("payload"),
        )
    )  # fmt: skip


STAGE = Stage(
    name="difficulty", table="difficulty", key=("qa_id",),
    inputs=_inputs, rows=table_rows("difficulty"),
)  # fmt: skip
