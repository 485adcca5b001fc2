"""Stage qualify: is this passage worth asking about? One call per passage."""

from typing import Literal

from udfs.answers import Answer, Flag, Text
from udfs.stages import Answers, Inputs, Logic, Result, Row, document_inputs


class Qualification(Answer):
    """The model's judgement of one passage."""

    reasoning: Text
    qualified: Flag
    reason: Literal["informative", "boilerplate", "not_self_contained", "too_shallow", "not_verifiable"]


def _inputs(row: Row) -> tuple[Inputs, ...]:
    return (document_inputs(row),)


def _result(row: Row, answers: Answers) -> Result:
    """The flag decides; a reject that names no reason of the closed set counts as not verifiable."""
    [answer] = answers
    reason = None if answer.qualified else answer.reason
    return {
        **answer.model_dump(),
        "parts": row["parts"],
        "reason": "not_verifiable" if reason == "informative" else reason,
    }


def _leads_to(row: Row, result: Result) -> list[Row]:
    return [row] if result["qualified"] else []


LOGIC = Logic(name="qualify", version=1, answer=Qualification, inputs=_inputs, result=_result, leads_to=_leads_to)
