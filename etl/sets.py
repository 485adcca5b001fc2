"""Rules over sets of pairs: which questions are near-equal, which of such pairs stays, and which contradict each other.

Near-equal questions hang together in groups. What becomes of a group follows from its pairs alone, with a total order,
so the result does not depend on which came first.
"""

from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.components import components
from etl.tables import Warehouse
from etl.work import Slice
from udfs.questions import NEAR_DDL, near_pairs

if TYPE_CHECKING:
    import pyarrow as pa

ASKED = ("question_key", "question_words", "question_fixed")  # columns of verdicts: what a question asks
CROWD = 500  # questions with one answer and one first word that others are compared with: more is a stock question


def touched(warehouse: Warehouse, part: Slice, former: DataFrame | None, threshold: float) -> DataFrame:
    """Return the pairs (qa_id) to judge again for a slice: its own, and whole groups that these may belong to, or that
    its pairs belonged to before its stages ran (`former`, as `groups` returned them then).
    """
    verdicts = warehouse.read("verdicts").where("question_key IS NOT NULL")
    own = part.of(warehouse)
    published = own.read("qa").select("qa_id")
    if part == Slice():
        return verdicts.select("qa_id").union(published).distinct()
    columns = ("qa_id", "question_group", "answer_key", *ASKED)
    asking = own.read("verdicts").where("question_key IS NOT NULL").select(*columns)
    mine = warehouse.stage_copy("asking", asking)  # of a small slice small, and so broadcast
    same = verdicts.join(mine.select("question_key"), on="question_key", how="left_semi").select("qa_id")
    near = [
        _alike(mine, verdicts, threshold).select(F.col("right").alias("qa_id")),
        _alike(verdicts, mine, threshold).select(F.col("left").alias("qa_id")),
    ]
    names = warehouse.stage_copy("met", reduce(DataFrame.union, [same, *near]).distinct())
    met = verdicts.join(names, on="qa_id", how="left_semi")
    hang = [mine.select("question_group"), met.select("question_group"), published]
    mates = verdicts.join(
        reduce(DataFrame.union, hang if former is None else [*hang, former]), on="question_group", how="left_semi"
    )
    return reduce(DataFrame.union, [f.select("qa_id") for f in (mine, met, mates, published)]).distinct()


def groups(warehouse: Warehouse) -> DataFrame:
    """Return the groups (question_group) that pairs belong to, as they were judged last."""
    return warehouse.read("verdicts").where("question_group IS NOT NULL").select("question_group").distinct()


def judged(warehouse: Warehouse, pairs: DataFrame, threshold: float) -> DataFrame:
    """Return the pairs with question_group, set_failures, matched and match_score.

    Of a group with one answer the pair that most votes agree on stays, of several such the first by qa_id; with
    several answers none does. A date that is only less exact than another is no other answer.
    """
    near = _near(pairs, threshold).collect()
    hangs = components((r["left"], r["right"]) for r in near)
    labels = warehouse.frame([{"qa_id": n, "label": to} for n, to in hangs.items()], "qa_id string, label string")
    group = Window.partitionBy("label")
    best = group.orderBy(F.col("agreement").desc(), "qa_id")
    told = F.struct("qa_id", "question_key", "question_words", "answer_key")
    exact = F.max(F.struct(F.length("answer_key").alias("n"), F.col("answer_key").alias("key"))).over(group)
    ranked = (
        pairs.join(labels, on="qa_id", how="left")
        .withColumn("label", F.coalesce("label", "qa_id"))
        .withColumn("exact", exact)
        .withColumn("winner", F.first(told).over(best))
        .withColumn("conflict", ~F.min(_fits("exact.key", "answer_key")).over(group))
        .withColumn("rival", F.min(F.when(F.col("answer_key") != F.col("winner.answer_key"), told)).over(group))
    )
    copy = F.col("qa_id") != F.col("winner.qa_id")
    other = F.when(F.col("answer_key") != F.col("winner.answer_key"), F.col("winner")).otherwise(F.col("rival"))
    matched = F.when(F.col("conflict"), other).when(copy, F.col("winner"))
    common, every = (f("question_words", "match.question_words") for f in (F.array_intersect, F.array_union))
    score = F.when(F.col("match.question_key") == F.col("question_key"), 1.0).otherwise(F.size(common) / F.size(every))
    failures = F.when(F.col("conflict"), F.array(F.lit("conflicting_answers"))).when(
        copy, F.array(F.lit("duplicate_question"))
    )
    return (
        ranked.withColumn("match", matched)
        .withColumn("set_failures", failures)
        .withColumn("matched", F.col("match.qa_id"))
        .withColumn("match_score", F.when(F.col("match").isNotNull(), score))
        .withColumn("question_group", F.col("winner.qa_id"))
        .drop("label", "exact", "winner", "conflict", "rival", "match")
    )


