"""Sources -> documents and texts: what is new or changed is written, every record ends in a typed state.

Data: files not yet read -> records -> versions new to `documents`, back, or with other metadata -> states of all
documents they touch (`etl.resolve`). States follow from the rows alone, so several ingests give the same as one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import benchmarks, screen
from etl.arrivals import VERSION, arrived_versions
from etl.compare import differing
from etl.config import Config
from etl.departures import deleted_versions, gone_documents, left_documents, retired
from etl.duplicates import catch_up, settled, sign
from etl.files import Unread, mark, unread
from etl.lease import secret
from etl.quality import is_judged, judged, note_judged, outdated
from etl.resolve import place, resolve, touched
from etl.sources import deleted, records, standing
from etl.tables import Warehouse
from udfs.contamination import Index
from udfs.suppress import suppress

if TYPE_CHECKING:
    import pyarrow as pa


class Ingested(NamedTuple):
    """What an ingest came to: versions of documents that were new or changed, and records of files read that are no
    documents, by kind (`status 404`, `type image/png`, `record request`); and the documents (doc_id) of which any row
    is another now, None where all were judged or screened anew.
    """

    new: int = 0
    skipped: dict[str, int] = {}  # noqa: RUF012  a NamedTuple's default, never changed
    changed: DataFrame | None = None


def ingest(warehouse: Warehouse, config: Config, run_id: str) -> Ingested:
    """Bring `documents` and `texts` up to the sources; return what was new or changed, and what was passed over.

    Nothing new costs a listing. Sources are read once, into a copy that lasts until the run's end. Signatures and texts
    are written first, then `documents` in one commit, then the files are marked as read, so that being killed anywhere
    and starting again changes nothing.

    Raises:
        ConfigError: a source cannot be read, or is a snapshot that holds nothing.
    """
    threshold = config.duplicates.documents
    index = benchmarks.index(warehouse)
    anew = _tell_anew(warehouse, config, index, run_id)
    parts = _unread(warehouse, config)
    if not parts:
        return Ingested()
    at, documents = _moment(parts), warehouse.read("documents")
    seen, gone, skipped = _seen(warehouse, config, parts, documents, at)
    whole = [part.source.name for part in parts if part.whole]
    arrived = warehouse.stage_copy("arrived", arrived_versions(retired(documents, gone), seen, whole))
    texts = warehouse.stage_copy("texts", _new_texts(warehouse, seen, arrived))
    if index is not None:  # first: a text that is there is taken for searched by whoever adds the document
        back = warehouse.read("texts").join(arrived.select("content_hash"), on="content_hash", how="left_semi")
        warehouse.append("screened", screen.searched(index, screen.lacking(warehouse, index, texts.unionByName(back))))
    warehouse.append("signatures", sign(warehouse, texts, threshold))
    warehouse.append("texts", texts)
    count, changed = arrived.count(), None
    if count or not gone.isEmpty():
        changed = _settle(warehouse, _changed(warehouse, config, index, (arrived, gone), run_id), threshold)
    mark(warehouse, parts, run_id, at)
    kinds = skipped.groupBy("skipped").agg(F.sum("skipped_count").alias("count")).collect()
    return Ingested(count, {r["skipped"]: r["count"] for r in kinds}, None if anew else changed)


def _tell_anew(warehouse: Warehouse, config: Config, index: Index | None, run_id: str) -> bool:
    """Sign, judge and screen all documents by the settings of now, where those of then were others; return whether
    any was judged or screened.
    """
    catch_up(warehouse, config.duplicates.documents)
    anew = [_judge_anew(warehouse, config, index, run_id), _screen_anew(warehouse, config, index, run_id)]
    return any(anew)


def _screen_anew(warehouse: Warehouse, config: Config, index: Index | None, run_id: str) -> bool:
    """Where documents are not told by the benchmarks of now, search their texts and tell all anew; return whether."""
    if screen.is_told(warehouse, index):
        return False
    if index is not None:
        texts = warehouse.stage_copy("unscreened", screen.unscreened(warehouse, index))
        warehouse.append("screened", screen.searched(index, texts))
        warehouse.delete("screened", warehouse.read("screened").where(F.col("items") != index.sha))
    documents = warehouse.read("documents")
    if not documents.isEmpty():
        told = _states(warehouse, config, index, documents, documents.select("doc_id"))
        _settle(warehouse, told, config.duplicates.documents)
    screen.note_told(warehouse, index, run_id)
    return True


def retire(warehouse: Warehouse, config: Config, gone: DataFrame, run_id: str) -> None:
    """Make documents (source, doc_id) removed, and let those return that stood back for them: by the settings of now,
    by which all others are told first.
    """
    index = benchmarks.index(warehouse)
    _tell_anew(warehouse, config, index, run_id)
    nothing = warehouse.read("documents").select(*VERSION, "seen_at").limit(0)
    _settle(warehouse, _changed(warehouse, config, index, (nothing, gone), run_id), config.duplicates.documents)


def _settle(warehouse: Warehouse, changed: DataFrame, threshold: float) -> DataFrame:
    """Write these rows of `documents` and those they change in turn; return the documents (doc_id) of both."""
    rows = warehouse.stage_copy("changed", changed)
    after = warehouse.stage_copy("documents", settled(warehouse, rows, threshold))
    _write(warehouse, after)
    return after.select("doc_id")


def _unread(warehouse: Warehouse, config: Config) -> list[Unread]:
    """Return what there is to read; a change of what is masked makes all of it so."""
    found = (unread(warehouse, source, config.quality.mask) for source in config.sources)
    return [part for part in found if part is not None]


def _moment(parts: list[Unread]) -> datetime:
    """Return now; where the clock was set back since these sources were read last, a moment after that: what is read
    later is newer.
    """
    last = [part.read_at + timedelta(seconds=1) for part in parts if part.read_at is not None]
    return max([datetime.now(UTC), *last])


def _judge_anew(warehouse: Warehouse, config: Config, index: Index | None, run_id: str) -> bool:
    """Judge all documents by the settings of now, where those of then were others; return whether."""
    if is_judged(warehouse, config.quality):
        return False
    if not warehouse.read("documents").isEmpty():
        _settle(warehouse, _anew(warehouse, config, index), config.duplicates.documents)
    note_judged(warehouse, config.quality, run_id)
    return True


def _anew(warehouse: Warehouse, config: Config, index: Index | None) -> DataFrame:
    documents = warehouse.read("documents")
    return _states(warehouse, config, index, documents, outdated(warehouse, config.quality, documents))


def _seen(
    warehouse: Warehouse, config: Config, parts: list[Unread], documents: DataFrame, at: datetime
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Return the records of the files to read, with `seen_at`; the documents that their sources no longer have, or not
    as they were; and the counts of records that are no documents.

    A later source is seen a moment later, as if each had an ingest of its own.
    """
    feeds = [deleted(warehouse, config, part) for part in parts]
    frames = [
        _not_forgotten(warehouse, _records(warehouse, config, part, feed)).withColumn(
            "seen_at", F.lit(at + timedelta(microseconds=n))
        )
        for n, (part, feed) in enumerate(zip(parts, feeds, strict=True))
    ]
    rows = warehouse.stage_copy("records", reduce(DataFrame.unionByName, frames))
    seen = rows.where("skipped IS NULL").drop("skipped", "skipped_count")
    there = documents.where("status <> 'removed'").select(*VERSION, "file", "position", "fetched_at", "seen_at")
    lacks, told = [], {part.source.name: f for part, f in zip(parts, feeds, strict=True) if f is not None}
    for part in (p for p in parts if p.source.name not in told):
        lacks.append(gone_documents(part, there, seen.where(F.col("source") == part.source.name)))
    if told:
        own = seen.where(F.col("source").isin(*told))
        dead = warehouse.stage_copy("deleted", deleted_versions(reduce(DataFrame.union, told.values()), own))
        seen = seen.join(dead, on=VERSION, how="left_anti")
        lacks.append(left_documents(dead, seen, there))
    gone = warehouse.stage_copy("gone", reduce(DataFrame.union, lacks))
    return seen, gone, rows.where("skipped IS NOT NULL")


