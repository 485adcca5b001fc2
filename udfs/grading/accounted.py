"""Accounting: whether the clause with the truth says nothing that neither the truth nor the question has said.

A word that neither of them has may be another event, another thing or a part of it. It is harmless in a clause of its
own; in the truth's clause it is not, where this one lacks words of the question: it may answer another one.
"""

import functools
import re
from itertools import pairwise
from typing import NamedTuple

from udfs.dates import Date, date, dates, supports
from udfs.grading import units
from udfs.grading.classes import CREATING, OF_WORD
from udfs.grading.parts import TIMES
from udfs.grading.numeric import true_quantity
from udfs.grading.quantity import Quantity, equality, quantities
from udfs.grading.verdict import Asked
from udfs.grading.wordforms import past, related
from udfs.grading.words import FUNCTION, TURNING, folded, stem
from udfs.numbers import ORDINALS, SMALL, plain

KINDS = frozenset({"date", "number", "integer", "list", "name", "phrase"})
MAX_TEXT = 600  # characters
_ASIDE = re.compile(r"\([^()]*\)|,\s(?:who|which|whose|where|when)\s[^,;.]{1,80},")
_BOUNDARY = re.compile(
    r",?\sfollowed by\s|;\s|\.\s(?=[A-Z*])|,\s|\s[—–-]\s|[\n→]|\s(?:and|but|while|whereas|although|though|yet|after|before)\s",
    re.I,
)
_COLON = re.compile(r":(?=\s)")
_ATTACHED = re.compile(r"\s*(?:in|on|at|by|from|to|for|of|with|during|as|under|within|about|around|since|until)\s(?!which|whom)|\s*[a-z]+ly\Z", re.I)
_NUMERALS = "hundred thousand million billion trillion dozen half quarter"
_EVENTS = frozenset("put bring brought start started begin began give gave given".split())
_NEUTRAL = (
    FUNCTION
    | TURNING
    | TIMES
    | {word for word, letter in OF_WORD.items() if letter in "DBIoPSYRKCLAGW"}
    | {*SMALL, *ORDINALS, *_NUMERALS.split()}
) - (CREATING | _EVENTS)
_NEUTRAL_STEMS = frozenset(map(stem, _NEUTRAL)) - frozenset(map(stem, CREATING | _EVENTS | {"form"}))
_ORDINAL = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|next"
_DEGREES = (re.compile(_ORDINAL), re.compile(r"most|least|[a-z]{2,}est"))
_SUBJECT = re.compile(r"\s*(?:he|she|it|they|who|which|this|that|these|those)\b", re.I)
_RELATIVE = re.compile(r"\s*(?:who|which)\b")
_SO = re.compile(r"\s*(?:so|thus|hence|therefore)\b", re.I)
_HAVING = re.compile(r"\bha(?:ve|s|d)\b", re.I)
_WITH = re.compile(r"\bwith\s(?:\w+\s)?\d")  # it opened with 300 seats: it has 300 seats
_DID = re.compile(r"\b(?:did|does|do)\b", re.I)
_KIND = re.compile(r"\b(?:which|what|whose)\s(?:is|was|are|were)\sthe\s([\w-]+)|\b(?:which|what|whose)\s([\w-]+)", re.I)
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_PART_OF = re.compile(r"\bof\s(?:the|its|all|their|a total of)\s\Z")
_DENIALS = frozenset({"not", "no", "never", "cannot", "t"})
_SUBJECT_NAME = re.compile(r"\s*(?:[Tt]he\s)?([A-Z][a-z]+)\s[a-z]")
_NAME = re.compile(r"(?<=\s)[A-Z][a-z]+")
_PRONOUN = re.compile(r"\s*(?:He|he|She|she|It|it|They|they|who|which)\b[^A-Z]*\Z")
_WORD = re.compile(r"[^\W_][\w'’.-]*")


class _Clause(NamedTuple):
    """A clause's place in the text, its words beyond function words, and those that nobody asked for."""

    start: int
    end: int
    words: frozenset[str]
    foreign: frozenset[str]


def astray(text: str, asked: Asked) -> str:
    """Return why the clause with the truth may answer another question; nothing where that is not to be feared."""
    if len(text) > MAX_TEXT or not asked.question or any(mark in text for mark in "=|\\"):
        return ""
    text, places, rivals = _places(text, asked)
    matter = content(asked.question)
    known = matter | content(" ".join((*asked.forms, asked.unit)))
    text = _COLON.sub(lambda m: ";" if _told(text[: m.start()], places, known - matter, asked.kind == "list") else m[0], text)
    text = _ASIDE.sub(lambda m: m[0] if _holds(m, places, known - matter) else " " * len(m[0]), text)
    found = [_clause(text, start, end, known) for start, end in clauses(text)]
    if places is None:
        told = _together(_holding(found, asked, matter))
    else:
        told = [[c] for c in found if any(c.start <= at < c.end for at in places)]
    reasons = [
        _reason(holding, found, matter, known, text, asked) or _value_reason(holding[0], found, places or [], rivals, text, asked, known)
        for holding in told
    ]
    return reasons[0] if reasons and all(reasons) else ""