def _near(pairs: DataFrame, threshold: float) -> DataFrame:
    """Return the near-equal pairs of pairs (NEAR_DDL), at least so many that groups hang together; where more than
    CROWD questions have a probe in common, those that only meet beyond the first CROWD may be missed.
    """
    same = Window.partitionBy("question_key")
    equal = (
        pairs.select("qa_id", F.min("qa_id").over(same).alias("left"))
        .where("left <> qa_id")
        .select("left", F.col("qa_id").alias("right"))
    )
    # those that ask and answer the same are one here: they hang together already
    one_each = pairs.groupBy("answer_key", *ASKED).agg(F.min("qa_id").alias("qa_id"))
    crowd = Window.partitionBy(_first_probe()).orderBy("qa_id")
    few = one_each.withColumn("place", F.row_number().over(crowd)).where(F.col("place") <= CROWD)
    return equal.unionByName(_alike(few, one_each, threshold))


def _alike(few: DataFrame, many: DataFrame, threshold: float) -> DataFrame:
    """Return the near-equal pairs (NEAR_DDL) of which the left one is of `few` and the right one of `many` and says as
    much or more; not those that ask exactly the same, nor those with different answers.

    All that the left one says, the right one says too, so that of their words, which are in one order, the left one's
    first is among the right one's first ones: before it stand only words that the left one lacks, and there are few of
    those.
    """
    sizes = [F.size(f"{side}.question_words") for side in "ab"]
    told = F.struct("qa_id", "answer_key", *ASKED)
    left = few.select(_first_probe().alias("probe"), told.alias("a"))
    lacked = F.floor(F.size("question_words") * (1 - threshold) + 1e-9).cast("int")
    probes = F.transform(F.slice("question_words", 1, lacked + 1), lambda word: F.concat_ws("|", _answer(), word))
    right = many.select(F.explode(probes).alias("probe"), told.alias("b"))
    met = (
        left.join(right, on="probe", how="inner")
        .where((F.col("a.qa_id") != F.col("b.qa_id")) & (F.col("a.question_key") != F.col("b.question_key")))
        .where((sizes[0] <= sizes[1]) & (sizes[0] >= threshold * sizes[1]))
        .where(_fits("a.answer_key", "b.answer_key") | _fits("b.answer_key", "a.answer_key"))
        .select(*_named("a", "left"), *_named("b", "right"))
    )

    def compare(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return near_pairs(batches, threshold)

    return met.mapInArrow(compare, NEAR_DDL)


def _first_probe() -> Column:
    return F.concat_ws("|", _answer(), F.try_element_at("question_words", F.lit(1)))


def _answer() -> Column:
    """Return what near-equal questions have in common of their answers: of a date the year, which may be all of it."""
    year = F.when(F.startswith("answer_key", F.lit("date ")), F.substring_index("answer_key", "-", 1))
    return F.coalesce(year, F.col("answer_key"))


def _fits(exact: str, key: str) -> Column:
    """Return whether an answer is another, or a date less exact than that."""
    return (F.col(exact) == F.col(key)) | F.startswith(exact, F.concat(key, F.lit("-")))


def _named(struct: str, side: str) -> list[Column]:
    fields = ("key", "words", "fixed")
    return [
        F.col(f"{struct}.qa_id").alias(side),
        *[F.col(f"{struct}.question_{f}").alias(f"{side}_{f}") for f in fields],
    ]
