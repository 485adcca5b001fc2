"""Intervals: inequalities in one variable as the intervals that they say, x < 2 or x > 3 as (-∞, 2) ∪ (3, ∞)."""

import re

_PIECE = re.compile(r"\s*(?:\\cup|\bor\b|\\lor\b|\\vee\b|\\text\s?\{\s?or\s?\})\s*")
_SIGN = re.compile(r"\s*(\\le|\\ge|<|>)(?![A-Za-z])\s*")
_VARIABLE = re.compile(r"[a-zA-Z]")
_MEMBER = re.compile(r"\A\s*[a-zA-Z]\s*\\in\s*")
_INFINITE = r"\infty"


def as_intervals(text: str) -> str | None:
    """Return the union of intervals that inequalities of plain formula syntax say; None where they are something else."""
    pieces = [_interval(piece) for piece in _PIECE.split(_MEMBER.sub("", text)) if piece.strip()]
    if not pieces or None in pieces:
        return None
    return r"\cup".join(piece for piece in pieces if piece)


def _interval(piece: str) -> str | None:
    if re.fullmatch(r"\s*[(\[].+,.+[)\]]\s*", piece):
        return piece.strip()
    parts = _SIGN.split(piece.strip())
    if len(parts) == 5 and _VARIABLE.fullmatch(parts[2]):
        low, first, _, second, high = parts
        if {first, second} <= {">", r"\ge"}:
            low, first, second, high = high, second.replace("g", "l"), first.replace("g", "l"), low
        elif not {first, second} <= {"<", r"\le"}:
            return None
        return _written(low, first in ("<", ">"), high, second in ("<", ">"))
    if len(parts) != 3:
        return None
    left, sign, right = parts
    if _VARIABLE.fullmatch(right) and not _VARIABLE.fullmatch(left):
        left, right = right, left
        sign = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}[sign]
    if not _VARIABLE.fullmatch(left):
        return None
    if sign in (">", r"\ge"):
        return _written(right, sign == ">", _INFINITE, True)
    return _written(f"-{_INFINITE}", True, right, sign == "<")


def _written(low: str, open_below: bool, high: str, open_above: bool) -> str:
    return f"{'(' if open_below else '['}{low},{high}{')' if open_above else ']'}"
