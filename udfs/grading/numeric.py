"""Numbers: whether the number that an answer commits to is the true one."""

import itertools
import re
from fractions import Fraction

from udfs.grading import units
from udfs.grading.committed import HOW_MANY_OF, NEGATED, committed
from udfs.grading.contrasts import contrary, opposed
from udfs.grading.quantity import Quantity, equality, quantities
from udfs.grading.units import Unit
from udfs.grading.verdict import Asked, Verdict, best
from udfs.grading.words import FUNCTION, folded, singular, stem
from udfs.numbers import scale

_BOUND = re.compile(
    r"(?:(?:more|less|fewer|greater|larger|smaller|higher|lower) than|\b(?:over|under|above|below|nearly|almost|up to|"
    r"at (?:least|most)|exceeding|beyond|only part of|just (?:over|under))|[<>≤≥]=?)\s*(?:an?\s)?\Z",
    re.I,
)
_PART_OF = re.compile(
    r"\b(?:half|third|quarter|double|twice|triple|thrice|square|cube|root|fraction|year)(?:\sof)?\s\Z", re.I
)
_CHANGES = re.compile(
    r"\A(?:more|less|fewer|below|under|above|over|short|minus|plus|or|squared|cubed|and (?:a|some)|percent|fold|or so|"
    r"degrees below|(?:cheap|tall|long|short|heavi|light|high|low|old|young|fast|slow|bigg|small|larg|wid|deep|warm|cold)er)\b|\A[-+*/^±×]",
    re.I,
)
_SEA_LEVEL = re.compile(r"\A(?:above|below) (?:mean )?(?:sea|ground) level|\Aplus (?:tax|vat|shipping)", re.I)
_DENIES = re.compile(r"\b(?:not|no|never|without)\b|n['’]t\b", re.I)
# What is said of the opposite: the probability that it is not red is 0.2.
_DENIED_MATTER = re.compile(r"(?:\bnot|n['’]t)\s(?![^.;,]*\bbut\b)[^.;,:=—–]{3,80}\Z", re.I)
_UNSOLVED = re.compile(r"(?<![\w./])(\d*[a-z]\w?\s?(?:\^\s?\{?[2-9]\}?|[²³])|\d+[xyzn])\s*=\s*\Z")  # v^2 = 15, 3x = 21
_PER = re.compile(r"(?:\bper\b|\beach\b|\bevery\b|(?<=[a-z\d])/|\ba(?= (?:day|week|month|year|hour)))\s?[a-z]+\b", re.I)
_OPERATED = re.compile(r"(?:sqrt|log|ln|exp|sin|cos|tan|√)\s?[({]?\Z", re.I)
_ONLY_JOINED = re.compile(r"[\W_]|\b(?:or|and|to|between|from|either|und|oder|ou|et|y|x)\b", re.I)
_IN_UNIT = re.compile(r"\bin\s([^\W\d]{4,20}(?: per [a-z]{3,10})?)\?\s*\Z")  # how far, in metres?
_HOW_MANY = re.compile(r"\bhow many\s(?=[^\W\d]{4}|(?:km|kg|cm|mm|ml|mg|kB|MB|GB)\b)", re.I)
_HOW_MANY_THINGS = re.compile(r"\bhow many\s((?:[\w'-]+\s?){1,6})", re.I)
_PERCENT = re.compile(r"%|\bper\s?cent|\bprozent|\bpourcent", re.I)
_POINTS = re.compile(r"\bpercentage points?\b|(?<=\d) ?pp\b")
_RATE = re.compile(
    r"\b(?:rate|share|proportion|growth|inflation|interest|unemployment|margin|discount|content)\b", re.I
)
_AFTER = """
long tall high wide deep thick old away apart ago heavy big large each person total altogether all now only today worth
exactly precisely so far left
"""
_PERSONS = (
    "people person inhabitant resident citizen individual visitor spectator attendee guest member soldier student"
)
_PEOPLE = frozenset(map(stem, _PERSONS.split()))
_LETTER_SCALES = {"M": " million", "B": " billion"}
_SYMBOL_BEHIND = re.compile(r"(\d\s?)[A-Za-z][A-Za-z ]{2,30}\s\(([^\d()]{1,8})\)")  # 1500 Calories (kcal)
_HOW_OLD = re.compile(r"\bhow old (?:is|are|was|were|will)\b", re.I)
_HOW_OFTEN = re.compile(r"\bhow (?:many times|often)\b", re.I)
_ONCE = {"once": 1, "twice": 2, "thrice": 3}
_TIMES = re.compile(r"\b(once|twice|thrice)\b", re.I)
_HOW_MUCH = re.compile(r"\bby (?:how (?:much|many)|what|which)\b", re.I)
_REACHED = re.compile(
    r"(?:\A\s*|\b(?:fell|fallen|falls?|rose|risen|rises?|dropped|drops?|grew|grown|increased?|decreased?|declined?|climbed|went"
    r"(?: up| down)?|reduced|raised|lowered|cut)\s(?:from .{1,30} )?)to\s\Z",
    re.I,
)
_MEASURE_WORDS = """
difference sum product ratio quotient mean average median mode perimeter area volume radius diameter circumference height
width length depth mass weight speed velocity acceleration force energy power price cost revenue profit tax interest age
"""
_MEASURES = frozenset(_MEASURE_WORDS.split())
_MEASURED = re.compile(r"\b(?:the|its|their)\s([a-z]+)\s(?:of [^,.;:=]{1,40}\s)?(?:is|was|equals|=)\s*\Z", re.I)
_IN_ALL = re.compile(r"\s?(?:chances?\s)?(?:in|out of)\s(?:an?\s)?")
_BELOW_ZERO = re.compile(r"\b([\w.]+)\s?(degrees?|°)(\s?(?:celsius|fahrenheit|[CF]\b))?\sbelow zero\b", re.I)
_RISES, _FALLS = (
    "rise increase grow growth gain climb raise raised",
    "fall decrease decline drop dropped shrink lose down reduce cut lower",
)
_UP, _DOWN = frozenset(map(stem, _RISES.split())), frozenset(map(stem, _FALLS.split()))
_HARMLESS = frozenset(_AFTER.split())  # what may follow a number without naming what is counted


