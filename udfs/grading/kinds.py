"""Kinds: the answer types, and which one a true answer is where nobody says."""

import re
from collections.abc import Callable

from udfs.dates import date
from udfs.grading import booleans, choices
from udfs.grading.quantity import quantities
from udfs.numbers import plain

KINDS = ("integer", "number", "date", "name", "phrase", "boolean", "choice", "expression", "list", "code")
_MATHS = re.compile(r"\\[a-zA-Z]+|\^|[a-zA-Z0-9)]\s?[=+]\s?[a-zA-Z0-9(]")
_WHEN = re.compile(r"\b(?:when|what year|which year|what date|wann|quand|cuándo|quando)\b", re.I)


def kind_of(truth: str, question: str, declared: str) -> str:
    """Return the declared answer type, or the one that the true answer looks like where none is declared."""
    if declared in KINDS:
        return declared
    return next(kind for kind, looks in _LOOKS.items() if looks(truth, question))


def _boolean(truth: str, question: str) -> bool:
    letter = len(truth) == 1 and bool(choices.options(question))
    return len(truth) < 12 and booleans.value(truth) is not None and not letter


def _choice(truth: str, question: str) -> bool:
    letter = truth.strip("() .")
    return (len(letter) == 1 and letter.isascii() and letter.isalpha()) or truth in dict(
        choices.options(question)
    ).values()


def _number(truth: str, question: str) -> bool:
    if re.fullmatch(r"\d{3,4}", truth) and _WHEN.search(question):
        return False
    found = quantities(truth)[1]
    alone = len(found) == 1 and found[0].start == 0 and len(found[0].rest.split()) <= 3
    return alone and not _MATHS.search(truth) and (bool(re.fullmatch(r"[\d.,]+", truth)) or not _date(truth, question))


def _date(truth: str, _question: str) -> bool:
    return date(plain(truth)) is not None


_LOOKS: dict[str, Callable[[str, str], bool]] = {
    "boolean": _boolean,
    "choice": _choice,
    "number": _number,
    "date": _date,
    "expression": lambda truth, _: bool(_MATHS.search(truth)),
    "list": lambda truth, _: ";" in truth,
    "phrase": lambda *_: True,
}
