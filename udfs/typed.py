"""Typed answers: what an answer says as its declared type, and where a text says the same."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from udfs.dates import Date, date, dates, ranges, supports
from udfs.numbers import Number, numbers, plain, scaled

NUMERIC = frozenset({"integer", "number"})
MAX_ANSWER = 300  # characters; what is longer is no number and no date
MAX_UNIT_WORDS = 6  # words behind a number that may be its unit: "people per square kilometre" and the like

_BOOLEANS = {"yes": True, "true": True, "no": False, "false": False}
_ABOUT = re.compile(
    r"\A\W*?(?:(?:about|approximately|around|roughly|nearly|almost|over|more than|less than|at least|up to|"
    r"circa|ca?\.|[~≈]|[A-Z]{2,3}(?=\s?\d))\s*)?(?:an?\s+(?=hundred|thousand|million|billion|dozen))?(?=[-+.\w])"
)


def value(answer: str, answer_type: str, unit: str | None) -> object | None:
    """Return the answer as a Decimal, a date, a range or a bool; None where it does not parse as its type."""
    if len(answer) > MAX_ANSWER:
        return None
    if answer_type == "boolean":
        return _BOOLEANS.get(answer.strip().rstrip(".").lower())
    if answer_type == "date":
        return date(plain(answer).strip())
    if answer_type not in NUMERIC:
        return None
    number = _number(answer, unit)
    if number is None:
        return None
    return None if answer_type == "integer" and number != number.to_integral_value() else number


def values_in(text: str, answer_type: str) -> Iterable[object]:
    """Yield all values of the type that a lenient reader finds in the text."""
    text = plain(text)
    if answer_type == "date":
        found = dates(text)
        yield from (d for f in found for d in f.dates)
        yield from ranges(text, found)
    elif answer_type in NUMERIC:
        yield from (r for n in numbers(text, hints=True) for r in n.readings)
    elif answer_type == "boolean":
        yield from (_BOOLEANS[w] for w in re.findall(r"\w+", text.lower()) if w in _BOOLEANS)


def supported(answer: str, answer_type: str, unit: str | None, text: str) -> bool:
    """Tell whether the text says the typed answer, perhaps more exactly, or in another spelling."""
    wanted = value(answer, answer_type, unit)
    if isinstance(wanted, Decimal):
        return not {wanted, value(answer, answer_type, None)}.isdisjoint(values_in(text, answer_type))
    if isinstance(wanted, Date):
        return any(isinstance(d, Date) and supports(d, wanted) for d in values_in(text, answer_type))
    if isinstance(wanted, tuple):
        return _range_supported(wanted, list(values_in(text, answer_type)))
    return False


def stated(answer: str, answer_type: str, unit: str | None, text: str) -> bool:
    """Tell whether the text itself holds the typed value, as a number or date of its own.

    A number within a longer number, a date or a name such as COVID-19 is none, nor is the pronoun `one`.
    """
    wanted = value(answer, answer_type, unit)
    text = plain(text)
    found = dates(text)
    if isinstance(wanted, Decimal):
        taken = [f for f in found if _compound(f.dates[0])]
        return any(n.value == wanted for n in numbers(text) if _own(n, text) and not _within(n, taken))
    if isinstance(wanted, Date):
        return any(supports(f.dates[0], wanted) and f.dates[0].grain == wanted.grain for f in found)
    return isinstance(wanted, tuple) and wanted in set(ranges(text, found))


def _number(answer: str, unit: str | None) -> Decimal | None:
    """Return the one number of the answer, which may stand before its unit, with the scale that this says."""
    text = plain(answer).strip()
    text = text[_ABOUT.match(text).end() :] if _ABOUT.match(text) else text  # type: ignore[union-attr]
    found = [n for n in _sorted(numbers(text)) if not text[: n.start].rstrip().endswith(" per")]
    if len(found) != 1 or found[0].start != 0 or any(_compound(f.dates[0]) for f in dates(text)):
        return None
    rest = text[found[0].end :].strip().rstrip(".")
    if len(rest.split()) > MAX_UNIT_WORDS or re.search(r"[;?!=]|\.\s", rest):
        return None
    return found[0].value * scaled(text[found[0].start : found[0].end], unit)


def _sorted(found: Iterator[Number]) -> list[Number]:
    return sorted(found, key=lambda n: n.start)


def _range_supported(wanted: tuple[Date, Date], found: list[object]) -> bool:
    """Both ends stand in the text, as a range or apart."""
    single = [d for d in found if isinstance(d, Date)] + [end for pair in found if type(pair) is tuple for end in pair]
    return all(any(supports(d, end) for d in single) for end in wanted)


def _compound(d: Date) -> bool:
    return bool(d.grain) or (d.year or 0) < 0 or sum(part is not None for part in d[:3]) > 1


def _own(number: Number, text: str) -> bool:
    return number.kind in ("digits", "words") and text[number.start : number.end].lower() != "one"


def _within(number: Number, found: list) -> bool:  # type: ignore[type-arg]
    return any(f.start <= number.start < f.end for f in found)
