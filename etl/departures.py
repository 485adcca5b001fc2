"""Departures: which documents their sources no longer have, or no longer by that name."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.arrivals import DOCUMENT, VERSION
from etl.errors import ConfigError
from etl.files import Unread
from etl.resolve import recency


def gone_documents(part: Unread, there: DataFrame, seen: DataFrame) -> DataFrame:
    """Return the documents (DOCUMENT) that a snapshot lacks, or that files read again under other settings no longer
    name so.

    Raises:
        ConfigError: the snapshot holds nothing.
    """
    if part.whole:
        if seen.isEmpty():
            raise ConfigError(
                f"sources.{part.source.name}: a snapshot without any record would remove all its documents; mend the "
                "path, or take the source out of the configuration"
            )
        own = there.where(F.col("source") == part.source.name).select(*DOCUMENT)
        return own.join(seen, on=DOCUMENT, how="left_anti").distinct()
    if part.again is None:
        return seen.select(*DOCUMENT).limit(0)
    return _renamed(there.where(F.col("source") == part.source.name).join(part.again, on="file"), there, seen)


def _renamed(own: DataFrame, there: DataFrame, seen: DataFrame) -> DataFrame:
    """Return the documents (DOCUMENT), of those of files read again under other settings (`own`, with `read_at`), that
    no longer have their names: of those not seen again the ones first met when the file was read last, and the ones
    met last at a place where now a document stands that was not known.
    """
    latest = F.rank().over(Window.partitionBy("file", "position").orderBy(F.col("seen_at").desc())) == 1
    fresh = seen.join(there, on=DOCUMENT, how="left_anti").select("file", "position", F.lit(True).alias("fresh"))
    placed = own.withColumn("latest", latest).join(fresh.distinct(), on=["file", "position"], how="left")
    lost = placed.where("seen_at >= read_at OR (latest AND fresh)")
    return lost.select(*DOCUMENT).join(seen, on=DOCUMENT, how="left_anti").distinct()


def deleted_versions(feed: DataFrame, seen: DataFrame) -> DataFrame:
    """Return the versions (VERSION) that a table's change data feed says are deleted, and that were not written again
    since, nor stand in another row.
    """
    when = F.max(F.col("position").try_cast("long"))
    left = feed.groupBy(*VERSION).agg(when.alias("left"))
    back = seen.groupBy(*VERSION).agg(when.alias("back"))
    stays = F.coalesce(F.col("back") >= F.col("left"), F.lit(False))
    return left.join(back, on=VERSION, how="left").where(~stays).select(*VERSION)


def left_documents(dead: DataFrame, seen: DataFrame, there: DataFrame) -> DataFrame:
    """Return the documents (DOCUMENT) of deleted versions that nothing is left of, or only what is older than the
    version that stood and is deleted: it comes anew, since by its own time it would stand back for that one.
    """
    age = F.coalesce("fetched_at", "seen_at")
    newest = F.row_number().over(Window.partitionBy(*DOCUMENT).orderBy(recency().desc()))
    names = dead.select(*DOCUMENT).distinct()
    own = there.join(names, on=DOCUMENT, how="left_semi").withColumn("n", newest).where("n = 1")
    stood = own.join(dead, on=VERSION, how="left_semi").select(*DOCUMENT, age.alias("stood_at"))
    stands = seen.groupBy(*DOCUMENT).agg(F.max(age).alias("stands_at"))
    lost = F.col("stands_at").isNull() | F.coalesce(F.col("stood_at") > F.col("stands_at"), F.lit(False))
    both = names.join(stood, on=DOCUMENT, how="left").join(stands, on=DOCUMENT, how="left")
    return both.where(lost).select(*DOCUMENT)


def retired(documents: DataFrame, gone: DataFrame) -> DataFrame:
    """Return rows of `documents`, with those of the documents that are gone (DOCUMENT) removed."""
    away = gone.withColumn("away", F.lit(True))
    status = F.when(F.col("away"), "removed").otherwise(F.col("status"))
    return documents.join(away, on=DOCUMENT, how="left").withColumn("status", status).drop("away")
