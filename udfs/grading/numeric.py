"""Numbers: whether the number that an answer commits to is the true one."""

import re
from fractions import Fraction

from udfs.grading import rates, units
from udfs.grading.committed import NEGATED, committed
from udfs.grading.contrasts import contrary, opposed
from udfs.grading.counting import PERCENT, RATE, asked_unit, counted, noun, other_noun
from udfs.grading.quantity import MULTIPLIED, Quantity, equality, quantities
from udfs.grading.restated import read
from udfs.grading.units import Unit
from udfs.grading.verdict import Asked, Verdict, best
from udfs.grading.words import FUNCTION, folded, singular, stem
from udfs.numbers import scale, scaled

_BOUND = re.compile(
    r"(?:(?:more|less|fewer|greater|larger|smaller|higher|lower) than|"
    r"(?<!turned )(?<!handed )\b(?:over|under|above|below|nearly|almost|up to|at (?:least|most)|exceeding|beyond|"
    r"only part of|just (?:over|under))|[<>≤≥]=?)\s*(?:an?\s)?\Z",
    re.I,
)
# A bound behind the number, and the words of it that say which.
_BOUND_BEHIND = re.compile(
    r"\A(?:[^\W\d]+\s){0,3}?(?:at (?:the )?(?:very )?(most|least|minimum|maximum)|"
    r"(tops|max|min|maximum|minimum)(?! of)|(?:or|and) (more|less|fewer|over|under|above|below|up))\b",
    re.I,
)
_PART_OF = re.compile(
    r"\b(?:half|third|quarter|double|twice|triple|thrice|square|cube|root|fraction|year)(?:\sof)?\s\Z", re.I
)
_CHANGES = re.compile(
    r"\A(?:more|less|fewer|below|under|above|over|short|minus|plus|or|squared|cubed|and (?:a|some)|percent|fold|or so|"
    r"degrees below|(?:cheap|tall|long|short|heavi|light|high|low|old|young|fast|slow|bigg|small|larg|wid|"
    r"deep|warm|cold)er)\b|\A[-+*/^±×]",
    re.I,
)
_PART = re.compile(r"\b(?:half|quarter|double|mini|semi|1/2|0\.5)[ -](\w+)")
_SEA_LEVEL = re.compile(r"\A(?:above|below) (?:mean )?(?:sea|ground) level|\Aplus (?:tax|vat|shipping)", re.I)
_DENIES = re.compile(r"\b(?:not|no|never|without)\b|n['’]t\b", re.I)
# What is said of the opposite: the probability that it is not red is 0.2.
_DENIED_MATTER = re.compile(r"(?:\bnot|n['’]t)\s(?![^.;,]*\bbut\b)[^.;,:=—–]{3,80}\Z", re.I)
_UNSOLVED = re.compile(r"(?<![\w./])(\d*[a-z]\w?\s?(?:\^\s?\{?[2-9]\}?|[²³])|\d+[xyzn])\s*=\s*\Z")  # v^2 = 15, 3x = 21
_OPERATED = re.compile(r"(?:sqrt|log|ln|exp|sin|cos|tan|√)\s?[({]?\Z", re.I)
_ONLY_JOINED = re.compile(r"[\W_]|\b(?:or|and|to|between|from|either|und|oder|ou|et|y|x)\b", re.I)
_AFTER = """
long tall high wide deep thick old away apart ago heavy big large each person total altogether all now only today worth
exactly precisely so far left
"""
_HOW_MUCH = re.compile(r"\bby (?:how (?:much|many)|what|which)\b", re.I)
_REACHED = re.compile(
    r"(?:\A\s*|\b(?:fell|fallen|falls?|rose|risen|rises?|dropped|drops?|grew|grown|increased?|decreased?|declined?|"
    r"climbed|went(?: up| down)?|reduced|raised|lowered|cut)\s(?:from .{1,30} )?)(?:to|from)\s\Z",
    re.I,
)
_MEASURE_WORDS = """
difference sum product ratio quotient mean average median mode perimeter area volume radius diameter circumference
height width length depth mass weight speed velocity acceleration force energy power price cost
revenue profit tax interest age
"""
_MEASURES = frozenset(_MEASURE_WORDS.split())
_MEASURED = re.compile(r"\b(?:the|its|their)\s([a-z]+)\s(?:of [^,.;:=]{1,40}\s)?(?:is|was|equals|=)\s*\Z", re.I)
_RISES, _FALLS = (
    "rise increase grow growth gain climb raise raised",
    "fall decrease decline drop dropped shrink lose down reduce cut lower",
)
_UP, _DOWN = frozenset(map(stem, _RISES.split())), frozenset(map(stem, _FALLS.split()))
_SINKING = "sink plunge slump slip slide tumble dip contract diminish loss less minus"
_SINKS = _DOWN | frozenset(map(stem, _SINKING.split()))
_GAINS = frozenset(map(stem, ["up", "more", "plus", "rose", "jump", "surge", "expand"]))
_CHANGE = re.compile(r"\b(?:chang|differ|develop|mov|balance|result|gain or loss|profit or loss)", re.I)
_TEMPERATURES = tuple(map(units.unit, ("°C", "°F", "K")))
_COULOMB, _FARAD, _DEGREES = map(units.unit, ("C", "F", "degrees"))
_POUNDS = tuple(map(units.unit, ("pounds", "pounds sterling")))
_HARMLESS = frozenset(_AFTER.split())  # what may follow a number without naming what is counted