def _reason(
    holding: list[_Clause], found: list[_Clause], matter: frozenset[str], known: frozenset[str], text: str, asked: Asked
) -> str:
    said = frozenset().union(*(c.words for c in holding))
    if asked.kind in ("name", "phrase"):  # what is said of it by a pronoun
        said = said.union(*(c.words for c in found if _PRONOUN.match(text[c.start : c.end])))
    missing = {w for w in matter - kind(asked.question) if not among(w, said)}
    strange = frozenset().union(*(c.foreign for c in holding))
    if _HAVING.search(asked.question) and _WITH.search(" ".join(text[c.start : c.end] for c in holding)):
        return ""
    deeds = {w for w in matter if past(w)}
    told = bool(deeds) and all(any(past(v) and related(v, w) for v in said) for w in deeds)
    if asked.kind == "date" and not deeds and not _DID.search(asked.question):
        told = any(among(w, matter) for w in said)  # the battle of Waterloo, and who lost there
    if missing and not told and any(map(past, strange)):
        return "another_event"
    if said & _DENIALS and any(c.foreign and not c.words & TURNING and c.words & matter for c in found if c not in holding):
        return "denied_beside_another"
    if strange and any(_answers(c, missing, text, asked) for c in found if c not in holding):
        return "another_clause"
    if _compounded(text, holding, known | frozenset(folded(asked.question))) or _exchanged(text, holding, matter, missing, known, asked.question):
        return "another_thing"
    return "another_degree" if asked.kind != "list" and _degree(said, matter | content(" ".join(asked.forms))) else ""


def _value_reason(
    holding: _Clause, found: list[_Clause], places: list[int], rivals: list[int], text: str, asked: Asked, known: frozenset[str]
) -> str:
    """Judge a value by what else its clause speaks of: the old canal, another number in a clause as good as this."""
    subject = _SUBJECT_NAME.match(text[holding.start : holding.end])
    missing = {w for w in content(asked.question) if not among(w, holding.words)}
    if subject and asked.kind not in ("name", "phrase") and any(w.lower() in missing for w in _NAME.findall(asked.question)) and not any(among(w, known) or w in _NEUTRAL for w in folded(subject[1])):
        return "another_subject"
    if asked.kind in ("list", "name", "phrase"):
        return ""
    at = next(at for at in places if holding.start <= at < holding.end)
    if _modified(text[holding.start : at], holding.foreign, asked):
        return "another_thing"
    if any(_PART_OF.search(text, at, rival) for rival in rivals if at < rival):
        return "part_of_it"
    years = {w for w in holding.words if w[0].isdigit() and w not in known}
    beside = [
        c
        for c in found
        if c is not holding
        and any(c.start <= at < c.end for at in rivals)
        and not any(map(past, c.words - known))
        and not _RELATIVE.match(text[c.start : c.end])
    ]
    concludes = _SO.match(text[holding.start : holding.end])
    if (holding.foreign or years) and not concludes and any(len(c.foreign) <= len(holding.foreign) for c in beside):
        return "another_value"
    return ""


def _compounded(text: str, holding: list[_Clause], known: frozenset[str]) -> bool:
    """Tell whether a word of the question is a part of another one: the semi-final, where the final is asked."""
    compounds = (folded(m[0]) for c in holding for m in _COMPOUND.finditer(text, c.start, c.end) if m[0].islower())
    return any(
        any(among(w, known) for w in words) and foreign(frozenset(words), known) for words in compounds if len(words) > 1
    )


def _exchanged(
    text: str, holding: list[_Clause], matter: frozenset[str], missing: set[str], known: frozenset[str], question: str
) -> bool:
    """Tell whether a word of the question has another one in front of it than there: the revised edition."""
    before = {b: a for a, b in pairwise(folded(question)) if a in missing and b in matter}
    said = [pair for c in holding for pair in pairwise(folded(text[c.start : c.end]))]
    return any(a != b and foreign(frozenset((a,)), known) and not past(b) and any(related(b, w) for w in before) for a, b in said)


def _modified(text: str, foreign: frozenset[str], asked: Asked) -> bool:
    """Tell whether a word of the question has one in front of it that makes it another thing: a half marathon."""
    words = folded(text)
    return any(
        a in foreign and not a.endswith(("ed", "ly")) and b not in FUNCTION and not past(b) and among(b, content(asked.question))
        for a, b in pairwise(words)
    )


def _answers(clause: _Clause, missing: set[str], text: str, asked: Asked) -> bool:
    if asked.kind in ("name", "phrase") and _SUBJECT.match(text[clause.start : clause.end]):
        return False  # it goes on with what is the answer
    return any(among(w, clause.words) for w in missing)


