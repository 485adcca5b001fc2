"""Screening: documents that hold a benchmark's item are told before any call. A text is searched once per set of items.

Data: texts that the items of now were not yet looked for in -> `screened` -> the reason `contaminated` of documents.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import benchmarks
from etl.files import note, noted
from etl.resolve import CONTAMINATED, RELATIVE
from etl.tables import Warehouse
from udfs.contamination import Index

_NOTE = "[benchmarks]"


def searched(index: Index, texts: DataFrame) -> DataFrame:
    """Search texts (content_hash, text); return their rows of `screened`."""
    found = benchmarks.search(index, texts, "content_hash", "text", prose=True)
    return found.withColumn("items", F.lit(index.sha))


def is_told(warehouse: Warehouse, index: Index | None) -> bool:
    """Return whether all documents are told by the items of now, or by none where there never were any."""
    return (noted(warehouse, _NOTE) or "") == (index.sha if index else "")


def note_told(warehouse: Warehouse, index: Index | None, run_id: str) -> None:
    """Note that they are."""
    note(warehouse, _NOTE, index.sha if index else "", run_id)


def lacking(warehouse: Warehouse, index: Index, texts: DataFrame) -> DataFrame:
    """Return those of these texts (content_hash, text) that the items of now were not yet looked for in."""
    done = warehouse.read("screened").where(F.col("items") == index.sha)
    return texts.join(done, on="content_hash", how="left_anti")


def unscreened(warehouse: Warehouse, index: Index) -> DataFrame:
    """Return the texts of documents that the items of now were not yet looked for in."""
    wanted = warehouse.read("documents").where("status NOT IN ('superseded', 'removed')").select("content_hash")
    return lacking(warehouse, index, warehouse.read("texts").join(wanted, on="content_hash", how="left_semi"))


def marked(warehouse: Warehouse, index: Index | None, rows: DataFrame) -> DataFrame:
    """Return rows of `documents`, as the rules of [quality] have just judged them, with the reason, match and score of
    those that hold an item; a reason of their own that they have already stays.
    """
    if index is None:
        return rows
    hits = warehouse.read("screened").where((F.col("items") == index.sha) & F.col("matched").isNotNull())
    known = hits.select("content_hash", F.col("matched").alias("item"), F.col("match_score").alias("share"))
    held = F.col("item").isNotNull() & (F.col("reason").isNull() | F.col("reason").isin(*RELATIVE))
    new = {"reason": F.lit(CONTAMINATED), "matched": F.col("item"), "match_score": F.col("share")}
    joined = rows.join(known, on="content_hash", how="left")
    return joined.withColumns({n: F.when(held, new[n]).otherwise(F.col(n)) for n in new}).drop("item", "share")
