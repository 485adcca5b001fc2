"""Stage check: the distinct pairs of accepted candidates -> verdicts."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, active, payload, table_rows
from etl.tables import Warehouse
from udfs.stages.check import FIELDS


def chosen_candidates(warehouse: Warehouse) -> DataFrame:
    """Return one accepted candidate per qa_id: where two personas made the same pair, the first by part and name."""
    first = Window.partitionBy("qa_id").orderBy("part", "persona")
    return (
        warehouse.read("candidates")
        .where("qa_id IS NOT NULL")
        .join(active(warehouse), on=["doc_id", "content_hash"], how="left_semi")
        .withColumn("choice", F.row_number().over(first))
        .where("choice = 1")
        .drop("choice")
    )


def _inputs(warehouse: Warehouse) -> DataFrame:
    """Content and part are inputs beside the pair's fields: they say which passage the pair is checked against."""
    fields = payload(*FIELDS, "content_hash", "part", "title")
    pairs = chosen_candidates(warehouse).join(active(warehouse), on=["doc_id", "content_hash"], how="inner")
    return pairs.select(
        "doc_id",
        "content_hash",
        "part",
        F.lit(None).cast("string").alias("persona"),
        "qa_id",
        fields.alias("payload"),
    )


STAGE = Stage(
    name="check", table="verdicts", key=("qa_id",),
    inputs=_inputs, rows=table_rows("verdicts"),
)  # fmt: skip
