"""Rivals: other answers that an output gives beside a right one, and as surely: it is X, it is Y; X, also called Y."""

import re
from collections.abc import Callable, Iterator

from udfs.dates import Date, date
from udfs.grading import booleans, choices, final, lists
from udfs.grading.compare import compare
from udfs.grading.names import parsed
from udfs.grading.numeric import true_quantity
from udfs.grading.quantity import quantities, rounding
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, TURNING, folded, same, stem
from udfs.numbers import plain

MAX_CLAUSES = 12  # looked at in one answer
MAX_WORDS = 8  # of a clause that gives an answer and says no more
MAX_NAME = 4  # words of a name or term

_AGAIN = re.compile(
    r",?\s\(?(?:i\.e\.|that is(?: to say)?,|namely|in other words|(?:(?:also|better|otherwise|[a-z]+ly) )?(?:known|"
    r"called) as|(?:also|[a-z]+ly) called|alias|a\.?k\.?a\.?|which (?:means|is)|in fact),?\s",
    re.I,
)
_BE = r"(?:is|was|are|were|(?:must|should|would|will|has to) be)"
_NEXT = re.compile(
    rf"\s?[;\n]\s?|(?:,?\sand|,|:|\s[–—-])\s(?=(?:it|that|the answer)(?:\s{_BE}|['’]s)\b)",
    re.I,
)
_SO = re.compile(r",?\s(?:so|therefore|thus|hence),?\s", re.I)
_STOP = re.compile(r"\.\s+(?=[A-Z])")  # behind a letter, which elsewhere is an initial
_OR = re.compile(r"\A(?:or|perhaps|maybe)\s", re.I)
_ASIDE = re.compile(r"([^()]+)\s\(([^()]+)\)\W*")
_IS = re.compile(rf"(?:\s{_BE}|(?<=\bit)['’]s|(?<=\bthat)['’]s)(?:\salso)?(?:\s(?:called|named|known as))?\s", re.I)
_POINTING = frozenset({"it", "that", "this", "the", "answer"})
_VERDICTS = frozenset({"yes", "no", "not", "true", "false", "n", "t"})
_SHORT = re.compile(r"\w*[A-Z\d]\w*[A-Z\d]\w*")  # CO2, BoE: what is short for the other
_YEAR = re.compile(r"[12]\d{3}")


def rivals(text: str, asked: Asked) -> Iterator[str]:
    """Yield what clauses of a text give as the answer, though it is another one of its type.

    They give it alone, only point at it, or say of it what another clause says of the true answer.
    """
    alien = _ALIEN.get(asked.kind)
    clauses = list(_clauses(text.replace("**", ""), asked.kind))[:MAX_CLAUSES] if alien else []
    frames = {frame for clause in clauses if compare(clause, asked).outcome == "right" for frame, _ in _framed(clause)}
    alone = asked.kind != "phrase" or any(_own(clause, asked) for clause in clauses) or bool(_AGAIN.search(text))
    for clause in clauses:
        if alien and len(clause.split()) <= MAX_WORDS:
            given = (
                other
                for frame, other in _framed(clause)
                if (frame or alone) and (frame <= _POINTING or frame in frames)
            )
            yield from (other for other in given if alien(other, asked))


def _clauses(text: str, kind: str) -> Iterator[str]:
    """Yield the clauses of a text of several: sentences, and either side of what says a thing again."""
    own = {"boolean": (_SO,), "choice": (_STOP,)}
    parts = final.sentences(text)
    for pattern in (_AGAIN, _NEXT, *own.get(kind, ())):
        parts = [piece for part in parts for piece in pattern.split(part)]
    if kind not in ("name", "phrase"):  # whose brackets explain them
        parts = [piece for part in parts for piece in _aside(part)]
    if len(parts) > 1:
        yield from (part for part in (_OR.sub("", part.strip(" ,.;:()")) for part in parts) if part)


