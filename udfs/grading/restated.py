"""Restating: an answer's text as its numbers can be read: rates, ratios, once and twice, shares, units in brackets."""

import re
from fractions import Fraction
from itertools import pairwise

from udfs.grading import units
from udfs.grading.counting import RATE, noun
from udfs.grading.quantity import Quantity, quantities
from udfs.grading.verdict import Asked

_PER = re.compile(r"(?:\bper\b|\beach\b|\bevery\b|(?<=[a-z\d])/|\ba(?= (?:day|week|month|year|hour)))\s?[a-z]+\b", re.I)
_POINTS = re.compile(r"\bpercentage points?\b|(?<=\d) ?pp\b")
_LETTER_SCALES = {"M": " million", "B": " billion"}
_SYMBOL_BEHIND = re.compile(r"(\d\s?)[A-Za-z][A-Za-z ]{2,30}\s\(([^\d()]{1,8})\)")  # 1500 Calories (kcal)
_HOW_OFTEN = re.compile(r"\bhow (?:many times|often)\b", re.I)
_ONCE = {"once": 1, "twice": 2, "thrice": 3}
_TIMES = re.compile(r"\b(once|twice|thrice)\b", re.I)
_IN_ALL = re.compile(r"\s?(?:chances?\s)?(?:in|out of)\s(?:an?\s)?")
_BELOW_ZERO = re.compile(r"\b([\w.]+)(?:\s?(degrees?|°)(\s?(?:celsius|fahrenheit|[CF]\b))?)?\sbelow zero\b", re.I)


def read(said: str, asked: Asked, truths: list[Quantity]) -> tuple[str, list[Quantity]]:
    """Return the text as it was read, and its quantities in their order."""
    text, found = quantities(_BELOW_ZERO.sub(r"minus \1 \2\3", _scaled(_asked_for(said, asked), asked, truths)))
    return _restated(*_apart(text, _shares(text, found, truths)))


def _asked_for(said: str, asked: Asked) -> str:
    """Return the text with what the question lets its words mean: 18 dollars per day, 3 to 4, twice."""
    # A rate where the question speaks of each day anyway.
    if _PER.search(asked.question) and not any(_PER.search(form) for form in (*asked.forms, asked.unit)):
        said = _PER.sub(lambda m: " " if m[0].split()[-1].lstrip("/").lower() in asked.question.lower() else m[0], said)
    if re.search(r"\bratio\b", asked.question, re.I):
        said = re.sub(r"\b(\d+)\s(?:to|is to)\s(\d+)\b", r"\1/\2", said)
    if RATE.search(asked.question):
        said = _POINTS.sub("%", said)
    if _HOW_OFTEN.search(asked.question):
        said = _TIMES.sub(lambda m: f"{_ONCE[m[1].lower()]} times", said)
    return _SYMBOL_BEHIND.sub(lambda m: m[1] + m[2] if units.unit(m[2]) else m[0], said)


def _scaled(said: str, asked: Asked, truths: list[Quantity]) -> str:
    """Return the text with letters for scales spelled out: 5K is no temperature, 5M are no bytes."""
    if not any(base in ("K", "°C", "°F") for t in truths if t.unit for base, _ in t.unit.dimension):
        said = re.sub(r"(?<=\d)K\b", " thousand", said)
    if not noun(asked.unit) and not any(t.unit or t.rest for t in truths):
        said = re.sub(r"(?<=\d)\s?([MB])\b(?!\S)", lambda m: _LETTER_SCALES[m[1]], said)
    return said


def _apart(text: str, found: list[Quantity]) -> tuple[str, list[Quantity]]:
    """Take an `or` between numbers of two kinds for a comma: 3.6 billion dollars, or 14 % of its revenue."""
    out = list(found)
    for n, (a, b) in enumerate(pairwise(found)):
        between = text[a.end : b.start]
        if a.unit and b.unit and a.unit.dimension != b.unit.dimension and a.rest == "or":
            text = f"{text[: a.end]}{between.replace(' or ', ',   ')}{text[b.start :]}"
            out[n] = a._replace(rest="")
    return text, out


def _restated(text: str, found: list[Quantity]) -> tuple[str, list[Quantity]]:
    """Take an `or` between one number in two forms for an equals sign: 13/52, or 0.25."""
    if len(found) < 2 or not _one(*found[-2:]):
        return text, found
    a, b = found[-2:]
    joined = re.fullmatch(r"(?:\s?[^\W\d]{1,12})?\s*,?\s*\bor\s*", text[a.end : b.start])
    if not joined or (a.unit is None and not re.fullmatch(r"\s*,?\s*or\s*", joined[0])):
        return text, found
    return f"{text[: a.end]}{'=':^{b.start - a.end}}{text[b.start :]}", [*found[:-2], a._replace(rest=""), b]


def _one(a: Quantity, b: Quantity) -> bool:
    """Tell whether two quantities are one: 13/52 and 0.25, 1.5 hours and 90 minutes."""
    if a.unit is None or b.unit is None:
        return a.unit == b.unit and a.value == b.value
    return a.unit.dimension == b.unit.dimension and a.value * a.unit.factor == b.value * b.unit.factor


def _shares(text: str, found: list[Quantity], truths: list[Quantity]) -> list[Quantity]:
    """Make one number of three in eight where a share is asked."""
    percent = all(t.unit == units.PERCENT for t in truths)
    if not percent and not all(t.unit is None and 0 < t.value < 1 for t in truths):
        return found
    out = found[:1]
    for q in found[1:]:
        part = out[-1]
        if _IN_ALL.fullmatch(text[part.end : q.start]) and part.unit is None and 0 < part.value < q.value:
            value = part.value / q.value * (100 if percent else 1)
            out[-1] = q._replace(value=value, step=Fraction(0), unit=truths[0].unit, start=part.start, others=())
        else:
            out.append(q)
    return out
