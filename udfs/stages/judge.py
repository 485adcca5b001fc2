"""Stage judge: what the rules could not mark of a reference model's answers, a model marks.

It sees the question, the true answer and the answers in doubt, each once; the document would only tempt it to solve the
question anew. Its word counts like a rule's; what it is unsure of stays undecided.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from udfs.answers import Answer, Text
from udfs.stages import Answers, Inputs, Logic, Result, Row
from udfs.stages.difficulty import Marks, measured
from udfs.text import fold_space

ABOUT = ("question", "answer", "aliases", "answer_type", "unit")
WAYS = ("closed_book", "document")  # in which the question was asked
RATES = tuple(f"{way}_{n}" for way in WAYS for n in ("pass", "k", "undecided", "untold"))
FIELDS = (*ABOUT, *RATES)
MANY = 40  # answers shown at once, the most frequent first; more stay undecided


class Judgement(Answer):
    """The judging model's marks, one per answer shown."""

    reasoning: Text
    marks: list[Literal["right", "wrong", "unsure"]]


def _inputs(row: Row) -> tuple[Inputs, ...]:
    responses = "\n".join(f"{n}. {text}" for n, text in enumerate(shown(row), 1))
    return ({**{name: row.get(name) for name in ABOUT}, "responses": responses},)


def shown(row: Row) -> list[str]:
    """Return the answers to mark, each once and on one line: the most frequent first, equal ones in their order."""
    untold = [fold_space(t) for name in WAYS for t in row.get(f"{name}_untold") or []]
    return [text for text, _ in Counter(untold).most_common(MANY)]


def _result(row: Row, answers: Answers) -> Result:
    """The rates with what was told; a judgement of another number of answers than were shown tells nothing."""
    answer: Judgement = answers[0]
    responses = shown(row)
    told = dict(zip(responses, answer.marks, strict=True)) if len(answer.marks) == len(responses) else {}
    counts = [_counts(row, name, [told.get(fold_space(t), "unsure") for t in row.get(f"{name}_untold") or []])
              for name in WAYS]  # fmt: skip
    return {
        "responses": responses,
        **answer.model_dump(),
        "told": sum(mark != "unsure" for mark in told.values()),
        **measured(*counts),
    }


def _counts(row: Row, name: str, marks: Sequence[str]) -> Marks:
    """Return how many answers are right, wrong and undecided once these marks are added to the rules'."""
    k, said = row.get(f"{name}_k") or 0, Counter(marks)
    right = round((row.get(f"{name}_pass") or 0) * k)
    told = said["right"] + said["wrong"]
    return Counter(
        right=right + said["right"], wrong=k - right + said["wrong"],
        undecided=(row.get(f"{name}_undecided") or 0) - told,
    )  # fmt: skip


LOGIC = Logic(name="judge", version=1, answer=Judgement, inputs=_inputs, result=_result)
