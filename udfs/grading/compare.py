"""Comparing: one answer against the truth by the rules of its type, with the answer's wrapping taken off."""

import re
from collections.abc import Callable

from udfs.grading import (
    accounted,
    booleans,
    choices,
    code,
    formulas,
    framing,
    honesty,
    lists,
    names,
    negation,
    numeric,
    when,
)
from udfs.grading.contrasts import contrary
from udfs.grading.coordinated import of_the_other
from udfs.grading.covered import covers
from udfs.grading.elements import element
from udfs.grading.readings import readings
from udfs.grading.signs import missigned, other_numbered
from udfs.grading.stated import stated
from udfs.grading.unwrap import unwrapped
from udfs.grading.verdict import Asked, Verdict, best
from udfs.grading.wordforms import alike, joined
from udfs.grading.words import FUNCTION, TURNING, core, focus, folded, same, stem
from udfs.numbers import scale

_PAIR = re.compile(r"\A(?:the )?(\w+(?: \w+)?) (?:and|&) (?:the )?(\w+(?: \w+)?)\Z", re.I)
MAX_PAIR = 6  # words of an answer that only names two things
_SERIES = re.compile(r"\w, \w.*\band\b")  # red, white and blue, in any order
_OF_TWO = re.compile(r"\b(?:two|both|pair)\b", re.I)
_ONE = re.compile(r"(?<=[a-z]\s)ones?\Z")  # the western one, where a slope is asked
_EITHER = re.compile(r"\b(?:either|not both|alternatively)\b", re.I)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_TOLD_BY_TURNS = frozenset(("boolean", "choice", "code"))  # their own rules read a `not`
_PI = re.compile(r"\\pi(?![A-Za-z])|π")
_RADIANS = re.compile(r"\brad(?:ians?)?\b")


def compare(said: str, asked: Asked) -> Verdict:
    """Compare one answer with the truth."""
    text = unwrapped(said, asked.kind)
    if _identical(text, said, asked):
        return Verdict("right", "same_text")
    if asked.question and honesty.echoes(said, asked.question) and asked.kind != "code":
        return Verdict("wrong", "echo")
    text, asked = _prepared(text, asked)
    verdict = _read(text, asked)
    if verdict.outcome == "undecided" and asked.kind in ("name", "phrase"):
        text, verdict = next(
            ((s, v) for s in framing.simpler(text, asked) if (v := _read(s, asked)).outcome == "right"), (text, verdict)
        )
    return _accounted(text, asked, verdict) if verdict.outcome == "right" else verdict


def _prepared(text: str, asked: Asked) -> tuple[str, Asked]:
    """Return the text without what it only sets its answer against, and all in one spelling."""
    if asked.kind not in ("boolean", "code"):
        text = joined(negation.settled(text, asked), asked.question)
    forms = [*asked.forms, *(form.replace("once every", "every") for form in asked.forms if "once every" in form)]
    if asked.kind in ("name", "phrase", "list"):
        text = lists.together(text) if asked.kind == "list" else text
        denies = any(map(framing.denies, (*forms, asked.question)))
        text = framing.full(text) if denies else text.translate(framing.CURLY)
        question = framing.full(asked.question) if denies else asked.question
        text, question, *forms = alike(text, question, *forms, *map(framing.full, forms))
        asked = asked._replace(question=question)
    if asked.kind in ("name", "phrase") and (kinds := sorted(focus(asked.question), key=len)):
        text = _ONE.sub(kinds[-1], text)
    return text, asked._replace(forms=tuple(dict.fromkeys(forms)))


def _accounted(text: str, asked: Asked, verdict: Verdict) -> Verdict:
    """Take back a `right` whose truth is denied, or answers another question."""
    if asked.kind not in _TOLD_BY_TURNS and negation.denied(text, asked):
        return Verdict("wrong", "negated")
    stem_ = asked.question[: choices.start(asked.question)] if asked.kind == "choice" else asked.question
    if asked.kind in ("expression", "choice") and contrary(_COMMAND.sub(" ", text), 0, stem_):
        return Verdict("wrong", "another_matter")
    if asked.kind not in accounted.KINDS:
        return verdict
    if asked.kind in ("name", "phrase", "list") and missigned(text, asked.forms):
        return Verdict("wrong", "other_sign")
    worded = asked.kind in ("name", "phrase")
    if framing.another_step(text, asked) or (worded and of_the_other(text, asked.forms, asked.question)):
        return Verdict("wrong", "another_step")
    stray = "denial_unsaid" if negation.unsaid(text, asked) else accounted.astray(text, asked)
    return Verdict("undecided", stray) if stray else verdict


