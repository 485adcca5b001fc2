"""Quantities: the numbers of an answer with their units, how exactly they are written, and when two are equal."""

import re
from fractions import Fraction
from typing import Literal, NamedTuple

from udfs.grading import units
from udfs.grading.spelled import respell
from udfs.grading.units import Unit
from udfs.numbers import Number, numbers, plain

# An answer that says fewer digits than the truth must be its rounding, to three digits and to this share of it;
# one that says more must round to the truth. 3.14 stands for 3.1416, 3.1 does not.
COARSER = Fraction(11, 10_000)
FINER = {2: Fraction(2, 1000), 3: Fraction(3, 1000)}  # by the digits of the coarser number; one digit proves nothing
MIN_DIGITS = 3
MAX_QUANTITIES = 100  # looked at in one text
NEAR = Fraction(1, 100)  # what differs by less may be a rounding or a slip: no rule knows

Equality = Literal["equal", "near", "different"]

_CURRENCIES = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF",
    "jpy": "JPY", "cny": "CNY", "rmb": "CNY", "inr": "INR", "us$": "USD", "rs": "INR", "c$": "CAD", "ca$": "CAD",
    "a$": "AUD", "au$": "AUD", "hk$": "HKD", "nz$": "NZD", "s$": "SGD", "cad": "CAD", "aud": "AUD", "sek": "SEK",
}  # fmt: skip
_CODES = sorted(set(_CURRENCIES.values()))
_PRIVATE = 0xE000
_MONEY = re.compile(
    r"(?<![A-Za-z])([-−]?)((?:us|c|ca|a|au|hk|nz|s)\$|usd|cad|aud|sek|eur|gbp|chf|jpy|cny|rmb|inr|rs\.?|[$€£¥₹])"
    r"\s?(?=[\d.])|(?<=\d)\s?([€£¥₹])",
    re.I,
)
_LETTER_SCALE = re.compile(rf"([{chr(_PRIVATE)}-{chr(_PRIVATE + 50)}]-?\d[\d.,]*)\s?([KMBT])(?![\w/^])", re.I)
_SCALED_MONEY = re.compile(r"(?<=\d)\s?([KMBT])(?=\s?(?:euros?|dollars?|pounds?|yen|USD|EUR|GBP|CHF)\b)", re.I)
_LETTERS = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_MATH = re.compile(r"(?<![\\\w$])\$([^$\n]{1,200})(?<!\\)\$(?![\w$])")  # LaTeX's dollar signs are no money
_CIRC = re.compile(r"\s?\^\s?\{?\s?\\circ\b\s?\}?")
_POINTS = re.compile(r"\b(?:percentage|per cent|percent) points?\b", re.I)
_PER = re.compile(r"\bper\s\Z", re.I)
_PER_TIME = re.compile(r"\s?(?:per\b|/|an?\s(?:second|minute|hour|day|week|month|year)\b)", re.I)
_PARTS = re.compile(r"\bparts per million\b", re.I)
_POWER = re.compile(r"(\d)\s?[·∙⋅*x×]\s?10(?:\^\{?(?=-?\d)|(?=-?[1-9]))(-?\d{1,3})\}?(?!\d)")  # not 12 * 1000
MULTIPLIED = re.compile(r"\s?(?:[*·∙⋅×]|(?<!\b0)x(?=\s?\d))\s?\d")
_UNDERSCORED = re.compile(r"(?<![\w.])\d{1,3}(?:_\d{3})+(?!\w)")
_JOINT = re.compile(r"\A(?:,?\s?(?:and|und|et|y|e)|,)?\Z")


class Quantity(NamedTuple):
    """A number at text[start:end]. `step` is the worth of its last digit, 0 where exact; `rest` follows the unit."""

    value: Fraction
    step: Fraction
    unit: Unit | None
    rest: str
    start: int
    end: int
    others: tuple[Fraction, ...] = ()  # what the digits may mean elsewhere: 1.234 as one thousand
    ordinal: bool = False

    @property
    def digits(self) -> int:
        """How many significant digits are written; many for an exact number."""
        if not self.step:
            return 99
        return len(str(abs(int(self.value / self.step)))) if self.value else 1


