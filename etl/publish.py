"""Publish: `qa` becomes exactly the pairs whose whole chain of current rows accepts, after the rules over sets.

The rules compare pairs with each other, so they run over every group of equal questions that a slice touched, with
a total order; the result does not depend on which pair came first.
"""

from functools import partial, reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import benchmarks
from etl.compare import differing
from etl.config import Config
from etl.resolve import CONTAMINATED
from etl.schema import TABLES
from etl.session import side_by_side
from etl.sets import ASKED, judged, touched
from etl.stages import MAKING, ordered
from etl.stages.check import chosen_candidates
from etl.stages.judge import judgements
from etl.tables import Warehouse
from etl.work import Slice
from udfs.stages.difficulty import MEASURED_DDL


def publish(warehouse: Warehouse, config: Config, part: Slice, former: DataFrame | None = None) -> None:
    """Bring `qa`, and the set-level columns of `verdicts`, up to the current rows of the documents of a slice, whose
    pairs were in the groups of `former` (see `etl.sets.touched`) before.
    """
    threshold = config.duplicates.questions
    again = warehouse.stage_copy("touched", touched(warehouse, part, former, threshold))
    passed = warehouse.read("verdicts").where("passed").join(again, on="qa_id", how="left_semi")
    if part != Slice():  # then few, and so broadcast
        passed = warehouse.stage_copy("passed", passed)
        around = Slice(among=passed.select("doc_id")).of(warehouse)
    else:
        around = warehouse
    accepted = warehouse.stage_copy("accepted", chain(around, passed))
    pairs = warehouse.stage_copy("pairs", _decided(warehouse, accepted, threshold))
    stand = pairs.where(F.col("set_failures").isNull())
    marks, published = partial(_mark_verdicts, warehouse, pairs, again), partial(_write_qa, warehouse, stand, again)
    side_by_side(warehouse.spark, marks, published)


def chain(warehouse: Warehouse, verdicts: DataFrame) -> DataFrame:
    """Return the pairs of these rows of `verdicts` whose document, passage, persona and candidate all accept, with
    their difficulty where it was measured.
    """
    documents = (
        warehouse.read("documents")
        .where("status = 'active'")
        .select("doc_id", "content_hash", "url", "source", "title", "language", "license", "cluster")
    )
    passages = (
        warehouse.read("qualifications").where("qualified").select("doc_id", "content_hash", "part", _made("qualify"))
    )
    personas = warehouse.read("classifications").select(
        "doc_id", "content_hash", "part", "domain", F.explode("personas").alias("persona"), _made("classify")
    )
    checked = verdicts.select("qa_id", *ASKED, "answer_key", "agreement", _made("check"))
    candidates = chosen_candidates(warehouse).withColumn("generate", _made("generate"))
    return (
        candidates.join(checked, on="qa_id", how="inner")
        .join(personas, on=["doc_id", "content_hash", "part", "domain", "persona"], how="inner")
        .join(passages, on=["doc_id", "content_hash", "part"], how="inner")
        .join(documents, on=["doc_id", "content_hash"], how="inner")
        .join(_measured(warehouse), on="qa_id", how="left")
    )


def _measured(warehouse: Warehouse) -> DataFrame:
    """Return how difficult pairs are (qa_id, MEASURED_DDL), with a judge's marks where there are any."""
    rates = [c.split(" ")[0] for c in MEASURED_DDL.split(", ")]
    measured = warehouse.read("difficulty").where("closed_book_k IS NOT NULL")
    told = judgements(warehouse).select("qa_id", F.struct(*rates).alias("told"), _made("judge"))
    both = measured.withColumn("difficulty", _made("difficulty")).join(told, on="qa_id", how="left")
    said = [F.when(F.col("told").isNull(), F.col(n)).otherwise(F.col(f"told.{n}")).alias(n) for n in rates]
    return both.select("qa_id", *said, "difficulty", "judge")


def _made(stage: str) -> Column:
    return F.struct("call_keys", "prompt", "model").alias(stage)


