"""Questions: what two of them have in common once wording is set aside; English, other languages near-literally.

Two measures. `key` is what is asked, exactly: questions with one key differ in function words, inflection, order and
stock phrases only, so that different answers to them contradict each other. `words` is looser, a set: questions with
the same answer and most words in common are one question asked twice.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from udfs import arrow, typed
from udfs.dates import Date
from udfs.grading.normal import normal as normal_form
from udfs.keys import key, normal
from udfs.numbers import ORDINALS, SMALL
from udfs.phrases import tokens
from udfs.text import fold_space

LOGIC = 5  # bumped by hand when the same question gets another key or other words, or an answer another key

# Stock phrases that are put another way before anything else.
_REPHRASED = tuple(
    (re.compile(rf"\b{pattern}\b", re.I), other)
    for pattern, other in (
        (r"how many (\w+) (long|tall|high|wide|broad|deep|heavy|old|far|large|big)", r"how \2 in \1"),
        (r"how many (?:people|inhabitants|residents) (?:live|lived|reside|resided)", "what is the population"),
        (r"how many (?:inhabitants|residents) (?:does|did|do|has|had)", "what is the population of"),
        (r"set up", "found"),
        (r"(?:take|takes|took|taken|taking) place", "happen"),
        (r"pass(?:ed)? away", "die"),
        (r"per cent", "percent"),
        (r"according to", "per"),
    )
)
# What is asked for, by the phrase that asks, which is taken out: the first in the question, of those the first here.
_ASKS = tuple(
    (kind, re.compile(rf"\b(?:{pattern})\b"))
    for kind, pattern in (
        ("?year", r"(?:(?:in|during|by|since) )?(?:what|which)(?: calendar)? year|what (?:is|was) the year"),
        ("?month", r"(?:(?:in|during) )?(?:what|which) month(?: and year)?"),
        ("?date", r"(?:(?:on|by|from) )?(?:what|which)(?: exact| specific| calendar)? (?:date|day)|"
                  r"what (?:is|was) the(?: exact)? date"),
        ("?century", r"(?:(?:in|during) )?(?:what|which) century"),
        ("?decade", r"(?:(?:in|during) )?(?:what|which) decade"),
        ("?when", r"(?:since )?when|at (?:what|which) (?:time|point)"),
        ("?age", r"how old|at (?:what|which) age|what (?:is|was) the age"),
        ("?percent", r"(?:what|which) (?:percentage|percent|share|proportion|fraction)|how many percent"),
        ("?count", r"how many|(?:what|which)(?: (?:is|was|were|are))?(?: the)?(?: total| overall| exact)? number of"),
        ("?length", r"how long|what (?:is|was) the(?: total| overall| full)? length"),
        ("?height", r"how (?:tall|high)|what (?:is|was) the(?: total| overall| full)? height"),
        ("?depth", r"how deep|what (?:is|was) the(?: total| overall| full)? depth"),
        ("?width", r"how (?:wide|broad)|what (?:is|was) the(?: total| overall| full)? width"),
        ("?distance", r"how far|what (?:is|was) the(?: total)? distance"),
        ("?size", r"how (?:large|big)|what (?:is|was) the size"),
        ("?weight", r"how heavy|what (?:is|was) the(?: total)? weight"),
        ("?speed", r"how fast|what (?:is|was) the(?: \w+)? speed"),
        ("?often", r"how often|how frequently|with what frequency"),
        ("", r"how much"),
        ("?how", r"how|in (?:what|which) (?:way|manner)|by what means"),
        ("?why", r"why|for (?:what|which) reason|what (?:is|was) the reason"),
        ("?where", r"where|(?:in|at) (?:what|which) (?:place|location)"),
        ("?who", r"(?:by )?whom|who|whose|(?:by )?(?:what|which) (?:person|individual|man|woman|author|writer|inventor|"
                 r"artist|painter|composer|architect|engineer|scientist)"),
    )
)  # fmt: skip
_TIMES = frozenset(("?year", "?month", "?date", "?century", "?decade", "?when"))

_WORDS = json.loads((resources.files("udfs") / "question_words.json").read_text("utf-8"))
_STOP = frozenset(_WORDS["stop"])
_CONTRASTS = frozenset(_WORDS["contrasts"])  # what turns a question into another one although little else changes
_NEGATIONS = frozenset(_WORDS["negations"])
# One of these and the name or number behind it belong together: from A to B is not from B to A.
_BOUND = frozenset(("from", "to", "against", "over", "than", "after", "before", "under", "above", "below", "without"))
_COMPARED = frozenset(("than", "after", "before", "without"))  # these and any word
_ARTICLES = frozenset(("the", "a", "an"))
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?:st|nd|rd|th|s)?(?![^\W\d_])|\w+|[-−](?=\s?\d)|[+*/^=<>×÷≤≥]|\\\\")
_NOT = re.compile(r"n['’]t\b")
_POSSESSIVE = re.compile(r"['’]s\b|(?<=s)['’](?=\s)")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_DIGITS = re.compile(r"\s*[-−]?\d[\d.,]*\s*")
_QUOTES = re.compile(r"[\"“”„«»‘’'`*_]")


if TYPE_CHECKING:
    import pyarrow as pa

NEAR_DDL = "left string, right string"


class Question(NamedTuple):
    """A question with its wording set aside."""

    key: str
    """Of what is asked, exactly."""
    words: list[str]
    """The content words, each once: long ones first, since they are rarer, and what kind of thing is asked last."""
    fixed: list[str]
    """Those of them that a near-equal question must have too: names, numbers, negations and contrasts."""


def question(text: str) -> Question:
    """Return what a question asks."""
    plain = fold_space(unicodedata.normalize("NFKC", text))
    plain = _DOTTED.sub(lambda m: m.group().replace(".", ""), _NOT.sub(" not", plain))
    plain = _QUOTES.sub(" ", _POSSESSIVE.sub("", plain))
    kind, rest = _asked(plain)
    words, fixed, units, passive = _content([(t, _folded(t)) for t in _TOKEN.findall(rest)])
    if family := "?when" if kind in _TIMES else kind:
        words.add(family)
        fixed.add(family)
    asked = [kind, *sorted(words - {family}), "/", *sorted(passive), "/", *sorted(units)]
    exact = key("question", *asked) if words - {family} else key("question", normal(text))
    return Question(exact, sorted(words, key=_place), sorted(fixed))


def _place(word: str) -> tuple[bool, int, str]:
    return word.startswith("?"), -len(word), word


def asks_when(asked: Question) -> bool:
    """Return whether a question asks for a time: a year, a date, a century."""
    return "?when" in asked.words


def answer_key(answer: str, answer_type: str, unit: str | None, when: bool = False) -> str:
    """Return what an answer says, the same in all spellings of it, and as whichever type; `when`: to a question that
    asks for a time, where 1931 is a date though it was called an integer.

    A number's unit is left out: it stands in the question, in the answer, or in both.

    Of two dates one of which is less exact, its key is how the other's begins: `date 1931`, `date 1931-03-12`.
    """
    value = typed.value(answer, answer_type, unit)
    if answer_type not in ("expression", "code") and re.search(r"\d", answer):
        if value is None and _DIGITS.fullmatch(answer):
            value = typed.value(answer, "number", unit)
        if value is None or when:
            value = typed.value(answer, "date", None) or value
    if isinstance(value, Decimal):
        return f"number {value.normalize() + 0}"
    if isinstance(value, Date):
        parts = [f"{part:02}" for part in value[:3] if part is not None]
        return f"date {value.grain} {value.year}" if value.grain else "date " + "-".join(parts)
    form = normal_form(answer, answer_type)
    words = [] if answer_type in ("expression", "code") else tokens(form or answer)
    return "text " + key("answer", " ".join(words[words[0] in _ARTICLES :] if words else [form or normal(answer)]))


def _asked(text: str) -> tuple[str, str]:
    """Return what kind of thing is asked for, empty where it stands in the words, and the text without that."""
    for pattern, other in _REPHRASED:
        text = pattern.sub(other, text)
    lower = text.lower()
    matches = [(m.start(), n, m.end()) for n, (_, p) in enumerate(_ASKS) if (m := p.search(lower))]
    if not matches or len(lower) != len(text):
        return "", text
    start, number, end = min(matches)
    return _ASKS[number][0], f"{text[:start]} {text[end:]}"


def _content(tokens: list[tuple[str, str]]) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return content words, those that are fixed, units, and what tells who does it from whom it is done to."""
    words, fixed, units, passive, values = set(), set(), set(), set(), []
    before = ""
    for token, word in tokens:
        named = token[:1].isupper() or word[:1].isdigit()
        if not word[:1].isalpha():
            values.append(word)
        if before == "by" or word in ("do", "does", "did"):
            passive.add("did" if word in ("do", "does", "did") else f"by {word}")
        whole = f"{before} {word}" if before in _BOUND and (named or before in _COMPARED) else word
        if word in _units() and not named:
            units.add(word)
        elif word not in _STOP and not (word in _BOUND and word not in _CONTRASTS):
            words.add(whole)
            if named or word in _NEGATIONS or word in _CONTRASTS or not word.isalpha() or whole != word:
                fixed.add(whole)
        before = word if word not in _ARTICLES else before
    if len(values) > 1:
        words.add(" ".join(values))
        fixed.add(" ".join(values))
    return words, fixed, units, passive