def compare(said: str, asked: Asked) -> Verdict:
    """Compare what an answer commits to with the true number; `undecided` where it holds none that can be told."""
    truths = [truth for truth in (_truth(form, asked) for form in asked.forms) if truth]
    if not truths:
        return Verdict("undecided", "truth_is_no_number")
    # A rate where the question speaks of each day anyway: 18 dollars per day.
    if _PER.search(asked.question) and not any(_PER.search(form) for form in (*asked.forms, asked.unit)):
        said = _PER.sub(" ", said)
    if re.search(r"\bratio\b", asked.question, re.I):
        said = re.sub(r"\b(\d+)\s(?:to|is to)\s(\d+)\b", r"\1/\2", said)
    if _RATE.search(asked.question):
        said = _POINTS.sub("%", said)
    said = _SYMBOL_BEHIND.sub(lambda m: m[1] + m[2] if units.unit(m[2]) else m[0], said)
    if _HOW_OFTEN.search(asked.question):
        said = _TIMES.sub(lambda m: f"{_ONCE[m[1].lower()]} times", said)
    if not any(base in ("K", "°C", "°F") for t in truths if t.unit for base, _ in t.unit.dimension):
        said = re.sub(r"(?<=\d)K\b", " thousand", said)  # else kelvin
    if not _noun(asked.unit) and not any(t.unit or t.rest for t in truths):
        said = re.sub(r"(?<=\d)\s?([MB])\b(?!\S)", lambda m: _LETTER_SCALES[m[1]], said)  # else bytes
    text, found = quantities(_BELOW_ZERO.sub(r"minus \1 \2\3", said))
    text, found = _restated(text, _shares(text, found, truths))
    if not found:
        return Verdict("undecided", "no_number")
    kept = committed(text, found, asked, truths)
    verdicts = [best([_one(q, truth, text, asked) for truth in truths]) for q in kept]
    if verdicts[0].rule == "fraction_for_percentage":  # a quarter (25 %)
        verdicts = [best([_one(q, truth, text, asked) for truth in truths]) for q in found]
    if len(kept) < len(found) and len(verdicts) == 1 and _opposed(text, found, kept[0], asked):
        return Verdict("undecided", "several_numbers")
    if len(verdicts) == 1 or _agree(verdicts):
        return best(verdicts)
    if not _ONLY_JOINED.sub("", "".join(_around(text, found))):
        return Verdict("wrong", "several_numbers")
    outcome = "wrong" if all(v.outcome == "wrong" for v in verdicts) else "undecided"
    return Verdict("wrong" if outcome == "wrong" else "undecided", "several_numbers")


def _opposed(text: str, found: list[Quantity], chosen: Quantity, asked: Asked) -> bool:
    """Tell whether another number of the kind is said of the opposite, and the question does not say of which it asks."""
    rivals = [q for q in found if q.unit == chosen.unit and q.value != chosen.value]
    return any(opposed(text, chosen.start, q.start, asked.question) for q in rivals)