def _aside(text: str) -> tuple[str, ...]:
    """Return a text and the bracket that it ends with, where it has no other."""
    found = _ASIDE.fullmatch(text)
    return (found[1], found[2]) if found else (text,)


def _framed(clause: str) -> Iterator[tuple[frozenset[str], str]]:
    """Yield what a clause may give as an answer, each with the words that stand on the other side of its verb."""
    yield frozenset(), clause
    verb = _IS.search(clause)
    if verb:
        before, behind = clause[: verb.start()], clause[verb.end() :]
        yield frozenset(folded(before)), behind
        yield frozenset(folded(behind)), before


def _number(other: str, asked: Asked) -> bool:
    found = quantities(other)[1]
    year = _YEAR.fullmatch(other) and not _YEAR.fullmatch(asked.forms[0])
    if len(found) != 1 or found[0].start or found[0].rest or year:
        return False
    truths = [truth for form in asked.forms if (truth := true_quantity(form, asked))]
    known = {abs(q.value) for q in (*truths, *quantities(asked.question[:2000])[1])}
    rounded = any(rounding(truth.value, found[0].step) == found[0].value for truth in truths if found[0].step)
    same_unit = found[0].unit in {None, *(truth.unit for truth in truths)}
    return same_unit and not rounded and abs(found[0].value) not in known and compare(other, asked).outcome != "right"


def _date(other: str, asked: Asked) -> bool:
    found = date(plain(other))
    full = found is not None and (not isinstance(found, Date) or found.year is not None)
    return full and compare(other, asked) == ("wrong", "date_different")


def _name(other: str, asked: Asked) -> bool:
    return other[:1].isupper() and not parsed(other).prose and _term(other, asked)


def _term(other: str, asked: Asked) -> bool:
    other = re.sub(r"\A[Tt]he\s", "", other)
    words = folded(other)
    if (
        not 1 <= len(words) <= MAX_NAME
        or set(words) & (TURNING | FUNCTION | {"i"})
        or any(map(_SHORT.fullmatch, (other, *asked.forms)))
    ):
        return False
    return not _shared(other, asked) and compare(other, asked).outcome != "right"


def _list(other: str, asked: Asked) -> bool:
    parts = [folded(part) for part in lists.elements(other)]
    named = all(part and len(part) <= MAX_NAME and not set(part) & (TURNING | FUNCTION) for part in parts)
    return len(parts) > 1 and named and not _shared(other, asked)


def _boolean(other: str, asked: Asked) -> bool:
    words = [w for w in folded(asked.question) if w not in FUNCTION]
    whole = booleans.value(other) is not None or words[-1:] == [w for w in words[-1:] if w in folded(other)]
    # No, it is a whale, says nothing against the no, where a fish is asked.
    return whole and not set(words) & _VERDICTS and compare(other, asked) == ("wrong", "boolean")


def _choice(other: str, asked: Asked) -> bool:
    listed = [form for option in choices.options(asked.question) for form in option]
    letter = len(other) == 1 and other.isupper()
    verdict = compare(other, asked)
    other_one = verdict.outcome == "wrong" and verdict.rule in ("other_letter", "option", "letter", "other_option")
    return other_one and (letter or any(same(other, form) for form in listed))


def _own(clause: str, asked: Asked) -> bool:
    """Tell whether a clause is the true answer and no more."""
    return any(same(clause, form, plural=True) for form in asked.forms)


def _shared(other: str, asked: Asked) -> bool:
    known = {stem(w) for w in folded(" ".join((*asked.forms, asked.question)))}
    return bool(known & {stem(w) for w in folded(other)} - FUNCTION)


_ALIEN: dict[str, Callable[[str, Asked], bool]] = {
    "integer": _number,
    "number": _number,
    "date": _date,
    "name": _name,
    "phrase": _term,
    "list": _list,
    "boolean": _boolean,
    "choice": _choice,
}
