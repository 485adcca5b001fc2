"""The states of documents: of all that was ever ingested, which rows count, decided from the rows alone."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.tables import Warehouse

RELATIVE = ("duplicate", "near_duplicate")  # reasons that other rows give; all others are the row's own
CONTAMINATED = "contaminated"  # holds an item of a benchmark (`etl.screen`)


def recency() -> Column:
    """Return what orders the versions of a document: fetch, else arrival; then where they stand in their source."""
    return F.struct(
        F.coalesce("fetched_at", "seen_at").alias("a"), F.col("seen_at").alias("b"), *place(), F.col("content_hash")
    )


def place() -> list[Column]:
    """Return the order within a source: by file, then by position, which is one number or two with a `+` between."""
    return [F.col("file").alias("c"), F.split("position", "[+]").try_cast("array<long>").alias("d")]


def resolve(rows: DataFrame) -> DataFrame:
    """Decide status, reason, matched and match_score of rows of `documents`; a pure function of the rest.

    Of the versions of one document in one source the newest counts, the others are superseded; of one document in
    several sources the newest fetch; of several documents with one text the first seen stays, and the next returns
    when it goes. A removed row takes part in nothing: it stays removed until its source has it again. So that all
    this holds for a row, `rows` has every row of its document, and of the documents with the same text. Near-duplicates
    are told afterwards, among those that are active here (`etl.duplicates`).
    """
    own = F.when(~F.coalesce(F.col("reason").isin(*RELATIVE), F.lit(False)), F.col("reason"))
    newest = F.col("age").desc()
    ranked = (
        rows.withColumn("age", recency())
        .withColumn("removed", F.coalesce(F.col("status") == "removed", F.lit(False)))
        .withColumn("own", own)
        .withColumn("version", F.row_number().over(Window.partitionBy("source", "doc_id").orderBy("removed", newest)))
        .withColumn("past", F.col("removed") | (F.col("version") > 1))
        .withColumn("place", F.row_number().over(Window.partitionBy("doc_id").orderBy("past", newest, "source")))
        .withColumn("stands", ~F.col("past") & (F.col("place") == 1) & F.col("own").isNull())
    )
    first_seen = Window.partitionBy("content_hash", "stands").orderBy("seen_at", *place(), "doc_id")
    ranked = ranked.withColumn("winner", F.first("doc_id").over(first_seen))
    elsewhere = ~F.col("past") & (F.col("place") > 1) & F.col("own").isNull()
    copy = F.col("stands") & (F.col("winner") != F.col("doc_id"))
    told = F.col("own") == CONTAMINATED  # with the item and the share of it that was found
    status = (
        F.when(F.col("removed"), "removed").when(F.col("past"), "superseded")
        .when(elsewhere | copy | F.col("own").isNotNull(), "rejected").otherwise("active")
    )  # fmt: skip
    return (
        ranked.withColumn("status", status)
        .withColumn(
            "matched", F.when(elsewhere, F.col("doc_id")).when(copy, F.col("winner")).when(told, F.col("matched"))
        )
        .withColumn("match_score", F.when(elsewhere | copy, F.lit(1.0)).when(told, F.col("match_score")))
        .withColumn("reason", F.when(elsewhere | copy, F.lit("duplicate")).otherwise(F.col("own")))
        .drop("age", "removed", "own", "version", "past", "place", "stands", "winner")
    )


def touched(warehouse: Warehouse, documents: DataFrame, changed: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Return what `resolve` needs to know of `documents` when these documents (doc_id) changed, and whose states may
    change: the rows of the changed documents and of all that share a text with them; the hashes of those texts.

    A document that shares a text has former versions of other texts, whose states stand. Both lists of names are
    copies, whose sizes are known: where they are short, `documents` is read past them and not sorted.
    """
    own = documents.join(changed, on="doc_id", how="left_semi")
    hashes = warehouse.stage_copy("hashes", own.select("content_hash").distinct())
    competes = F.col("reason").isNull() | F.col("reason").isin(*RELATIVE)
    peers = documents.where(competes).join(hashes, on="content_hash", how="left_semi").select("doc_id")
    wanted = warehouse.stage_copy("wanted", peers.union(changed.select("doc_id")).distinct())
    return documents.join(wanted, on="doc_id", how="left_semi"), hashes
