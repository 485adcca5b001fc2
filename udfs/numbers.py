"""Numbers in prose: digits with separators, scales, powers, fractions, and English number words."""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import NamedTuple

MAX_DIGITS = 60  # longer digit strings are no quantities, and their arithmetic is not free
MAX_POWER = 100
_EXACT = Context(prec=2 * MAX_DIGITS)  # the default context would round what has over 28 digits

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FIRSTS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
SMALL = {word: i for i, word in enumerate(_ONES.split())}
ORDINALS = {word: i + 1 for i, word in enumerate(_FIRSTS.split())}
SMALL |= {word: 10 * (i + 2) for i, word in enumerate(_TENS.split())}
SCALES = {"hundred": 100, "dozen": 12, "thousand": 10**3, "million": 10**6, "mn": 10**6, "billion": 10**9}
SCALES |= {"bn": 10**9, "trillion": 10**12}
# What may stand for a number in evidence, though it is none by itself; one to ten in other languages.
HINTS = {
    "once": 1,
    "twice": 2,
    "thrice": 3,
    "single": 1,
    "sole": 1,
    "no": 0,
    "none": 0,
    "both": 2,
    **ORDINALS,
}
for _language in (
    "ein zwei drei vier fünf sechs sieben acht neun zehn",
    "un deux trois quatre cinq six sept huit neuf dix",
    "uno dos tres cuatro cinco seis siete ocho nueve diez",
    "uno due tre quattro cinque sei sette otto nove dieci",
    "um dois três quatro cinco seis sete oito nove dez",
    "een twee drie vier vijf zes zeven acht negen tien",
):
    HINTS |= {word: i + 1 for i, word in enumerate(_language.split()) if word not in SMALL}

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LATEX = (
    (re.compile(r"[⁰¹²³⁴-⁹⁻]+"), lambda m: "^" + m.group().translate(_SUPERSCRIPT)),
    (re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])"), lambda m: " "),
    (re.compile(r"\\(?:times|cdot)(?![A-Za-z])"), lambda m: "×"),
    (re.compile(r"\{,\}"), lambda m: ","),
    (re.compile(r"\\[,;:!~ ]"), lambda m: " "),
    (re.compile(r"\\d?frac\{(\d{1,9})\}\{(\d{1,9})\}"), lambda m: f"{m[1]}/{m[2]}"),
    (re.compile(r"\^\{(-?\d{1,3})\}"), lambda m: f"^{m[1]}"),
    (re.compile(r"\\(?:text|mathrm|mathbf)\{([^{}]{0,40})\}"), lambda m: m[1]),
    (re.compile(r"\\?[$€£¥₹]|\\(?=%)"), lambda m: " "),
)
_SIGNS = str.maketrans({**dict.fromkeys("‐‑‒–—―−", "-"), "⁄": "/", "’": "'"})

_SCALE = "|".join(SCALES)
_DIGITS = re.compile(
    r"(?<![\w^_])(?<!\^-)(?<!\d[.,])(?<![^\W\d]-)(?P<sign>[-+](?=[\d.])|\bminus )?"
    r"(?P<digits>\d{1,3}(?:[ ']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|\.\d+)"
    r"(?:\s?[×x*]\s?10\^(?P<power>-?\d{1,3})|[eE](?P<e>[-+]?\d{1,3})(?!\w)|\^(?P<base>-?\d{1,3}))?"
    r"(?:(?P<more>\s\d{1,2})?/(?P<under>\d[\d,]{0,15})(?![\d/]))?"
    rf"(?P<scales>(?:[\s-]{{1,3}}(?:{_SCALE})s?\b)*)"
    r"(?P<percent>\s?%|\s(?:percent|per cent)\b)?(?P<ordinal>(?:st|nd|rd|th)\b)?(?P<model>[A-Z]\b)?",
    re.I,
)
_WORD = "|".join(sorted([*SMALL, *SCALES], key=len, reverse=True))
_WORDS = re.compile(
    rf"(?<![\w-])(?P<sign>(?:minus|negative)\s)?(?:{_WORD})(?:(?:[\s-]|\sand\s)(?:{_WORD}))*(?![\w])", re.I
)
_LARGE = re.compile(rf"(?:{'|'.join(name for name, size in SCALES.items() if size >= 1000)})s?\b", re.I)
_HINT = re.compile(rf"\b(?:{'|'.join(HINTS)})\b", re.I)


class Number(NamedTuple):
    """A number at text[start:end]; `readings` are all that a lenient reader may take it for."""

    start: int
    end: int
    value: Decimal
    readings: tuple[Decimal, ...]
    kind: str  # digits, words, ordinal, or hint
    step: Decimal = Decimal(0)  # what one more in the last digit written would add; 0 where the number is exact


def plain(text: str) -> str:
    """Return the text with one spelling of signs, powers, fractions and LaTeX, and without currency signs."""
    for pattern, new in _LATEX:
        text = pattern.sub(new, text)
    return unicodedata.normalize("NFKC", text).translate(_SIGNS)


