"""The deterministic checks that a candidate passes before a model is asked to check it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from udfs import context, evidence, leaks, phrases, support, typed, wording
from udfs.grading.normal import normal
from udfs.options import elements

LOGIC = 5  # bumped by hand when a rule here or in the modules it uses changes: rows are then judged anew

MAX_WORDS = 10  # of a name or phrase; a longer answer cannot be compared without a judge
MAX_CHARS = 200  # of any other answer, for the same reason
MAX_ELEMENTS = 10  # of a list; what holds more is copied, not answered
MIN_ELEMENTS = 2
MAX_ALIASES = 10  # looked at; the answer's model allows fewer
MAX_LOOK = 5_000  # characters of question and answer looked at: longer ones fail by their length
MAX_MEASURED = 200  # characters kept of what was measured

_SUBJECT = re.compile(r"^(?:he|she|it|they|we|i|there|this|these)\s+[a-z]", re.I)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|does|did|can|will|became|won|wrote)\b")
_SENTENCE_END = re.compile(r"[a-z)\"'”’]{5,}[.!?]$")


@dataclass(frozen=True)
class _Pair:
    """A candidate with its gaps filled and its texts capped."""

    question: str
    answer: str
    forms: tuple[str, ...]  # the answer and its aliases
    kind: str
    unit: str
    quoted: str  # the evidence as the model wrote it
    source: str  # the passage's slice that is the evidence, in whole words and numbers; empty where there is none
    passage: str


def failures(candidate: Mapping[str, Any], passage: str) -> dict[str, str]:
    """Return what is wrong with a candidate, each failure with what was measured, in the order of the rules; nothing
    where a model shall check it.

    `candidate` has question, answer, aliases, answer_type, unit and evidence; what is missing is empty. Measured is
    the words that fail, or their number: the form of the answer that leaks, the dangling words, the evidence sought.
    """
    pair = _pair(candidate, passage or "")
    measured = {name: rule(pair) for name, rule in _RULES.items()}
    return {name: said[:MAX_MEASURED] for name, said in measured.items() if said is not None}


def _pair(candidate: Mapping[str, Any], passage: str) -> _Pair:
    def text(name: str) -> str:
        return str(candidate.get(name) or "")

    found = evidence.find(text("evidence"), passage)
    answer = text("answer")[:MAX_LOOK].strip()
    aliases = [str(a)[:MAX_LOOK].strip() for a in (candidate.get("aliases") or [])[:MAX_ALIASES] if a]
    unit = text("unit").strip()
    return _Pair(
        question=text("question")[:MAX_LOOK],
        answer=answer,
        forms=tuple(form for form in (answer, *aliases) if form),
        kind=text("answer_type"),
        unit="" if unit.lower() in ("none", "null") else unit,
        quoted=text("evidence"),
        source=passage[slice(*evidence.whole(found, passage))] if found else "",
        passage=passage,
    )


def _ungrounded(pair: _Pair) -> str | None:
    return None if pair.source else pair.quoted


def _unsupported(pair: _Pair) -> str | None:
    if not pair.source or pair.kind in support.ASKED_OF_A_MODEL:
        return None
    if pair.kind == "choice":
        return None if support.chosen(pair.question, pair.answer, pair.source) else pair.answer
    unit = pair.unit or None
    said = any(support.supported(form, pair.kind, unit, pair.source, pair.passage) for form in pair.forms)
    return None if said else pair.answer


def _leaks(pair: _Pair) -> str | None:
    found = (leaks.leaked(pair.question, form, pair.kind, pair.unit or None) for form in pair.forms)
    return next((said for said in found if said is not None), None)


def _no_context(pair: _Pair) -> str | None:
    return context.no_context(pair.question)


def _mistyped(pair: _Pair) -> str | None:
    shown = f"{pair.kind}: {pair.answer}{f' [{pair.unit}]' if pair.unit else ''}"
    return None if _fits(pair.kind, pair.answer, pair.unit, pair.question) else shown


def _fits(kind: str, answer: str, unit: str, question: str) -> bool:
    if not answer or (unit and kind not in typed.NUMERIC):
        return False
    if kind in ("integer", "number", "date", "boolean"):
        return typed.value(answer, kind, unit or None) is not None
    if kind == "choice":
        return phrases.stands_in(answer, question)
    if kind == "list":
        return len(elements(answer)) >= MIN_ELEMENTS
    if kind == "name":
        return phrases.words(answer) <= MAX_WORDS and not _sentence(answer)
    return kind == "phrase" or (kind in ("expression", "code") and normal(answer, kind) is not None)


def _sentence(answer: str) -> bool:
    if phrases.words(answer) <= 3:
        return False
    ends = bool(_SENTENCE_END.search(answer)) and bool(_VERB.search(answer))
    return ends or (bool(_SUBJECT.search(answer)) and bool(_VERB.search(answer)) and not answer.istitle())


def _too_long(pair: _Pair) -> str | None:
    count = phrases.words(pair.answer)
    if pair.kind in ("phrase", "name"):
        return f"{count} words" if count > MAX_WORDS else None
    if len(pair.answer) > MAX_CHARS:
        return f"{len(pair.answer)} characters"
    count = len(elements(pair.answer)) if pair.kind == "list" else 0
    return f"{count} elements" if count > MAX_ELEMENTS else None


def _malformed(pair: _Pair) -> str | None:
    return wording.malformed(pair.question, pair.passage, pair.source)


_RULES: dict[str, Callable[[_Pair], str | None]] = {
    "ungrounded_evidence": _ungrounded,
    "unsupported_answer": _unsupported,
    "leak": _leaks,
    "no_context": _no_context,
    "type_mismatch": _mistyped,
    "answer_too_long": _too_long,
    "malformed_question": _malformed,
}
RULES = tuple(_RULES)
"""Names of the checks, in their order."""
