"""Stage classify: the qualified passages -> classifications."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, active, payload, table_rows
from etl.tables import Warehouse


def _inputs(warehouse: Warehouse) -> DataFrame:
    qualified = warehouse.read("qualifications").where("qualified")
    return qualified.join(active(warehouse), on=["doc_id", "content_hash"], how="inner").select(
        "doc_id", "content_hash", "part", F.lit(None).cast("string").alias("persona"),
        F.lit(None).cast("string").alias("qa_id"), payload("title").alias("payload"),
    )  # fmt: skip


STAGE = Stage(
    name="classify", table="classifications", key=("doc_id", "content_hash", "part"),
    inputs=_inputs, rows=table_rows("classifications"),
)  # fmt: skip
