"""Elements: whether two elements of lists are one, as points, numbers, formulas, dates, or else names and words."""

import re

from udfs.grading import formulas, names, numeric, when
from udfs.grading.list_forms import bracketed
from udfs.grading.parts import TIMES
from udfs.grading.unwrap import unwrapped
from udfs.grading.verdict import Asked, Verdict
from udfs.grading.words import TURNING, folded, same

_AMOUNT = re.compile(r"\A\d[\d.,/]*\s?(?:k?g|mg|[mcd]?l|cups?(?: of)?|tbsp|tsp|pieces?(?: of)?)?\s(?=\D)")
_OPERATED = re.compile(r"√|\d\s?!|\d\s?[xyzni](?![A-Za-z])")  # 10!, 10x
_DASHES = str.maketrans("–−", "--")
_TUPLE = re.compile(r"\(.*,.*\)|\[.*,.*\]", re.S)
_LABEL = re.compile(r"\A[A-Z](?:_?\d)?\s?=?\s?(?=[(\[])")
_CALCULATED = re.compile(r"\\|[=^√]|sqrt|\d\s*[+*/]\s*[\d(√a-z]|\bpi\b|π")


def _shortened(said: str, truth: str) -> bool:
    """Tell whether the element is a month or weekday by its first letters."""
    short = said.rstrip(".").casefold()
    return truth.casefold() in TIMES and 3 <= len(short) <= 4 and truth.casefold().startswith(short)


def element(said: str, truth: str, question: str) -> Verdict:
    """Compare two elements of lists: as points, numbers, formulas, dates, or else names and words."""
    plain = said.strip().strip("$").strip()
    if _TUPLE.fullmatch(truth):
        point = _LABEL.sub("", plain)
        return _formula(point, truth) if _TUPLE.fullmatch(point) else Verdict("undecided", "no_point")
    said = unwrapped(said, "phrase")
    if bracketed(said) and not bracketed(truth):
        return Verdict("wrong", "elements_added")
    if set(folded(said)) & TURNING - set(folded(truth)):
        return Verdict("undecided", "turned_round")
    calculated = _CALCULATED.search(truth) and re.search(r"[A-Za-z√]", truth)
    if calculated or (re.search(r"\d", truth) and _CALCULATED.search(plain)):
        verdict = _formula(plain, truth)
        if calculated or verdict.outcome == "right":
            return verdict
    return _valued(said, truth) or names.compare(said, truth, question)


def _formula(said: str, truth: str) -> Verdict:
    return formulas.compare(said, Asked("expression", (truth,), ""))


def _valued(said: str, truth: str) -> Verdict | None:
    """Compare two elements as a number, words or a date; None where they may be two names."""
    if re.fullmatch(r"[\W\d]*\d[\W\d]*", truth):
        if said.translate(_DASHES) == truth.translate(_DASHES):
            return Verdict("right", "same_text")  # 1995–2000
        if _OPERATED.search(said) and not _OPERATED.search(truth):
            return Verdict("undecided", "expression")
        return numeric.compare(said, Asked("number", (truth,), ""))
    if not re.search(r"\d", truth):
        said = _AMOUNT.sub("", said)  # 200 g flour
    if same(said, truth, plural=True) or _shortened(said, truth):
        return Verdict("right", "same_words")
    dated = Asked("date", (truth,), "")
    if re.search(r"\d", truth) and when.compare(truth, dated).outcome == "right":
        return when.compare(said, dated)
    return None
