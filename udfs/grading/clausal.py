"""Clauses of an answer: where they stand, what their words are, and which of these nobody asked for."""

import functools
import re
from typing import NamedTuple

from udfs.grading import units
from udfs.grading.classes import CREATING, OF_WORD
from udfs.grading.parts import TIMES
from udfs.grading.wordforms import related
from udfs.grading.words import FUNCTION, TURNING, folded, stem
from udfs.numbers import ORDINALS, SMALL

_BOUNDARY = re.compile(
    r",?\sfollowed by\s|;\s|\.\s(?=[A-Z*])|,\s|\s[—–-]\s|[\n→]|"
    r"\s(?:and|but|while|whereas|although|though|yet|after|before)\s",
    re.I,
)
_OPENS = frozenset((";", ".", "and", "but", "while", "whereas"))  # behind these a clause begins
_ATTACHED = re.compile(
    r"\s*(?:in|on|at|by|from|to|for|of|with|during|as|under|within|about|around|since|until)\s(?!which|whom)|"
    r"\s*[a-z]+ly\Z",
    re.I,
)
_KIND = re.compile(r"\b(?:which|what|whose)\s(?:is|was|are|were)\sthe\s([\w-]+)|\b(?:which|what|whose)\s([\w-]+)", re.I)
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_NUMERALS = "hundred thousand million billion trillion dozen half quarter"
# Deeds that a pattern of a sentence may pass over, but that tell one event from another.
_EVENTS = frozenset(["lost", "put", "bring", "brought", "start", "started", "begin", "began", "give", "gave", "given"])
_NEUTRAL = (
    FUNCTION
    | TURNING
    | TIMES
    | {word for word, letter in OF_WORD.items() if letter in "DBIoPSYRKCLAGWH"}
    | {*SMALL, *ORDINALS, *_NUMERALS.split()}
) - (CREATING | _EVENTS)
_NEUTRAL_STEMS = frozenset(map(stem, _NEUTRAL)) - frozenset(map(stem, CREATING | _EVENTS | {"form"}))


class Clause(NamedTuple):
    """A clause's place in the text, its words beyond function words, and those that nobody asked for."""

    start: int
    end: int
    words: frozenset[str]
    foreign: frozenset[str]


def clauses(text: str, known: frozenset[str]) -> list[Clause]:
    """Return the clauses of a text."""
    return [_clause(text, start, end, known) for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Return where the clauses stand; what only begins with a preposition belongs to the one behind or before."""
    out: list[tuple[int, int]] = []
    at, waiting, opens = 0, -1, True
    for found in [*_BOUNDARY.finditer(text), None]:
        end = found.start() if found else len(text)
        mark = found[0].strip() if found else ""
        if text[at:end].strip():
            attached = _ATTACHED.match(text[at:end])
            start = at if waiting < 0 else waiting
            waiting = -1
            if attached and opens and mark == ",":
                waiting = start
            elif attached and not opens and out:
                out[-1] = (out[-1][0], end)
            else:
                out.append((start, end))
        at, opens = (found.end(), mark in _OPENS) if found else (end, False)
    return out


def _clause(text: str, start: int, end: int, known: frozenset[str]) -> Clause:
    words = content(text[start:end])
    named = {w for raw in _WORD.findall(text[start:end]) if raw[0].isupper() for w in folded(raw)}
    return Clause(start, end, words, foreign(words - named, known))


@functools.lru_cache(maxsize=256)
def content(text: str) -> frozenset[str]:
    """Return the folded words of a text beyond function words."""
    return frozenset(w for w in folded(text) if w not in FUNCTION)


@functools.lru_cache(maxsize=256)
def kind(question: str) -> frozenset[str]:
    """Return the words for the kind of thing asked, which an answer need not repeat: which company built it."""
    return frozenset(w for m in _KIND.finditer(question[:2000]) for w in folded(m[1] or m[2]))


def among(word: str, words: frozenset[str]) -> bool:
    """Tell whether a word, or one related to it, is among the others."""
    return word in words or any(related(word, other) for other in words)


def foreign(words: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Return those of the words that neither stand among the known ones nor belong to a closed class."""
    return frozenset(
        w
        for w in words
        if w not in _NEUTRAL
        and stem(w) not in _NEUTRAL_STEMS
        and len(w) > 1
        and w.isalpha()
        and not w.endswith(("teenth", "ieth"))
        and not among(w, known)
        and not units.unit(w)
    )


def neutral(word: str) -> bool:
    """Tell whether a word belongs to a closed class, or is as good as one."""
    return word in _NEUTRAL
