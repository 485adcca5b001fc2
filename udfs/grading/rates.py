"""Rates: per what a number is said, such as a day, a square kilometre or 100,000 inhabitants."""

import itertools
import re
from decimal import Decimal
from typing import NamedTuple

from udfs.grading import units
from udfs.grading.units import Unit
from udfs.grading.words import FUNCTION, folded, stem
from udfs.numbers import numbers, plain

_PER = re.compile(r"(?P<of>(?:[^\W\d]+[\s-]){0,5}?[^\W\d]*)\s?(?:\bper\b(?!\scent)|/|\b(?:each|every)\b(?=\s[a-z]))\s?")
MAX_TEXT = 120  # characters
MAX_WORDS = 3  # of what it is per
_PERSONS = "people person inhabitant resident citizen individual capita head population"
_PEOPLE = frozenset(map(stem, _PERSONS.split()))


class Denominator(NamedTuple):
    """Of what, and of how many of it, a number is said: as a unit, or else by its words."""

    number: Decimal
    unit: Unit | None
    words: frozenset[str]


def split(text: str) -> tuple[str, Denominator | None]:
    """Return what is counted or measured, and per what; the text and None where it is no rate."""
    text = text.strip()[:MAX_TEXT]
    found = _PER.match(text)
    if not found:
        return text, None
    behind = plain(text[found.end() :])
    first = next((n for n in sorted(numbers(behind), key=lambda n: n.start) if n.start == 0), None)
    behind = behind[first.end :].strip() if first else behind
    unit = units.leading(behind)[0]
    words = itertools.takewhile(lambda w: w not in FUNCTION, folded(behind)[:MAX_WORDS])
    made = Denominator(first.value if first else Decimal(1), unit, frozenset(map(stem, words)))
    return (found["of"].strip(), made) if first or made.words else (text, None)


def same(a: Denominator, b: Denominator) -> bool:
    """Tell whether two rates are per the same; one that names only a number is per that many of the other's."""
    if a.number != b.number:
        return False
    if a.unit and b.unit:
        return a.unit == b.unit
    people = bool(a.words & _PEOPLE) and bool(b.words & _PEOPLE)
    return people or not a.words or not b.words or bool(a.words & b.words)
