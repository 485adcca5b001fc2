"""Stage classify: the domain of a passage and up to three intended readers. One call per qualified passage."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from udfs.answers import DOMAINS, Answer, Domain
from udfs.stages import Answers, Inputs, Logic, Result, Row, document_inputs
from udfs.text import fold_space

MAX_PERSONAS = 3  # arXiv 2510.06499, section 3.2
MAX_PERSONA_CHARS = 300


def _domain(value: object) -> object:
    """Accept the slug in any case and spelling; what is none of the ten is `other`, never a lost document."""
    if not isinstance(value, str):
        return value
    slug = re.sub(r"[^a-z]+", "_", value.lower().replace("&", " ")).strip("_")
    return slug if slug in DOMAINS else "other"


def _personas(value: object) -> object:
    """Accept one string for a list of one; fold, drop repeats, keep the first three. Commas do not split."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        return value
    folded = [fold_space(v)[:MAX_PERSONA_CHARS].strip() for v in value]
    kept: dict[str, str] = {}
    for persona in filter(None, folded):
        kept.setdefault(persona.casefold(), persona)
    return list(kept.values())[:MAX_PERSONAS]


class Classification(Answer):
    """The domain and the intended readers of one passage."""

    domain: Annotated[Domain, BeforeValidator(_domain)]
    personas: Annotated[list[str], BeforeValidator(_personas), Field(min_length=1, max_length=MAX_PERSONAS)]


def _inputs(row: Row) -> tuple[Inputs, ...]:
    return (document_inputs(row),)


def _result(_: Row, answers: Answers) -> Result:
    [answer] = answers
    return dict(answer.model_dump())


def _leads_to(row: Row, result: Result) -> list[Row]:
    """One row per persona, in the order in which the pairs are compared."""
    return [{**row, "domain": result["domain"], "persona": p} for p in sorted(result["personas"])]


LOGIC = Logic(name="classify", version=1, answer=Classification, inputs=_inputs, result=_result, leads_to=_leads_to)
