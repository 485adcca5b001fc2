"""Dates: which date or range an answer commits to, and whether it says what the true one says."""

import re

from udfs.dates import Date, Found, Range, date, dates, ranges, supports
from udfs.grading import units
from udfs.grading.clauses import answering
from udfs.grading.contrasts import contrary
from udfs.grading.honesty import alternatives
from udfs.grading.parts import TIMES
from udfs.grading.verdict import Asked, Verdict, best
from udfs.grading.words import FUNCTION, folded, stem
from udfs.numbers import ORDINALS, SMALL, plain

_ROMAN = re.compile(r"\b([IVX]{1,5})(?:th|e|ème)?[\s-]+(?:century|siècle|secolo|siglo|século|Jahrhundert)\b")
_CENTURY = re.compile(r"\b(\d{1,2})(?:\.|e|ème|º)?\s(?:Jahrhundert|siècle|secolo|siglo|século)\b", re.I)
_SHORT_CENTURY = re.compile(r"\b(\d{1,2}(?:st|nd|rd|th))[\s-]c(?:ent)?\b\.?", re.I)
_OF_YEAR = re.compile(r"(?<=\d)(st|nd|rd|th) of (?=\d{4}\b)")
_DEED = re.compile(r"\s*(?:he|she|they|it|we)\s(?!was|is|were|occurred|happened|took place|began|started)[a-z]+", re.I)
_HUNDREDS = re.compile(r"\b(\d{1,2})00['’]?s\b")
_DAYS = f"{'|'.join(ORDINALS)}|(?:thir|four|fif|six|seven|eigh|nine)teenth"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_SPELLED_DAY = re.compile(
    rf"\b(?:the\s)?((?:twenty[\s-])?(?:{_DAYS})|twentieth|thirtieth|thirty[\s-]first)\s(?:day\s)?of\s({_MONTHS})\b",
    re.I,
)
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_TENS = "twenties thirties forties fifties sixties seventies eighties nineties"
_DECADE = re.compile(rf"\b({_TEENS.replace(' ', '|')})[\s-]({_TENS.replace(' ', '|')})\b", re.I)
_VALUES = {"I": 1, "V": 5, "X": 10}
_LIMITS = re.compile(r"\b(before|after|until|till|since|by|no later than|prior to|not)\s(?:the\s)?\Z", re.I)
_LIMITS_BEHIND = re.compile(
    r"\s?(?:at (?:the )?(?:very )?(?:latest|earliest)|or (?:later|earlier|before|after))\b", re.I
)
_END = re.compile(r"\b(?:end|finish|clos|stopp|conclud)(?:s|ed|e)?\b", re.I)
_FALL = re.compile(r"\bfall\b(?=\s(?:of\s)?\d)", re.I)
_PARTS = re.compile(r"\b(early|mid|late|spring|summer|autumn|fall|winter|beginning|end|middle)\b", re.I)
_YEAR_ASKED = re.compile(
    r"\b(?:what|which|in what|in which)\s(?:calendar\s)?year\b|\bwelche[mns]? Jahr\b|\bquelle année\b", re.I
)
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_AD = re.compile(r"(?<!b\.)\b(?:a\.?\s?d|c\.?\s?e)\b", re.I)
_BC = re.compile(r"\bb\.?\s?c\b", re.I)


def compare(said: str, asked: Asked) -> Verdict:
    """Compare the date of an answer with the true one, at the true one's precision."""
    return best([_compare(said, form, asked) for form in asked.forms])


def _compare(said: str, form: str, asked: Asked) -> Verdict:
    form, said = _readable(form), _readable(said)
    truth = date(form)
    if truth is None:
        return Verdict("undecided", "truth_is_no_date")
    if isinstance(truth, Date) and truth.grain == "century" and re.search(r"\bcentury\b", asked.question, re.I):
        said = re.sub(
            r"\A(?:in )?(?:the )?(\d{1,2}(?:st|nd|rd|th)|[a-z-]+th|first|second|third)\Z", r"\1 century", said
        )
        said = _HUNDREDS.sub(lambda m: f"{int(m[1]) + 1}th century", said)
    found = _kept(said, dates(said), truth, asked)
    if not found:
        return Verdict("undecided", "no_date")
    pairs = list(ranges(said, found))
    if isinstance(truth, tuple) and not isinstance(truth, Date):
        return _range(said, truth, pairs, found, asked.question)
    if pairs:
        return Verdict("wrong", "range_for_date")
    return _points(said, found, truth, form, asked)


def _points(said: str, found: list[Found], truth: Date, form: str, asked: Asked) -> Verdict:
    """Judge the dates of an answer, of which the clause that answers the question tells."""
    told = answering(said, [f.start for f in found], asked.question) if len(found) > 1 else None
    found = [f for f in found if f.start in told] if told else found
    if contrary(said, found[0].start, asked.question):
        return Verdict("wrong", "another_event")
    if _other_event(said, asked.question):
        return Verdict("undecided", "another_event")
    verdicts = [_single(said, f, truth, form, asked) for f in found]
    if len(verdicts) == 1 or all(v.outcome == "right" for v in verdicts):
        return verdicts[0]
    return Verdict("wrong", "several_dates")


def _other_event(said: str, question: str) -> bool:
    """Tell whether a sentence tells what someone did, and nothing of what the question asks: he set sail."""
    asked, told = (
        {stem(w) for w in folded(t) if w not in FUNCTION | TIMES and not w[0].isdigit()} for t in (question, said)
    )
    return bool(_DEED.match(said)) and len(asked) > 1 and len(told) > 1 and not told & asked


