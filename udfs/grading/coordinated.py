"""Coordination: two deeds told of one thing, begun under X and finished under Y, of which a question asks for one."""

import re
from typing import NamedTuple

from udfs.grading.wordforms import past, related
from udfs.grading.words import FUNCTION, folded, stem

MAX_TEXT = 300  # characters
_TWO = re.compile(
    r"\A(.{2,100}?\s(?:is|was|are|were|has been|have been|had been|being)\s)([a-z-]{3,20})\s([^,;.:]{2,100}?),?\s"
    r"(?:and|but|while|then)\s(?:(?:was|were|is|are|it|later|then|finally|eventually|only|first|subsequently)\s)*"
    r"([a-z-]{3,20})\s([^,;.:]{2,100}?)\W*\Z",
    re.S,
)
_KIN = re.compile(
    r"\b((?i:to|by|for|from|with|under|after))\s(?:his|her|their|its)\s(?:[a-z-]+\s){0,2}[a-z-]+,\s(?=[A-Z][^,;:]{1,60}\Z)"
)


class Told(NamedTuple):
    """The sentence with the deed that is asked alone, and what is said of the other one."""

    asked: str
    beside: str


def told(text: str, question: str) -> Told | None:
    """Return the half of a sentence on two deeds whose deed is the question's; None where that is not one of them."""
    found = _TWO.match(text) if len(text) <= MAX_TEXT else None
    if not found or not past(found[2]) or not past(found[4]):
        return None
    words = [w for w in folded(question) if w not in FUNCTION]
    first, second = (any(stem(verb) == stem(w) for w in words) for verb in (found[2], found[4]))
    if first == second:
        first, second = (any(related(verb, w) for w in words) for verb in (found[2], found[4]))
    if first == second:
        return None
    halves = f"{found[1]}{found[2]} {found[3]}.", f"{found[1]}{found[4]} {found[5]}."
    return Told(halves[0], found[5]) if first else Told(halves[1], found[3])


def of_the_other(text: str, forms: tuple[str, ...], question: str) -> bool:
    """Tell whether the truth is told of the deed that is not asked only."""
    halves = told(text, question)
    if not halves:
        return False
    asked, beside = set(folded(halves.asked)), set(folded(halves.beside))
    wanted = [{w for w in folded(form) if w not in FUNCTION} for form in forms]
    return any(w and w & beside for w in wanted) and not any(w and w & asked == w for w in wanted)


def unrelated(text: str) -> str:
    """Return a text without the relation in front of a name that it is put beside: to his niece, Greta Holm."""
    return _KIN.sub(r"\1 ", text)
