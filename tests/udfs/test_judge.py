"""Judge: what it is shown of answers in doubt, and what its marks make of the pass rates."""

from typing import Any

import pytest

from udfs.messages import render
from udfs.stages import logic
from udfs.tasks import calls, result

from .making import spec

DIFFICULTY, JUDGE = logic("difficulty"), logic("judge")
ROW = {"doc_id": "d", "title": "Istanbul", "passage": "It was once Constantinople.", "question": "Which city is it?",
       "answer": "Istanbul", "aliases": [], "answer_type": "name", "unit": None}  # fmt: skip
RIGHT, OTHER, ANOTHER, NONE = "Answer: Istanbul", "Answer: Constantinople", "Answer: the city  of Byzas", ""


def measured(closed_book: list[str], document: list[str]) -> dict[str, Any]:
    asks = (len(closed_book), len(document))
    outcomes = [{"text": t, "error_type": None, "failure": None} for t in [*closed_book, *document]]
    return result(DIFFICULTY, spec("difficulty", samples=asks), ROW, outcomes)


def marked(row: dict[str, Any], *marks: str) -> dict[str, Any]:
    return JUDGE.result(row, [JUDGE.answer(reasoning="", marks=list(marks))])


def test_a_pair_whose_answers_the_rules_could_mark_is_not_judged() -> None:
    assert DIFFICULTY.leads_to(ROW, measured([RIGHT, NONE], [RIGHT])) == []
    [row] = DIFFICULTY.leads_to(ROW, measured([RIGHT, OTHER], [RIGHT]))
    assert row["closed_book_untold"] == ["Constantinople"]


def test_each_answer_in_doubt_is_shown_once_with_the_truth_and_without_the_document() -> None:
    row = {**ROW, **measured([OTHER, ANOTHER, RIGHT], [ANOTHER, ANOTHER])}
    [call] = calls(JUDGE, spec("judge"), row)
    assert call.inputs["responses"] == "1. the city of Byzas\n2. Constantinople"
    shown = render(spec("judge"), call.inputs)[1]["content"]
    assert "Istanbul" in shown
    assert ROW["passage"] not in shown


@pytest.mark.parametrize(
    ("marks", "rates", "doubtful", "told"),
    [
        (("right", "wrong"), (3 / 4, 4, 0, 1 / 2, 2, 0), False, 2),
        (("wrong", "unsure"), (2 / 3, 3, 1, 0.0, 1, 1), False, 1),
        (("unsure", "unsure"), (1.0, 2, 2, None, 0, 2), False, 0),
        (("right",), (1.0, 2, 2, None, 0, 2), False, 0),  # of another number of answers than were shown
    ],
)
def test_marks_count_like_the_rules_own(
    marks: tuple[str, ...], rates: tuple[Any, ...], doubtful: bool, told: int
) -> None:
    row = {**ROW, **measured([RIGHT, RIGHT, OTHER, ANOTHER], [OTHER, ANOTHER])}
    got = marked(row, *marks)
    names = [f"{c}_{n}" for c in ("closed_book", "document") for n in ("pass", "k", "undecided")]
    assert tuple(got[n] for n in names) == rates
    assert (got["doubtful"], got["told"]) == (doubtful, told)


def test_a_pair_that_the_judge_sees_never_solved_is_doubtful() -> None:
    row = {**ROW, **measured([OTHER], [OTHER])}
    assert row["doubtful"] is None
    assert marked(row, "wrong")["doubtful"] is True
    assert marked(row, "right")["doubtful"] is False
