"""Units of measure: what a unit's name stands for, as a dimension and a factor to the base units."""

import functools
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

MAX_WORDS = 7  # of a unit's name: "kilograms per cubic metre per second squared" and the like

# dimension (powers of base units) | factor | symbols (case counts) | names (case does not); * takes SI prefixes.
# `yr` is a base of its own: months and years are no fixed number of days. Currencies are bases too.
_TABLE = """
m|1|m*|metre* meter* mètre
m|0.0254|in|inch inches
m|0.3048|ft|foot feet
m|0.9144|yd|yard
m|1609.344|mi|mile
m|1852|nmi NM|
m|9460730472580800|ly|lightyear
m|149597870700|au AU|
m|30856775814913673|pc kpc|parsec
m|0.0000000001|Å|angstrom ångström
m|0.000001||micron
kg|0.001|g* gr|gram* gramme*
kg|1000|t*|tonne*
kg|0.45359237|lb lbs|pound
kg|0.028349523125|oz|ounce
s|1|s* sec secs|second* sec
s|60|min mins|minute
s|3600|h hr hrs|hour stunde heure
s|86400|d|day tag jour
s|604800|wk|week
yr|1|yr yrs a|year jahr année
yr|1/12|mo mos|month monat mois
yr|10||decade
yr|100||century centuries
K|1|K|kelvin
°C|1|°C ℃|celsius centigrade
°F|1|°F ℉|fahrenheit
A|1|A*|ampere* amp*
mol|1|mol*|mole*
cd|1|cd|candela
bit|1|bit|bit
bit|8|B|byte
bit|8000|kB KB|kilobyte
bit|8e6|MB|megabyte
bit|8e9|GB|gigabyte
bit|8e12|TB|terabyte
deg|1|°|degree
deg|0.0166666666666667||arcminute
deg|57.29577951308232|rad|radian
s-1|1|Hz*|hertz*
s-1|1/60|rpm|
m kg s-2|1|N*|newton*
m2 kg s-2|1|J*|joule*
m2 kg s-2|3600|Wh*|
m2 kg s-2|4.184|cal*|calorie*
m2 kg s-2|1.602176634e-19|eV*|electronvolt*
m2 kg s-3|1|W*|watt*
m2 kg s-3|745.7|hp|horsepower
m-1 kg s-2|1|Pa*|pascal*
m-1 kg s-2|100000|bar*|bar*
m-1 kg s-2|101325|atm|atmosphere
m-1 kg s-2|133.322387415|mmHg|
m-1 kg s-2|6894.757|psi|
m2 kg s-3 A-1|1|V*|volt*
m2 kg s-3 A-2|1|Ω* Ohm|ohm*
s A|1|C*|coulomb*
m-2 kg-1 s4 A2|1|F*|farad*
kg s-2 A-1|1|T*|tesla*
m3|0.001|L* l*|litre* liter*
m3|0.003785411784|gal|gallon
m2|10000|ha|hectare
m2|4046.8564224|ac|acre
m s-1|0.514444444444444|kn kt|knot
m s-1|0.44704|mph|
m s-1|1/3.6|kph kmh|
%|1|% pct|percent percentage prozent
pp|1|pp|
‰|1|‰|permille
ppm|1|ppm|
dB|1|dB|decibel
pH|1|pH|
times|1|×|time fold
USD|1|USD $ US$|dollar buck
USD|0.01|¢|cent
EUR|1|EUR €|euro
GBP|1|GBP £|sterling quid
JPY|1|JPY ¥|yen
INR|1|INR ₹|rupee
CNY|1|CNY RMB|yuan renminbi
CHF|1|CHF|franc
CAD|1|CAD|
AUD|1|AUD|
HKD|1|HKD|
NZD|1|NZD|
SGD|1|SGD|
SEK|1|SEK|
NOK|1|NOK|
DKK|1|DKK|
PLN|1|PLN|zloty
RUB|1|RUB ₽|ruble rouble
KRW|1|KRW ₩|won
"""
_PREFIXES = {
    "k": 3, "M": 6, "G": 9, "T": 12, "h": 2, "c": -2, "m": -3, "µ": -6, "μ": -6, "u": -6, "n": -9, "p": -12, "d": -1,
}  # fmt: skip
_PREFIX_NAMES = {
    "kilo": 3, "mega": 6, "giga": 9, "tera": 12, "hecto": 2, "centi": -2, "milli": -3, "micro": -6, "nano": -9,
    "pico": -12, "deci": -1,
}  # fmt: skip
_POWERS = {"square": 2, "squared": 2, "sq": 2, "cubic": 3, "cubed": 3}
_TOKEN = re.compile(r"[/·*()]|\^?-?\d+(?![\w.])|[^\s\d/·*()^.,;:-]+|\^")


_PLAIN = str.maketrans("×²³⁴⁻¹", "·234-1")
_DEGREES = re.compile(r"(?:\bdegrees?|°)\s?(celsius|centigrade|fahrenheit|kelvin|[CF])\b", re.I)
_NAMED = tuple((re.compile(rf"\b(?:{p})\b", re.I), new) for p, new in (
    (r"(?:us|u\.s\.|american) dollars?", "USD"), ("canadian dollars?", "CAD"), ("australian dollars?", "AUD"),
    ("hong kong dollars?", "HKD"), ("new zealand dollars?", "NZD"), ("swiss francs?", "CHF"),
    ("(?:british )?pounds? sterling|british pounds?", "GBP"), ("japanese yen", "JPY"), ("indian rupees?", "INR"),
    ("chinese yuan", "CNY"), ("swedish (?:kronor|kronas?|crowns?)", "SEK"), ("norwegian (?:kroner?|crowns?)", "NOK"),
    ("danish (?:kroner?|crowns?)", "DKK"), ("nautical miles?", "nmi"), ("metric tons?", "t"),
    ("light[ -]years?", "ly"),
    ("astronomical units?", "au"), ("parts per million", "ppm"),
    ("(?:percentage|per cent|percent) points?", "pp"), ("per cent", "percent"), ("mm hg", "mmHg"),
    (r"(?<=[a-z] )an?(?= (?:second|minute|hour|day|week|month|year|mile|kilomet(?:re|er)))", "per"),
    ("square (?=[a-z])", "square "), ("fluid ounces?", "floz"),
))  # fmt: skip
_ALONE = re.compile(r"per (?!s\b|second)")  # five per day: what is counted is left out
_ALSO_WORDS = frozenset({"in", "a", "d", "h", "t"})  # units only where no word follows: five in all, five a day