def compare(said: str, asked: Asked) -> Verdict:
    """Compare what an answer commits to with the true number; `undecided` where it holds none that can be told."""
    truths = [truth for truth in (true_quantity(form, asked) for form in asked.forms) if truth]
    if not truths:
        return Verdict("undecided", "truth_is_no_number")
    text, found = read(said, asked, truths)
    if not found:
        return Verdict("undecided", "no_number")
    found = _directed(text, found, asked)
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


def _directed(text: str, found: list[Quantity], asked: Asked) -> list[Quantity]:
    """Give unsigned numbers the sign that a verb tells, where a signed change is asked: it fell by 8 % is -8 %."""
    signed = any(form.lstrip()[:1] in "+-−–" for form in asked.forms)
    words = {stem(w) for w in folded(text)}
    falls = bool(words & _SINKS) and not words & (_UP | _GAINS)
    if not signed or not falls or not _CHANGE.search(asked.question):
        return found
    return [q._replace(value=-abs(q.value)) for q in found]


def _opposed(text: str, found: list[Quantity], chosen: Quantity, asked: Asked) -> bool:
    """Tell whether another number of the kind is said of the opposite, and the question tells not which it means."""
    rivals = [q for q in found if q.unit == chosen.unit and q.value != chosen.value]
    return any(opposed(text, chosen.start, q.start, asked.question) for q in rivals)


def _agree(verdicts: list[Verdict]) -> bool:
    """Tell whether all numbers are the true one: 0.25 or 25 %."""
    same = [v for v in verdicts if v.outcome == "right" or v.rule == "fraction_for_percentage"]
    return len(same) == len(verdicts) and any(v.outcome == "right" for v in verdicts)


def true_quantity(form: str, asked: Asked) -> Quantity | None:
    """Return the number that one form of the truth says, in the unit asked; None where it says none, or several."""
    text, found = quantities(form)
    if len(found) != 1:
        return None
    factor = Fraction(scaled(text[found[0].start : found[0].end], asked.unit))
    named = noun(asked.unit)
    measured = units.unit(named) or units.unit(rates.split(named)[0])
    unit = found[0].unit or measured or (None if named else asked_unit(asked.question))
    q = found[0]._replace(unit=unit)
    if found[0].step != 1 or factor == 1:
        return q._replace(value=q.value * factor, step=q.step * factor)
    return q._replace(value=q.value * factor, step=factor)


def _one(said: Quantity, truth: Quantity, text: str, asked: Asked) -> Verdict:
    aside = _set_aside(said, text, asked)
    if aside:
        return aside
    said = said._replace(unit=_meant(said.unit, truth.unit))
    if _other_rate(said, truth, asked):
        return Verdict("undecided", "other_rate")
    result = equality(truth, said, asked.kind == "integer")
    if result is None:
        inexact = {base for u in (truth.unit, said.unit) if u for base, _ in u.dimension} == {"s", "yr"}
        stated = bool(asked.unit) or any(quantities(form)[1][0].unit for form in asked.forms if quantities(form)[1])
        return Verdict("wrong" if stated and not inexact else "undecided", "other_unit")
    if result == "equal":
        return _equal(said, truth, text, asked)
    other = _as_fraction(said, truth, asked) or _unscaled(said, truth, asked)
    return other or Verdict("undecided" if result == "near" else "wrong", f"number_{result}")


def _other_rate(said: Quantity, truth: Quantity, asked: Asked) -> bool:
    """Tell whether a number is said per something else than the true one: per year, where it is deaths per day."""
    per = rates.split(said.rest)[1]
    true = rates.split(noun(asked.unit))[1] or rates.split(truth.rest)[1]
    if per and true:
        return not rates.same(per, true)
    if per is None:
        return true is not None and true.number != 1 and said.value != truth.value  # 0.5 % are 5 per 1,000
    known = (
        per.words & {stem(w) for w in folded(asked.question)} or truth.unit == units.PERCENT
    )  # of interest, per year
    return bool(asked.unit or truth.unit) and (per.number != 1 or per.unit is not None) and not known


def _meant(said: Unit | None, truth: Unit | None) -> Unit | None:
    """Return the unit that a symbol or name of several stands for beside the true one: 5 C, 5 degrees, 5 pounds."""
    if truth in _TEMPERATURES:
        return {_DEGREES: truth, _COULOMB: _TEMPERATURES[0], _FARAD: _TEMPERATURES[1]}.get(said, said)
    return truth if said in _POUNDS and truth in _POUNDS else said


