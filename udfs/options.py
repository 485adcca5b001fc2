"""Options: the elements of a list, and the options that a question spells out."""

import re

from udfs import phrases

_SEPARATOR = re.compile(r"\s*[;；\n]\s*")
COMMA = re.compile(r"\s*(?:,(?!\d{3}\b)|[、，])\s*(?:(?:and|or)\s+)?|\s+(?:and|or|und|et|y|e)\s+|\s*&\s*")
_OR = re.compile(r"\b(?:or|oder|ou|vs\.?|versus)\b|还是|或|または", re.I)
_PIECES = re.compile(r"[,;:?()\n/—–]|\bor\b|\boder\b|\bou\b|\bvs\.?|\bversus\b|还是|或|または", re.I)
MAX_OPTION = 3  # words; what is longer is no option but the rest of the question
# What asks is no option, unless it brings one along: `which of cats, dogs and bees`, `which fly: bats, cats or owls`.
_ASKS = re.compile(
    r"(?:(?:in|of|on|at|by|for|from|to|with|into|between|through)\s+)?(?:which|what|who|whom|whose|where|when|why|how)\b"
    r"(?!.*(?::|\b(?:of|among)\s+(?!(?:these|those|them|the)\b)))"
    r"|(?:name|list|give|in|of)\s+(?:the|two|three|four|five)\b|(?:is|are|was|were|do|does|did|has|have|had|can)\b",
    re.I | re.S,
)
_LABEL = re.compile(r"(?:^|[\s(])\(?([A-Fa-f1-6])[).:]\s+(.+?)(?=\s+\(?[A-Fa-f1-6][).:]\s|[;,\n]|\?|$)")


def elements(answer: str) -> list[str]:
    """Return the elements of a list: between semicolons or lines, else between commas and the last `and`."""
    pattern = _SEPARATOR if _SEPARATOR.search(answer) else COMMA
    return [part for part in (re.sub(r"^(?:and|or)\s+", "", p.strip()) for p in pattern.split(answer)) if part]


def enumerated(question: str, parts: list[str]) -> bool:
    """Tell whether the question lists more than these parts, so that they have to be picked: `of cats, dogs and bees`.

    Beside names only another name is one more to choose from.
    """
    pieces = COMMA.split(question)
    held = [i for i, piece in enumerate(pieces) if any(phrases.gives_away(part, piece) for part in parts)]
    if not held:
        return False
    beside = [p.strip() for i, p in enumerate(pieces) if held[0] - 1 <= i <= held[-1] + 1 and i not in held]
    beside = [p for p in beside if not _ASKS.match(p)]
    names = all(part[:1].isupper() for part in parts)
    return any(p and phrases.words(p) <= MAX_OPTION and (p[0].isupper() or not names) for p in beside)


def offers(question: str, answer: str) -> bool:
    """Tell whether the question spells out options, of which the answer is one: `red, green or blue`."""
    pieces = [phrases.core(p) for p in _PIECES.split(question)]
    wanted = phrases.core(answer)
    if not wanted or not (_OR.search(question) or re.search(r"\([a-dA-D1-4]\)|\b[A-D]\)|[:/]", question)):
        return False
    return any(p[: len(wanted)] == wanted or p[-len(wanted) :] == wanted for p in pieces)


def options(question: str, answer: str) -> list[str]:
    """Return the options: by their labels, the answer's first; else the words around each comma and `or`, of which
    there are as many as in the answer.
    """
    labelled = {label.upper(): text.strip() for label, text in _LABEL.findall(question)}
    said = labelled.pop(answer.strip(" ().").upper(), "")
    if said:
        return [said, *labelled.values()]
    if not _OR.search(question):
        return [answer]
    pieces = [phrases.tokens(p) for p in _PIECES.split(question) if p.strip()]
    size = max(1, len(phrases.bare(answer)))
    ends = [" ".join(p) for piece in pieces for p in (piece[:size], piece[-size:])]
    return [answer, *ends[1:-1]]
