"""Solutions: inequalities as the intervals, and several equations as the values, that they say."""

import re
from collections.abc import Iterator

_PIECE = re.compile(r"\s*(?:\\cup|\bor\b|\\lor\b|\\vee\b)\s*")
_ROOT = re.compile(r"\s*(?:,|;|\bor\b|\band\b|\\lor\b|\\vee\b)\s*")
_SIGN = re.compile(r"\s*(\\le|\\ge|<|>)(?![A-Za-z])\s*")
_VARIABLE = re.compile(r"[a-zA-Z]")
_MEMBER = re.compile(r"\A\s*[a-zA-Z]\s*\\in\s*")
_BUILT = re.compile(r"\A\s*\\?\{\s*[a-zA-Z]\s*(?:\\in\s*\\mathbb\s*\{?R\}?\s*)?[|:]([^{}\\]+)\\?\}\s*\Z")
_NAMED = re.compile(r"([a-zA-Z])\s?(?:_\s?\{?\w\}?)?\s*=\s*([^=]+)")
_BRACKETED = re.compile(r"\s*([(\[\]])([^\[\]]+,[^\[\]]+)([)\]\[])\s*")
_REALS = re.compile(r"\s*(?:[a-zA-Z]\s*\\in\s*)?(?:R|\{R\}|(?:all |the )*(?:set of )?(?:all )?reals?(?: numbers?)?)\s*")
_IS_IN = re.compile(r"\A\s*([a-z])\s(?:(?:is|lies)\s)?in\s")
_INFINITE = r"\infty"
_FLIPPED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}


def split(text: str) -> Iterator[str]:
    """Yield what stands between the commas that no bracket encloses."""
    depth = start = 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c in ",;" and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def intervals(text: str) -> str | None:
    """Return the union of intervals that inequalities say, in plain syntax; None where they are something else."""
    text = _IS_IN.sub(r"\1 \\in ", text)
    if _REALS.fullmatch(text):
        return rf"(-{_INFINITE},{_INFINITE})"
    text = _BUILT.sub(r"\1", text)
    pieces = [_interval(piece.strip()) for piece in _PIECE.split(_MEMBER.sub("", text)) if piece.strip()]
    return None if not pieces or None in pieces else r"\cup".join(piece for piece in pieces if piece)


def values(text: str) -> list[str] | None:
    """Return the values that equations of one variable give it, in plain syntax; None where they are something else."""
    text = _MEMBER.sub("", text).strip()
    if text.startswith(r"\{") and text.endswith(r"\}"):
        text = text[2:-2]
    if _SIGN.search(text) or any(c in text for c in "[]&¶"):
        return None
    pieces = [sign for part in split(text) for p in _ROOT.split(part) if p.strip() for sign in _both(p)]
    named = [_NAMED.fullmatch(p.strip()) for p in pieces]
    plain = [p for p, m in zip(pieces, named, strict=True) if not m]
    if len(pieces) < 2 or len({m[1] for m in named if m}) > 1 or any("=" in p for p in plain):
        return None
    return [m[2] if m else p for p, m in zip(pieces, named, strict=True)]


def coordinates(text: str) -> str | None:
    """Return the point that two or three equations say, x = 3, y = -2 as (3, -2); None where they say another thing."""
    named = [_NAMED.fullmatch(p.strip()) for part in split(text) for p in _ROOT.split(part) if p.strip()]
    letters = [m[1] if m else "" for m in named]
    if letters not in (["x", "y"], ["x", "y", "z"]):
        return None
    return f"({', '.join(m[2] for m in named if m)})"


def _both(piece: str) -> list[str]:
    head, both, tail = piece.partition(r"\pm")
    return [f"{head}+{tail}", f"{head}-{tail}"] if both else [piece]


def _interval(piece: str) -> str | None:
    written = _BRACKETED.fullmatch(piece)
    if written:  # ]2, 5[ is how some write (2, 5)
        return f"{written[1].replace(']', '(')}{written[2]}{written[3].replace('[', ')')}"
    parts = _SIGN.split(piece)
    if len(parts) == 5:
        return _between(parts)
    return _beyond(*parts) if len(parts) == 3 else None


def _between(parts: list[str]) -> str | None:
    low, first, middle, second, high = parts
    if {first, second} <= {">", r"\ge"}:
        low, first, second, high = high, _FLIPPED[second], _FLIPPED[first], low
    if not _VARIABLE.fullmatch(middle) or not {first, second} <= {"<", r"\le"}:
        return None
    return _written(low, first == "<", high, second == "<")


def _beyond(left: str, sign: str, right: str) -> str | None:
    if _VARIABLE.fullmatch(right) and not _VARIABLE.fullmatch(left):
        left, sign, right = right, _FLIPPED[sign], left
    if not _VARIABLE.fullmatch(left):
        return None
    if sign in (">", r"\ge"):
        return _written(right, sign == ">", _INFINITE, True)
    return _written(f"-{_INFINITE}", True, right, sign == "<")


def _written(low: str, open_below: bool, high: str, open_above: bool) -> str:
    return f"{'(' if open_below else '['}{low},{high}{')' if open_above else ']'}"
