"""Qualify: measured rules that tell a page of facts from redirects, lists, furniture and opinion."""

import re
from dataclasses import dataclass

from udfs.engines.embedded.sentences import MAX_CHARS, prose, split
from udfs.engines.embedded.words import words

_MIN_WORDS = 50
_MIN_PROSE_WORDS, _MIN_SENTENCES = 60, 4
_MIN_FUNCTION_SHARE = 0.14  # English prose has 16 to 33 %, German at most 5 %
_MIN_PROSE_SHARE = 0.35
_MAX_PERSONAL_SHARE = 0.5
_MAX_FURNITURE = 1.5  # phrases per hundred words
_REDIRECT = re.compile(r"^\s*#?redirect\b", re.IGNORECASE | re.MULTILINE)
_FUNCTION = words("function_words")
_FURNITURE = re.compile(
    r"\b(?:cookies?|subscribe|newsletter|sign up|sign in|log ?in|privacy policy|terms of (?:use|service)|"
    r"add to cart|all rights reserved|click here|read more|checkout|free shipping|advertisement|share this|"
    r"unsubscribe)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:I|I'm|I've|we|We|my|My|our|Our|you|You|your|Your|me|us)\b")


@dataclass(frozen=True)
class Ruling:
    """A verdict with its reason of the closed set and the rule that decided, in one sentence."""

    qualified: bool
    reason: str
    reasoning: str


def qualify(passage: str) -> Ruling:
    """Return whether a passage is worth asking about."""
    passage = passage[:MAX_CHARS]
    words = re.findall(r"[^\W\d_]+", passage)
    return (
        _by_words(passage, words)
        or _by_prose(passage, words)
        or Ruling(True, "informative", "The passage holds enough English prose that states facts.")
    )


def _by_words(passage: str, words: list[str]) -> Ruling | None:
    if _REDIRECT.search(passage[:400]) and len(words) < 2 * _MIN_WORDS:
        return _no("boilerplate", "The passage is a redirect to another page.")
    if len(words) < _MIN_WORDS:
        return _no("too_shallow", f"The passage has {len(words)} words, fewer than {_MIN_WORDS}.")
    share = sum(w.lower() in _FUNCTION for w in words) / len(words)
    if share < _MIN_FUNCTION_SHARE:
        return _no("not_verifiable", f"This is no English prose: {share:.0%} of the words are function words.")
    if re.search(r"\bmay (?:also )?(?:refer|stand) (?:to|for)\b", passage[:600]):
        return _no("boilerplate", "The passage is a list of pages with similar names.")
    return None


def _by_prose(passage: str, words: list[str]) -> Ruling | None:
    text = "\n".join(passage[a:b] for a, b in prose(passage))
    count, sentences = len(re.findall(r"[^\W\d_]+", text)), len(split(passage))
    if count < _MIN_PROSE_WORDS or sentences < _MIN_SENTENCES:
        return _no("too_shallow", f"Only {count} words in {sentences} sentences stand in whole paragraphs.")
    if count < _MIN_PROSE_SHARE * len(words):
        return _no("boilerplate", f"Only {count / len(words):.0%} of the words stand in whole paragraphs.")
    personal = len([p for p in re.split(r"(?<=[.!?])\s", text) if _PERSONAL.search(p)])
    if personal > _MAX_PERSONAL_SHARE * sentences:
        return _no("not_verifiable", f"{personal} of about {sentences} sentences speak of I, we or you.")
    if len(_FURNITURE.findall(text)) > _MAX_FURNITURE * count / 100:
        return _no("boilerplate", "The passage is full of notices such as log-in, cookies and subscriptions.")
    return None


def _no(reason: str, reasoning: str) -> Ruling:
    return Ruling(False, reason, reasoning)