@lru_cache(maxsize=1 << 15)
def _folded(token: str) -> str:
    """Return a word without case, diacritics, inflection and spelling variants; a number without separators."""
    word = "".join(c for c in unicodedata.normalize("NFKD", token.casefold()) if not unicodedata.combining(c))
    if word[:1].isdigit():
        return re.sub(r",(?=\d{3})", "", word)
    if word in _STOP or word in _CONTRASTS or word in _NEGATIONS or word in _BOUND:
        return word
    return _bases().get(word) or _bases().get(_stem(word)) or _stem(word)


@lru_cache(maxsize=1)
def _bases() -> dict[str, str]:
    """Return irregular and foreign forms, as they are and stemmed, with the stem they stand for."""
    forms = {form: _stem(base) for base, listed in _WORDS["forms"].items() for form in (base, *listed)}
    numbers = {word: str(n) for word, n in SMALL.items()} | {word: f"{n}th" for word, n in ORDINALS.items()}
    return {_stem(form): base for form, base in forms.items()} | forms | numbers


@lru_cache(maxsize=1)
def _units() -> frozenset[str]:
    return frozenset(_folded(unit) for unit in _WORDS["units"])


def _stem(word: str) -> str:
    """Return a word without the endings of plural, past and progressive; two spellings of one ending become one."""
    if len(word) < 4 or not word.isascii():
        return word
    for end, other in (("isation", "ization"), ("ise", "ize"), ("ised", "ize"), ("ising", "ize"), ("our", "or")):
        if word.endswith(end) and len(word) > len(end) + 3:
            word = word[: -len(end)] + other
            break
    for end in ("ies", "ied", "ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3 and not word.endswith(("ss", "us", "is", "eed")):
            stem = word[: -len(end)] + ("y" if end in ("ies", "ied") else "")
            if end in ("ing", "ed") and (not re.search(r"[aeiouy]", stem)):
                break
            word = stem[:-1] if end in ("ing", "ed") and re.search(r"([bdfgmnprt])\1$", stem) else stem
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def near(left: Question, right: Question, threshold: float) -> bool:
    """Tell whether two questions with the same answer are one: either says all that the other says, `threshold` of
    all their words are in both, and none of the others is fixed.
    """
    if left.key == right.key:
        return True
    few, many = sorted((set(left.words), set(right.words)), key=len)
    more = many - few
    return bool(few) and few <= many and len(few) >= threshold * len(many) and not more & {*left.fixed, *right.fixed}


def near_pairs(batches: "Iterator[pa.RecordBatch]", threshold: float) -> "Iterator[pa.RecordBatch]":
    """Keep the pairs of questions that are near-equal (NEAR_DDL).

    In: left, right (names), then left_key, left_words, left_fixed, right_key, right_words, right_fixed.
    """
    rows = (row for batch in batches for row in batch.to_pylist())
    kept = (r for r in rows if near(_of(r, "left"), _of(r, "right"), threshold))
    yield from arrow.batches(({"left": r["left"], "right": r["right"]} for r in kept), NEAR_DDL, 1024)


def _of(row: dict[str, Any], side: str) -> Question:
    return Question(*(row[f"{side}_{name}"] for name in Question._fields))