def _set_aside(said: Quantity, text: str, asked: Asked) -> Verdict | None:
    """Judge a number by what stands beside it: denied, a bound, under a root, an ordinal."""
    before = text[max(0, said.start - 30) : said.start]
    if NEGATED.search(before):
        return Verdict("wrong", "negated")
    before = before.rstrip("".join(map(chr, range(0xE000, 0xE040))))  # the marks of currencies
    if _PART_OF.search(before):
        return Verdict("wrong", "part_of_it")
    if _bounds(said, before, asked):
        return Verdict("wrong", "bound")
    if _HOW_MUCH.search(asked.question) and _REACHED.search(text[max(0, said.start - 60) : said.start]):
        return Verdict("wrong", "what_it_came_to")
    unread = _of_another(said, text, asked) or _OPERATED.search(before) or re.fullmatch(r"\d+!", text.strip())
    if unread or MULTIPLIED.match(text, said.end):
        return Verdict("undecided", "expression")
    nth = said.ordinal and re.search(r"\bhow (?:many|much)\b", asked.question, re.I)
    return Verdict("undecided", "ordinal") if nth else None


def _bounds(said: Quantity, before: str, asked: Asked) -> bool:
    """Tell whether a number is only a bound, by the words on either side, which neither truth nor question has."""
    if _BOUND.search(before) and not any(_BOUND.search(form[:25].rstrip("0123456789.,")) for form in asked.forms):
        return True
    behind = _BOUND_BEHIND.match(said.rest[:80])
    words = {word.lower() for word in behind.groups() if word} if behind else set()
    return bool(words) and not words & set(folded(" ".join((asked.question, *asked.forms))))


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
        asks = bool(PERCENT.search(asked.question)) and bool(said.step)  # two fifths are 40 %
        return Verdict("undecided" if asks else "right", "fraction_for_percentage")
    if said.unit == units.PERCENT and truth.unit is None and said.value == truth.value:
        rate = RATE.search(asked.question) or PERCENT.search(asked.question)
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
    return _misdirected(said, text, asked) or _miscounted(said, truth, asked) or Verdict("right", "number_equal")


def _misdirected(said: Quantity, text: str, asked: Asked) -> Verdict | None:
    """Judge a true number by the sentence around it: more than it, the other direction, another matter."""
    change = _CHANGES.match(_SEA_LEVEL.sub("", said.rest))
    result = text[: said.start].rstrip(" $€£").endswith("=")  # 72 - 54 = 18 more
    if change and not result and not set(folded(change[0])) & set(folded(asked.question)):
        return Verdict("undecided", "more_is_said")
    if _turned(text, asked):
        return Verdict("wrong", "other_direction")
    part = _PART.search(text[: said.start])
    if part and stem(part[1].lower()) in {stem(w) for w in folded(asked.question)} and part[0] not in asked.question:
        return Verdict("wrong", "another_matter")  # a half marathon
    return Verdict("wrong", "another_matter") if contrary(text, said.start, asked.question) else None


def _miscounted(said: Quantity, truth: Quantity, asked: Asked) -> Verdict | None:
    """Judge a true number by the noun behind it, which may be another unit, or another thing than is counted."""
    nouns = [w for w in folded(said.rest)[:4] if w not in FUNCTION and w not in _HARMLESS]
    known = {singular(w) for w in folded(f"{asked.unit} {asked.question} {' '.join(asked.forms)}")}
    strange = bool(nouns) and singular(nouns[0]) not in known
    named = noun(asked.unit)
    # A noun that is neither the unit nor in the question may be another unit: 12 nautical miles for 12 km.
    shared = truth.unit == units.PERCENT and nouns and bool(said.rest)  # 68 voters, where a share is asked
    unknown = (shared or (strange and (truth.unit or named))) and said.unit is None
    if unknown or (named and truth.unit is None and said.unit not in (None, units.unit(asked.unit))):
        return Verdict("undecided", "unknown_unit")
    things = bool(said.unit and not truth.unit and not asked.unit and counted(asked.question))
    timed = things and said.unit != units.PERCENT and not asked_unit(asked.question)  # 450 days, not loaves
    return Verdict("undecided", "other_noun") if timed or other_noun(said, asked) else None


def _turned(text: str, asked: Asked) -> bool:
    """Tell whether the answer falls where the question rises, or the other way round."""
    words, wanted = ({stem(w) for w in folded(part)} for part in (text, asked.question))
    return any(
        wanted & way and not wanted & back and words & back and not words & way
        for way, back in ((_UP, _DOWN), (_DOWN, _UP))
    )


def _around(text: str, found: list[Quantity]) -> list[str]:
    """Return the text outside the quantities' numbers."""
    out, at = [], 0
    for q in found:
        out.append(text[at : q.start])
        at = q.end
    return [*out, text[at:]]