class Unit(NamedTuple):
    """A product of base units with their powers, and what one of it is in them."""

    dimension: tuple[tuple[str, int], ...]
    factor: Fraction


PERCENT = Unit((("%", 1),), Fraction(1))


@functools.lru_cache(maxsize=512)
def unit(text: str) -> Unit | None:
    """Return the unit that the whole text names; None where any of its words names none."""
    text = _renamed(text[:80]).translate(_PLAIN)
    tokens = _TOKEN.findall(_DEGREES.sub(lambda m: m[1] if len(m[1]) > 1 else f"°{m[1]}", text))
    if not tokens or len(tokens) > 3 * MAX_WORDS:
        return None
    powers: dict[str, int] = {}
    factor = Fraction(1)
    sign, ahead, at = 1, 1, 0
    while at < len(tokens):
        word = tokens[at]
        at += 1
        if word in "/·*()" or word.lower() in ("per", "pro", "par"):
            sign = -1 if word not in "·*()" else sign
        elif word.lower() in _POWERS:
            ahead = _POWERS[word.lower()]
        else:
            one = _one(word)
            if one is None:
                return None
            power, at = _power(tokens, at)
            power *= sign * ahead
            ahead = 1
            factor *= one.factor**power
            for base, n in one.dimension:
                powers[base] = powers.get(base, 0) + n * power
    dimension = tuple(sorted((b, n) for b, n in powers.items() if n))
    return Unit(dimension, factor) if dimension else None  # hours per week are no unit, but a rate


def _renamed(text: str) -> str:
    """Return the text with one word for each unit that several name: nautical miles, US dollars."""
    for pattern, name in _NAMED:
        text = pattern.sub(name, text)
    return text


def _power(tokens: list[str], at: int) -> tuple[int, int]:
    """Return the power that the tokens from `at` on say, and where they end."""
    if at < len(tokens) and tokens[at].lower() in ("squared", "cubed"):
        return _POWERS[tokens[at].lower()], at + 1
    if at < len(tokens) and re.fullmatch(r"\^?-?[1-4]", tokens[at]):
        return int(tokens[at].lstrip("^")), at + 1
    return 1, at


def leading(text: str) -> tuple[Unit | None, str]:
    """Return the longest unit that the text begins with, and the rest; None and the text where it begins with none."""
    text = _renamed(text[:200])
    words = text.strip().split(" ")
    for size in range(min(MAX_WORDS, len(words)), 0, -1):
        head = " ".join(words[:size]).rstrip(".,;:!?)")
        found = unit(head) if head else None
        if (
            found
            and not (size > 1 and words[size - 1] in ("in", "a", "per"))
            and not _ALONE.match(head)
            and not (head in _ALSO_WORDS and size < len(words))
        ):
            return found, " ".join(words[size:])
    return None, text.strip()


def _one(word: str) -> Unit | None:
    symbols, names = _tables()
    lower = word.lower()
    for name in (lower, lower.removesuffix("s"), lower.removesuffix("es"), lower.removesuffix("en")):
        if name in names and (len(word) > 2 or word in symbols):
            return names[name]
    return symbols.get(word) or (names.get(word.removesuffix("s").lower()) if len(word) > 3 else None)


@functools.cache
def _tables() -> tuple[dict[str, Unit], dict[str, Unit]]:
    symbols: dict[str, Unit] = {}
    names: dict[str, Unit] = {}
    prefixed: list[tuple[dict[str, Unit], str, Unit]] = []
    for line in _TABLE.strip().splitlines():
        dimension, factor, symbols_, names_ = line.split("|")
        made = Unit(tuple(sorted(_bases(dimension))), _fraction(factor))
        for table, listed in ((symbols, symbols_), (names, names_)):
            for name in listed.split():
                table[name.rstrip("*")] = made
                if name.endswith("*"):
                    prefixed.append((table, name.rstrip("*"), made))
    for table, name, made in prefixed:
        prefixes = _PREFIXES if table is symbols else _PREFIX_NAMES
        for prefix, power in prefixes.items():
            table.setdefault(prefix + name, Unit(made.dimension, made.factor * Fraction(10) ** power))
    return symbols, names


def _bases(dimension: str) -> Iterator[tuple[str, int]]:
    for part in dimension.split():
        found = re.fullmatch(r"(.+?)(-?\d)?", part)
        if found:
            yield found[1], int(found[2] or 1)


def _fraction(text: str) -> Fraction:
    over, _, under = text.partition("/")
    return Fraction(over) / Fraction(under or "1")


def celsius(value: Fraction, scale: str) -> Fraction:
    """Return a temperature on the scale K, °C or °F in degrees Celsius."""
    if scale == "K":
        return value - Fraction("273.15")
    return (value - 32) * Fraction(5, 9) if scale == "°F" else value
