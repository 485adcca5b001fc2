"""List forms: how a list may be written: both signs of a value, a chain, points, with a clause behind it."""

import re
from collections.abc import Iterator

from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, folded, stem

_GROUP = re.compile(r"[(\[][^()\[\]]{1,80}[)\]]")
_SHIELD = {",": "\ue100", ";": "\ue101"}
_POINT = re.compile(r"\\?[(\[][^()\[\]]*,[^()\[\]]*[)\]]")
_BOTH = re.compile(r"(.*?)(?:±|\\pm(?![A-Za-z])|\+-)\s*(.+)", re.S)
_CHAIN = re.compile(r"\s*(?:<|≤|\\leq?(?![a-z])|\\lt(?![a-z])|>|≥|\\geq?(?![a-z])|\\gt(?![a-z]))=?\s*")
_CLOCK = r"\d{1,2}(?:[:.]\d\d)?(?:\s?(?:am|pm|a\.m\.?|p\.m\.?|h|o['’]clock))?"
_TAILS = tuple(re.compile(p, re.I) for p in (
    rf",?\s\(?(?:(?:from|between)\s)?{_CLOCK}\s?(?:to|until|till|and|-|–)\s?{_CLOCK}\)?\W*\Z",
    rf",?\s(?:at|from|until|till|after|before)\s{_CLOCK}\W*\Z",
    r",?\s(?:because|since|so that|during|throughout|when|whenever|while|where|which|who)\s.{1,150}\Z",
    r"\s(?:only|alone|each week|every week|each year|every year|per week)\W*\Z",
))  # fmt: skip
_ADDS = re.compile(r"\b(?:and|or|not|also|plus|except|but|nor|neither|without|instead|too)\b|&", re.I)

# What stands behind a list and adds to it: (and green), it also has green.
_MORE = r"(?:and|also(?! known| called)|plus|with|then|next|along with|as well as|besides|but also|followed by)\b"
_ALSO = re.compile(
    rf"(?:[.;(–—]|\A[,:])\s?{_MORE}[^.;()]*|[.;(][^.;()]*\b(?:also(?! known| called)|too|as well)\b[^.;()]*", re.I
)
_IN_BRACKETS = re.compile(rf"\({_MORE}|\b(?:too|also|as well)\)", re.I)
_ADDING = frozenset({"too", "well", "plus", "next", "besides", "but", "follow"})

# The ends between which an order runs: north to south, the oldest to the newest.
_END = (
    r"(?:(?:north|south|east|west)(?:ern \w+)?|[a-z]{2,}(?:est|most)(?: \w+)??|(?:most|least)(?: \w+)??|"
    r"first|last|top|bottom|left|right|"
    r"start|beginning|finish|end|inner|outer|inside|outside|center|centre|edge|source|mouth|upstream|downstream|old|"
    r"new|young|small|little|big|large|short|long|tall|low|high|light|heavy|cheap|expensive|dear|near|far|weak|strong|"
    r"slow|fast|cold|hot|best|worst|earlier|later|early|late|head|tail|front|back|birth|death|"
    r"bow|stern|dawn|dusk|morning|evening)"
)
_ORDERED = re.compile(
    r"\b(?:in (?:\w+ )?order|order(?:ed)? (?:from|by|of)|chronologic\w*|alphabetic\w*|"
    r"from (?:\w+ ){1,4}to (?:\w+ )?\w+est|"
    r"ascending|descending|ranked|rank|sorted|sequence|consecutive|steps?|stages|respectively|"
    r"(?:starting|beginning) (?:with|from|at) the (?:[a-z]+(?:est|most)|most|least|first|last|top|bottom|left|right)|"
    r"(?:[a-z]+est|(?:most|least) [a-z]+)(?: one)? first(?!-)|"
    rf"from (?:the )?{_END} to (?:the )?{_END}|"
    r"from (?:the |its |a )?\w+(?: \w+)? (?:out|in|up|down)wards?|"
    rf"(?<!from )(?<!from the )(?:north|south|east|west|left|right|top|bottom|first|last|front|back|[a-z]{{2,}}est)"
    rf" to (?:the )?{_END})\b",
    re.I,
)
# What things themselves do is no order among them: roads that run from north to south.
_RUNS = re.compile(
    r"\b(?:run|flow|lead|stretch|extend|drain|point|connect)(?:s|es)?\s(?:\w+\s)?from (?:the )?\w+ to (?:the )?\w+",
    re.I,
)
_FIRST = re.compile(r"(?:,|\bwith) (?:the )?[b-hj-z] first\b")  # x first
_PLACES = re.compile(  # give (x, y)
    r"\b(?:give|find|state|write|report|as|for|determine|what (?:is|are))\s(?:[a-z]+ ){0,4}"
    r"\(\s*[a-z]\s*(?:[,;]\s*[a-z]\s*)+\)|\bordered (?:pair|triple|tuple)",
    re.I,
)
_ANY_ORDER = re.compile(r"\bany order|order (?:does not|doesn't) matter|regardless of order\b", re.I)


