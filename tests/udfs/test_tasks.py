"""One input, several calls, one row: what votes come to, in whatever order and with whatever missing."""

import json
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest

from udfs import arrow
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import TASK_DDL, calls, make_tasks, result

from .making import spec

TEXT = "It rained. The Halden tower is 1,204 feet high. It stands on a rock in the bay."
PAIR = {"question": "How high is the Halden tower?", "answer": "1204", "aliases": [], "answer_type": "integer",
        "unit": "feet", "evidence": "The Halden tower is 1,204 feet high."}  # fmt: skip
ROW = {"doc_id": "d", "content_hash": "h", "title": "T", "part": 0, "parts": 1, "passage": TEXT, "start": 0, **PAIR}
GOOD, LEAKS, WRONG, VAGUE = (
    {"reasoning": r, "has_context": r != "vague", "answer_correct": r != "wrong", "leaks_answer": r == "leaks"}
    for r in ("good", "leaks", "wrong", "vague")
)
Said = dict[str, Any] | str


def check(votes: int, **changes: Any) -> CallSpec:
    return spec("check", samples=(votes,), later_temperature=0.7, **changes)


def outcome(said: Said, failed: bool = False) -> dict[str, Any]:
    """An answer, the error type of a settled call, or that of a failed one."""
    text = json.dumps(said) if isinstance(said, dict) else None
    error = said if isinstance(said, str) and not failed else None
    return {"text": text, "error_type": error, "failure": said if failed else None}


def verdict(*votes: Said, failed: Sequence[str] = ()) -> dict[str, Any]:
    outcomes = [outcome(v) for v in votes] + [outcome(f, failed=True) for f in failed]
    return result(logic("check"), check(len(outcomes)), ROW, outcomes)


def test_one_more_vote_is_one_more_call_and_the_first_stays_what_it_was() -> None:
    one, three = (calls(logic("check"), check(n), ROW) for n in (1, 3))
    assert [c.sample for c in three] == [0, 1, 2]
    assert three[0] == one[0]
    assert len({c.call_key for c in three}) == 3
    warmer = calls(logic("check"), check(3, temperature=0.5), ROW)
    assert [a.call_key == b.call_key for a, b in zip(three, warmer, strict=True)] == [False, True, True]


def test_a_pair_that_plain_checks_turn_down_is_put_to_no_vote() -> None:
    assert calls(logic("check"), check(3), {**ROW, "evidence": "Not there."}) == []
    row = result(logic("check"), check(3), {**ROW, "evidence": "Not there."}, [])
    assert (row["passed"], row["failures"]) == (False, ["ungrounded_evidence"])


@pytest.mark.parametrize(
    ("votes", "failures", "agreement"),
    [
        ([GOOD], [], 1.0),
        ([WRONG], ["check_incorrect"], 1.0),
        ([GOOD, GOOD, WRONG], [], 2 / 3),
        ([GOOD, WRONG, WRONG], ["check_incorrect"], 2 / 3),
        ([GOOD, WRONG], ["check_incorrect"], 0.5),
        ([GOOD, LEAKS], ["check_leaks"], 0.5),
        ([LEAKS, WRONG, VAGUE], [], 0.0),
        ([GOOD, GOOD, LEAKS, LEAKS, LEAKS], ["check_leaks"], 0.6),
        ([{**WRONG, "leaks_answer": True}, WRONG, LEAKS], ["check_incorrect", "check_leaks"], 1.0),
    ],
)
def test_the_majority_decides_each_flag_and_a_tie_is_a_no(
    votes: list[Said], failures: list[str], agreement: float
) -> None:
    for order in permutations(votes):
        got = verdict(*order)
        assert (got["passed"], got["failures"], got["agreement"]) == (not failures, failures, agreement)
        assert (got["votes"], got["abstained"]) == (len(votes), 0)


def test_the_reasoning_is_of_a_vote_that_agrees() -> None:
    assert verdict(GOOD, WRONG, WRONG)["reasoning"] == "wrong"
    assert verdict(LEAKS, WRONG, VAGUE)["reasoning"] == "leaks"


def test_an_abstention_is_no_vote_and_too_many_are_no_verdict() -> None:
    got = verdict(GOOD, "refusal", GOOD)
    assert (got["passed"], got["agreement"], got["votes"], got["abstained"]) == (True, 1.0, 2, 1)
    assert verdict(GOOD, WRONG, "invalid_answer")["passed"] is False
    assert verdict("refusal", "content_filter", GOOD) == {"error_type": "refusal"}
    assert verdict("refusal") == {"error_type": "refusal"}
    assert verdict(GOOD, "length_stop") == {"error_type": "length_stop"}


def test_a_failed_call_leaves_the_row_to_a_later_run_whatever_the_others_say() -> None:
    assert verdict(GOOD, GOOD, failed=["timeout"]) == {"error_type": "timeout"}
    assert verdict("refusal", "refusal", failed=["timeout"]) == {"error_type": "timeout"}


def test_what_did_not_parse_is_parsed_again() -> None:
    late = {"text": json.dumps(GOOD), "error_type": "invalid_answer", "failure": None}
    assert result(logic("check"), check(1), ROW, [late])["passed"] is True
    late["text"] = "Yes."
    assert result(logic("check"), check(1), ROW, [late]) == {"error_type": "invalid_answer"}


def test_tasks_of_one_input_stand_together_in_the_order_of_the_calls() -> None:
    asks = [{"part": 0, "persona": None, "qa_id": q, "inputs_sha": "s", "payload": json.dumps({**PAIR, **more})}
            for q, more in (("a", {}), ("b", {"evidence": "Not there."}), ("c", {"answer": "1,204"}))]  # fmt: skip
    document = {"doc_id": "d", "content_hash": "h", "title": "T", "text": TEXT, "asks": asks}
    batch = pa.RecordBatch.from_pylist([document])
    made: Iterator[pa.RecordBatch] = make_tasks(iter([batch]), check(2))
    rows = [row for b in made for row in b.to_pylist()]
    assert [(r["qa_id"], r["n"], r["sample"], r["call_key"] is None) for r in rows] == [
        ("a", 0, 0, False), ("a", 1, 1, False), ("b", 0, None, True), ("c", 0, 0, False), ("c", 1, 1, False),
    ]  # fmt: skip
    assert len({r["input"] for r in rows}) == 3
    row = json.loads(rows[1]["row"])
    assert [c.call_key for c in calls(logic("check"), check(2), row)] == [r["call_key"] for r in rows[:2]]
    assert list(rows[0]) == arrow.arrow_schema(TASK_DDL).names
