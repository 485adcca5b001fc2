"""Dates in prose: a day, month, year, decade or century, or the two ends of a range."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from udfs.numbers import ORDINALS

_NAMES = (  # English first; then German, French, Spanish, Italian, Portuguese, Dutch
    "january jan januar janvier enero gennaio janeiro januari",
    "february feb februar février febrero febbraio fevereiro februari",
    "march mar märz mars marzo março maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août agosto augustus",
    "september sept sep septembre septiembre settembre setembro",
    "october oct oktober octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember décembre diciembre dicembre dezembro",
)
MONTHS = {name: i + 1 for i, names in enumerate(_NAMES) for name in names.split()}
_CENTURIES = {
    **ORDINALS,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
}
_CENTURIES |= {"eighteenth": 18, "nineteenth": 19, "twentieth": 20, "twenty-first": 21}

_NTH = "|".join(sorted(_CENTURIES, key=len, reverse=True))
_M = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_D = r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
_TO = r"\s?(?:-|–|to|and|through|/)\s?"
_ERA = r"(?:\s?(?P<{0}>b\.?c\.?e?\b\.?|a\.?d\b\.?|c\.?e\b\.?))?"
_FORMS = (
    r"(?P<iy>\d{4})(?P<sep>[-/.])(?P<im>\d{1,2})(?:(?P=sep)(?P<id>\d{1,2}))?(?:T[\d:.Z+-]+)?(?![\d/-])",
    r"(?P<na>\d{1,2})(?P<nsep>[-/.])(?P<nb>\d{1,2})(?P=nsep)(?P<ny>\d{4})(?!\d)",
    r"(?P<cy>\d{3,4})年(?:(?P<cm>\d{1,2})月(?:(?P<cd>\d{1,2})日)?)?",
    rf"(?:(?P<d0>{_D}){_TO})?(?P<d>{_D})(?:\s(?:of|de))?[\s-](?P<m>{_M})"
    r"(?:,?[\s-](?:de\s)?(?P<y>\d{3,4}|\d{1,2}(?=\s?(?:b|ad)))(?!\d))?" + _ERA.format("e1"),
    rf"(?P<y11>\d{{4}})\s(?P<m6>{_M})\s(?P<d4>\d{{1,2}})(?!\d)",
    rf"(?P<m2>{_M})\s(?P<d2>{_D})(?!\d)(?:{_TO}(?P<d3>{_D})(?!\d))?"
    r"(?:,?\s(?P<y2>\d{3,4}|\d{1,2}(?=\s?(?:b\.?c|a\.?d)))(?!\d))?" + _ERA.format("e2"),
    rf"(?P<m4>{_M}),?\s(?:of\s|de\s)?(?P<y4>\d{{3,4}})(?!\d)" + _ERA.format("e4"),
    r"(?P<m5>0?[1-9]|1[0-2])/(?P<y10>\d{4})(?![\d/-])",
    r"(?P<decade>\d{3}0)'?s\b",
    rf"(?P<century>\d{{1,2}}(?:st|nd|rd|th)|{_NTH})[\s-]century\b" + _ERA.format("e5"),
    r"(?P<ad>a\.?d\.?|ce)\s(?P<y5>\d{1,4})\b",
    r"(?P<y6>\d{1,3}(?:,\d{3})?|\d{1,5})\s?(?P<e6>b\.?c\.?e?\b\.?|a\.?d\b\.?|c\.?e\b\.?)",
    r"(?P<y7>\d{4})[-/](?P<y8>\d{2})(?![\d/-])",
    r"(?P<y9>\d{3,4})(?!\d|[.,]\d)",
    rf"(?P<m9>{_M})",
)
_DATE = re.compile(r"(?<![\w^])(?<!\d[.,])(?:" + "|".join(_FORMS) + ")", re.I)
_RANGE = re.compile(rf"{_TO}{_M}", re.I)
_BETWEEN = re.compile(rf"\A{_TO}\Z", re.I)
_ALONE = frozenset(name.split()[0] for name in _NAMES)  # months that are read without a day or a year
# What may stand beside a date in an answer.
_BESIDE = frozenset({
    "in", "on", "the", "of", "year", "years", "circa", "c", "ca", "about", "around", "approximately", "early",
    "late", "mid", "by", "since", "until", "before", "after", "from", "to", "and", "between", "spring",
    "summer", "autumn", "fall", "winter", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", "at", "beginning", "end", "middle", "season",
})  # fmt: skip


class Date(NamedTuple):
    """What a text says of a date: unsaid parts are None; a year before Christ is negative."""

    year: int | None
    month: int | None = None
    day: int | None = None
    grain: str = ""  # decade or century (its number stands in `year`), else empty


Range = tuple[Date, Date]


class Found(NamedTuple):
    """A date at text[start:end], in all its readings, the likeliest first."""

    start: int
    end: int
    dates: tuple[Date, ...]
    pair: Range | None = None


def dates(text: str) -> list[Found]:
    """Return the dates of a text that went through `udfs.numbers.plain`, in their order."""
    out: list[Found] = []
    for match in _DATE.finditer(text):
        found = _read(match, text)
        if found:
            out.append(found)
    return out


def date(answer: str) -> Date | Range | None:
    """Return the one date or range that the answer is, and None where it is more or something else."""
    found = dates(answer)
    rest = "".join(answer[a.end : b.start] + " " for a, b in _gaps(found, len(answer)))
    if not found or any(w not in _BESIDE for w in re.findall(r"[^\W_]+", rest.lower())):
        return None
    if len(found) == 1:
        return found[0].pair or found[0].dates[0]
    return _pair(found[0], found[1]) if len(found) == 2 else None


def ranges(text: str, found: list[Found]) -> Iterator[Range]:
    """Yield the ranges among the dates of the text."""
    yield from (f.pair for f in found if f.pair)
    for first, second in pairwise(found):
        if second.start - first.end <= 9 and _BETWEEN.match(text[first.end : second.start]):
            yield _pair(first, second)


def supports(found: Date, asked: Date) -> bool:
    """Tell whether a date says all that the other asks: 12 March 1990 says March 1990 and the 1990s."""
    if asked.grain and not found.grain:
        return _in_grain(found.year, asked)
    if found.grain != asked.grain:
        return False
    return all(a is None or a == f for a, f in zip(asked, found, strict=True))


def _in_grain(year: int | None, asked: Date) -> bool:
    if year is None or asked.year is None:
        return False
    if asked.grain == "decade":
        return year - year % 10 == asked.year
    return (year > 0) == (asked.year > 0) and (abs(year) + 99) // 100 == abs(asked.year)


def _gaps(found: list[Found], size: int) -> Iterator[tuple[Found, Found]]:
    ends = [Found(0, 0, ()), *found, Found(size, size, ())]
    return pairwise(ends)


def _pair(first: Found, second: Found) -> Range:
    """Return the range; its first end borrows what only the second says, as in March to May 1990."""
    a, b = first.dates[0], second.dates[0]
    return Date(b.year if a.year is None else a.year, a.month, a.day, a.grain), b


def _read(match: re.Match[str], text: str) -> Found | None:
    g = match.groupdict()
    span = match.span()
    made: tuple[Date, ...] = ()
    pair = None
    if g["iy"]:
        made, pair = _iso(g)
    elif g["na"]:
        a, b, year = int(g["na"]), int(g["nb"]), int(g["ny"])
        orders = ((b, a), (a, b)) if g["nsep"] == "." else ((a, b), (b, a))
        made = tuple(Date(year, month, day) for month, day in orders if month <= 12)
    elif g["cy"]:
        made = (Date(int(g["cy"]), _int(g["cm"]), _int(g["cd"])),)
    elif g["m"] or g["m2"] or g["m4"]:
        made, pair = _named(g)
    elif g["y10"] or g["y11"]:
        made = (_rare(g),)
    elif g["decade"]:
        made = (Date(int(g["decade"]), grain="decade"),)
    elif g["century"]:
        number = _CENTURIES.get(g["century"].lower()) or int(re.sub(r"\D", "", g["century"]) or 0)
        made = (Date(_era(number, g["e5"]), grain="century"),)
    elif g["y7"]:
        start, end = int(g["y7"]), int(g["y7"][:2] + g["y8"])
        made, pair = (Date(start), Date(end)), (Date(start), Date(end))
    elif g["m9"]:
        made = _month_alone(match, text)
    else:
        year = int((g["y5"] or g["y6"] or g["y9"]).replace(",", ""))
        made = (Date(_era(year, g["e6"])),)
    made = tuple(d for d in made if _possible(d))
    return Found(*span, made, pair) if made else None


def _rare(g: dict[str, str]) -> Date:
    """Read 10/1917 and 1917 October 5."""
    if g["y10"]:
        return Date(int(g["y10"]), int(g["m5"]))
    return Date(int(g["y11"]), MONTHS[g["m6"].rstrip(".").lower()], int(g["d4"]))


def _iso(g: dict[str, str]) -> tuple[tuple[Date, ...], Range | None]:
    year, month, day = int(g["iy"]), int(g["im"]), _int(g["id"])
    later = year - year % 100 + month
    if day is None and len(g["im"]) == 2 and later > year:  # 1914-18, and perhaps 2009-10
        pair = (Date(year), Date(later))
        if month > 12:
            return pair, pair
        return (Date(year, month), *pair), None
    return (Date(year, month, day),), None


def _named(g: dict[str, str]) -> tuple[tuple[Date, ...], Range | None]:
    month = MONTHS[(g["m"] or g["m2"] or g["m4"]).rstrip(".").lower()]
    year = _int(g["y"] or g["y2"] or g["y4"])
    year = None if year is None else _era(year, g["e1"] or g["e2"] or g["e4"])
    first, last = (g["d0"], g["d"]) if g["d0"] else (g["d"] or g["d2"], g["d3"])
    start = Date(year, month, _int(first))
    if not last:
        return (start,), None
    end = Date(year, month, _int(last))
    return (start, end), (start, end)


def _month_alone(match: re.Match[str], text: str) -> tuple[Date, ...]:
    """Read a bare month as English writes it; `May` and `March` only where no sentence begins with them."""
    name = match.group().rstrip(".")
    if not name[0].isupper() or (name.lower() not in _ALONE and text.strip(" .") != name):
        return ()
    before = text[: match.start()].rstrip()[-1:]
    opens = name in ("May", "March") and (not before or before in ".?!:;\"'")
    if opens and text.strip(" .?") != name and not _RANGE.match(text, match.end()):
        return ()
    return (Date(None, MONTHS[name.lower()]),)


def _int(digits: str | None) -> int | None:
    return int(re.sub(r"\D", "", digits)) if digits else None


def _era(year: int, era: str | None) -> int:
    return -year if era and era.lower().startswith("b") else year


def _possible(d: Date) -> bool:
    return (d.month is None or 1 <= d.month <= 12) and (d.day is None or 1 <= d.day <= 31)
