"""Contamination: does a text hold a benchmark's item, word for word or lightly edited? An index of items answers.

Verbatim: a share of the item's 13-word runs (Brown et al. 2020, arXiv 2005.14165, appendix C); of an item that is
shorter, the whole. Edited: a share of its 3-word runs within a stretch as long as the item, where also its numbers
and names are found; a question with other numbers or names is another question.

Few texts hold an item, so that nearly all of the time goes into seeing that one does not: bits that stand for the
items' 3-word runs say where in the text an item may be, and only there runs are looked up.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from udfs import arrow
from udfs.keys import key
from udfs.shingles import Hashes, Places, ngrams, ngrams_at, word_hashes

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "1"  # bumped by hand when the same items are found otherwise: every text is then searched again
LONG = 13  # words of a run
SHORTEST = 5  # words of an item that is looked for inside a text; one still shorter has to be the whole text
VERBATIM = 0.5  # of the item's long runs
NEAR, NEAR_WORDS = 3, 8  # words of a short run; words of an item that may be found edited
EDITED, EDITED_NAMED = 0.6, 0.5  # of the item's short runs; of an item's with two numbers or names to tell it by
NAMED = 0.8  # of the item's numbers and names
STATED = 20  # words up to which prose may happen to say in an item's words what the item asks for
STRETCH, SLACK = 1.3, 6  # words of the text in which an edited item may stand, by the item's own, and beyond
COMMON = 20  # items that share a run from which on it says nothing of any of them
SPARSE = 16  # bits for each of the items' short runs: at most one in as many of the other runs is looked up in vain
_THOUSANDS = re.compile(r"[,\u00a0\u202f](?<=\d.)(?=\d{3}(?!\d))")
_NAMED = re.compile(r"\d[\d.,]*\d|\d|(?<![.!?:\"“] )(?<!^)\b[^\W\d_a-z][^\W\d_]+")

_QUESTION_WORDS = word_hashes("what which who whom whose when where why how find calculate compute determine")


class Hit(NamedTuple):
    """The item found, as `benchmark/item`, and the share of it that was found, 0 to 1."""

    item: str
    score: float


@dataclass(frozen=True)
class _Runs:
    """Hashed runs of words in order, each with the item it stands in."""

    hashes: Hashes
    items: Places

    @classmethod
    def of(cls, runs: list[Hashes], items: list[int], most: int | None = None) -> "_Runs":
        """Join the runs of items; those that more than `most` items share are left out."""
        hashes = np.concatenate([np.unique(r) for r in runs]) if runs else np.empty(0, np.uint64)
        owners = np.repeat(np.array(items, np.int64), [len(np.unique(r)) for r in runs])
        order = np.argsort(hashes, kind="stable")
        hashes, owners = hashes[order], owners[order]
        if most is not None and hashes.size:
            _, where, counts = np.unique(hashes, return_inverse=True, return_counts=True)
            rare = counts[where] <= most
            hashes, owners = hashes[rare], owners[rare]
        return cls(hashes, owners)

    def found(self, text: Hashes) -> tuple[Places, Places]:
        """Return pairs of a place in the text's runs and an item that has the same run."""
        first = np.searchsorted(self.hashes, text, "left")
        count = np.searchsorted(self.hashes, text, "right") - first
        places = np.repeat(np.arange(len(text)), count)
        ahead = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return places, self.items[np.repeat(first, count) + ahead]


class _Sieve:
    """Tells of nearly all hashes that are not among the known ones that they are not; of a known one, never."""

    def __init__(self, known: Hashes) -> None:
        size = max(3, (SPARSE * known.size).bit_length())
        self._unused = np.uint64(64 - size)
        self._bits = np.zeros(1 << (size - 3), np.uint8)
        bit = known >> self._unused
        np.bitwise_or.at(self._bits, bit >> np.uint64(3), np.uint8(1) << bit.astype(np.uint8) % 8)

    def passed(self, hashes: Hashes) -> Places:
        """Return the places of the hashes that may be known, in order."""
        bit = hashes >> self._unused
        held = self._bits.take((bit >> np.uint64(3)).view(np.int64)) >> bit.astype(np.uint8) % 8
        return np.flatnonzero(held & 1)


