"""Stage generate: each persona of the classified passages -> candidates."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, active, payload, table_rows
from etl.tables import Warehouse


def _inputs(warehouse: Warehouse) -> DataFrame:
    """The domain is an input, since it chooses the examples: another domain asks anew."""
    classified = warehouse.read("classifications").where("domain IS NOT NULL")
    return (
        classified.join(active(warehouse), on=["doc_id", "content_hash"], how="inner")
        .withColumn("persona", F.explode("personas"))
        .select(
            "doc_id",
            "content_hash",
            "part",
            "persona",
            F.lit(None).cast("string").alias("qa_id"),
            payload("domain", "title").alias("payload"),
        )
    )


STAGE = Stage(
    name="generate", table="candidates", key=("doc_id", "content_hash", "part", "persona"),
    inputs=_inputs, rows=table_rows("candidates"),
)  # fmt: skip