def _degree(said: frozenset[str], matter: frozenset[str]) -> bool:
    for scale in _DEGREES:
        wanted, given = ({w for w in words if scale.fullmatch(w)} for words in (matter, said))
        if wanted and given and not wanted & given:
            return True
    return False


@functools.lru_cache(maxsize=256)
def kind(question: str) -> frozenset[str]:
    """Return the words for the kind of thing asked, which an answer need not repeat: which company built it."""
    return frozenset(w for m in _KIND.finditer(question[:2000]) for w in folded(m[1] or m[2]))


@functools.lru_cache(maxsize=256)
def content(text: str) -> frozenset[str]:
    """Return the folded words of a text beyond function words."""
    return frozenset(w for w in folded(text) if w not in FUNCTION)


def among(word: str, words: frozenset[str]) -> bool:
    """Tell whether a word, or one related to it, is among the others."""
    return word in words or any(related(word, other) for other in words)


def _clause(text: str, start: int, end: int, known: frozenset[str]) -> _Clause:
    words = content(text[start:end])
    named = {w for raw in _WORD.findall(text[start:end]) if raw[0].isupper() for w in folded(raw)}
    return _Clause(start, end, words, foreign(words - named, known))


def foreign(words: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Return those of the words that neither stand among the known ones nor belong to a closed class."""
    return frozenset(
        w
        for w in words
        if w not in _NEUTRAL and stem(w) not in _NEUTRAL_STEMS and len(w) > 1 and w.isalpha() and not w.endswith(("teenth", "ieth")) and not among(w, known) and not units.unit(w)
    )


def clauses(text: str) -> list[tuple[int, int]]:
    """Return where the clauses stand; what only begins with a preposition belongs to the one behind or before."""
    out: list[tuple[int, int]] = []
    at, waiting, opens = 0, -1, True
    for found in [*_BOUNDARY.finditer(text), None]:
        end = found.start() if found else len(text)
        mark = found[0].strip() if found else ""
        if text[at:end].strip():
            attached = _ATTACHED.match(text[at:end])
            start = at if waiting < 0 else waiting
            waiting = -1
            if attached and opens and mark == ",":
                waiting = start
            elif attached and not opens and out:
                out[-1] = (out[-1][0], end)
            else:
                out.append((start, end))
        at, opens = (found.end(), mark in (";", ".", "and", "but", "while", "whereas")) if found else (end, False)
    return out


def _told(text: str, places: list[int] | None, truth: frozenset[str], many: bool) -> bool:
    """Tell whether the truth stands in the text, of `many` elements any."""
    if places is None:
        words = content(text)
        return (any if many else all)(among(w, words) for w in truth)
    return any(at < len(text) for at in places)


def _holds(found: re.Match[str], places: list[int] | None, truth: frozenset[str]) -> bool:
    if places is None:
        return any(among(w, content(found[0])) for w in truth)
    return any(found.start() <= at < found.end() for at in places)


def _places(text: str, asked: Asked) -> tuple[str, list[int] | None, list[int]]:
    """Return the text as it was read, where the truth's value stands in it, and where others of its kind do.

    The places are None where the truth is a wording.
    """
    if asked.kind == "date":
        text = plain(text)
        truths = [d for d in map(date, map(plain, asked.forms)) if isinstance(d, Date)]
        true = [f.start for f in dates(text) if any(supports(d, t) for d in f.dates for t in truths)]
        return text, true, [f.start for f in dates(text) if f.start not in true]
    if asked.kind in ("integer", "number"):
        truths_ = [q for form in asked.forms if (q := true_quantity(form, asked))]
        given = {q.value for q in quantities(asked.question[:2000])[1]}
        text, found = quantities(text)
        whole = asked.kind == "integer"
        true = [q.start for q in found if any(equality(t, q, whole) == "equal" for t in truths_)]
        kinds = {q.unit for q in found if q.start in true}
        return text, true, [
            q.start for q in found if q.start not in true and q.unit in kinds and q.value not in given and not _year(q)
        ]
    return text, None, []


def _year(q: Quantity) -> bool:
    return q.unit is None and q.step == 1 and 1000 <= q.value <= 2100


def _together(holding: list[_Clause]) -> list[list[_Clause]]:
    return [holding] if holding else []


def _holding(found: list[_Clause], asked: Asked, matter: frozenset[str]) -> list[_Clause]:
    truth = content(" ".join(asked.forms[:1]))
    truth = frozenset(w for w in truth if not among(w, matter)) or truth
    shares = [sum(among(w, c.words) for w in truth) for c in found]
    if asked.kind == "list":
        return [c for c, share in zip(found, shares, strict=True) if share]
    return [c for c, share in zip(found, shares, strict=True) if share and share == max(shares)]