def quantities(text: str) -> tuple[str, list[Quantity]]:
    """Return the text as it was read, and its quantities in their order; 1 h 30 min is one."""
    text = _MONEY.sub(_marked, _CIRC.sub("°", _MATH.sub(r" \1 ", text)))
    text = plain(_PARTS.sub("ppm", _POINTS.sub("pp", text)))
    text = _UNDERSCORED.sub(lambda m: m[0].replace("_", ""), text)
    text = respell(_POWER.sub(r"\1×10^\2", text))
    text = _SCALED_MONEY.sub(lambda m: f" {_LETTERS[m[1].lower()]}", text)
    text = _LETTER_SCALE.sub(lambda m: f"{m[1]} {_LETTERS[m[2].lower()]}", text)
    found = sorted(numbers(text), key=lambda n: n.start)[:MAX_QUANTITIES]
    found = [n for n in found if not _PER.search(text, max(0, n.start - 6), n.start)]  # per 100,000 inhabitants
    made = [_quantity(text, n, after) for n, after in zip(found, [*found[1:], None], strict=False)]
    return text, _joined(text, made)


def _marked(found: re.Match[str]) -> str:
    """Put a private character for the currency in front of the number, as no unit is looked for there."""
    if found[3]:
        return f" {_CURRENCIES[found[3]]}"
    code = _CURRENCIES[found[2].lower().rstrip(".")]
    return chr(_PRIVATE + _CODES.index(code)) + found[1]


def _quantity(text: str, number: Number, after: Number | None) -> Quantity:
    raw = text[number.start : number.end]
    mark = ord(text[number.start - 1]) - _PRIVATE if number.start else -1
    currency = units.unit(_CODES[mark]) if 0 <= mark < len(_CODES) else None
    end = number.end
    # A letter or an ordinal's ending right behind the digits was read as part of the number: 5k, 12m, 7th.
    glued = re.search(r"(?<=\d)[A-Za-z]\Z", raw)
    if glued:
        end -= 1
    tail = text[end : after.start if after else len(text)]
    if after and tail.strip() in ("in", "a"):
        tail = ""  # 5 million in 2014 is no length
    if number.step == 0 and "/" in raw:
        tail = re.sub(r"\A of (?:an?|one) ", " ", tail)  # a quarter of a litre
    per_money = currency and _PER_TIME.match(tail)
    unit, rest = units.leading(f"{_CODES[mark]} {tail.strip()}" if per_money else tail)
    if raw.endswith("%") or re.search(r"per\s?cent\Z", raw, re.I):
        unit, rest = units.PERCENT, tail
    others = _grouped(raw, number)
    if currency and not per_money:
        unit = currency if unit is None else Unit(_product(currency, unit), unit.factor)
    return Quantity(
        Fraction(number.value),
        Fraction(number.step),
        unit,
        rest.strip(),
        number.start,
        number.end,
        others,
        number.kind == "ordinal",
    )


def _grouped(raw: str, number: Number) -> tuple[Fraction, ...]:
    """Return what 1.234 and 1,234 are where the mark is the other of the two."""
    if not re.fullmatch(r"[-+]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)", raw):
        return ()
    return tuple(Fraction(v) for v in number.readings if v != number.value)


def _product(currency: Unit, unit: Unit) -> tuple[tuple[str, int], ...]:
    """Return the dimension of dollars per what the unit says; dollars alone where it says dollars again."""
    if unit.dimension == currency.dimension:
        return currency.dimension
    return tuple(sorted(currency.dimension + unit.dimension))


def _joined(text: str, found: list[Quantity]) -> list[Quantity]:
    """Join what is one quantity in several units, each smaller than the one before: feet and inches."""
    out: list[Quantity] = []
    for q in found:
        last = out[-1] if out else None
        if last and last.unit and q.unit and _JOINT.match(last.rest) and _smaller(q.unit, last.unit):
            value = last.value + q.value * q.unit.factor / last.unit.factor
            step = q.step * q.unit.factor / last.unit.factor
            out[-1] = last._replace(value=value, step=step, rest=q.rest, end=q.end, others=())
        else:
            out.append(q)
    return out


