"""Clauses: which part of a sentence with several values answers the question, told by the question's own words."""

import re
from itertools import pairwise

from udfs.grading.contrasts import contrary
from udfs.grading.parts import TIMES
from udfs.grading.words import FUNCTION, folded, stem

_BOUNDARY = re.compile(
    r"(?:[;,]|(?<!\d)\.|\.(?!\d))\s+(?:(?:and|but|so|while|whereas|although|though|yet|or)\s+)?"
    r"|\s(?:but|and|while|whereas|although|though|yet|versus|vs\.?|compared (?:to|with)|(?:up|down) from|so)\s",
    re.I,
)
_OPENS = re.compile(r"and|;|\.", re.I)
_SO = re.compile(r"\bso\s+\Z", re.I)
_CONTRAST = re.compile(r"\b(?:but|however|yet)\b", re.I)
_FRONTED = re.compile(r"\s*(?:on|in|by|at|from|with|for)\b", re.I)
# Who, than whom, followed by what: no main clause, whatever words it shares with the question.
_FRONTED_MEASURE = re.compile(r"\s*(?:at|with|by)\s[\d.,]+\s?\S+", re.I)  # at 92 metres, the tower is
_SUPERLATIVE = re.compile(r"(?<=[a-z]{3})est$")  # the tallest speaks of how tall
_BESIDE = re.compile(r"\s*(?:who|which|whose|where|than|compared|followed|preceded|including|excluding|plus)\b", re.I)
_TOTAL = frozenset(map(stem, ("total", "altogether", "overall", "answer", "result", "final")))
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_VERBS = "has|had|is|was|buys|sells|bought|sold|gives|gave|bakes|makes|earns|reads|runs|walks|drives|starts|collects"
_PRONOUN = re.compile(r"\b(?:he|she|they|it)\b", re.I)
_NAME = re.compile(rf"(?<!\A)(?<![.?!] )\b[A-Z][\w'-]+|\A[A-Z][a-z]+(?= (?:{_VERBS})\b)")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|did|fell|rose|began|went|came|won|lost|took|became|ran|sold|"
    r"grew|broke|sank|fought|met|died|left|(?<!\bthe )(?<!\ba )[a-z]+(?:ed|es))\b|\A\s*\w+ing\b"
)
MAX_ELLIPTIC = 6  # words of a clause that leaves its verb to the one before: the used one $6,000


def answering(text: str, starts: list[int], question: str) -> list[int] | None:
    """Return those of the values, by where they start, that stand in the clause with most of the question's words.

    None where no clause has more of them than all others, or a contrast behind it may take it back.
    """
    pieces = [piece for piece in _pieces(text) if any(piece[0] <= at < piece[1] for at in starts)]
    if len(pieces) < 2:
        return None
    scores = _scores(text, pieces, question)
    best = max(scores)
    if best < 0 or scores.count(best) > 1 or (not best and any(score == 0 for score in scores if score != best)):
        return None
    start, end = pieces[scores.index(best)]
    if (not best and -1 not in scores) or (_CONTRAST.search(text, end - 1) and pieces[-1][0] > start):
        return None
    return [at for at in starts if start <= at < end]


def _scores(text: str, pieces: list[tuple[int, int]], question: str) -> list[int]:
    """Return how much of the question each clause has that not all of them have."""
    *told, last = _SENTENCE.split(question.strip())
    asked = _stems(last) | set(_YEAR.findall(last))
    # A name of the question's tells more than its other words; whom a pronoun means is named first.
    names = {
        stem("".join(folded(w)))
        for w in (*_NAME.findall(last), *(_NAME.findall(" ".join(told))[:1] if _PRONOUN.search(last) else ()))
    }
    words: list[set[str]] = []
    for a, b in pieces:
        said = _stems(text[a:b]) | set(_YEAR.findall(text[a:b]))
        elliptic = words and len(text[a:b].split()) <= MAX_ELLIPTIC and not _VERB.search(text[a:b])
        words.append(said | (words[-1] & asked - names) if elliptic and said & (asked | names) else said)
    shared = set.intersection(*words)
    return [
        -1
        if _BESIDE.match(text[a:b]) or contrary(text, a, question) or " than " in text[a:b]
        else len((said & (asked | names)) - shared)
        + 2 * len((said & names) - shared)
        + 2 * bool(said & _TOTAL)
        + bool(_SO.search(text[:a]))
        for said, (a, b) in zip(words, pieces, strict=True)
    ]


def _stems(text: str) -> set[str]:
    """Return the stems of the content words, and each with the number behind it: Sputnik 1."""
    words = folded(text)
    content = {
        stem(_SUPERLATIVE.sub("", w))
        for w in words
        if w not in TIMES and (w not in FUNCTION or stem(w) in _TOTAL) and not w[0].isdigit()
    }
    numbered = {f"{a} {b}" for a, b in pairwise(words) if b.isdigit() and a not in FUNCTION | TIMES}
    return content | {n for n in numbered if not n[0].isdigit()}


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return where the clauses start and end; what has no words of its own belongs to the one before or behind."""
    out: list[tuple[int, int]] = []
    waiting = -1  # where a clause began with no more than its time or place
    at, opened = 0, True
    for found in [*_BOUNDARY.finditer(text), None]:
        end = found.start() if found else len(text)
        if opened and found and _FRONTED_MEASURE.fullmatch(text[at:end]):
            waiting = at if waiting < 0 else waiting
        elif _stems(text[at:end]) or _SO.search(text[:at]):
            out.append((at if waiting < 0 else waiting, end))
            waiting = -1
        elif opened and found and _FRONTED.match(text[at:end]):
            waiting = at if waiting < 0 else waiting
        elif out:
            out[-1] = (out[-1][0], end)
        else:
            out.append((at, end))
        at, opened = (found.end(), bool(_OPENS.search(found[0]))) if found else (end, False)
    return out
