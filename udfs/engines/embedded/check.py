"""Check: rules on one pair and its evidence. Strict: what the rules cannot prove right is called wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from udfs.engines.embedded.page import MONTHS, Page, topic_of
from udfs.engines.embedded.pair import anchors, content, coverage, deictic, holds, leaks
from udfs.engines.embedded.pairs import candidates
from udfs.engines.embedded.sentences import MAX_CHARS

_MIN_COVERAGE = 0.75
_NUMERIC = frozenset(("integer", "number"))
# What a question asks for, and what an answer must look like for it.
_ASKED = (
    (
        re.compile(r"^(?:in the context of [^,]+, )?(?:by |to |for |with )?(?:who|whom|whose)\b", re.IGNORECASE),
        re.compile(r"[A-Z]"),
    ),
    (
        re.compile(r"\b(?:how many|how much|what percentage|blank with a number)\b", re.IGNORECASE),
        re.compile(r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE),
    ),
    (
        re.compile(r"\b(?:in (?:what|which) year|blank with a year|what year)\b", re.IGNORECASE),
        re.compile(r"\d{3,4}|BC"),
    ),
    (
        re.compile(r"^(?:on )?(?:what|which) (?:date|day)\b|^when\b", re.IGNORECASE),
        re.compile(rf"\d|{MONTHS}"),
    ),
)


@dataclass(frozen=True)
class Judgement:
    """The three verdicts and the rule that decided them."""

    has_context: bool
    answer_correct: bool
    leaks_answer: bool
    reasoning: str


def check(inputs: Mapping[str, Any]) -> Judgement:
    """Judge one pair. The rules say nothing of truth in the world, only of what the evidence states."""
    question, answer = (
        str(inputs.get("question") or "")[:2_000],
        str(inputs.get("answer") or "").strip()[:500],
    )
    aliases = tuple(str(a) for a in inputs.get("aliases") or ())
    kind = inputs.get("answer_type") or "phrase"
    title, passage = inputs.get("title"), str(inputs.get("passage") or "")[:MAX_CHARS]
    leak = kind not in ("boolean", "choice") and _leaks(question, answer, aliases, str(kind))
    context = _context(question, answer, topic_of(title, passage))
    wrong = _wrong(inputs, question, answer)
    said = wrong or context or ("The question gives the answer away." if leak else None)
    return Judgement(context is None, wrong is None, leak, said or "The evidence states the answer to this question.")


def _leaks(question: str, answer: str, aliases: tuple[str, ...], kind: str) -> bool:
    if kind in ("name", "phrase"):
        return leaks(question, answer, aliases)
    return any(holds(question, form) for form in (answer, *aliases))


def _context(question: str, answer: str, topic: str) -> str | None:
    if len(content(question)) < 2 or not re.search(r"\?\s*$|____", question):
        return "This is no whole question."
    if question.count("?") > 1 or question.count("____") > 1:
        return "The question asks more than one thing."
    if deictic(question) or re.search(r"\b(?:he|she|it|they|him|them)\b", question.partition("____")[0], re.IGNORECASE):
        return "The question points at something outside itself."
    fixed = anchors(question, answer, Page(topic)) or (len(content(question)) >= 5)
    return None if fixed else "The question does not say what it is about."


def _wrong(inputs: Mapping[str, Any], question: str, answer: str) -> str | None:
    passage, title = str(inputs.get("passage") or "")[:MAX_CHARS], inputs.get("title")
    evidence = _fold(str(inputs.get("evidence") or ""))
    kind = str(inputs.get("answer_type") or "phrase")
    if not evidence or evidence not in _fold(passage):
        return "The evidence does not stand in the passage."
    if not answer or not _supported(kind, answer, evidence):
        return "The evidence does not hold the answer."
    if coverage(question, f"{evidence} {title or ''}") < _MIN_COVERAGE:
        return "Too few of the question's words stand in the evidence."
    if any(asks.search(question) and not fits.search(answer) for asks, fits in _ASKED):
        return "The answer is not of the kind the question asks for."
    return _other_answer(title, passage, question, answer)


def _fold(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


def _supported(kind: str, answer: str, evidence: str) -> bool:
    if kind in _NUMERIC:
        plain = re.search(r"\d+(?:\.\d+)?", answer.replace(",", ""))
        numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", evidence))
        return holds(evidence, answer) or (plain is not None and plain.group() in numbers)
    if kind == "list":
        parts = [p for p in re.split(r"\s*;\s*", answer) if p]
        return len(parts) > 1 and all(holds(evidence, p) for p in parts)
    # A yes or a no cannot be read off a sentence by these rules.
    return kind != "boolean" and (holds(evidence, answer) or _fold(answer) in evidence)


def _other_answer(title: str | None, passage: str, question: str, answer: str) -> str | None:
    """Ask the templates: where they make this very question, their answer decides."""
    made = [p for p in candidates(title, passage) if _fold(p.question) == _fold(question)]
    if made and not any(_fold(answer) in (p.answer, *p.aliases) for p in made):
        return "The sentence taken apart again gives another answer."
    return None