def _smaller(unit: Unit, than: Unit) -> bool:
    return unit.dimension == than.dimension and unit.factor < than.factor and unit.dimension != units.PERCENT.dimension


def equality(truth: Quantity, said: Quantity, integer: bool) -> Equality | None:
    """Tell how two quantities compare; None where their units do not.

    A number without a unit has the other's. A fraction equals its percentage.
    """
    pair = _in_one_unit(truth, said)
    if pair is None:
        return None
    truth, said = pair
    return _compared(truth, said, integer)


def _compared(truth: Quantity, said: Quantity, integer: bool) -> Equality:
    if truth.value == said.value:
        return "equal"
    if truth.value == 0 or said.value == 0:
        return "different"
    off = abs(said.value - truth.value) / abs(truth.value)
    if (off < Fraction(1, 10**9) and not integer) or _rounds(truth, said, off, integer):
        return "equal"
    if said.value in truth.others or truth.value in said.others:
        # 1.234 is one thousand only to those who write it so; where a whole number is asked it cannot be else, and
        # 1,234 can be no 1.234 there.
        written = said if truth.value in said.others else truth
        grouped = all(abs(other) > abs(written.value) for other in written.others)
        return "near" if not integer else "equal" if grouped else "different"
    as_exact = said.step == truth.step or (integer and said.step <= 1 and said.digits > 1)
    return "near" if off < NEAR and not as_exact else "different"


def _rounds(truth: Quantity, said: Quantity, off: Fraction, integer: bool) -> bool:
    """Tell whether one is the other's rounding, exactly enough to stand for it."""
    if said.step > truth.step:
        exact = integer and truth.step <= 1
        enough = said.digits >= MIN_DIGITS and off <= COARSER
        return not exact and enough and rounding(truth.value, said.step) == said.value
    whole = truth.step >= 1 and truth.value.denominator == 1 and truth.step == 1
    if whole or said.step == truth.step or not truth.step:
        return False
    limit = FINER.get(min(truth.digits, MIN_DIGITS))
    return limit is not None and off <= limit and rounding(said.value, truth.step) == truth.value


def rounding(value: Fraction, step: Fraction) -> Fraction:
    """Round to the nearest step, a half away from zero."""
    steps = abs(value) / step + Fraction(1, 2)
    rounded = (steps.numerator // steps.denominator) * step
    return rounded if value >= 0 else -rounded


def _in_one_unit(truth: Quantity, said: Quantity) -> tuple[Quantity, Quantity] | None:
    a, b = truth.unit, said.unit
    if a is None or b is None or a == b:
        return _percent_or_bare(truth, said)
    if a.dimension == b.dimension:
        # Compared in the answer's unit, whose digits show how exact the answer means to be.
        factor = a.factor / b.factor
        return truth._replace(value=truth.value * factor, step=truth.step * factor), said
    scales = {d.dimension[0][0] for d in (a, b) if len(d.dimension) == 1 and d.dimension[0][1] == 1}
    if len(scales) == 2 and scales <= {"K", "°C", "°F"}:
        names = [u.dimension[0][0] for u in (a, b)]
        values = [units.celsius(q.value, name) for q, name in zip((truth, said), names, strict=True)]
        size = Fraction(5, 9) if names[0] == "°F" else Fraction(1)
        return (
            truth._replace(value=values[0], step=truth.step * size),
            said._replace(value=values[1], step=said.step * (Fraction(5, 9) if names[1] == "°F" else 1)),
        )
    return None


def _percent_or_bare(truth: Quantity, said: Quantity) -> tuple[Quantity, Quantity]:
    """Make a percentage a fraction where only one of the two is a percentage, and the other no bare percentage."""
    if said.unit == units.PERCENT and truth.unit is None:
        return truth, _hundredth(said)
    return truth, said


def _hundredth(q: Quantity) -> Quantity:
    return q._replace(value=q.value / 100, step=q.step / 100, unit=None, others=())
