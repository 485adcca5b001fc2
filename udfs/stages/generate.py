"""Stage generate: one question-answer pair with its evidence. One call per persona of a passage."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from udfs import evidence
from udfs.answers import Answer, AnswerType, Flag, Text
from udfs.keys import qa_id
from udfs.stages import Answers, Inputs, Logic, Result, Row, document_inputs

MAX_ALIASES = 4


def _aliases(value: object) -> object:
    if value is None:
        return []
    if not isinstance(value, list):
        return value
    return [str(v) for v in value if v is not None and str(v).strip()][:MAX_ALIASES]


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in ("", "null", "none") else value


Optional = Annotated[Text | None, BeforeValidator(_blank_is_none)]


class Candidate(Answer):
    """One pair, or the statement that the passage holds no fact to ask this reader for."""

    answerable: Flag
    question: Optional
    answer: Text | None
    aliases: Annotated[list[str], BeforeValidator(_aliases), Field(max_length=MAX_ALIASES)]
    answer_type: Annotated[AnswerType | None, BeforeValidator(_blank_is_none)]
    unit: Optional
    evidence: Optional

    @model_validator(mode="after")
    def _complete(self) -> "Candidate":
        wanted = ("question", "answer", "answer_type", "evidence")
        missing = [n for n in wanted if not getattr(self, n)] if self.answerable else []
        if missing:
            raise ValueError(f"answerable is true, but {', '.join(missing)} is null or empty")
        return self


def _inputs(row: Row) -> tuple[Inputs, ...]:
    return ({**document_inputs(row), "domain": row["domain"], "persona": row["persona"]},)


def _result(row: Row, answers: Answers) -> Result:
    """Store the document's own slice as evidence, with offsets into its text; what the model wrote if it is none."""
    [answer] = answers
    if not answer.answerable:
        nothing = dict.fromkeys(("question", "answer", "answer_type", "unit", "evidence"))
        return {
            "answerable": False,
            "aliases": [],
            **nothing,
            "domain": row["domain"],
            "reason": "no_verifiable_fact",
        }
    question, text = answer.question or "", answer.answer or ""
    found = evidence.find(answer.evidence or "", row["passage"])
    offsets = {}
    if found:
        start, end = found
        at = row["start"]
        offsets = {
            "evidence": row["passage"][start:end],
            "evidence_start": at + start,
            "evidence_end": at + end,
        }
    return {
        **answer.model_dump(),
        **offsets,
        "qa_id": qa_id(row["doc_id"], question, text),
        "domain": row["domain"],
    }


def _leads_to(row: Row, result: Result) -> list[Row]:
    return [{**row, **result, "persona": None}] if result.get("qa_id") else []


LOGIC = Logic(name="generate", version=1, answer=Candidate, inputs=_inputs, result=_result, leads_to=_leads_to)