def _decided(warehouse: Warehouse, pairs: DataFrame, threshold: float) -> DataFrame:
    """Apply the rules over sets; a pair whose question is a benchmark's takes no part in the others."""
    index = benchmarks.index(warehouse)
    if index is None:
        return judged(warehouse, pairs, threshold)
    found = benchmarks.search(index, pairs, "qa_id", "question").where("matched IS NOT NULL")
    hits = warehouse.stage_copy("contaminated", found)
    marked = pairs.join(hits, on="qa_id", how="inner").withColumn("set_failures", F.array(F.lit(CONTAMINATED)))
    clean = pairs.join(hits, on="qa_id", how="left_anti")
    return judged(warehouse, clean, threshold).unionByName(marked, allowMissingColumns=True)


def _mark_verdicts(warehouse: Warehouse, pairs: DataFrame, again: DataFrame) -> None:
    """Write what the rules over sets say where it changed; of a verdict outside the chain they say nothing."""
    verdicts = warehouse.read("verdicts").join(again, on="qa_id", how="left_semi")
    names = ("question_group", "set_failures", "matched", "match_score")
    said = pairs.select("qa_id", *[F.col(n).alias(f"new_{n}") for n in names])
    same = reduce(lambda a, b: a & b, [F.col(n).eqNullSafe(F.col(f"new_{n}")) for n in names])
    changed = verdicts.join(said, on="qa_id", how="left").where(~same)
    columns = [F.col(f"new_{c}").alias(c) if c in names else F.col(c) for c in verdicts.columns]
    rows = warehouse.stage_copy("verdicts", changed.select(*columns))
    warehouse.replace("verdicts", rows)


def _write_qa(warehouse: Warehouse, pairs: DataFrame, again: DataFrame) -> None:
    """Insert what is new, replace what changed, delete what no longer stands; nothing else is written."""
    rows = warehouse.stage_copy("qa", as_published(warehouse, pairs))
    before = warehouse.read("qa").join(again, on="qa_id", how="left_semi")
    if before.isEmpty():
        if not rows.isEmpty():
            warehouse.append("qa", rows)
        return
    gone = before.join(rows, on="qa_id", how="left_anti")
    warehouse.replace("qa", differing(rows, before.select(*rows.columns), TABLES["qa"].key), gone)


def as_published(warehouse: Warehouse, pairs: DataFrame) -> DataFrame:
    """Return pairs (see `chain`) as rows of `qa`. Run, time and cost come from the ledger, so that a rebuild finds
    the same.
    """
    calls = F.flatten(F.array(*[F.col(f"{s}.call_keys") for s in MAKING]))
    called = pairs.select("qa_id", F.explode(calls).alias("call_key"))
    paid = (
        warehouse.read("completions")
        .join(called.select("call_key"), on="call_key", how="left_semi")
        .groupBy("call_key")
        .agg(
            F.sum("cost_usd").alias("cost"),
            F.max("completed_at").alias("at"),
            F.max_by("run_id", "completed_at").alias("by"),
        )
    )
    ledger = (
        called.join(paid, on="call_key", how="inner")
        .groupBy("qa_id")
        .agg(
            F.round(F.sum("cost"), 9).alias("cost_usd"),
            F.max("at").alias("created_at"),
            F.max_by("by", "at").alias("made_by"),
        )
    )
    named = [s.name for s in ordered()]
    maps = {
        column: F.map_filter(
            F.map_from_arrays(F.array(*[F.lit(s) for s in named]), F.array(*[F.col(f"{s}.{field}") for s in named])),
            lambda _, value: value.isNotNull(),
        )
        for column, field in (("prompts", "prompt"), ("models", "model"))
    }
    wanted = [c.split(" ")[0] for c in TABLES["qa"].ddl.split(", ")]
    return (
        pairs.join(ledger, on="qa_id", how="left")
        .withColumns(maps)
        .withColumn("run_id", F.col("made_by"))
        .withColumn("split", split(F.coalesce("cluster", "doc_id")))
        .select(*wanted)
    )


def split(cluster: Column) -> Column:
    """Return train (98 %), validation (1 %) or test (1 %), by the hash of the document or its cluster: for life."""
    point = F.conv(F.substring(F.sha2(F.concat(F.lit("split:"), cluster), 256), 1, 8), 16, 10).cast("long") % 100
    return F.when(point == 0, "validation").when(point == 1, "test").otherwise("train")