def numbers(text: str, hints: bool = False) -> Iterator[Number]:
    """Yield the numbers of a text that went through `plain`, with `hints` also words that hint at one."""
    taken = [0]
    for found in _DIGITS.finditer(text):
        taken += found.span()
        number = _from_digits(found)
        if number:
            yield number
    for found in _WORDS.finditer(text):
        if bisect(taken, found.start()) % 2:  # not the scale of a number in digits
            yield from _from_words(found)
    for found in _HINT.finditer(text) if hints else ():
        value = Decimal(HINTS[found.group().lower()])
        yield Number(found.start(), found.end(), value, (value,), "hint")


def scale(unit: str | None) -> Decimal:
    """Return what a unit multiplies its number by: a million for `million euros`."""
    factor = Decimal(1)
    for word in (unit or "").lower().split():
        if word.rstrip("s") not in SCALES:
            break
        factor *= SCALES[word.rstrip("s")]
    return factor


def scaled(number: str, unit: str | None) -> Decimal:
    """Return what a number, as it is written, is multiplied by in a unit: nothing where it says its own scale.

    41.2 is 41.2 million in million euros, and so is 41.2 million.
    """
    return Decimal(1) if _LARGE.search(number) else scale(unit)


def _from_digits(found: re.Match[str]) -> Number | None:
    literal = found["digits"]
    readings = _readings(literal) if len(literal) <= MAX_DIGITS else []
    if not readings:
        return None
    pieces = [Decimal(p) for p in literal.split(" ")] if " " in literal and literal.replace(" ", "").isdigit() else []
    exponent = found["power"] or found["e"]
    if exponent:
        readings = [r.scaleb(int(exponent)) for r in readings]
    elif found["base"]:
        readings = [_raised(r, int(found["base"])) for r in readings]
    if found["under"]:
        readings, pieces = _fraction(found, readings[0], pieces)
    factor = scale(found["scales"].replace("-", " "))
    signed = [r.copy_negate() for r in readings] if (found["sign"] or "+") != "+" else readings
    values = [_EXACT.multiply(r, factor) for r in signed] if factor != 1 else signed
    others = signed + pieces + ([v.scaleb(-2) for v in values] if found["percent"] else [])
    kind = "ordinal" if found["ordinal"] else "hint" if found["model"] else "digits"
    exact = found["under"] or found["base"]
    step = Decimal(0) if exact else Decimal(1).scaleb(int(readings[0].as_tuple().exponent)) * factor
    return Number(found.start(), found.end(), values[0], (*values, *others), kind, step)


def _raised(base: Decimal, power: int) -> Decimal:
    if base == 10:
        return Decimal(1).scaleb(power)
    return _EXACT.power(base, power) if base and abs(power) <= MAX_POWER else base


def _fraction(found: re.Match[str], over: Decimal, pieces: list[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    under = Decimal(found["under"].replace(",", "") or 0)
    part, whole = (Decimal(found["more"].strip()), over) if found["more"] else (over, Decimal(0))
    if not under:
        return [over], pieces
    return [whole + part / under], [over, part, under, *pieces]


def _readings(literal: str) -> list[Decimal]:
    """Return what digits and separators may mean, the English reading first; nothing for 1.2.3."""
    text = literal.replace(" ", "").replace("'", "")
    marks = [c for c in text if c in ".,"]
    if len(set(marks)) == 2:
        point = marks[-1]
        whole, part = text.rsplit(point, 1)
        groups = whole.split(marks[0])
        return [Decimal(f"{''.join(groups)}.{part}")] if point not in whole and _grouped(groups) else []
    if not marks:
        return [Decimal(text)]
    groups = text.split(marks[0])
    joined = [Decimal("".join(groups))] if _grouped(groups) else []
    decimal = [Decimal(".".join(groups))] if len(groups) == 2 else []
    return decimal + joined if marks[0] == "." else joined + decimal


def _grouped(groups: list[str]) -> bool:
    """Tell whether these are thousands, 4 779 736, or lakhs, 47 79 736."""
    head, middle, last = groups[0], groups[1:-1], groups[-1]
    even = {len(g) for g in middle} in (set(), {3}, {2})
    return 1 <= len(head) <= 3 and head[0] != "0" and even and len(last) == 3


def _from_words(found: re.Match[str]) -> Iterator[Number]:
    """Yield the numbers of a run of words: `two hundred and five` is one, `nineteen ninety` are two."""
    total = part = last = 0
    start = end = -1
    sign = -1 if found["sign"] else 1  # of the first number only
    for word in re.finditer(_WORD, found.group(), re.I):
        name = word.group().lower()
        joined = start >= 0 and (
            name in SCALES or (last >= 100 and SMALL[name] < last) or (20 <= last <= 90 and 0 < SMALL[name] < 10)
        )
        if start >= 0 and not joined:
            yield _words(found, start, end, sign * (total + part))
            total, part, start, sign = 0, 0, -1, 1
        if name not in SCALES:
            part, last = part + SMALL[name], SMALL[name]
        elif SCALES[name] <= 100:
            part, last = max(part, 1) * SCALES[name], SCALES[name]
        else:
            total, part, last = total + max(part, 1) * SCALES[name], 0, SCALES[name]
        start, end = (0 if sign < 0 else word.start()) if start < 0 else start, word.end()
    if start >= 0:
        yield _words(found, start, end, sign * (total + part))


def _words(found: re.Match[str], start: int, end: int, value: int) -> Number:
    number = Decimal(value)
    return Number(found.start() + start, found.start() + end, number, (number,), "words")
