"""Near-duplicate documents: texts are signed once; similar documents hang together in clusters, the first one stays.

A cluster is what hangs together by pairs that are similar enough, among the documents that stand (active, or rejected
as near-duplicates), so it does not depend on the order in which they came. A near-duplicate's `matched` is its
cluster's first document, by when and where that was first ingested. A change touches the clusters that it adds to or
takes from; no other is looked at again.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.arrivals import VERSION
from etl.compare import differing
from etl.components import components
from etl.resolve import place
from etl.tables import Overlay, Warehouse
from udfs import minhash

if TYPE_CHECKING:
    import pyarrow as pa

NEAR = "near_duplicate"
# Documents of one band that others are compared with, the first by name: of a page that is there a million times, or
# of a template that fills a band, so many are enough to hang together by.
CROWD = 50


def sign(warehouse: Warehouse, texts: DataFrame, threshold: float) -> DataFrame:
    """Return the signatures of texts (content_hash, text) that have none for this threshold yet."""

    def make(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return minhash.sign(batches, threshold)

    known = _signatures(warehouse, threshold).select("content_hash")
    new = texts.join(known, on="content_hash", how="left_anti")
    return new.select("content_hash", "text").mapInArrow(make, minhash.SIGNATURE_DDL)


def catch_up(warehouse: Warehouse, threshold: float) -> None:
    """Sign all texts and tell all near-duplicates anew, where there are texts and no signature for this threshold.

    Signatures are kept for one threshold at a time, so that going back to a former one is seen, too.
    """
    if not _signatures(warehouse, threshold).isEmpty() or warehouse.read("texts").isEmpty():
        return
    documents = warehouse.read("documents")
    signed = warehouse.stage_copy("signatures", sign(warehouse, warehouse.read("texts"), threshold))
    near = F.coalesce(F.col("reason") == NEAR, F.lit(False))
    active = {
        "status": F.when(near, "active").otherwise(F.col("status")),
        **{n: F.when(~near, F.col(n)) for n in ("reason", "matched", "match_score")},
    }
    overlay = Overlay.over(warehouse, {"signatures": signed})
    rows = warehouse.stage_copy("told", settled(overlay, documents.where(_stands()).withColumns(active), threshold))
    some = not signed.isEmpty()
    if some:  # first: who is killed here and goes back to the former threshold finds none, and tells all anew
        warehouse.clear("signatures")
    warehouse.replace("documents", rows)
    if some:
        warehouse.append("signatures", signed)


def settled(warehouse: Warehouse, changed: DataFrame, threshold: float) -> DataFrame:
    """Return the rows of `documents` that differ once near-duplicates are told: of those that changed, and of the
    clusters that they were in or come to.

    `changed` holds rows as `etl.resolve` leaves them, where no document is a near-duplicate.
    """
    documents = warehouse.read("documents")
    others = documents.join(changed.select(*VERSION), on=VERSION, how="left_anti").where(_stands())
    was = documents.join(changed.select(*VERSION), on=VERSION, how="left_semi").where(_stands())
    there = others.unionByName(changed).where(_stands()).select(F.col("doc_id").alias("was_first"))
    heads = others.where(F.col("reason") == NEAR).select(F.col("matched").alias("was_first"))
    headless = heads.join(there, on="was_first", how="left_anti")
    broken = warehouse.stage_copy("broken", was.select(_first().alias("was_first")).union(headless).distinct())
    rows = (
        others.withColumn("was_first", _first())
        .join(broken.withColumn("again", F.lit(True)), on="was_first", how="left")
        .withColumn("again", F.coalesce("again", F.lit(False)))
        .unionByName(changed.withColumns({"was_first": F.col("doc_id"), "again": F.lit(True)}))
        .withColumn("node", F.when(F.col("again"), F.col("doc_id")).otherwise(F.col("was_first")))
    )
    standing = rows.where(_stands()).select("doc_id", "content_hash", "node", "again")
    edges = [(r["doc_id"], r["node"]) for r in _similar(warehouse, standing, threshold).collect()]
    joined = _joined(warehouse, documents.unionByName(changed), edges)
    moved = F.col("again") | (F.col("first") != F.col("was_first"))
    touched = warehouse.stage_copy("clusters", rows.join(joined, on="node", how="left").where(moved))
    stays = ~_stands() | F.col("first").isNull() | (F.col("first") == F.col("doc_id"))
    scores = _scores(warehouse, touched.where(~stays).select("doc_id", "content_hash", "first"), standing, threshold)
    lost = stays & F.coalesce(F.col("reason") == NEAR, F.lit(False))
    told = {
        "status": F.when(~stays, "rejected").when(lost, "active").otherwise(F.col("status")),
        "reason": F.when(~stays, NEAR).when(~lost, F.col("reason")),
        "matched": F.when(~stays, F.col("first")).when(~lost, F.col("matched")),
        "match_score": F.when(~stays, F.col("score")).when(~lost, F.col("match_score")),
    }
    after = _clustered(documents, touched.join(scores, on="doc_id", how="left").withColumns(told))
    stood = documents.join(touched.select(*VERSION), on=VERSION, how="left_semi")
    return differing(after, stood.select(*documents.columns), VERSION)


def _stands() -> Column:
    return (F.col("status") == "active") | ((F.col("status") == "rejected") & (F.col("reason") == NEAR))


def _first() -> Column:
    """Return the first document of a standing row's cluster."""
    return F.when(F.col("reason") == NEAR, F.col("matched")).otherwise(F.col("doc_id"))