def _readable(text: str) -> str:
    text = _DECADE.sub(lambda m: f"{_TEENS.split().index(m[1].lower()) + 10}{_tens(m[2])}0s", text)
    text = _SPELLED_DAY.sub(lambda m: f"{_day(m[1])} {m[2]}", text)
    text = _OF_YEAR.sub(r"\1, ", text)
    text = _ROMAN.sub(lambda m: f"{_roman(m[1])}th century", plain(text))
    return _SHORT_CENTURY.sub(r"\1 century", _CENTURY.sub(r"\1th century", text)).strip()


def _tens(word: str) -> int:
    return _TENS.split().index(word.lower()) + 2


def _day(words: str) -> int:
    """Return the day that an ordinal says: third is 3, twenty-first 21."""
    cardinals = {w: re.sub(r"ieth\Z", "y", w).removesuffix("th") for w in re.split(r"[\s-]", words.lower())}
    return sum(ORDINALS.get(w) or SMALL.get(cardinal, 0) for w, cardinal in cardinals.items())


def _roman(text: str) -> int:
    values = [_VALUES[c] for c in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _kept(said: str, found: list[Found], truth: Date | Range, asked: Asked) -> list[Found]:
    """Leave out dates that are negated, in brackets, or the question's, where others remain."""
    found = [f for f in found if not re.search(r"\bnot\s(?:in|on|until)?\s?\Z", said[max(0, f.start - 12) : f.start])]
    found = [f for f in found if not _measured(said, f)] or found
    spans = [m.span() for m in _BRACKETS.finditer(said)]
    found = [f for f in found if not any(a <= f.start < b for a, b in spans)] or found
    given = {f.dates[0] for f in dates(plain(asked.question[:2000]))}
    if isinstance(truth, Date):
        given.discard(truth)
    found = [f for f in found if f.dates[0] not in given] or found
    alone = not alternatives(said) and not any(ranges(said, found))
    if alone and isinstance(truth, Date) and truth.year is not None:
        return [f for f in found if f.dates[0].year is not None] or found  # the Ides of March, 44 BC
    return found


def _measured(said: str, found: Found) -> bool:
    """Tell whether the year is a number with a unit: winds of 140 km/h."""
    return said[found.start : found.end].isdigit() and units.leading(said[found.end :])[0] is not None


def _range(said: str, truth: Range, pairs: list[Range], found: list[Found], question: str) -> Verdict:
    wanted = (truth[0], truth[1])
    if len(pairs) == 1:
        same = all(supports(a, b) for a, b in zip(pairs[0], wanted, strict=True))
        return Verdict("right" if same else "wrong", "range_equal" if same else "range_different")
    if len(found) == 2 and _END.search(said[: found[0].start]) and not _END.search(question):
        return Verdict("undecided", "end_before_start")
    if len(found) == 2:
        same = all(supports(f.dates[0], b) for f, b in zip(found, wanted, strict=True))
        return Verdict("right" if same else "wrong", "range_equal" if same else "range_different")
    return Verdict("wrong" if len(found) == 1 else "undecided", "date_for_range")


def _single(said: str, found: Found, truth: Date, form: str, asked: Asked) -> Verdict:
    limit = _LIMITS.search(said[max(0, found.start - 20) : found.start])
    if limit and not re.search(rf"\b{re.escape(limit[1])}\b", form, re.I):
        return Verdict("wrong", "bound")
    if _LIMITS_BEHIND.match(said, found.end) and not re.search(r"\b(?:latest|earliest)\b", asked.question, re.I):
        return Verdict("wrong", "bound")
    if truth.year is not None and truth.year < 0 and _AD.search(said[found.start : found.end + 6]):
        return Verdict("wrong", "era_differs")
    form, said_ = (_FALL.sub("autumn", t) for t in (form, said))
    parts = {m.lower() for m in _PARTS.findall(form)}
    said_parts = {m.lower() for m in _PARTS.findall(said_)}
    if parts - said_parts:
        return Verdict("wrong" if said_parts else "undecided", "part_of_date")
    readings = set(found.dates) if "." not in said[found.start : found.end] else {found.dates[0]}
    readings = {r for r in readings if not r.grain or r == found.dates[0]}
    verdicts = {_same(_filled(r, truth, asked), truth, asked) for r in readings}
    if len(verdicts) == 1:
        return verdicts.pop()
    return Verdict("undecided", "day_or_month_first")


def _filled(said: Date, truth: Date, asked: Asked) -> Date:
    """Fill in the year or the era that the question gives."""
    if said.year is None and truth.year is not None:
        years = {f.dates[0].year for f in dates(plain(asked.question[:2000]))}
        return said._replace(year=truth.year) if truth.year in years else said
    if said.year and truth.year and truth.year < 0 and said.year == -truth.year and _BC.search(asked.question):
        return said._replace(year=truth.year)
    return said


def _same(said: Date, truth: Date, asked: Asked) -> Verdict:
    if _YEAR_ASKED.search(asked.question) and truth.year is not None and not truth.grain:
        truth = Date(truth.year)
    if supports(said, truth):
        finer = truth.grain and not said.grain
        return Verdict("undecided" if finer else "right", "date_finer" if finer else "date_equal")
    if supports(truth, said):
        return Verdict("wrong", "date_coarser")
    if said.year and truth.year and said.year == -truth.year:
        return Verdict("undecided" if said.year > 0 else "wrong", "era_differs")
    return Verdict("wrong", "date_different")
