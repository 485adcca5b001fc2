"""Arrivals: which of the versions seen are new to `documents`, back, or told anew."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.resolve import recency

METADATA = ("url", "host", "title", "language", "license", "robots")
DOCUMENT = ["source", "doc_id"]
VERSION = [*DOCUMENT, "content_hash"]


def arrived_versions(documents: DataFrame, seen: DataFrame, whole: Sequence[str] = ()) -> DataFrame:
    """Return the versions seen whose rows of `documents` are to be written, in the columns of records.

    These are versions that no row knows; known ones that are their document's newest again, be it after others that
    come along, or whose document was removed; and known ones with other metadata or a newer fetch, which stay where
    and when they were first met. Of rows at one place, as all of a Delta table are, what they say decides. Of the
    sources `whole` all that they have was seen.
    """
    by_document = Window.partitionBy(*DOCUMENT)
    before = F.lag("content_hash").over(by_document.orderBy("age"))
    starts = before.isNull() | (before != F.col("content_hash"))
    plain = [c for c in seen.columns if c not in (*VERSION, "text", "file", "position")]
    versions = (
        seen.drop("text")
        .withColumn("age", recency())
        .withColumn("starts", starts)
        .groupBy(*VERSION)
        .agg(
            F.max_by(F.struct(*plain), F.struct("age", *METADATA, F.to_json("measures"))).alias("newest"),
            F.max_by(F.struct("file", "position"), F.when(F.col("starts"), F.col("age"))).alias("met"),
            F.max("age").alias("age"),
            F.min("age").alias("first"),
            F.max(F.when(F.col("starts"), F.col("age"))).alias("begun"),
        )
        .withColumn("latest", F.col("age") == F.max("age").over(by_document))
        .withColumn("after_others", F.col("begun") > F.min("first").over(by_document))
        .select(*VERSION, "newest.*", "met.*", "latest", "after_others")
    )
    rows = documents.join(versions, on=DOCUMENT, how="left_semi")
    removed = F.col("status") == "removed"
    first = Window.partitionBy(*DOCUMENT).orderBy(removed, F.col("age").desc())
    known = (
        rows.withColumn("age", recency())
        .withColumn("current", F.row_number().over(first) == 1)
        .select(
            *VERSION,
            F.col("current").alias("was_current"),
            removed.alias("was_removed"),
            F.col("seen_at").alias("was_seen_at"),
            *[F.col(n).alias(f"was_{n}") for n in ("file", "position", "fetched_at", "measures", *METADATA)],
        )
    )
    read = seen.select(F.col("file").alias("was_file"), F.lit(True).alias("read_again")).distinct()
    now = known.where("was_current").join(read, on="was_file", how="left")
    now = now.select(*DOCUMENT, F.col("was_fetched_at").alias("since"), "read_again")
    older = F.coalesce(F.col("fetched_at") < F.col("since"), F.lit(False))
    new = F.col("was_current").isNull()
    moved = ~F.col("file").eqNullSafe(F.col("was_file")) | ~F.col("position").eqNullSafe(F.col("was_position"))
    again = F.col("after_others") & (moved | F.max(new).over(by_document))
    # a statement that stands where it stood says nothing new, unless the newer one's file was read and has it no more
    said = ~older & (moved | F.coalesce("read_again", F.lit(False)) | F.col("source").isin(*whole))
    back = F.col("latest") & (F.col("was_removed") | F.when(F.col("was_current"), again).otherwise(said))
    fetched = F.when(F.col("back"), F.col("fetched_at")).otherwise(F.greatest("fetched_at", "was_fetched_at"))
    remeasured = ~F.to_json("measures").eqNullSafe(F.to_json("was_measures"))
    differs = reduce(lambda a, b: a | b, [~F.col(n).eqNullSafe(F.col(f"was_{n}")) for n in METADATA], remeasured)
    stale = F.coalesce(F.col("fetched_at") < F.col("was_fetched_at"), F.lit(False))
    fresher = ~stale & (differs | ~F.col("was_fetched_at").eqNullSafe(fetched)) & ~F.col("was_removed")
    kept = {
        n: F.when(F.col("new") | F.col("back"), F.col(n)).otherwise(F.col(f"was_{n}"))
        for n in ("seen_at", "file", "position")
    }
    return (
        versions.join(known, on=VERSION, how="left")
        .join(now, on=DOCUMENT, how="left")
        .withColumns({"new": new, "back": F.coalesce(back, F.lit(False))})
        .where(F.col("new") | F.col("back") | F.coalesce(fresher, F.lit(False)))
        .withColumns({**kept, "fetched_at": fetched})
        .select(*[c for c in seen.columns if c != "text"])
    )