def _not_forgotten(warehouse: Warehouse, found: DataFrame) -> DataFrame:
    """Return the records, with nothing of those whose document or host was forgotten."""
    digests = frozenset(r["digest"] for r in warehouse.read("suppressions").select("digest").collect())
    if not digests:
        return found
    key = secret(warehouse.root)
    ddl = ", ".join(f"{name} {'long' if kind == 'bigint' else kind}" for name, kind in found.dtypes)

    def read(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return suppress(batches, key, digests, ddl)

    return found.mapInArrow(read, ddl)


def _records(warehouse: Warehouse, config: Config, part: Unread, feed: DataFrame | None) -> DataFrame:
    """Return the records of what there is to read; where a table's feed says that rows are gone, also those that it
    still has of their documents: of two rows of one document the newer may be deleted.
    """
    found = records(warehouse, config, part)
    return found if feed is None or feed.isEmpty() else found.unionByName(standing(warehouse, config, part))


def _new_texts(warehouse: Warehouse, seen: DataFrame, arrived: DataFrame) -> DataFrame:
    """Return the texts that `texts` lacks: of several that differ in white space only, the first in the sources."""
    return (
        seen.where(F.length("text") > 0)
        .join(arrived.select("content_hash"), on="content_hash", how="left_semi")
        .join(warehouse.read("texts"), on="content_hash", how="left_anti")
        .groupBy("content_hash")
        .agg(F.min_by("text", F.struct("seen_at", *place(), "text")).alias("text"))
    )


def _changed(
    warehouse: Warehouse, config: Config, index: Index | None, moved: tuple[DataFrame, DataFrame], run_id: str
) -> DataFrame:
    """Return the rows of `documents` that differ once the first of these versions have arrived and the documents of the
    others are gone but for them.
    """
    arrived, gone = moved
    before = warehouse.read("documents")
    first = before.select(*VERSION, F.col("ingested_at").alias("first"))
    rows = (
        arrived.join(first, on=VERSION, how="left")
        .withColumn("ingested_at", F.coalesce("first", "seen_at"))
        .withColumn("run_id", F.lit(run_id))
        .drop("first")
    )
    kept = retired(before.join(arrived, on=VERSION, how="left_anti"), gone)
    rows = kept.unionByName(rows, allowMissingColumns=True)
    return _states(warehouse, config, index, rows, arrived.select("doc_id").union(gone.select("doc_id")))


def _states(
    warehouse: Warehouse, config: Config, index: Index | None, rows: DataFrame, changed: DataFrame
) -> DataFrame:
    """Return the rows of `documents` whose state, or anything else, is another once these documents have changed."""
    before = warehouse.read("documents")
    known, hashes = touched(warehouse, rows, changed)
    own = screen.marked(warehouse, index, judged(warehouse, config.quality, known))
    after, stood = (f.join(hashes, on="content_hash", how="left_semi") for f in (resolve(own), before))
    return differing(after, stood.select(*before.columns), VERSION)


def _write(warehouse: Warehouse, rows: DataFrame) -> None:
    """Write rows of `documents` in one commit, once they are on disk: they come from windows over the table itself."""
    if warehouse.read("documents").join(rows, on=VERSION, how="left_semi").isEmpty():
        warehouse.append("documents", rows)
    else:
        warehouse.replace("documents", rows)
