"""How a stage runs: what is pending, what was paid before, the calls, the rows. The same for every stage.

Data: inputs of the stage -> diff against its table -> tasks -> (ledger, else calls through the UDF) -> rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import ledger
from etl.schema import TABLES
from etl.stages import Stage, payload_sha
from etl.tables import Excerpt, Warehouse
from udfs.errors import RETRYABLE
from udfs.spec import CallSpec
from udfs.tasks import TASK_DDL, make_results, make_tasks

if TYPE_CHECKING:
    import pyarrow as pa

NEW, STALE, ORPHAN, DONE = "new", "stale", "orphan", "done"


@dataclass(frozen=True)
class Slice:
    """The documents of one slice: first < doc_id <= last, where None is open, and of these the ones that a frame with
    `doc_id` has.
    """

    first: str | None = None
    last: str | None = None
    among: DataFrame | None = None

    def of(self, warehouse: Warehouse) -> Warehouse:
        """Return a warehouse of these documents alone, to read from."""
        if self == Slice():
            return warehouse
        return Excerpt(*warehouse.place, whole=warehouse, keep=self._keep)

    def _keep(self, rows: DataFrame) -> DataFrame:
        if self.first is not None:
            rows = rows.where(F.col("doc_id") > self.first)
        if self.last is not None:
            rows = rows.where(F.col("doc_id") <= self.last)
        return rows if self.among is None else rows.join(self.among.select("doc_id"), on="doc_id", how="left_semi")


def diff(warehouse: Warehouse, stage: Stage, spec: CallSpec, reprocess: str, part: Slice) -> DataFrame:
    """Compare a stage's inputs with its table: the columns of `inputs`, inputs_sha and `state`.

    new: no row yet. stale: made from other inputs, not made as now configured (unless reprocess is `new`), or failed
    in a way a later run tries again. orphan: a row whose input is gone. done: the row stands.
    """
    own = part.of(warehouse)
    inputs = stage.inputs(own).withColumn("inputs_sha", payload_sha()).alias("i")
    kept = {"inputs_sha", "fingerprint", "error_type", "doc_id", "content_hash", *stage.key}
    rows = stage.rows(own, spec.fingerprint).select(*sorted(kept)).alias("r")
    same = F.lit(True)
    for name in stage.key:
        same = same & (F.col(f"i.{name}") == F.col(f"r.{name}"))
    current = F.col("r.inputs_sha") == F.col("i.inputs_sha")
    if reprocess == "all":
        current = current & (F.col("r.fingerprint") == spec.fingerprint)
    else:
        cut_short = (F.col("r.error_type") == "length_stop") & (F.col("r.fingerprint") != spec.fingerprint)
        current = current & (F.col("r.fingerprint") != "") & ~F.coalesce(cut_short, F.lit(False))
    again = F.coalesce(F.col("r.error_type").isin(*RETRYABLE), F.lit(False))
    state = (
        F.when(F.col("i.doc_id").isNull(), ORPHAN)
        .when(F.col("r.doc_id").isNull(), NEW)
        .when(F.coalesce(current, F.lit(False)) & ~again, DONE)
        .otherwise(STALE)
    )
    both = [
        F.coalesce(F.col(f"i.{n}"), F.col(f"r.{n}")).alias(n)
        for n in dict.fromkeys(("doc_id", "content_hash", *stage.key))
    ]
    rest = [
        F.col(f"i.{n}").alias(n) for n in ("part", "persona", "qa_id", "payload", "inputs_sha") if n not in stage.key
    ]
    return inputs.join(rows, on=same, how="full_outer").select(*both, *rest, state.alias("state"))


def tasks(warehouse: Warehouse, todo: DataFrame, spec: CallSpec) -> DataFrame:
    """Turn a stage's pending inputs into tasks (TASK_DDL): one row per document goes through Python."""
    ask = F.struct("part", "persona", "qa_id", "inputs_sha", "payload")
    asked = todo.groupBy("doc_id", "content_hash").agg(F.sort_array(F.collect_list(ask)).alias("asks"))
    title = F.min(F.when(F.col("status") == "active", F.col("title"))).alias("title")
    titles = warehouse.read("documents").groupBy("doc_id", "content_hash").agg(title)

    def make(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return make_tasks(batches, spec)

    return (
        asked.join(titles, on=["doc_id", "content_hash"], how="left")
        .join(warehouse.read("texts"), on="content_hash", how="inner")
        .select("doc_id", "content_hash", "title", "text", "asks")
        .mapInArrow(make, TASK_DDL)
    )


def to_call(warehouse: Warehouse, made: DataFrame, spec: CallSpec) -> DataFrame:
    """Return the calls that no run has settled, each once: call_key, doc_id, part, persona, qa_id, n, passage_key,
    row.

    Of two documents with the same call the first by id stands for it, so that a task that is tried again finds its
    own calls in its own journal.
    """
    asked = made.where(F.col("call_key").isNotNull())
    return (
        asked.join(ledger.settled(warehouse, spec, asked).select("call_key"), on="call_key", how="left_anti")
        .groupBy("call_key")
        .agg(F.min(F.struct("doc_id", "part", "persona", "qa_id", "n", "passage_key", "row")).alias("task"))
        .select("call_key", "task.*")
    )


def spread(pending: DataFrame, known: DataFrame, partitions: int) -> DataFrame:
    """Return pending calls as the UDF takes them: by document, in reading order, with what is known of the passage."""
    return (
        pending.join(known, on="passage_key", how="left")
        .repartition(partitions, "doc_id")
        .sortWithinPartitions("doc_id", "part", "persona", "qa_id", "n")
        .select("call_key", "passage_key", "row", "known")
    )


def results(warehouse: Warehouse, stage: Stage, made: DataFrame, spec: CallSpec, run_id: str) -> DataFrame:
    """Return the rows of a stage's table for inputs all of whose calls are settled, or failed in a way a later run
    tries again.
    """
    answered = ledger.settled(warehouse, spec, made).withColumn("settled", F.lit(True))
    known = (
        made.where(F.col("call_key").isNotNull())
        .select("input", "n", "call_key")
        .join(answered, on="call_key", how="left")
        .join(ledger.failed(warehouse, stage.name), on="call_key", how="left")
        .withColumn("failure", F.when(F.col("settled").isNull(), F.col("failure")))
    )
    outcome = F.struct("n", "call_key", "text", "error_type", "failure")
    asked = known.groupBy("input").agg(
        F.sort_array(F.collect_list(outcome)).alias("outcomes"),
        F.bool_and(F.col("settled").isNotNull() | F.col("failure").isNotNull()).alias("complete"),
    )
    whose = ("doc_id", "content_hash", "part", "persona", "qa_id", "inputs_sha", "row")
    ddl = TABLES[stage.table].ddl

    def make(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return make_results(batches, spec, ddl)

    return (
        made.where("n = 0")
        .join(asked, on="input", how="left")
        .where(F.col("call_key").isNull() | F.col("complete"))
        .select(*whose, "outcomes")
        .mapInArrow(make, ddl)
        .withColumn("run_id", F.lit(run_id))
        .withColumn("updated_at", F.current_timestamp())
    )


def remove_orphans(warehouse: Warehouse, stage: Stage, compared: DataFrame) -> None:
    """Delete the rows whose input is gone."""
    gone = compared.where(F.col("state") == ORPHAN).select(*stage.key)
    rows = warehouse.read(stage.table)
    warehouse.delete(stage.table, rows.join(gone, on=list(stage.key), how="left_semi"))


def remove_parts_beyond(warehouse: Warehouse, stage: Stage, spec: CallSpec) -> None:
    """Delete the rows of passages that a document no longer has, since it is now cut otherwise."""
    rows = warehouse.read(stage.table)
    now = rows.where(F.col("fingerprint") == spec.fingerprint).groupBy("doc_id", "content_hash")
    parts = now.agg(F.max("parts").alias("parts_now"))
    beyond = (F.col("part") >= F.col("parts_now")) & (F.col("fingerprint") != spec.fingerprint)
    warehouse.delete(stage.table, rows.join(parts, on=["doc_id", "content_hash"], how="inner").where(beyond))
