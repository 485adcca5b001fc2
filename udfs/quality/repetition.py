"""Repetition within a text: lines, paragraphs and n-grams that come again (arXiv 2112.11446, table A1)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TOP = (2, 3, 4)
REPEATED = (5, 6, 7, 8, 9, 10)


def repeated(parts: Sequence[str]) -> tuple[float, float]:
    """Return the shares of the parts, and of their characters, that have stood before."""
    distinct = set(parts)
    if len(distinct) == len(parts):
        return 0.0, 0.0
    chars = sum(map(len, parts))
    return 1 - len(distinct) / len(parts), 1 - sum(map(len, distinct)) / chars


def ngrams(tokens: Sequence[str], chars: int) -> dict[str, float]:
    """Return what the most frequent 2- to 4-gram and all repeated 5- to 10-grams make up of `chars` characters.

    An n-gram is compared by number: that of its first n - 1 tokens and that of its last. One that stands once cannot
    begin a longer one that stands twice, so each length looks only at what the former left, which is soon little.
    """
    numbers = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    ids = np.fromiter(map(numbers.__getitem__, tokens), np.int64, len(tokens))
    sizes = np.fromiter(map(len, numbers), np.int64, len(numbers))[ids]
    ends = np.concatenate(([0], np.cumsum(sizes)))
    found: dict[str, float] = {}
    starts, groups = np.arange(len(ids)), ids
    for n in range(2, max(REPEATED) + 1):
        inside = starts + n <= len(ids)
        starts, codes = starts[inside], groups[inside] * len(numbers) + ids[starts[inside] + n - 1]
        _, groups, counts = np.unique(codes, return_inverse=True, return_counts=True)
        times = counts[groups]
        if n in TOP:
            found[f"top_{n}gram"] = _most_frequent(starts, times, ends, n, len(ids)) / chars
        again = times > 1
        starts, groups = starts[again], groups[again]
        if n in REPEATED:
            found[f"dup_{n}grams"] = _come_again(starts, groups, ends, n) / chars
    return found


Numbers = NDArray[np.int64]


def _most_frequent(starts: Numbers, times: Numbers, ends: Numbers, n: int, tokens: int) -> float:
    """Return the characters of all occurrences of the most frequent n-gram, the first of equals, spaces included."""
    if tokens < n:
        return 0.0
    at, count = (starts[times.argmax()], times.max()) if len(starts) else (0, 1)
    return float((ends[at + n] - ends[at] + n - 1) * count)


def _come_again(starts: Numbers, groups: Numbers, ends: Numbers, n: int) -> float:
    """Return the characters in n-grams that stood before; an n-gram begins behind the repeated one before it."""
    seen: set[int] = set()
    chars, free = 0, 0
    sizes = ends[starts + n] - ends[starts]
    for start, group, size in zip(starts.tolist(), groups.tolist(), sizes.tolist(), strict=True):
        if start < free:
            continue
        if group in seen:
            chars, free = chars + size, start + n
        seen.add(group)
    return float(chars)