def _restated(text: str, found: list[Quantity]) -> tuple[str, list[Quantity]]:
    """Take an `or` between one number in two forms for an equals sign: 13/52, or 0.25."""
    if len(found) < 2 or found[-1].value != found[-2].value or found[-1].unit != found[-2].unit:
        return text, found
    a, b = found[-2:]
    if not re.fullmatch(r"\s*,?\s*or\s*", text[a.end : b.start]):
        return text, found
    return f"{text[: a.end]}{'=':^{b.start - a.end}}{text[b.start :]}", [*found[:-2], a._replace(rest=""), b]


def _agree(verdicts: list[Verdict]) -> bool:
    """Tell whether all numbers are the true one: 0.25 or 25 %."""
    same = [v for v in verdicts if v.outcome == "right" or v.rule == "fraction_for_percentage"]
    return len(same) == len(verdicts) and any(v.outcome == "right" for v in verdicts)


def _truth(form: str, asked: Asked) -> Quantity | None:
    _, found = quantities(form)
    if len(found) != 1:
        return None
    factor = Fraction(scale(asked.unit))
    named = _noun(asked.unit)
    unit = found[0].unit or units.unit(named) or (None if named else _asked_unit(asked.question))
    q = found[0]._replace(unit=unit)
    if found[0].step != 1 or factor == 1:
        return q._replace(value=q.value * factor, step=q.step * factor)
    return q._replace(value=q.value * factor, step=factor)


def _noun(unit: str) -> str:
    """Return a unit without its scale words: euros of million euros."""
    while scale(unit) != 1:
        unit = unit.partition(" ")[2].strip()
    return unit.strip()


def _asked_unit(question: str) -> Unit | None:
    """Return the unit that the question asks for: how many kilometres, what percentage."""
    if re.search(r"\b(?:what|which|how (?:much|many|large))\b.{0,20}\bper\s?cent", question, re.I):
        return units.PERCENT
    if _HOW_OLD.search(question):
        return units.unit("years")
    found = _HOW_MANY.search(question[:2000])
    if found:
        return units.leading(question[found.end() : found.end() + 60])[0]
    named = _IN_UNIT.search(question[-80:])
    return units.unit(named[1]) if named else None


def _one(said: Quantity, truth: Quantity, text: str, asked: Asked) -> Verdict:
    aside = _set_aside(said, text, asked)
    if aside:
        return aside
    result = equality(truth, said, asked.kind == "integer")
    if result is None:
        inexact = {base for u in (truth.unit, said.unit) if u for base, _ in u.dimension} == {"s", "yr"}
        stated = bool(asked.unit) or any(quantities(form)[1][0].unit for form in asked.forms if quantities(form)[1])
        return Verdict("wrong" if stated and not inexact else "undecided", "other_unit")
    if result == "equal":
        return _equal(said, truth, text, asked)
    other = _as_fraction(said, truth, asked) or _unscaled(said, truth, asked)
    return other or Verdict("undecided" if result == "near" else "wrong", f"number_{result}")


def _set_aside(said: Quantity, text: str, asked: Asked) -> Verdict | None:
    """Judge a number by the words in front of it: denied, a bound, under a root, an ordinal."""
    before = text[max(0, said.start - 30) : said.start]
    if NEGATED.search(before):
        return Verdict("wrong", "negated")
    before = before.rstrip("".join(map(chr, range(0xE000, 0xE040))))  # the marks of currencies
    if _PART_OF.search(before):
        return Verdict("wrong", "part_of_it")
    if _BOUND.search(before) and not any(_BOUND.search(form[:25].rstrip("0123456789.,")) for form in asked.forms):
        return Verdict("wrong", "bound")
    if _HOW_MUCH.search(asked.question) and _REACHED.search(text[max(0, said.start - 60) : said.start]):
        return Verdict("wrong", "what_it_came_to")
    unread = _of_another(said, text, asked) or _OPERATED.search(before) or re.fullmatch(r"\d+!", text.strip())
    if unread:
        return Verdict("undecided", "expression")
    counted = said.ordinal and re.search(r"\bhow (?:many|much)\b", asked.question, re.I)
    return Verdict("undecided", "ordinal") if counted else None


def _of_another(said: Quantity, text: str, asked: Asked) -> bool:
    """Tell whether the number is what the opposite comes to, or a power or multiple of what is asked."""
    if _DENIED_MATTER.search(text[: said.start]) and not _DENIES.search(asked.question):
        return True
    measured = _MEASURED.search(text[: said.start])
    wanted = set(folded(asked.question))
    if measured and measured[1].lower() in _MEASURES - wanted and _MEASURES & wanted:
        return True  # the difference, where the ratio is asked
    solved = _UNSOLVED.search(text[max(0, said.start - 30) : said.start])
    return solved is not None and solved[1] not in asked.question