def _read(text: str, asked: Asked) -> Verdict:
    first: Verdict | None = None
    for reading in readings(text, asked):
        verdict = _typed(reading, asked)
        if verdict.outcome == "right":
            return _unopposed(text, asked, verdict) if asked.kind in ("name", "phrase") else _held(text, asked, verdict)
        first = first or verdict
        if verdict.rule in choices.COMMITTED:
            break  # what is said beside the letter is not the answer
    return _missed(text, asked, first)


def _missed(text: str, asked: Asked, first: Verdict | None) -> Verdict:
    """Judge an answer no reading of which is the truth: by where that stands in it, by hedges, by what it lacks."""
    if first and first.outcome == "undecided":
        first = _told(text, asked) or _covered(text, asked) or first
    if first is None or (first.outcome == "undecided" and (_offers_more(text, asked) or text.endswith("?"))):
        return Verdict("wrong", "hedge")
    if first.outcome == "undecided" and asked.kind in ("name", "phrase"):
        return _worthless(text, asked) or first
    return first


def _told(text: str, asked: Asked) -> Verdict | None:
    """Judge a sentence by what it does with the truth; None where that cannot be told."""
    if asked.kind == "list":
        return Verdict("wrong", "turned_round") if _turned(text, asked) else None
    told = stated(text, asked) if asked.kind in ("name", "phrase") else ""
    if told == "right":
        return _held(text, asked, Verdict("right", "stated"))
    return Verdict("wrong", f"truth_{told}") if told else None


def _covered(text: str, asked: Asked) -> Verdict | None:
    if asked.kind not in ("name", "phrase") or not covers(text, asked):
        return None
    return _held(text, asked, Verdict("right", "covered"))


def _turned(text: str, asked: Asked) -> bool:
    """Tell whether a list leaves elements out by a word such as not, except or instead."""
    given = set(folded(" ".join((*asked.forms, asked.question)))) | ({"or"} if lists.solves(asked.question) else set())
    return bool(set(folded(text)) & TURNING - given)


def _unopposed(text: str, asked: Asked, verdict: Verdict) -> Verdict:
    """Take back a `right` that a part of the sentence earned, where all of it only mentions or contests the truth."""
    told = stated(text, asked)
    return _held(text, asked, verdict) if told in ("", "right") else Verdict("wrong", f"truth_{told}")


def _worthless(text: str, asked: Asked) -> Verdict | None:
    """Judge words that give no answer: those of the question alone, or that the truth is not it."""
    if _asked_only(text, asked):
        return Verdict("wrong", "question_only")
    return Verdict("wrong", "negated") if negation.denied(text, asked) else None


def _asked_only(text: str, asked: Asked) -> bool:
    """Tell whether the answer says nothing that the question does not, where the truth does: the author of the book."""
    said, question = ({stem(w) for w in folded(t) if w not in FUNCTION} for t in (text, asked.question))
    truths = [{stem(w) for w in folded(form) if w not in FUNCTION} for form in asked.forms]
    return bool(said) and said <= question and not any(truth <= question for truth in truths)


def _identical(text: str, said: str, asked: Asked) -> bool:
    if asked.kind == "code":
        return False
    if asked.kind in ("integer", "number") and scale(asked.unit) != 1:
        return False

    def fold(form: str) -> str:
        folded_ = " ".join(form.split()).strip(" .")
        return folded_ if asked.kind == "expression" else folded_.casefold()

    return any(fold(form) in {fold(text), fold(said)} - {""} for form in asked.forms)


def _offers_more(text: str, asked: Asked) -> bool:
    if asked.kind == "choice":
        text = choices.cleared(text)
    if asked.kind in ("integer", "number"):
        text = text.rpartition("=")[2]  # what was weighed before the result is no alternative
    text = re.sub(r"\bvs\b", "and", text) if asked.kind == "list" else text
    if asked.kind == "list" and lists.solves(asked.question):
        return bool(_EITHER.search(text))
    # Of a set of numbers each part may be said with an `or`.
    joined = any(honesty.alternatives(form) or re.search(r"\\cup|∪|\\pm|±", form) for form in asked.forms)
    return honesty.alternatives(text) and not joined


def _held(text: str, asked: Asked, verdict: Verdict) -> Verdict:
    """Take back a `right` where the answer around it hedges."""
    if other_numbered(text, asked.question) and asked.kind not in ("expression", "code", "choice"):
        return Verdict("undecided", "another_is_meant")
    if _offers_more(text, asked) and asked.kind not in ("integer", "number", "expression", "code", "boolean"):
        return Verdict("wrong", "hedge")
    if re.search(r"\bwhen\b", asked.question, re.I):
        text = re.sub(r"\A\s*if\b", "when", text, flags=re.I)
    text = choices.cleared(text) if asked.kind == "choice" else text
    if (
        asked.kind != "boolean"
        and honesty.unsure(text)
        and not any(map(honesty.unsure, (*asked.forms, asked.question.rstrip("? "))))
    ):
        return Verdict("wrong" if text.endswith("?") else "undecided", "unsure")
    return verdict


