"""Counting: which unit, share or things a question asks for, and whether a number is said of others."""

import itertools
import re

from udfs.grading import units
from udfs.grading.committed import HOW_MANY_OF
from udfs.grading.quantity import Quantity
from udfs.grading.units import Unit
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, folded, stem
from udfs.numbers import scale

PERCENT = re.compile(r"%|\bper\s?cent|\bprozent|\bpourcent", re.I)
RATE = re.compile(r"\b(?:rate|share|proportion|growth|inflation|interest|unemployment|margin|discount|content)\b", re.I)
_IN_UNIT = re.compile(r"\bin\s([^\W\d]{4,20}(?: per [a-z]{3,10})?)\?\s*\Z")  # how far, in metres?
_HOW_MANY = re.compile(r"\bhow many\s(?=[^\W\d]{4}|(?:km|kg|cm|mm|ml|mg|kB|MB|GB)\b)", re.I)
_HOW_MANY_THINGS = re.compile(r"\bhow many\s((?:[\w'-]+\s?){1,6})", re.I)
_HOW_OLD = re.compile(r"\bhow old (?:is|are|was|were|will)\b", re.I)
_PERSONS = (
    "people person inhabitant resident citizen individual visitor spectator attendee guest member soldier student"
)
_IRREGULAR = "children men women sheep fish mice geese teeth feet oxen deer cattle"
_PLURALS = frozenset(_IRREGULAR.split())
PEOPLE = frozenset(map(stem, _PERSONS.split()))


def noun(unit: str) -> str:
    """Return a unit without its scale words: euros of million euros."""
    while scale(unit) != 1:
        unit = unit.partition(" ")[2].strip()
    return unit.strip()


def asked_unit(question: str) -> Unit | None:
    """Return the unit that the question asks for: how many kilometres, what percentage."""
    if re.search(r"\b(?:what|which|how (?:much|many|large))\b.{0,20}\bper\s?cent", question, re.I):
        return units.PERCENT
    if _HOW_OLD.search(question):
        return units.unit("years")
    found = _HOW_MANY.search(question[:2000])
    if found:
        return units.leading(question[found.end() : found.end() + 60])[0]
    named = _IN_UNIT.search(question[-80:])
    return units.unit(named[1]) if named else None


def other_noun(said: Quantity, asked: Asked) -> bool:
    """Tell whether the answer counts another thing than the question: 88 strings where keys are asked."""
    first = folded(said.rest)[:1]
    if not HOW_MANY_OF.search(asked.question) or not first or first[0] in FUNCTION or not _plural(first[0]):
        return False
    known = {stem(w) for w in folded(f"{asked.question} {asked.unit} {' '.join(asked.forms)}")}
    things = counted(asked.question)
    if things and stem(first[0]) in known and stem(first[0]) not in things and said.unit is None:
        return bool(things & {stem(w) for w in folded(asked.question)})  # boxes, where pens are counted
    people = bool(known & PEOPLE) and stem(first[0]) in PEOPLE
    return stem(first[0]) not in known and not people and said.unit is None


def _plural(word: str) -> bool:
    return word.endswith("s") or word in _PLURALS


def counted(question: str) -> set[str]:
    """Return the stems of the words for what is counted: how many red pens."""
    found = _HOW_MANY_THINGS.search(question)
    words = list(itertools.takewhile(lambda w: w not in FUNCTION, folded(found[1]))) if found else []
    return {stem(w) for w in words} if words and words[-1].endswith("s") else set()