def _as_fraction(said: Quantity, truth: Quantity, asked: Asked) -> Verdict | None:
    """Judge 0.35 for 35 %, and 35 % for 35, where the question does not tell which is meant."""
    if truth.unit == units.PERCENT and said.unit is None and said.value * 100 == truth.value:
        asks = bool(_PERCENT.search(asked.question))
        return Verdict("undecided" if asks else "right", "fraction_for_percentage")
    if said.unit == units.PERCENT and truth.unit is None and said.value == truth.value:
        rate = _RATE.search(asked.question) or _PERCENT.search(asked.question)
        # 0.08 % is no other way to say a rate of 0.08.
        return Verdict("right" if rate and truth.value >= 1 else "undecided", "percentage_for_number")
    return None


def _unscaled(said: Quantity, truth: Quantity, asked: Asked) -> Verdict | None:
    """Judge 3.2 for 3.2 million: right only where the question asks for millions."""
    factor = scale(asked.unit)
    if factor == 1 or said.value * Fraction(factor) != truth.value:
        return None
    word = asked.unit.split()[0].rstrip("s").lower()
    return Verdict("right" if word in asked.question.lower() else "undecided", "scale_unsaid")


def _equal(said: Quantity, truth: Quantity, text: str, asked: Asked) -> Verdict:
    change = _CHANGES.match(_SEA_LEVEL.sub("", said.rest))
    result = text[: said.start].rstrip(" $€£").endswith("=")  # 72 - 54 = 18 more
    if change and not result and not set(folded(change[0])) & set(folded(asked.question)):
        return Verdict("undecided", "more_is_said")
    if _turned(text, asked):
        return Verdict("wrong", "other_direction")
    if contrary(text, said.start, asked.question):
        return Verdict("wrong", "another_matter")
    nouns = [w for w in folded(said.rest)[:4] if w not in FUNCTION and w not in _HARMLESS]
    known = {singular(w) for w in folded(f"{asked.unit} {asked.question} {' '.join(asked.forms)}")}
    strange = bool(nouns) and singular(nouns[0]) not in known
    # A noun that is neither the unit nor in the question may be another unit: 12 nautical miles for 12 km.
    if strange and (truth.unit or _noun(asked.unit)) and said.unit is None:
        return Verdict("undecided", "unknown_unit")
    if _noun(asked.unit) and truth.unit is None and said.unit not in (None, units.unit(asked.unit)):
        return Verdict("undecided", "unknown_unit")
    timed = said.unit and not truth.unit and not asked.unit and _counted(asked.question)
    if timed and said.unit != units.PERCENT and not _asked_unit(asked.question):
        return Verdict("undecided", "other_noun")  # 450 days, where loaves are counted
    if _other_noun(said, asked):
        return Verdict("undecided", "other_noun")
    return Verdict("right", "number_equal")


def _turned(text: str, asked: Asked) -> bool:
    """Tell whether the answer falls where the question rises, or the other way round."""
    words, wanted = ({stem(w) for w in folded(part)} for part in (text, asked.question))
    return any(
        wanted & way and not wanted & back and words & back and not words & way
        for way, back in ((_UP, _DOWN), (_DOWN, _UP))
    )


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


def _other_noun(said: Quantity, asked: Asked) -> bool:
    """Tell whether the answer counts another thing than the question: 88 strings where keys are asked."""
    first = folded(said.rest)[:1]
    if not HOW_MANY_OF.search(asked.question) or not first or not first[0].endswith("s") or first[0] in FUNCTION:
        return False
    known = {stem(w) for w in folded(f"{asked.question} {asked.unit} {' '.join(asked.forms)}")}
    counted = _counted(asked.question)
    if counted and stem(first[0]) in known and stem(first[0]) not in counted and said.unit is None:
        return bool(counted & {stem(w) for w in folded(asked.question)})  # boxes, where pens are counted
    people = bool(known & _PEOPLE) and stem(first[0]) in _PEOPLE
    return stem(first[0]) not in known and not people and said.unit is None


def _counted(question: str) -> set[str]:
    """Return the stems of the words for what is counted: how many red pens."""
    found = _HOW_MANY_THINGS.search(question)
    words = itertools.takewhile(lambda w: w not in FUNCTION, folded(found[1])) if found else ()
    words = list(words)
    return {stem(w) for w in words} if words and words[-1].endswith("s") else set()


def _around(text: str, found: list[Quantity]) -> list[str]:
    """Return the text outside the quantities' numbers."""
    out, at = [], 0
    for q in found:
        out.append(text[at : q.start])
        at = q.end
    return [*out, text[at:]]