def _typed(said: str, asked: Asked) -> Verdict:
    return _RULES.get(asked.kind, _worded)(said, asked)


def _formula(said: str, asked: Asked) -> Verdict:
    verdict = formulas.compare(said, asked)
    if verdict.outcome == "right":
        return verdict
    # A number in words, or with a unit, is no formula, but may be the value.
    letters = [re.sub(r"\\[dt]?frac", "", form) for form in asked.forms]
    numeral = not any(re.search(r"[A-Za-z=<>(\[|\\]", form) for form in letters)
    worded = re.search(r"[A-Za-z]{3}|\d in \d", said) and not re.search(r"[\\(\[=^<>*]", said)
    number = numeric.compare(said, asked) if numeral and worded else verdict
    return number if number.outcome == "right" else verdict


def _dated(said: str, asked: Asked) -> Verdict:
    verdict = when.compare(said, asked)
    return _worded(said, asked) if verdict.rule == "truth_is_no_date" else verdict


def _listed(said: str, asked: Asked) -> Verdict:
    return lists.compare(said, asked, element)


def _number(said: str, asked: Asked) -> Verdict:
    verdict = numeric.compare(said, asked)
    if verdict.rule == "truth_is_no_number":
        return formulas.compare(said, asked) if asked.kind == "number" else _worded(said, asked)
    if verdict.outcome != "right" and _PI.search(said) and _in_degrees(asked):
        said = _RADIANS.sub("", _PI.sub("(180)", said))
        exact = formulas.compare(said, asked._replace(forms=tuple(form.rstrip("°") for form in asked.forms)))
        return exact if exact.outcome == "right" else verdict
    if verdict.outcome != "right" and verdict.rule != "other_unit" and "\\" in said:
        exact = formulas.compare(said, asked)
        return exact if exact.outcome == "right" else verdict
    return verdict


def _in_degrees(asked: Asked) -> bool:
    return asked.unit.lower() in ("°", "degree", "degrees", "deg") or asked.forms[0].endswith("°")


def _named(said: str, asked: Asked) -> Verdict:
    verdicts = []
    for form in asked.forms:
        verdicts.append(names.compare(said, form, asked.question))
        middle = core(said, asked.question, form)
        if middle and middle != said and not _possessed(said, middle, asked.question):
            verdicts.append(names.compare(middle, form, asked.question))
    return best(verdicts)


def _possessed(said: str, middle: str, question: str) -> bool:
    """Tell whether the name only says whose something is: the laws of Newton; not so the city of Amsterdam."""
    before = folded(said[: said.find(middle)])
    return before[-1:] == ("of",) and len(before) > 1 and stem(before[-2]) not in focus(question)


def _worded(said: str, asked: Asked) -> Verdict:
    plural = asked.kind == "phrase"
    form = asked.forms[0]
    for form in asked.forms:
        halves = form.split(" but ")
        turned = f"{halves[1]} but {halves[0]}" if len(halves) == 2 else form  # strict but fair, fair but strict
        if any(
            same(text, other, plural)
            for text in (said, core(said, asked.question, form))
            if text
            for other in (form, turned)
        ):
            return Verdict("right", "same_words")
        if plural and names.compare(said, form, asked.question).rule == "same_body":
            return Verdict("right", "same_body")
    several = lists.elements(form) if plural and _SERIES.search(form) else []
    if len(several) > 2:
        verdict = _listed(said, asked._replace(forms=("; ".join(several),)))
        return verdict if verdict.outcome == "right" else Verdict("undecided", "other_words")
    both = _PAIR.match(asked.forms[0]) if plural and _OF_TWO.search(asked.question) else None
    if both and len(said.split()) <= MAX_PAIR:
        verdict = _listed(said, asked._replace(forms=(f"{both[1]}; {both[2]}",)))
        return verdict if verdict.rule != "elements_differ" else Verdict("undecided", "other_words")
    return Verdict("undecided", "other_words")


_RULES: dict[str, Callable[[str, Asked], Verdict]] = {
    "integer": _number,
    "number": _number,
    "date": _dated,
    "boolean": booleans.compare,
    "choice": choices.compare,
    "expression": _formula,
    "list": _listed,
    "code": code.compare,
    "name": _named,
}
