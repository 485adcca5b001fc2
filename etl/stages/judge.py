"""Stage judge: measured pairs with answers that no rule could mark -> their pass rates with a model's marks."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.stages import Stage, payload, payload_sha, table_rows
from etl.stages.check import chosen_candidates
from etl.tables import Warehouse
from udfs.stages.judge import FIELDS, RATES, WAYS


def _inputs(warehouse: Warehouse) -> DataFrame:
    untold = F.concat(*[F.coalesce(n, F.array()) for n in (f"{way}_untold" for way in WAYS)])
    measured = warehouse.read("difficulty").where("closed_book_k IS NOT NULL").where(F.size(untold) > 0)
    rates = measured.select("qa_id", *RATES)
    return (
        chosen_candidates(warehouse)
        .join(rates, on="qa_id", how="inner")
        .select(
            "doc_id", "content_hash", "part", F.lit(None).cast("string").alias("persona"), "qa_id",
            payload(*FIELDS).alias("payload"),
        )
    )  # fmt: skip


def judgements(warehouse: Warehouse) -> DataFrame:
    """Return the judgements that are of the answers as they were last measured."""
    now = _inputs(warehouse).select("qa_id", payload_sha().alias("inputs_sha"))
    rows = warehouse.read("judgements").where("closed_book_k IS NOT NULL")
    return rows.join(now, on=["qa_id", "inputs_sha"], how="left_semi")


STAGE = Stage(
    name="judge", table="judgements", key=("qa_id",),
    inputs=_inputs, rows=table_rows("judgements"),
)  # fmt: skip
