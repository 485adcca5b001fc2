"""Commitment: which of the numbers in an answer it gives as its own."""

import re
from itertools import pairwise

from udfs.dates import dates
from udfs.grading import units
from udfs.grading.clauses import answering
from udfs.grading.honesty import alternatives
from udfs.grading.quantity import Quantity, quantities
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, folded, stem

NEGATED = re.compile(r"(?:\bnot|rather than|instead of|isn't|wasn't)\s(?:an?\s|the\s|in\s|about\s)?\Z", re.I)
_RANGE = re.compile(r"\s*(?:to|through|-|–|—|~)\s*\Z")
_EQUALS = re.compile(
    r"[=≈≃→⇒]|\\(?:approx|simeq|to|implies|[Rr]ightarrow)(?![A-Za-z])|"
    r"\b(?:equals|rounds?(?: up| down| off)? to|gives|makes|making|totall?ing|a total of|leaves|leaving|"
    r"results? in|resulting in|i\.e\.|that is)\b"
)
_ZONE = re.compile(r"\b(?:in|within|inside) an?\s\Z")  # at 80 km/h in a 50 km/h zone
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
HOW_MANY_OF = re.compile(r"\bhow many\s((?:[\w'-]+\s?){1,2})", re.I)
_THEN = re.compile(r"\b(?:so|thus|hence|therefore)\b", re.I)
_YET = re.compile(r"\b(?:but|however|yet)\b", re.I)


def committed(text: str, found: list[Quantity], asked: Asked, truths: list[Quantity]) -> list[Quantity]:
    """Return the quantities that may be the answer: not negated, not in brackets, not of the question, no dates."""
    kept = [q for q in found if not NEGATED.search(text[max(0, q.start - 30) : q.start])]
    if not kept:
        return found
    kept = [q for q in kept if not _ZONE.search(text[: q.start])] or kept
    spans = [m.span() for m in _BRACKETS.finditer(text)]
    kept = [q for q in kept if not _inside(q.start, spans)] or kept
    told = answering(text, [q.start for q in kept], asked.question) if len(kept) > 1 else None
    if told and not _EQUALS.search(text, max(told)):
        text = text[: max(told)] + re.split(r"[;,.]\s", text[max(told) :])[0]
        kept = [q for q in kept if q.start in told]
        found = kept
    ends = [m.end() for m in _EQUALS.finditer(text) if not _inside(m.start(), spans)]
    months = [(f.start, f.end) for f in dates(text) if f.dates[0].month]
    kept = [q for q in kept if not _inside(q.start, months)] or kept
    given = {q.value for q in quantities(asked.question[:2000])[1]} - {t.value for t in truths}
    offered = len(kept) > 1 and alternatives(text[kept[0].end : kept[-1].start])
    kept = kept if offered else [q for q in kept if q.value not in given] or kept
    ends = sorted([*ends, *(m.end() for m in _THEN.finditer(text) if kept[-1].start >= m.end())])
    if alternatives(text[ends[-1] :] if ends else text):
        return kept
    result = [q for q in kept if ends and q.start >= ends[-1]]
    spread = [q for ab in pairwise(result or found) if _RANGE.match(text[ab[0].end : ab[1].start]) for q in ab]
    apart = [q for q in kept if q not in spread and _alike(q, truths)]
    if spread and (not apart or any(_alike(q, truths) for q in spread)):
        return result or kept  # but 18 %, from 50 to 41 million, is no range
    if not result and _YET.search(text, kept[0].end, kept[-1].start):
        return kept  # 36 trees were planned, but 32 were planted
    yet = _YET.search(text, result[0].end) if result else None
    kept = result if yet and result[-1].start > yet.start() else result[:1] or kept
    return _of_kind(kept, asked, truths) if re.search(r"[^\W\d]", text) else kept


def _of_kind(kept: list[Quantity], asked: Asked, truths: list[Quantity]) -> list[Quantity]:
    """Leave out what is of another kind than the truth: other dimensions, years, what is not counted."""
    dimensions = {t.unit.dimension for t in truths if t.unit}
    kept = [q for q in kept if q.unit and q.unit.dimension in dimensions] or kept
    if not any(_is_year(t) for t in truths):
        kept = [q for q in kept if not _is_year(q)] or kept
    counted = HOW_MANY_OF.search(asked.question)
    if counted and len(kept) > 1:
        noun = {stem(w) for w in folded(counted[1]) if w not in FUNCTION}
        kept = [q for q in kept if noun & {stem(w) for w in folded(q.rest)[:3]}] or kept
    if units.PERCENT.dimension in dimensions:
        return kept
    # 3 out of 5: the second number says of how many.
    first = [q for i, q in enumerate(kept) if not (i and kept[i - 1].rest.startswith("out of"))]
    return [q._replace(rest="") if q.rest.startswith("out of") else q for q in first]


def _alike(q: Quantity, truths: list[Quantity]) -> bool:
    return bool(q.unit) and any(t.unit and q.unit and t.unit.dimension == q.unit.dimension for t in truths)


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(a <= at < b for a, b in spans)


def _is_year(q: Quantity) -> bool:
    return q.unit is None and q.step == 1 and 1000 <= q.value <= 2100
