"""Spans: where the true answer stands in a sentence, in another inflection, word order or form of a name."""

import itertools
import re
from collections.abc import Iterator

from udfs.grading import names
from udfs.grading.classes import OF_WORD
from udfs.grading.parts import Sentence, Token
from udfs.grading.wordforms import akin
from udfs.grading.words import FUNCTION, TURNING, bare, folded, same

MAX_WORDS = 12  # of a truth that is looked for in other orders
_SKIPPED = frozenset("DLBoIPR")  # letters of what may stand between the truth's words: the river had flooded
_TURNED = frozenset("NKOA")
_DROPPED = (FUNCTION | {w for w, letter in OF_WORD.items() if letter in "PS"}) - TURNING
_LEADS = frozenset("QGJDx")  # in front of a name, within the same run of capitals: Author Mary Shelley
_JOIN = re.compile(r"\s(?:and|&)\s")


def spans(
    sentence: Sentence, forms: tuple[str, ...], question: str, name: bool, turned: bool = False
) -> list[tuple[int, int]]:
    """Return the first and last token of every place where one of the forms stands, the longest at each place.

    `turned`: with a not or the like among its words.
    """
    skipped = _SKIPPED | _TURNED if turned else _SKIPPED
    found: dict[int, int] = {}
    for form in forms:
        for wanted in _orders(form, inflected=not name):
            for first, last in _places(sentence.tokens, wanted, not name, skipped):
                found[first] = max(found.get(first, first), last)
        if name:
            for at in _runs(sentence, form, question):
                found.setdefault(at, at)
    out: list[tuple[int, int]] = []
    for first, last in sorted(found.items()):
        if not out or first > out[-1][1]:
            out.append((first, last))
    return out


def _orders(form: str, inflected: bool) -> Iterator[list[str]]:
    """Yield the content words of the truth in each order that says the same."""
    if not inflected:
        words = bare(folded(form))
        if words and len(words) <= MAX_WORDS:
            yield list(words)
        return
    halves = _JOIN.split(form)
    if len(halves) == 2:
        yield from _either_order([_content(half) for half in halves])
        return
    words_ = _content(form)
    if not words_ or len(words_) > MAX_WORDS:
        return
    yield words_
    if form.lower().startswith("to "):  # to keep the seeds dry: that the seeds be kept dry
        yield from ([*words_[1:n], words_[0], *words_[n:]] for n in range(2, min(len(words_), 5) + 1))
    what, to, whom = form.partition(" for ")
    if to:
        yield _content(whom) + _content(what)  # a better life for their children: give their children a better life
    head, of, tail = form.partition(" of " if " of " in form else " in ")  # an increase in taxes: a tax increase
    if of:
        yield _content(tail) + _content(head)  # a deficiency of vitamin C: vitamin C deficiency
    elif len(words_) > 1:
        yield ["", *words_[-1:], "of", *words_[:-1]]
        if len(words_) == 2 and re.search(r"(?:ed|ing|en)\b", form):
            yield words_[::-1]  # the river flooded: the flooded river


def _either_order(halves: list[list[str]]) -> Iterator[list[str]]:
    for order in itertools.permutations(halves):
        yield [word for half in order for word in half]
    if len(halves[0]) == 1 and len(halves[1]) == 2:  # solar and wind power: wind power and solar power
        (one,), (other, head) = halves
        yield from ([other, one, head], [one, head, other, head], [other, head, one, head])


def _content(text: str) -> list[str]:
    words = folded(text)
    last = len(words) - 1
    kept = [w for n, w in enumerate(words) if w not in _DROPPED or (n == last and len(w) == 1)]
    return kept or list(words)


def _places(
    tokens: list[Token], wanted: list[str], inflected: bool, skipped: frozenset[str]
) -> Iterator[tuple[int, int]]:
    turned = wanted[:1] == [""]  # the `of` between the words must be there
    wanted = [w for w in wanted if w]
    if not wanted:
        return
    for first in range(len(tokens)):
        last = _match(tokens, first, wanted, inflected, skipped)
        if last is not None and (not turned or "o" in {t.letter for t in tokens[first : last + 1]}):
            yield first, last


def _match(tokens: list[Token], first: int, wanted: list[str], inflected: bool, skipped: frozenset[str]) -> int | None:
    """Return the last token of the wanted words in a row from `first` on."""
    at, done = first, 0
    while done < len(wanted):
        if at >= len(tokens):
            return None
        token = tokens[at]
        words = token.words
        size = next((n for n in _sizes(words) if _equal(words[:n], wanted[done : done + n], inflected)), 0)
        if size:
            done += size
        elif not done or not (token.letter in skipped or (inflected and token.letter in ",C")):
            return None
        at += 1
    return at - 1


def _sizes(words: tuple[str, ...]) -> Iterator[int]:
    """Yield how many words a token may stand for: all, or all but the legal form of a firm."""
    yield len(words)
    if len(words) > 1 and words[-1] in names.LEGAL:
        yield len(words) - 1


def _equal(words: tuple[str, ...], wanted: list[str], inflected: bool) -> bool:
    if not words or len(words) != len(wanted):
        return False
    return all(a == b or (inflected and akin(a, b)) for a, b in zip(words, wanted, strict=True))


def _runs(sentence: Sentence, form: str, question: str) -> Iterator[int]:
    """Yield the tokens that are the name in another form: with a title, initials, or without a middle name."""
    family = set(folded(form))
    for at, token in enumerate(sentence.tokens):
        raw = sentence.text[token.start : token.end]
        if not raw[0].isupper() or not (set(token.words) & family or raw.isupper()):
            continue
        if same(raw, form) or names.compare(raw, form, question).outcome == "right":
            yield at
