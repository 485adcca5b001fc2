"""Shingles: a text as word hashes, and n-grams of them, as numpy arrays; the same on every machine and version.

Words never become Python strings: a table gives each code point a hash, and a polynomial of these is the word's.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]

CHUNK = 1 << 18  # characters hashed at a time: a text of any length needs some 20 MB beside itself
_BMP = 0x10000
_BASE = 0x9E3779B97F4A7C15  # of the polynomial; odd, so that it has an inverse modulo 2**64
# What a code point is: no part of a word, part of one, a word by itself, or to be rewritten before words are cut.
_OUTSIDE, _INSIDE, _ALONE, _REWRITE = range(4)
_KIND = np.uint64(3)  # the bits of a code that hold its kind
# Written without spaces between words: Thai and Lao, Myanmar, Khmer, kana, bopomofo, ideographs.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3105, 0x312F),
             (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))  # fmt: skip
_SAME = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))  # all letters, none folds: no need to look at each


class _Tables(NamedTuple):
    code: Hashes
    """By code point of the basic plane: hash of its folded form and, in the lowest bits, kind; 0 where outside."""
    power: Hashes
    """_BASE to the power of the index."""
    inverse: Hashes
    """What makes 1 of `power`."""


def mix(values: Hashes) -> Hashes:
    """Return each value scrambled, one to one (the finalizer of splitmix64)."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def sequence(seed: int, count: int) -> Hashes:
    """Return fixed pseudo-random numbers: splitmix64 from a seed, which no library's new version changes."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return mix(mix(np.full(count, seed, np.uint64)) + steps)


def word_hashes(text: str) -> Hashes:
    """Return one hash per word of the text, in order.

    A word is a run of letters, digits and combining marks, whatever its case and Unicode form; an ideograph, or a
    letter of a script without spaces, is one by itself. Numbers stay as they are.
    """
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    hashed = [_words(codes) for piece in _pieces(text) for codes in _codes(piece)]
    return hashed[0] if len(hashed) == 1 else np.concatenate(hashed)


def ngrams(words: Hashes, n: int) -> Hashes:
    """Return the hash of each run of n words, in order: n - 1 fewer than words, none for fewer than n words."""
    count = len(words) - n + 1
    if count < 1:
        return np.empty(0, np.uint64)
    total = np.zeros(count, np.uint64)
    for place, factor in enumerate(_factors(n)):
        total += words[place : place + count] * factor
    return mix(total)


def ngrams_at(words: Hashes, n: int, starts: Places) -> Hashes:
    """Return the hashes that `ngrams` has at some places alone."""
    return mix((words[starts[:, None] + np.arange(n)] * _factors(n)).sum(axis=1, dtype=np.uint64))


@lru_cache
def _factors(n: int) -> Hashes:
    """What each word of a run of n is multiplied by."""
    return sequence(n, n) | np.uint64(1)


def _pieces(text: str) -> Iterator[str]:
    """Yield the text in pieces of at most CHUNK characters, cut at white space where there is any."""
    start = 0
    while len(text) - start > CHUNK:
        space = re.compile(r"\s").search(text, start + CHUNK // 2, start + CHUNK)
        end = space.end() if space else start + CHUNK
        yield text[start:end]
        start = end
    yield text[start:]


def _codes(piece: str) -> Iterator[Hashes]:
    """Yield the codes of a piece: at once if all is plain, else of what it is rewritten to, which may be longer."""
    code = _tables().code
    points = _points(piece)
    if points.size and points.max() < _BMP:
        plain = code.take(points)
        if not (plain & _KIND == _REWRITE).any():
            yield plain
            return
    spelled = _invisible().sub("", unicodedata.normalize("NFKC", piece))
    for part in _pieces(spelled):
        points = _points(part)
        beyond = points >= _BMP
        found = code.take(np.where(beyond, 0, points))
        for point in np.unique(points[beyond]):
            if chr(point).isalnum():
                found[points == point] = mix(np.array([point], np.uint64)) & ~_KIND | np.uint64(_ALONE)
        yield found


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _words(codes: Hashes) -> Hashes:
    kind = codes & _KIND
    inside, alone = kind != _OUTSIDE, kind == _ALONE
    first = inside.copy()
    first[1:] &= ~inside[:-1] | alone[1:] | alone[:-1]
    starts = np.flatnonzero(first)
    if not starts.size:
        return np.empty(0, np.uint64)
    tables = _tables()
    # What is outside has code 0, so that the sum from one start to the next is the word's.
    sums = np.add.reduceat(codes * tables.power[: codes.size], starts)
    return mix(sums * tables.inverse[starts])


@lru_cache(maxsize=1)
def _invisible() -> re.Pattern[str]:
    """Soft hyphens, joiners, direction marks: nothing that a reader sees."""
    return re.compile("[" + "".join(c for c in map(chr, range(_BMP)) if unicodedata.category(c) == "Cf") + "]+")


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    kind = np.zeros(_BMP, np.uint64)
    folded = np.arange(_BMP, dtype=np.uint64)
    for low, high in _SAME:
        kind[low : high + 1] = _INSIDE
    for point in np.flatnonzero(kind == _OUTSIDE):
        kind[point], folded[point] = _classified(chr(point))
    for low, high in _UNSPACED:
        block = kind[low : high + 1]
        block[block == _INSIDE] = _ALONE
    code = np.where(kind == _OUTSIDE, 0, mix(folded) & ~_KIND | kind)
    base = np.array([_BASE, pow(_BASE, -1, 1 << 64)], np.uint64)
    powers = np.ones((2, CHUNK), np.uint64)
    np.cumprod(np.broadcast_to(base[:, None], (2, CHUNK - 1)), axis=1, out=powers[:, 1:])
    return _Tables(code, powers[0], powers[1])


def _classified(char: str) -> tuple[int, int]:
    """Return a character's kind and the code point that it folds to."""
    plain = unicodedata.normalize("NFKC", char)
    if unicodedata.category(char) == "Cf" or (len(plain) > 1 and any(c.isalnum() for c in plain)):
        return _REWRITE, ord(char)
    if len(plain) > 1 or not (plain.isalnum() or unicodedata.category(plain)[0] == "M"):
        return _OUTSIDE, 0
    small = next((s for s in (plain.casefold(), plain.lower()) if len(s) == 1), plain)
    return _INSIDE, ord(small)
