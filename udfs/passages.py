"""Passages: a long document cut at paragraph boundaries, as a pure function of its text and one setting."""

import functools
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import toktok

ENCODING = "o200k_base"
# Where a piece longer than its share may be cut, best first: blank line, line, sentence end, word, anywhere.
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?。！？])\s+"), re.compile(r"\s+"))
_MAX_UTF8 = 4  # bytes of a character at most; a token is at least one byte


@dataclass(frozen=True)
class Passage:
    """One part of a document: `text` is document[start:start + len(text)], offsets in code points."""

    part: int
    start: int
    text: str


def count_tokens(texts: list[str]) -> list[int]:
    """Return the number of o200k_base tokens of each text."""
    return [int(n) for n in toktok.batch_count(texts, ENCODING, threads=1)]


@functools.lru_cache(maxsize=8)
def passages(text: str, max_tokens: int) -> tuple[Passage, ...]:
    """Cut a document into passages of at most `max_tokens` tokens; one passage where the whole fits.

    A paragraph begins a passage where its hash is the smallest within a quarter of a passage before and behind
    (local-minimum chunking: Bjorner, Blass, Gurevich 2010). Whether it does depends on the text near it alone, so an
    edit moves the cuts around it only, and the other passages, hence their calls, stay what they were. The last few
    documents are remembered, since the rows of one document come one after another.
    """
    if len(_bytes(text)) <= max_tokens or count_tokens([text])[0] <= max_tokens:  # a token has at least one byte
        return (Passage(0, 0, text),)
    units = list(_units(text, 0, len(text), max(1, max_tokens // 8), 0))
    starts = [0, *accumulate(count_tokens([text[a:b] for a, b in units]))]
    marks = [hashlib.blake2b(_bytes(text[a:b]), digest_size=8).digest() for a, b in units]
    cuts = [0, *_local_minima(marks, starts, max_tokens // 4), len(units)]
    whole = (piece for a, b in pairwise(cuts) for piece in _fitting(marks, starts, a, b, max_tokens))
    spans = [(units[a][0], units[b - 1][1]) for a, b in whole]
    spans = [(a, b) for a, b in spans if text[a:b].strip()]
    return tuple(Passage(i, a, text[a:b]) for i, (a, b) in enumerate(spans))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _local_minima(marks: list[bytes], starts: list[int], radius: int) -> list[int]:
    """Return the units whose mark is the smallest within `radius` tokens on either side; of equals, the first."""
    last = len(marks) - 1
    before = _nearest(marks, range(len(marks)), lambda other, own: other <= own)
    behind = _nearest(marks, range(last, -1, -1), lambda other, own: other < own)
    return [
        i
        for i in range(1, len(marks))
        if (before[i] is None or starts[i] - starts[before[i]] > radius)
        and (behind[i] is None or starts[behind[i]] - starts[i] > radius)
        and radius < starts[i] < starts[-1] - radius
    ]


def _nearest(marks: list[bytes], order: range, smaller: Callable[[bytes, bytes], bool]) -> dict[int, Any]:
    """Return for each unit the nearest one earlier in `order` whose mark is smaller; None where there is none."""
    stack: list[int] = []
    found: dict[int, Any] = {}
    for i in order:
        while stack and not smaller(marks[stack[-1]], marks[i]):
            stack.pop()
        found[i] = stack[-1] if stack else None
        stack.append(i)
    return found


def _fitting(marks: list[bytes], starts: list[int], first: int, after: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield a piece, halved at the smallest mark of its middle until each part fits: repeated text has no minima."""
    pieces = [(first, after)]
    while pieces:
        a, b = pieces.pop()
        size = starts[b] - starts[a]
        if size <= most or b - a == 1:
            yield a, b
            continue
        low, high = starts[a] + min(size // 4, most // 2), starts[b] - min(size // 4, most // 2)
        middle = [i for i in range(a + 1, b) if low <= starts[i] <= high] or range(a + 1, b)
        cut = min(middle, key=lambda i: (marks[i], i))
        if len({marks[i] for i in middle}) == 1:
            cut = middle[len(middle) // 2]
        pieces += [(cut, b), (a, cut)]


def _units(text: str, start: int, end: int, most: int, level: int) -> Iterator[tuple[int, int]]:
    """Yield spans that cover text[start:end]: paragraphs, and pieces of those longer than `most` tokens."""
    size = end - start
    if level > 0 and (size * _MAX_UTF8 <= most or (size <= most * 16 and count_tokens([text[start:end]])[0] <= most)):
        yield start, end
        return
    if level == len(_BREAKS):
        step = max(1, most // _MAX_UTF8)
        yield from ((i, min(i + step, end)) for i in range(start, end, step))
        return
    at = start
    for found in _BREAKS[level].finditer(text, start, end):
        if found.end() > at:
            yield from _units(text, at, found.end(), most, level + 1)
            at = found.end()
    if at < end:
        yield from _units(text, at, end, most, level + 1)
