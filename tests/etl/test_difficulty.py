"""Difficulty on a real endpoint: what it measures, what it pays, and that pairs stand without it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from etl import configfile, plan
from etl.errors import ConfigError
from etl.specs import call_specs, load_prompts
from etl.tables import Warehouse
from tests.conftest import Bench
from tests.endpoint.client import Endpoint
from udfs.messages import render

ON = ("stages.difficulty={samples=4, document_samples=2}",)
MORE = ("stages.difficulty={samples=5, document_samples=2}",)
HARD, NEVER, EASY, FAILS = (
    f"The {n} pier is 50{i} metres long." for i, n in enumerate(("Orla", "Adler", "Corvo", "Falke"))
)


def question(evidence: str) -> str:
    return f"What is the length of the {evidence.split()[1]} pier, in metres?"


def writes(evidence: str) -> dict[str, Any]:
    pair = {"answerable": True, "question": question(evidence), "answer": evidence.split()[4], "aliases": [],
            "answer_type": "integer", "unit": "metres", "evidence": evidence}  # fmt: skip
    return {"stage": "generate", "match": evidence, "fault": "text", "content": json.dumps(pair)}


def solves(match: str, evidence: str, times: int | None = None) -> dict[str, Any]:
    """Right answers to requests that hold `match`: the evidence stands in those with the document alone."""
    content = f"I recall it.\n\nAnswer: {evidence.split()[4]} metres"
    return {"stage": "difficulty", "match": match, "fault": "text", "content": content, "times": times}


def rates(bench: Bench) -> dict[str, tuple[object, ...]]:
    names = ("closed_book_pass", "closed_book_k", "document_pass", "document_k", "doubtful")
    return {q["evidence"]: tuple(q[n] for n in names) for q in bench.table("qa")}


def test_pass_rates_are_measured_paid_once_and_never_keep_a_pair_out(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str]
) -> None:
    endpoint.control(
        rules=[
            *(writes(e) for e in (HARD, NEVER, EASY, FAILS)),
            {"stage": "difficulty", "match": FAILS, "fault": "500", "times": 4},  # both samples, tried twice
            solves(HARD, HARD),
            solves(question(HARD), HARD, times=1),
            solves(question(EASY), EASY),
        ]
    )
    bench.write(*[f"{text(i)} {evidence}" for i, evidence in enumerate((HARD, NEVER, EASY, FAILS))])
    bench.run(*ON)
    assert endpoint.counters()["by_stage"]["difficulty"] == 4 * (4 + 2) + 2
    assert rates(bench) == {
        HARD: (0.25, 4, 1.0, 2, False),
        NEVER: (0.0, 4, 0.0, 2, True),
        EASY: (1.0, 4, 1.0, 2, False),
        FAILS: (None, None, None, None, None),
    }
    assert bench.conserved(*ON)["difficulty"] == {
        "stage": "difficulty", "rows_in": 4, "accepted": 3, "rejected": 0, "errors": 1, "pending": 0
    }  # fmt: skip
    published = {q["evidence"]: q for q in bench.table("qa")}
    assert published[HARD]["models"]["difficulty"] == "m"
    assert published[HARD]["prompts"]["difficulty"] == "difficulty@1"
    assert set(published[FAILS]["models"]) == {"qualify", "classify", "generate", "check"}
    spent = {q["evidence"]: q["cost_usd"] for q in bench.table("qa")}
    learnable = bench.sql("SELECT qa_id, band FROM pass_rates WHERE learnable AND NOT doubtful", *ON)
    assert [(r["qa_id"], r["band"]) for r in learnable] == [(published[HARD]["qa_id"], "0 to 0.25")]
    bands = bench.sql("SELECT band, sum(pairs) AS n, sum(doubtful) AS d FROM pass_bands GROUP BY band", *ON)
    assert {(r["band"], r["n"], r["d"]) for r in bands} == {("0", 1, 1), ("0 to 0.25", 1, 0), ("1", 1, 0)}

    more = {p.stage: p for p in plan.plan(bench.spark, bench.config(*MORE)).stages}
    assert (more["difficulty"].pending, more["difficulty"].calls) == (4, 4 + 2)

    endpoint.reset()  # one more sample, and what failed
    bench.run(*MORE)
    assert endpoint.counters()["by_stage"] == {"difficulty": 4 + 2}
    assert rates(bench)[HARD] == (0.2, 5, 1.0, 2, False)
    assert rates(bench)[FAILS] == (0.0, 5, 0.0, 2, True)
    assert {q["evidence"]: q["cost_usd"] for q in bench.table("qa")} == spent  # of the chain that made the pair
    measured = rates(bench)

    endpoint.reset()  # off: nothing is asked, the funnel does not know it, and what was measured stands
    assert "difficulty" not in bench.conserved()
    assert {p.stage for p in plan.plan(bench.spark, bench.config()).stages} == {
        "qualify",
        "classify",
        "generate",
        "check",
    }
    bench.run(rebuild=True)
    assert endpoint.counters()["requests"] == 0
    assert rates(bench) == measured


def test_a_judge_marks_what_no_rule_could_and_is_paid_once(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str]
) -> None:
    judged = (*ON, "stages.judge={}")
    evidence = "The lamp of the Orla pier was lit by the Great Lantern of Dorn."
    pair = {"answerable": True, "question": "What lit the lamp of the Orla pier?", "aliases": [], "unit": None,
            "answer": "the Great Lantern of Dorn", "answer_type": "name", "evidence": evidence}  # fmt: skip

    def says(answer: str, **rule: Any) -> dict[str, Any]:
        return {"stage": "difficulty", "fault": "text", "content": f"Answer: {answer}", **rule}

    endpoint.control(
        rules=[
            {"stage": "generate", "match": evidence, "fault": "text", "content": json.dumps(pair)},
            {"stage": "check", "fault": "text", "content": json.dumps(
                {"reasoning": "", "has_context": True, "answer_correct": True, "leaks_answer": False})},
            says("Old Brightling", match=evidence),
            says("the Falkenau Candle", times=1),
            says("Old Brightling"),
            {"stage": "judge", "match": "1. Old Brightling\n2. the Falkenau Candle", "fault": "text",
             "content": json.dumps({"reasoning": "A nickname.", "marks": ["right", "wrong"]})},
        ]
    )  # fmt: skip
    bench.write(f"{text(0)} {evidence}")
    bench.run(*ON)
    [row] = bench.table("difficulty")
    assert (row["closed_book_k"], row["closed_book_undecided"], row["document_undecided"]) == (0, 4, 2)
    assert rates(bench)[evidence] == (None, 0, None, 0, None)
    paid = endpoint.counters()["requests"]
    assert {p.stage: p.calls for p in plan.plan(bench.spark, bench.config(*judged)).stages}["judge"] == 1
    bench.run(*judged)
    assert endpoint.counters()["requests"] == paid + 1
    assert rates(bench)[evidence] == (0.75, 4, 1.0, 2, False)
    [published] = [q for q in bench.table("qa") if q["evidence"] == evidence]
    assert (published["models"]["judge"], published["prompts"]["judge"]) == ("m", "judge@1")
    assert bench.conserved(*judged)["judge"] == {
        "stage": "judge", "rows_in": 1, "accepted": 1, "rejected": 0, "errors": 0, "pending": 0
    }  # fmt: skip
    bench.run(*judged, rebuild=True)
    assert endpoint.counters()["requests"] == paid + 1
    assert rates(bench)[evidence] == (0.75, 4, 1.0, 2, False)


def test_columns_that_an_older_release_did_not_have_are_added(bench: Bench) -> None:
    warehouse = Warehouse.of(bench.spark, bench.config(f"warehouse='{bench.folder / 'older'}'"))
    older = "qa_id string, doc_id string, passed boolean"
    bench.spark.sql(f"CREATE TABLE {warehouse.identifier('verdicts')} ({older}) USING DELTA")
    bench.spark.sql(f"INSERT INTO {warehouse.identifier('verdicts')} VALUES ('q', 'd', true)")
    warehouse.create()
    [row] = [r.asDict() for r in warehouse.read("verdicts").collect()]
    assert {n: v for n, v in row.items() if v is not None} == {"qa_id": "q", "doc_id": "d", "passed": True}
    assert {"agreement", "call_keys", "failures"} <= set(row)


def test_the_solver_sees_no_rules_of_other_stages_nor_they_its_own() -> None:
    layout = "engines.default={type='openai', model='m', layout='rules_first'}"
    off, on = (configfile.load(None, [layout, *more]) for more in ((), ("stages.difficulty={}",)))
    without, made = (call_specs(c, load_prompts(c)) for c in (off, on))
    assert list(without) == ["qualify", "classify", "generate", "check"]
    assert {n: made[n] for n in without} == without
    system, user = (m["content"] for m in render(made["difficulty"], {"question": "How long is it?"}))
    for other in ("Task: check", "Task: qualify", "JSON", "leaks_answer"):
        assert other not in system + user
    assert "# Task: difficulty" in user
    assert "Task: difficulty" not in render(made["check"], {"title": "T", "passage": "P"})[0]["content"]


def test_one_seed_for_all_samples_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"stages\.difficulty\.extra_body: one seed makes all samples the same"):
        configfile.load(None, ["stages.difficulty.extra_body={seed=1}"])


def test_a_judge_without_anything_to_judge_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"judge: it marks what stages\.difficulty leaves undecided"):
        configfile.load(None, ["stages.judge={}"])
