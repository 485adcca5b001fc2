"""Stage check: is the pair right? Deterministic checks first; a candidate that passes them is put to the vote."""

from collections.abc import Iterable

from udfs import checks
from udfs.answers import Answer, Flag, Text
from udfs.questions import LOGIC as QUESTIONS
from udfs.questions import answer_key, asks_when, question
from udfs.stages import Answers, Inputs, Logic, Result, Row, document_inputs

FIELDS = ("question", "answer", "aliases", "answer_type", "unit", "evidence")
VOTED_DDL = "agreement double, votes int, abstained int"


class Verdict(Answer):
    """The checking model's judgement of one pair."""

    reasoning: Text
    has_context: Flag
    answer_correct: Flag
    leaks_answer: Flag


def _inputs(row: Row) -> tuple[Inputs, ...]:
    return ({**document_inputs(row), **{name: row.get(name) for name in FIELDS}},)


def _judged(row: Row, failures: list[str], measured: dict[str, str]) -> Result:
    """The keys and words say which pairs ask the same and answer the same, for the rules over sets of pairs."""
    asked = question(row["question"])
    return {
        "passed": not failures,
        "failures": failures,
        "measured": measured,
        **{f"question_{name}": value for name, value in asked._asdict().items()},
        "answer_key": answer_key(row["answer"], row.get("answer_type") or "", row.get("unit"), asks_when(asked)),
    }


def _screen(row: Row) -> Result | None:
    found = checks.failures({name: row.get(name) for name in FIELDS}, row["passage"])
    return _judged(row, list(found), found) if found else None


def _failed(vote: Verdict) -> list[str]:
    named = (
        ("check_no_context", not vote.has_context),
        ("check_incorrect", not vote.answer_correct),
        ("check_leaks", vote.leaks_answer),
    )
    return [name for name, failed in named if failed]


def _result(row: Row, answers: Answers) -> Result:
    """The majority decides each flag; a tie counts against the pair, since a bad one costs more than a good one lost.

    `agreement` is the share of the votes cast that pass or fail the pair as the verdict does: 0 is possible, where
    each vote finds another fault. The reasoning is that of the first such vote. A sample that came to no answer is
    an abstention, no vote.
    """
    votes = [vote for vote in answers if vote is not None]
    verdict = Verdict(
        reasoning="",
        has_context=_most(v.has_context for v in votes),
        answer_correct=_most(v.answer_correct for v in votes),
        leaks_answer=not _most(not v.leaks_answer for v in votes),
    )
    failures = _failed(verdict)
    agreeing = [v for v in votes if bool(_failed(v)) == bool(failures)]
    return {
        **verdict.model_dump(),
        "reasoning": (agreeing or votes)[0].reasoning,
        "agreement": len(agreeing) / len(votes),
        "votes": len(votes),
        "abstained": len(answers) - len(votes),
        **_judged(row, failures, {}),
    }


def _most(flags: Iterable[bool]) -> bool:
    said = list(flags)
    return 2 * sum(said) > len(said)


def _leads_to(row: Row, result: Result) -> list[Row]:
    return [row] if result["passed"] else []


LOGIC = Logic(
    name="check",
    version=checks.LOGIC + QUESTIONS,
    answer=Verdict,
    inputs=_inputs,
    result=_result,
    screen=_screen,
    leads_to=_leads_to,
)
