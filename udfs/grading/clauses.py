"""Clauses: which part of a sentence with several values answers the question, told by the question's own words."""

import re

from udfs.grading.words import FUNCTION, folded, stem

_BOUNDARY = re.compile(
    r"(?:[;,]|(?<!\d)\.|\.(?!\d))\s+(?:(?:and|but|so|while|whereas|although|though|yet|or)\s+)?"
    r"|\s(?:but|and|while|whereas|although|though|yet|versus|vs\.?|compared (?:to|with)|(?:up|down) from|so)\s",
    re.I,
)
_CONTRAST = re.compile(r"\b(?:but|however|yet)\b", re.I)
_NAME = re.compile(r"(?<!\A)(?<![.?!] )\b[A-Z][\w'-]+|\A[A-Z][a-z]+(?= (?:has|had|is|was|buys|sells|bought|sold|gives|gave)\b)")
_BESIDE = re.compile(r"\s*(?:who|which|whose|where|than|compared)\b", re.I)
_TOTAL = frozenset(map(stem, "total altogether overall answer result final".split()))
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def answering(text: str, starts: list[int], question: str) -> list[int] | None:
    """Return those of the values, by where they start, that stand in the clause with most of the question's words.

    None where no clause has more of them than all others, or a contrast behind it may take it back.
    """
    pieces = [piece for piece in _pieces(text) if any(piece[0] <= at < piece[1] for at in starts)]
    if len(pieces) < 2:
        return None
    asked = {stem(w) for w in folded(_SENTENCE.split(question.strip())[-1]) if w not in FUNCTION and not w[0].isdigit()}
    words = [{stem(w) for w in folded(text[a:b])} for a, b in pieces]
    shared = set.intersection(*words)
    # A name of the question's tells more than its other words; what is said of who or than whom is no main clause.
    *told, last = _SENTENCE.split(question.strip())
    names = [*_NAME.findall(last), *_NAME.findall(" ".join(told))[:1]]  # whom a pronoun means is named first
    named = {stem("".join(folded(w))) for w in names} & set.union(*words)
    scores = [
        -1 if _BESIDE.match(text[a:b]) else len((said & (asked | named)) - shared) + 2 * len((said & named) - shared)
        + bool(said & _TOTAL)
        for said, (a, b) in zip(words, pieces, strict=True)
    ]
    best = max(scores)
    if best <= 0 or scores.count(best) > 1:
        return None
    start, end = pieces[scores.index(best)]
    if _CONTRAST.search(text, end - 1) and pieces[-1][0] > start:
        return None
    return [at for at in starts if start <= at < end]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return where the clauses start and end; one without words of its own belongs to the one before."""
    out: list[tuple[int, int]] = []
    at = 0
    for found in [*_BOUNDARY.finditer(text), None]:
        end = found.start() if found else len(text)
        said = [w for w in folded(text[at:end]) if (w not in FUNCTION or stem(w) in _TOTAL) and not w[0].isdigit()]
        if out and not said:
            out[-1] = (out[-1][0], end)
        else:
            out.append((at, end))
        at = found.end() if found else end
    return out