def _signatures(warehouse: Warehouse, threshold: float) -> DataFrame:
    return warehouse.read("signatures").where(F.col("threshold") == threshold)


def _similar(warehouse: Warehouse, standing: DataFrame, threshold: float) -> DataFrame:
    """Return which documents to tell `again` are similar to what: doc_id, node, score."""
    signed = _signatures(warehouse, threshold).select("content_hash", "bands")
    again = standing.where("again").select("doc_id", "content_hash").join(signed, on="content_hash")
    bands = again.select("doc_id", F.col("content_hash").alias("asked"), F.explode("bands").alias("band"))
    asked = warehouse.stage_copy("asked", bands)  # small, and so broadcast
    few = (
        signed.select("content_hash", F.explode("bands").alias("band"))
        .join(asked.select("band"), on="band", how="left_semi")
        .join(standing, on="content_hash")
        .withColumn("place", F.row_number().over(Window.partitionBy("band").orderBy("doc_id")))
        .where(F.col("place") <= CROWD)
        .select("band", F.col("doc_id").alias("other"), F.col("content_hash").alias("met"), "node")
    )
    met = asked.join(few, on="band").where("doc_id <> other").select("doc_id", "node", "asked", "met").distinct()
    return _compared(warehouse, met, threshold, threshold)


def _compared(warehouse: Warehouse, pairs: DataFrame, threshold: float, least: float) -> DataFrame:
    """Return pairs (two columns, then `asked` and `met`, hashes of texts) with their score where it is high enough."""
    signed = _signatures(warehouse, threshold)
    a = signed.select(F.col("content_hash").alias("asked"), F.col("signature").alias("a"))
    b = signed.select(F.col("content_hash").alias("met"), F.col("signature").alias("b"))
    left, right, *_ = pairs.columns

    def make(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return minhash.compare(batches, least)

    both = pairs.join(a, on="asked").join(b, on="met").select(left, right, "a", "b")
    return both.mapInArrow(make, f"{left} string, {right} string, score double")


def _scores(warehouse: Warehouse, matched: DataFrame, standing: DataFrame, threshold: float) -> DataFrame:
    """Return the similarity of documents to the first ones of their clusters: doc_id, score."""
    first = standing.select(F.col("doc_id").alias("first"), F.col("content_hash").alias("met"))
    pairs = matched.join(first, on="first").select("doc_id", "first", F.col("content_hash").alias("asked"), "met")
    return _compared(warehouse, pairs, threshold, 0.0).select("doc_id", "score")


def _joined(warehouse: Warehouse, documents: DataFrame, edges: Sequence[tuple[str, str]]) -> DataFrame:
    """Return for each node of an edge the first document that it hangs together with, and what that one's split goes
    by: node, first, inherits.
    """
    found = [{"node": node, "root": root} for node, root in components(edges).items()]
    nodes = warehouse.frame(found, "node string, root string")
    met = F.struct("ingested_at", *place(), "doc_id")
    known = (
        documents.join(nodes, on=F.col("doc_id") == F.col("node"))
        .groupBy("doc_id", "root")
        .agg(F.min(met).alias("met"), F.max("cluster").alias("cluster"))
    )
    told = F.struct("doc_id", F.coalesce("cluster", "doc_id").alias("cluster"))
    first = {r["root"]: r["told"] for r in known.groupBy("root").agg(F.min_by(told, "met").alias("told")).collect()}
    heads = [
        {"node": row["node"], "first": first[row["root"]]["doc_id"], "inherits": first[row["root"]]["cluster"]}
        for row in found
        if row["root"] in first
    ]
    return warehouse.frame(heads, "node string, first string, inherits string")


def _clustered(documents: DataFrame, rows: DataFrame) -> DataFrame:
    """Fill in `cluster`, which is set once in a document's life: when it first stands, or is a copy of one that does.

    It is that of the document in whose place it would come, so that this one's split passes on to it.
    """
    mine = documents.where("cluster IS NOT NULL").groupBy("doc_id").agg(F.max("cluster").alias("mine"))
    cluster = F.coalesce("cluster", "mine", F.when(_stands(), F.coalesce("inherits", "doc_id")))
    known = rows.join(mine, on="doc_id", how="left").withColumn("cluster", cluster)
    now = known.where(_stands()).select(F.col("doc_id").alias("matched"), F.col("cluster").alias("now"))
    old = mine.select(F.col("doc_id").alias("matched"), F.col("mine").alias("old"))
    copied = F.when(F.col("reason") == "duplicate", F.coalesce("now", "old"))
    return (
        known.join(now, on="matched", how="left")
        .join(old, on="matched", how="left")
        .withColumn("cluster", F.coalesce("cluster", copied))
    )
