"""The rules over sets of pairs: near-equal questions, whatever the order and the batches in which they come."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl.components import components
from etl.config import Config
from etl.sets import CROWD, groups, judged, touched
from etl.tables import Overlay, Warehouse
from etl.work import Slice
from udfs.questions import answer_key, asks_when, question

ASKED = [  # (qa_id, agreement, question, answer, type)
    ("b", 1.0, "How long is the Adler Bridge?", "420 m", "number"),
    ("a", 0.5, "What is the length of the Adler bridge in metres?", "420", "number"),
    ("c", 1.0, "How many metres long is the Adler Bridge?", "420", "number"),
    ("d", 1.0, "How long is the Birke Bridge?", "420", "number"),
    ("e", 1.0, "When did the Adler Bridge open?", "12 March 1931", "date"),
    ("f", 1.0, "When was the Adler Bridge opened?", "March 1931", "date"),
    ("g", 1.0, "When did the Adler bridge first open to traffic?", "1931", "date"),
    ("h", 1.0, "Which river does the Adler Bridge cross?", "the Orla", "name"),
    ("i", 1.0, "What is the name of the river which the Adler Bridge crosses?", "Orla", "name"),
    ("j", 1.0, "What river is crossed by the Adler bridge?", "Orla", "name"),
    ("k", 1.0, "How many people lived in Falkenau in 2010?", "4,779", "integer"),
    ("l", 1.0, "What was the population of Falkenau in 2010?", "4799", "integer"),
    ("m", 1.0, "What was the population of Falkenau in 2020?", "4779", "integer"),
    ("n", 1.0, "What was Falkenau's population in 2010, according to the census?", "4779", "integer"),
    ("o", 1.0, "When was the lighthouse in Brant opened?", "12 March 1931", "date"),
    ("p", 1.0, "When was the old lighthouse in Brant opened?", "1 September 1931", "date"),
    ("q", 1.0, "In what year did the Orla Canal open?", "1931", "integer"),
    ("r", 0.9, "In which year was the Orla canal opened?", "1931", "date"),
]
STANDS = {"b", "d", "e", "g", "h", "m", "o", "p", "q"}
GROUPS = [{"a", "b", "c"}, {"d"}, {"e", "f"}, {"g"}, {"h", "i", "j"}, {"k", "l", "n"}, {"m"}, {"o"}, {"p"}, {"q", "r"}]
DDL = (
    "qa_id string, doc_id string, agreement double, question_key string, question_words array<string>, "
    "question_fixed array<string>, answer_key string, question_group string"
)


def rows(asked: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        {
            "qa_id": name, "doc_id": name, "agreement": agreement, "question_group": None,
            "answer_key": answer_key(answer, kind, None, asks_when(question(text))),
            **{f"question_{k}": v for k, v in question(text)._asdict().items()},
        }
        for name, agreement, text, answer, kind in asked
    ]  # fmt: skip


@pytest.fixture(scope="module")
def outcome(spark: SparkSession) -> dict[str, Any]:
    """What becomes of ASKED, by name."""
    warehouse = Warehouse.of(spark, Config(warehouse="/nowhere"))
    pairs = spark.createDataFrame(rows(ASKED), DDL)
    return {r["qa_id"]: r for r in judged(warehouse, pairs, 0.7).collect()}


def test_groups(outcome: dict[str, Any]) -> None:
    found: dict[str, set[str]] = {}
    for name, row in outcome.items():
        found.setdefault(row["question_group"], set()).add(name)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, GROUPS))


def test_one_of_a_group_stands_by_agreement_then_name(outcome: dict[str, Any]) -> None:
    assert {name for name, row in outcome.items() if row["set_failures"] is None} == STANDS
    assert outcome["a"]["set_failures"] == ["duplicate_question"]
    assert (outcome["a"]["matched"], outcome["c"]["matched"]) == ("b", "b")
    assert outcome["b"]["matched"] is None
    assert outcome["b"]["match_score"] is None


def test_a_date_said_less_exactly_is_no_contradiction(outcome: dict[str, Any]) -> None:
    assert outcome["f"]["set_failures"] == ["duplicate_question"]


def test_other_answers_to_one_question_are_contradictions(outcome: dict[str, Any]) -> None:
    assert {outcome[name]["set_failures"][0] for name in "kln"} == {"conflicting_answers"}
    assert outcome["l"]["matched"] == "k"
    assert outcome["k"]["matched"] == "l"
    assert outcome["k"]["match_score"] == 1.0


def test_any_order_of_slices_gives_what_all_at_once_gives(spark: SparkSession, tmp_path: Path) -> None:
    """Pairs come and go a slice at a time; a slice judges what it touches and leaves the rest as it stood. Of those
    that go some leave a verdict and some nothing: that these were in a group is known from before.
    """
    rng = random.Random(4)
    order = rng.sample(rows(ASKED), len(ASKED))
    known = {row["qa_id"]: {**row, "doc_id": f"{place:02}"} for place, row in enumerate(order)}
    seen: dict[str, dict[str, Any]] = {}
    standing: set[str] = set()
    for _ in range(3):
        for first, last in ((None, "04"), ("04", "09"), ("09", None)):
            part = Slice(first, last)
            former = groups(part.of(overlay(spark, seen))) if seen else None
            for name, row in known.items():
                if (first or "") < row["doc_id"] <= (last or "99"):
                    seen.setdefault(name, row)
                    (standing.add if rng.random() < 0.75 else standing.discard)(name)
                    if name not in standing and rng.random() < 0.7:
                        del seen[name]
            warehouse = overlay(spark, seen, tmp_path)
            again = {r["qa_id"] for r in touched(warehouse, part, former, 0.7).collect()}
            now = judge(spark, [seen[n] for n in again & standing])
            seen |= {n: {**seen[n], "question_group": now.get(n)} for n in again}
        whole = judge(spark, [seen[n] for n in standing])
        assert {n: r["question_group"] for n, r in seen.items() if r["question_group"]} == whole
        assert 8 <= len(whole) < len(ASKED)


def test_questions_of_one_kind_and_one_answer_are_no_crowd(spark: SparkSession) -> None:
    heads, tails = ("Bor", "Kal", "Mir", "Tul", "Ves"), ("ando", "egli", "ista", "ulma")
    names = [f"{head}{tail}{n}" for head in heads for tail in tails for n in range(30)]
    asked = [
        (f"{way}{name}", 1.0, text.format(name), "2", "integer")
        for name in names
        for way, text in (("a", "How many towers has {} castle?"), ("b", "How many big towers has {} castle?"))
    ]
    assert len(asked) > 2 * CROWD
    groups_of = judge(spark, rows(asked))
    assert {n for n in names if groups_of[f"a{n}"] == groups_of[f"b{n}"]} == set(names)
    assert len(set(groups_of.values())) == len(names)


def judge(spark: SparkSession, pairs: list[dict[str, Any]]) -> dict[str, str]:
    found = judged(overlay(spark, {}), spark.createDataFrame(pairs, DDL), 0.7)
    return {r["qa_id"]: r["question_group"] for r in found.collect()}


def overlay(spark: SparkSession, seen: dict[str, dict[str, Any]], folder: Path = Path("/nowhere")) -> Warehouse:
    verdicts = spark.createDataFrame(list(seen.values()), DDL)
    published = verdicts.where(F.col("qa_id") == F.col("question_group")).select("qa_id", "doc_id")
    return Overlay.over(Warehouse.of(spark, Config(warehouse=str(folder))), {"verdicts": verdicts, "qa": published})


def test_components() -> None:
    found = components([("c", "b"), ("x", "y"), ("b", "a"), ("d", "c")])
    assert found == {"a": "a", "b": "a", "c": "a", "d": "a", "x": "x", "y": "x"}
    chain = components((f"{i:06}", f"{i + 1:06}") for i in range(100_000))
    assert set(chain.values()) == {"000000"}
