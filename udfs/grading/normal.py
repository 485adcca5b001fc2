"""Normal forms: one text for all spellings of a typed answer, or None where it does not fit its type."""

import re
from collections.abc import Callable

from udfs.dates import Date, date
from udfs.grading import booleans, code, lists, units
from udfs.grading.names import parsed
from udfs.grading.quantity import quantities
from udfs.grading.syntax import NotAFormulaError, plain
from udfs.grading.words import bare, folded
from udfs.numbers import plain as plain_numbers
from udfs.numbers import scale, scaled

_PROSE = re.compile(r"(?<![\\\w])(?:[a-z]{2,} ){3}", re.I)  # words in a row, commands of LaTeX not counted
MAX_ANSWER = 300  # characters; what is longer is no short answer of any type


def normal(answer: str, answer_type: str, unit: str = "") -> str | None:
    """Return the answer's normal form; None where it is no answer of that type.

    Equal normal forms are equal answers, to count votes or find repeated pairs; the grader calls more equal, such as
    roundings, initials, and formulas of one value.
    """
    form = _FORMS.get(answer_type)
    if form is None or not answer.strip() or len(answer) > MAX_ANSWER:
        return None
    return form(answer.strip(), unit) or None


def _number(answer: str, unit: str) -> str | None:
    text, found = quantities(answer)
    if len(found) != 1:
        return None
    words = unit.split()
    while words and scale(words[0]) != 1:
        words.pop(0)
    measure = found[0].unit or units.unit(" ".join(words))
    value = found[0].value * int(scaled(text[found[0].start : found[0].end], unit)) * (measure.factor if measure else 1)
    bases = " ".join(f"{base}{power if power != 1 else ''}" for base, power in measure.dimension) if measure else ""
    return f"{value} {bases or ' '.join(folded(' '.join(words)))}".strip()


def _integer(answer: str, unit: str) -> str | None:
    found = quantities(answer)[1]
    return _number(answer, unit) if found and found[0].value.denominator == 1 else None


def _date(answer: str, _unit: str) -> str | None:
    found = date(plain_numbers(answer).strip())
    if found is None:
        return None
    return _iso(found) if isinstance(found, Date) else "/".join(map(_iso, found))


def _iso(found: Date) -> str:
    if found.grain:
        return f"{found.grain} {found.year}"
    year = "" if found.year is None else f"{found.year:05d}" if found.year < 0 else f"{found.year:04d}"
    return "-".join([year or "-", *(f"{part:02d}" for part in found[1:3] if part is not None)])


def _name(answer: str, _unit: str) -> str:
    name = parsed(answer)
    return " ".join(
        [*name.words, *([str(name.number)] if name.number else []), *([name.suffix] if name.suffix else [])]
    )


def _words(answer: str, _unit: str) -> str:
    return " ".join(bare(folded(answer))) or answer


def _boolean(answer: str, _unit: str) -> str | None:
    says = booleans.value(answer)
    return None if says is None else str(says).lower()


def _formula(answer: str, _unit: str) -> str | None:
    unfinished = sum(map(answer.count, "([{")) != sum(map(answer.count, ")]}")) or answer[-1] in "+-*/=^_\\"
    if unfinished or _PROSE.search(answer):
        return None
    try:
        return re.sub(r"\s+", "", plain(answer))
    except NotAFormulaError:
        return None


def _list(answer: str, _unit: str) -> str | None:
    parts = lists.elements(answer)
    return "; ".join(sorted(_words(part, "") for part in parts)) if len(parts) > 1 else None


_FORMS: dict[str, Callable[[str, str], str | None]] = {
    "integer": _integer,
    "number": _number,
    "date": _date,
    "name": _name,
    "phrase": _words,
    "boolean": _boolean,
    "choice": _words,
    "expression": _formula,
    "list": _list,
    "code": lambda answer, _: code.normal(answer),
}