class Index:
    """The items of all benchmarks; read-only, so threads and tasks may share it."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        """Take items as (`benchmark/item`, text); one without a word is never found."""
        known = list(items)
        self.sha = key("items", VERSION, *(part for item in known for part in item))
        named = [(name, text, _words(text)) for name, text in known]
        self.names = [name for name, _, _ in named]
        words = [w for _, _, w in named]
        self._lengths = np.array([len(w) for w in words], np.int64)
        many = [i for i, w in enumerate(words) if len(w) >= LONG]
        self._long = _Runs.of([ngrams(words[i], LONG) for i in many], many)
        self._whole = {
            int(n): _Runs.of([ngrams(words[i], int(n)) for i in np.flatnonzero(self._lengths == n)],
                             [int(i) for i in np.flatnonzero(self._lengths == n)])
            for n in np.unique(self._lengths) if 0 < n < LONG
        }  # fmt: skip
        self._sieve = _Sieve(np.concatenate([np.empty(0, np.uint64), *(ngrams(w, NEAR) for w in words)]))
        some = [i for i, w in enumerate(words) if len(w) >= NEAR_WORDS]
        self._near = _Runs.of([ngrams(words[i], NEAR) for i in some], some, COMMON)
        self._near_runs = np.bincount(self._near.items, minlength=len(words))
        self._long_runs = np.bincount(self._long.items, minlength=len(words))
        self._asks = [np.intersect1d(w, _QUESTION_WORDS) for w in words]
        self._named = [np.unique(_words(" ".join(_told_by(text)))) for _, text, _ in named]
        told = np.array([n.size >= 2 for n in self._named], bool)
        self._least = np.where(told, EDITED_NAMED, EDITED) * self._near_runs
        least = self._least[self._near_runs > 0]
        self._fewest = int(np.ceil(least.min())) if least.size else 1

    def find(self, text: str, prose: bool = False) -> Hit | None:
        """Return the item of which the text holds the most, or None. Ties go to the first item.

        Prose that states in a short item's words what the item asks for is no copy of it: there, an edited item
        counts only with a question word of its own.
        """
        words = _words(text)
        runs = ngrams(words, NEAR)
        places = self._sieve.passed(runs)
        row = _row(places) + NEAR - 1
        hits = [*self._verbatim(words, places[row >= LONG]), *self._short(words, places, row)]
        if not hits:
            hits = list(self._edited(words, runs, places, prose))
        best = max(hits, key=lambda h: (h[0], -h[1]), default=None)
        return None if best is None else Hit(self.names[best[1]], round(best[0], 4))

    def _verbatim(self, words: Hashes, starts: Places) -> Iterator[tuple[float, int]]:
        if not starts.size:
            return
        _, items = self._long.found(np.unique(ngrams_at(words, LONG, starts)))
        for item, count in zip(*np.unique(items, return_counts=True), strict=True):
            share = float(count / self._long_runs[item])
            if share >= VERBATIM:
                yield share, int(item)

    def _short(self, words: Hashes, places: Places, row: Places) -> Iterator[tuple[float, int]]:
        longest = row.max(initial=0)
        for length, runs in self._whole.items():
            if length == len(words):
                starts = np.zeros(1, np.int64)
            elif SHORTEST <= length <= longest:
                starts = places[row >= length]
            else:
                continue
            _, items = runs.found(ngrams_at(words, length, starts))
            yield from ((1.0, int(item)) for item in np.unique(items))

    def _edited(self, words: Hashes, runs: Hashes, places: Places, prose: bool) -> Iterator[tuple[float, int]]:
        which, items = self._near.found(runs[places])
        for item in _often(items, self._fewest):
            at, least = places[which[items == item]], self._least[item]
            if at.size < least:
                continue
            width = int(self._lengths[item] * STRETCH) + SLACK
            share, start = _densest(at, runs, width, least)
            stretch = words[max(0, start - SLACK) : start + width]
            if share >= least and self._fits(int(item), stretch, prose):
                yield share / float(self._near_runs[item]), int(item)

    def _fits(self, item: int, stretch: Hashes, prose: bool) -> bool:
        named, asks = self._named[item], self._asks[item]
        if named.size and float(np.isin(named, stretch).mean()) < NAMED:
            return False
        stated = prose and asks.size and self._lengths[item] < STATED
        return not stated or bool(np.isin(asks, stretch).any())


def _told_by(text: str) -> list[str]:
    """Return the numbers and names that tell an item from one that is worded alike; in capitals all words look like
    names, and none counts as one.
    """
    return [word for word in _NAMED.findall(text) if word[0].isdigit() or not text.isupper()]


def _words(text: str) -> Hashes:
    """Return the text's word hashes; a number is one word, however its thousands are set apart."""
    return word_hashes(_THOUSANDS.sub("", text))


def _row(places: Places) -> Places:
    """Return for each place how many follow one another from there on, itself counted in."""
    if not places.size:
        return places
    last = np.append(np.flatnonzero(places[1:] - places[:-1] != 1), places.size - 1)
    ends: Places = places[last].take(np.searchsorted(last, np.arange(places.size)))
    return ends - places + 1


def _often(items: Places, times: int) -> Places:
    """Return the items that stand there as many times, in order."""
    ordered = np.sort(items)
    again = ordered[times - 1 :]
    often = again[again == ordered[: again.size]]
    return np.unique(often) if often.size else often


def _densest(places: Places, runs: Hashes, width: int, least: float) -> tuple[float, int]:
    """Return how many distinct runs stand in the fullest stretch of `width` words, and where it starts; 0 if no
    stretch has `least`.
    """
    best, start = 0, 0
    ends = np.searchsorted(places, places + width)
    for n in np.flatnonzero(ends - np.arange(places.size) >= least):
        count = len(np.unique(runs[places[n : ends[n]]]))
        if count > best:
            best, start = count, int(places[n])
    return float(best), start


def searched(batches: "Iterator[pa.RecordBatch]", index: Index, prose: bool) -> "Iterator[pa.RecordBatch]":
    """Search texts: two string columns in, a key and a text; out, for each, the key, matched (`benchmark/item`) and
    match_score, null where the text holds no item.
    """
    for batch in batches:
        name = batch.schema.names[0]
        keys, texts = (column.to_pylist() for column in batch.columns)
        hits = ((k, index.find(text or "", prose)) for k, text in zip(keys, texts, strict=True))
        yield from arrow.batches(
            ({name: k, "matched": hit and hit.item, "match_score": hit and hit.score} for k, hit in hits),
            f"{name} string, matched string, match_score double", max(1, len(keys)),
        )  # fmt: skip
