"""Around: what the sentence around an answer in bold says against it: that it is not, or only at least, the one."""

import re

from udfs.grading import honesty
from udfs.grading.compare import compare
from udfs.grading.verdict import Asked, Verdict
from udfs.grading.words import TURNING, folded

# What makes a formula in bold a part of a longer one; behind a word, a dash is none of its signs.
_OPERATOR_BEFORE = re.compile(r"(?:[+*/^·×]|(?<![^\W\d_]{3}\s)[-−–])\s*\Z")
_OPERATOR_BEHIND = re.compile(r"\s*(?:[+*/^·×]|[-−–]\s*(?:[\d\\(]|[A-Za-z](?![A-Za-z])))")
_ONE = re.compile(r"\b(the|this|that|only|last) one(?= (?:[a-z]+ed|that|which|who|is|was)\b)", re.I)  # no number

_IF = re.compile(r"\A\s*if\s", re.I)  # if you add them up, it is 5


def against(answer: str, bold: tuple[tuple[str, str], ...], asked: Asked) -> Verdict | None:
    """Return the verdict on the sentence around an answer, where it takes the answer back."""
    for marked, sentence in bold:
        if marked == answer and asked.kind != "code" and not (asked.kind == "choice" and _summed_up(sentence)):
            conceded, *rest = re.split(rf"(?<!\w){re.escape(marked)}(?!\w)", sentence, maxsplit=1)
            behind = "".join(rest)
            before = conceded.rpartition(", but ")[2]  # it says little, but it does say X
            verdict = compare(_ONE.sub(r"\1", before + marked + behind), asked)
            unsure = honesty.unsure(_IF.sub("", f"{conceded} {behind}"))
            if verdict.outcome != "right" and (unsure or _takes_back(before, behind, verdict, asked)):
                return verdict
    return None


def _takes_back(before: str, behind: str, verdict: Verdict, asked: Asked) -> bool:
    """Tell whether a sentence that is not right itself speaks against what is marked in it."""
    said = set(folded(_IF.sub("", f"{before} {behind}")))
    if said & TURNING - set(folded(" ".join((*asked.forms, asked.question)))):
        return True
    if asked.kind == "expression":  # words around it cannot be read
        return bool(_OPERATOR_BEFORE.search(before) or _OPERATOR_BEHIND.match(behind))
    return verdict.outcome == "wrong"


def _summed_up(sentence: str) -> bool:
    """Tell whether a sentence ends with one word behind a colon, in front of which nothing turns it round."""
    before, colon, last = sentence.rpartition(": ")
    return bool(colon) and len(folded(last)) == 1 and not set(folded(before)[-4:]) & TURNING
