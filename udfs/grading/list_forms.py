"""List forms: how a list may be written: both signs of a value, a chain, points, with a clause behind it."""

import re
from collections.abc import Iterator

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


def untailed(text: str) -> Iterator[str]:
    """Yield the text without a time, reason or circumstance behind its list, which adds no element."""
    for tail in _TAILS:
        found = tail.search(text)
        if found and found.start() and not _ADDS.search(re.sub(rf"{_CLOCK}\sand\s{_CLOCK}", "", found[0])):
            yield text[: found.start()]
