"""The embedded engine: the stages by rules over a parse, in process, with no key and no network."""

import json
from collections.abc import Mapping
from typing import Any

from udfs.engines import Completion, Request
from udfs.engines.embedded.parsing import MissingModelError, require_model
from udfs.engines.embedded.sentences import MAX_CHARS

__all__ = ["MODEL", "EmbeddedEngine", "MissingModelError"]

MODEL = "embedded/extractive@2"


class EmbeddedEngine:
    """Answers every stage without a language model.

    A pair is a sentence of the passage with one phrase taken out and asked for. That is simpler than what a
    language model does: it cannot join two sentences, explain a cause, compute, write in the voice of its
    reader or read any language but English. It refuses most sentences, and asks mostly for dates, names and
    numbers. Its check tells whether the evidence holds the answer and the words of the question, not whether
    the statement is true; it shares rules with the generator, so it is no independent judge of its own pairs.

    It solves a question by its wording: from a document it takes the phrase that the best matching sentence has in
    the place asked for; without one it knows nothing, and says so. Its pass rates measure it, and no trainer's model.

    The same request always gets the same answer.
    """

    def __init__(self) -> None:
        require_model()

    async def complete(self, request: Request) -> Completion:
        """Answer one request from its `inputs`. Blocks while it parses, about a tenth of a second."""
        answer = _ANSWERS[request.stage](request.inputs)
        said = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        text = said.encode("utf-8", "replace").decode("utf-8")
        prompt = sum(len(str(m.get("content", "")).split()) for m in request.messages)
        return Completion(
            text=text,
            finish_reason="stop",
            prompt_tokens=prompt,
            cached_tokens=0,
            completion_tokens=len(text.split()),
            reasoning_tokens=0,
        )


def _source(inputs: Mapping[str, Any]) -> tuple[str | None, str]:
    return inputs.get("title") or None, str(inputs.get("passage") or "")[:MAX_CHARS]


def _qualify(inputs: Mapping[str, Any]) -> dict[str, Any]:
    from udfs.engines.embedded.qualify import qualify

    ruling = qualify(_source(inputs)[1])
    return {"reasoning": ruling.reasoning, "qualified": ruling.qualified, "reason": ruling.reason}


def _classify(inputs: Mapping[str, Any]) -> dict[str, Any]:
    from udfs.engines.embedded.classify import domain_of, personas

    title, passage = _source(inputs)
    domain = domain_of(title, passage)
    return {"domain": domain, "personas": personas(domain, title, passage)}


def _generate(inputs: Mapping[str, Any]) -> dict[str, Any]:
    from udfs.engines.embedded.classify import pair_for

    title, passage = _source(inputs)
    pair = pair_for(inputs.get("persona"), title, passage)
    if pair is None:
        nothing = dict.fromkeys(("question", "answer", "answer_type", "unit", "evidence"))
        return {"answerable": False, **nothing, "aliases": []}
    return {
        "answerable": True,
        "question": pair.question,
        "answer": pair.answer,
        "aliases": list(pair.aliases),
        "answer_type": pair.answer_type,
        "unit": pair.unit,
        "evidence": pair.evidence,
    }


def _check(inputs: Mapping[str, Any]) -> dict[str, Any]:
    from udfs.engines.embedded.check import check

    verdict = check(inputs)
    return {
        "reasoning": verdict.reasoning,
        "has_context": verdict.has_context,
        "answer_correct": verdict.answer_correct,
        "leaks_answer": verdict.leaks_answer,
    }


def _solve(inputs: Mapping[str, Any]) -> str:
    from udfs.engines.embedded.solve import UNKNOWN, solve

    title, passage = _source(inputs)
    found = solve(str(inputs.get("question") or ""), title, passage)
    return UNKNOWN if found is None else f"Answer: {found}"


def _judge(inputs: Mapping[str, Any]) -> dict[str, Any]:
    responses = str(inputs.get("responses") or "").splitlines()
    return {
        "reasoning": "The rules could not tell, and I know no more than they.",
        "marks": ["unsure"] * len(responses),
    }


_ANSWERS = {
    "qualify": _qualify,
    "classify": _classify,
    "generate": _generate,
    "check": _check,
    "difficulty": _solve,
    "judge": _judge,
}
