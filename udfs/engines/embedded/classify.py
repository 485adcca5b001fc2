"""Classify: the domain by word lists, and the readers for whose interests the passage really has a pair."""

import functools
import math
import re
from collections import Counter

from udfs.engines.embedded.pair import ANGLES, Pair
from udfs.engines.embedded.pairs import selection
from udfs.engines.embedded.words import load

_CHARS = 6_000  # of a passage that are counted
_LEAD_CHARS = 300
_MIN_SCORE = 0.5
_MIN_MARGIN = 0.05
_TITLE_BONUS, _LEAD_BONUS = 2.0, 0.5


@functools.cache
def _lexicons() -> dict[str, frozenset[str]]:
    lists = load("lexicons.json")
    return {domain: frozenset(words.split()) for domain, words in lists.items()}


@functools.cache
def _rarity() -> dict[str, float]:
    """Return how telling each word is: less, the more lists it stands in."""
    lists = _lexicons()
    held = Counter(word for words in lists.values() for word in words)
    return {word: math.log(1 + len(lists) / n) for word, n in held.items()}


def domain_of(title: str | None, passage: str) -> str:
    """Return the domain whose words weigh most; `other` where they weigh little or two domains nearly tie."""
    counts = Counter(re.findall(r"[a-z]+(?:-[a-z]+)?", passage[:_CHARS].lower()))
    lead = set(re.findall(r"[a-z]+", passage[:_LEAD_CHARS].lower()))
    named = set(re.findall(r"[a-z]+", (title or "")[:200].lower()))
    scores = {d: _score(words, counts, lead, named) for d, words in _lexicons().items()}
    first, second = sorted(scores, key=lambda d: (-scores[d], d))[:2]
    sure = scores[first] >= _MIN_SCORE and scores[first] - scores[second] >= _MIN_MARGIN
    return first if sure else "other"


def _score(words: frozenset[str], counts: Counter[str], lead: set[str], named: set[str]) -> float:
    rarity, total = _rarity(), 0.0
    for word in sorted(words & (counts.keys() | named)):
        weight = math.log1p(counts[word]) + _LEAD_BONUS * (word in lead) + _TITLE_BONUS * (word in named)
        total += weight * rarity[word]
    return total / math.sqrt(len(words))


@functools.cache
def _table() -> dict[str, tuple[str, int]]:
    """Return every persona this engine writes, with its angle and which of the angle's pairs it asks for."""
    return {
        persona_text(domain, angle, rank): (angle, rank)
        for domain in _personas()["readers"]
        for angle in ANGLES
        for rank in (0, 1)
    }


@functools.cache
def _personas() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = load("personas.json")
    return loaded


def persona_text(domain: str, angle: str, rank: int) -> str:
    """Return the reader of a domain who takes an interest of this kind."""
    table = _personas()
    return f"{table['readers'][domain][rank]} {table['angles'][angle]}"


def personas(domain: str, title: str | None, passage: str) -> list[str]:
    """Return one reader per pair of the passage; one reader also where there is no pair."""
    seen: Counter[str] = Counter()
    found = []
    for pair in selection(title, passage):
        found.append(persona_text(domain, pair.angle, seen[pair.angle]))
        seen[pair.angle] += 1
    return found or [persona_text(domain, "who", 0)]


def pair_for(persona: str | None, title: str | None, passage: str) -> Pair | None:
    """Return the pair for a reader, or None.

    A reader this engine wrote gets the pair it was written for. Any other gets one of the passage's pairs,
    chosen by the letters of the text, so that two readers mostly get two pairs.
    """
    chosen = selection(title, passage)
    known = _table().get(" ".join((persona or "").split()))
    if known:
        angle, rank = known
        of_angle = [p for p in chosen if p.angle == angle]
        return of_angle[rank] if rank < len(of_angle) else None
    return chosen[sum(map(ord, persona or "")) % len(chosen)] if chosen else None
