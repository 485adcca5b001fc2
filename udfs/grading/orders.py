"""Orders: whether the clause with the truth turns the question round: its roles, its sides, or who does it."""

import re

from udfs.grading.clausal import among
from udfs.grading.contrasts import contrary
from udfs.grading.holding import Case
from udfs.grading.wordforms import past
from udfs.grading.words import FUNCTION, folded, singular

_DID = re.compile(r"\b(?:did|does|do)\s(.*)", re.I | re.S)
_ACTIVE = re.compile(r"\b(?:by|is|are|was|were|been|being)\b", re.I)
_BEFORE = frozenset(
    ["in", "on", "at", "to", "from", "along", "under", "over", "with", "for", "of", "into", "onto", "among", "around"]
)
_SUBJECT = re.compile(r"\s*(?:the|an?)\s(?:[a-z-]+\s)??([a-z-]{3,})\s([a-z]+)\b", re.I)
MIN_WORDS = 3  # who does, what is done, to whom


def reversed_roles(case: Case) -> bool:
    """Tell whether the question's last word does what its first one does there: the sailors gave the queen."""
    asked = _DID.search(case.asked.question[:1000])
    matter = [w for w in folded(asked[1]) if w not in FUNCTION] if asked and case.worded else []
    return len(matter) >= MIN_WORDS and any(_reversed(case.text[c.start : c.end], matter) for c in case.holding)


def _reversed(text: str, matter: list[str]) -> bool:
    if _ACTIVE.search(text):
        return False
    words = [singular(w) for w in folded(text)]
    first, last = singular(matter[0]), singular(matter[-1])
    if first not in words or last not in words or words.index(last) > words.index(first):
        return False
    between = frozenset(words[words.index(last) + 1 : words.index(first)])
    fronted = _BEFORE & set(words[max(0, words.index(last) - 3) : words.index(last)])
    return not fronted and any(among(verb, between) for verb in matter[1:-1])


def contrary_clause(case: Case) -> bool:
    """Tell whether the clauses of a wording have a word that excludes one of the question's."""
    return case.worded and all(contrary(case.text, c.start, case.asked.question) for c in case.holding)


def another_noun(case: Case) -> bool:
    """Tell whether something else does what the question asks of what the clause lacks: the lockout began."""
    lacking = [w for w in case.missing if re.search(rf"\b{re.escape(w)}\b", case.asked.question)]
    if case.worded or not lacking:  # a name may be meant by its kind: the city fell
        return False
    subject = _SUBJECT.match(case.text[case.holding[0].start : case.holding[0].end])
    noun, verb = (subject[1].lower(), subject[2].lower()) if subject else ("", "")
    return noun in case.foreign and past(verb) and among(verb, case.matter)