def ordered(question: str) -> bool:
    """Tell whether a question asks for the elements of a list in an order."""
    question = _RUNS.sub(" ", question)
    asks = _ORDERED.search(question) or _PLACES.search(question) or _FIRST.search(question)
    return bool(asks) and not _ANY_ORDER.search(question)


def pointed(elements: list[str]) -> bool:
    """Tell whether the elements are points or tuples, whose commas divide no list."""
    return bool(elements) and all(_POINT.search(element) for element in elements)


def shielded(text: str) -> str:
    """Return a text in which the commas within brackets are others, which divide nothing."""
    wrapped = re.fullmatch(r"\s*\\?([\[({])(.*)\\?([\])}])\s*", text, re.S)
    inner = wrapped[2] if wrapped and _balanced(wrapped[2]) and _POINT.search(wrapped[2]) else text
    return _GROUP.sub(lambda m: "".join(_SHIELD.get(c, c) for c in m[0]), inner)


def restored(text: str) -> str:
    """Return a text with its commas again."""
    for comma, other in _SHIELD.items():
        text = text.replace(other, comma)
    return text


def adds(text: str, asked: Asked) -> bool:
    """Tell whether brackets, clauses or sentences behind a list add to it what neither it nor the question has."""
    known = {stem(w) for w in folded(" ".join((*asked.forms, asked.question)))} | FUNCTION | _ADDING
    own = {stem(w) for w in folded(" ".join(asked.forms))} - FUNCTION
    for more in _ALSO.finditer(text):
        words = {stem(w) for w in folded(more[0])}
        if words - known and (not words & own or "and" in words):  # with red on top
            return True
    return False


def bracketed(element: str) -> bool:
    """Tell whether an element has another in brackets behind it: blue (and green)."""
    return bool(_IN_BRACKETS.search(element))


def _balanced(text: str) -> bool:
    """Tell whether no bracket of a text closes one that opens outside."""
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0


def wrapped(text: str) -> bool:
    """Tell whether the brackets around a text belong together: not so those of (1, 2), (3, 4)."""
    return _balanced(text.strip().strip("\\")[1:-1].rstrip("\\"))


def signed(part: str) -> list[str]:
    """Return both values of a part such as x = 1 ± 2, or the part alone."""
    found = _BOTH.fullmatch(part.replace("$", "").strip())
    if not found:
        return [part]
    head = found[1].rpartition("=")[2].strip()
    return [f"{head} + {found[2]}" if head else found[2], f"{head} - {found[2]}" if head else f"-{found[2]}"]


def chained(text: str) -> list[str]:
    """Return the elements of a chain such as 3 < 5 < 7, whose signs all point one way; else nothing."""
    signs = {m[0].strip(" =\\")[:1].replace("≤", "<").replace("≥", ">") for m in _CHAIN.finditer(text)}
    signs = {{"l": "<", "g": ">"}.get(sign, sign) for sign in signs}
    parts = [part.strip(" $.") for part in _CHAIN.split(text)]
    return parts if len(signs) == 1 and len(parts) > 2 and all(parts) else []


def spaced(text: str, elements: list[str]) -> Iterator[str]:
    """Yield a row of words with commas between them, where each element of the true list is one word."""
    found = re.fullmatch(r"\W*((?:[^\W_]+\s){2,12})(?:and|&)\s([^\W_]+)\W*", text)
    if found and not any(" " in element.strip() for element in elements):
        yield ", ".join([*found[1].split(), found[2]])


def untailed(text: str) -> Iterator[str]:
    """Yield the text without a time, reason or circumstance behind its list, which adds no element."""
    for tail in _TAILS:
        found = tail.search(text)
        if found and found.start() and not _ADDS.search(re.sub(rf"{_CLOCK}\sand\s{_CLOCK}", "", found[0])):
            yield text[: found.start()]
