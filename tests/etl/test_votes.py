"""Votes of the check call on a real endpoint: what a raised k pays, what votes decide, what a failed one leaves."""

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import Bench
from tests.endpoint.client import Endpoint

WRONG = json.dumps({"reasoning": "No.", "has_context": True, "answer_correct": False, "leaks_answer": False})
SAME, ALSO, REFUSED, FAILED = (
    "The Orla pier is 500 metres long.",
    "Its length, that of the Orla pier, is 500 metres.",
    "The Adler pier is 502 metres long.",
    "The Corvo pier is 503 metres long.",
)
PIERS = {SAME: ("Orla", "500"), ALSO: ("Orla", "500"), REFUSED: ("Adler", "502"), FAILED: ("Corvo", "503")}


def writes(evidence: str, pier: str, length: str) -> dict[str, Any]:
    """The rule by which the endpoint asks about the pier of the document that has the evidence."""
    pair = {"answerable": True, "question": f"What is the length of the {pier} pier, in metres?", "answer": length,
            "aliases": [], "answer_type": "integer", "unit": None, "evidence": evidence}  # fmt: skip
    return {"stage": "generate", "match": evidence, "fault": "text", "content": json.dumps(pair)}


def verdicts(bench: Bench) -> dict[str, dict[str, Any]]:
    """The verdicts by qa_id, without what says when and by which run they were written."""
    return {v["qa_id"]: {k: x for k, x in v.items() if k not in ("run_id", "updated_at")}
            for v in bench.table("verdicts")}  # fmt: skip


def test_a_raised_k_pays_the_new_votes_alone_and_the_majority_decides(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str]
) -> None:
    endpoint.control(rules=[writes(evidence, *pier) for evidence, pier in PIERS.items()])
    bench.write(*[f"{text(i)} {evidence}" for i, evidence in enumerate(PIERS)])
    bench.run()
    first = verdicts(bench)
    assert {(v["passed"], v["agreement"], v["votes"], v["abstained"]) for v in first.values()} == {(True, 1.0, 1, 0)}
    evidence = {c["qa_id"]: c["evidence"] for c in bench.table("candidates") if c["qa_id"]}
    ids = {e: qa_id for qa_id, e in evidence.items()}
    winner, loser = sorted((ids[SAME], ids[ALSO]))
    assert (first[winner]["set_failures"], first[loser]["matched"]) == (None, winner)

    endpoint.reset()
    endpoint.control(
        rules=[
            {"stage": "check", "match": evidence[winner], "fault": "text", "times": 1, "content": WRONG},
            {"stage": "check", "match": REFUSED, "fault": "refusal", "times": 1},
            {"stage": "check", "match": FAILED, "fault": "500", "times": 3},  # of two votes one fails twice
        ]
    )
    three = "stages.check.votes=3"
    bench.run(three)
    assert endpoint.counters()["by_stage"] == {"check": 2 * len(first) + 2}
    asked = [r for r in bench.table("completions") if r["stage"] == "check"]
    assert {(r["sample"], json.loads(r["params"])["temperature"]) for r in asked} == {(0, 0.0), (1, 0.7), (2, 0.7)}
    second = verdicts(bench)
    assert second[winner]["agreement"] == 2 / 3
    assert (second[ids[REFUSED]]["votes"], second[ids[REFUSED]]["abstained"]) == (2, 1)
    assert second[ids[FAILED]]["error_type"] == "server_error"
    assert bench.conserved(three)["check"]["errors"] == 1
    assert ids[FAILED] not in {q["qa_id"] for q in bench.table("qa")}
    # What more votes agree on goes before what has the smaller id.
    assert (second[winner]["set_failures"], second[winner]["matched"]) == (["duplicate_question"], loser)

    endpoint.reset()  # only the vote that failed is asked again
    bench.run(three)
    assert endpoint.counters()["by_stage"] == {"check": 1}
    assert (verdicts(bench)[ids[FAILED]]["passed"], verdicts(bench)[ids[FAILED]]["votes"]) == (True, 3)
    _check_cost(bench, ids[FAILED])

    endpoint.reset()  # and back to one vote: from the ledger, the rows of the first run
    bench.run()
    assert endpoint.counters()["requests"] == 0
    assert verdicts(bench) == first


def _check_cost(bench: Bench, qa_id: str) -> None:
    """A pair's cost is that of all its calls, the three votes among them."""
    [pair] = [q for q in bench.table("qa") if q["qa_id"] == qa_id]
    chain = [
        r
        for name in ("qualifications", "classifications", "candidates", "verdicts")
        for r in bench.table(name)
        if r["doc_id"] == pair["doc_id"] and r.get("persona") in (None, pair["persona"])
    ]
    paid = {c["call_key"]: c["cost_usd"] for c in bench.table("completions")}
    assert sorted(len(r["call_keys"]) for r in chain) == [1, 1, 1, 3]
    assert pair["cost_usd"] == round(sum(paid[k] for r in chain for k in r["call_keys"]), 9)
