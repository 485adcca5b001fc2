"""Where the truth stands in an answer: its clauses, what they say beside it, and what they lack of the question."""

import re
from typing import NamedTuple

from udfs.dates import Date, date, dates, supports
from udfs.grading.clausal import Clause, among, clauses, content, kind
from udfs.grading.numeric import true_quantity
from udfs.grading.quantity import Quantity, equality, quantities
from udfs.grading.verdict import Asked
from udfs.numbers import plain

_COLON = re.compile(r":(?=\s)")
_ASIDE = re.compile(r"\([^()]*\)|,\s(?:who|which|whose|where|when)\s[^,;.]{1,80},")
_PRONOUN = re.compile(r"\s*(?:He|he|She|she|It|it|They|they|who|which)\b[^A-Z]*\Z")
_HOW = frozenset({"many", "much", "often", "list", "name"})  # asked, and not said again


class Case(NamedTuple):
    """An answer, and the clauses of it that hold the truth."""

    text: str
    asked: Asked
    matter: frozenset[str]  # the question's words
    known: frozenset[str]  # and the truth's
    others: list[Clause]
    holding: list[Clause]
    missing: frozenset[str]  # the question's words that the truth's clauses lack
    at: int  # where the truth's value stands; -1 where it is a wording
    rivals: list[int]  # where other values of its kind stand

    @property
    def said(self) -> frozenset[str]:
        """The words of the truth's clauses."""
        return frozenset().union(*(c.words for c in self.holding))

    @property
    def foreign(self) -> frozenset[str]:
        """Those that neither question nor truth has."""
        return frozenset().union(*(c.foreign for c in self.holding))

    @property
    def worded(self) -> bool:
        """Whether the truth is a wording that could be any."""
        return self.asked.kind in ("name", "phrase")


def cases(text: str, asked: Asked) -> list[Case]:
    """Return a case for each place of a value, or one for a wording or list."""
    text, places, rivals = _places(text, asked)
    matter = content(asked.question)
    truth = content(" ".join((*asked.forms, asked.unit)))
    told = truth - matter

    def holds(start: int, end: int) -> bool:
        if places is not None:
            return any(start <= at < end for at in places)
        words = content(text[start:end])
        return (any if asked.kind == "list" or start else all)(among(w, words) for w in told)

    text = _COLON.sub(lambda m: ";" if holds(0, m.start()) else m[0], text)
    text = _ASIDE.sub(lambda m: m[0] if holds(*m.span()) else " " * len(m[0]), text)
    found = clauses(text, matter | truth)
    if places is None:
        tellers = [(-1, _telling(found, asked, matter))]
    else:
        tellers = [(at, [c for c in found if c.start <= at < c.end]) for at in places]
    out = []
    for at, holding in tellers:
        said = frozenset().union(*(c.words for c in holding))
        if asked.kind in ("name", "phrase"):  # with what is said of it by a pronoun
            said = said.union(*(c.words for c in found if _PRONOUN.match(text[c.start : c.end])))
        missing = frozenset(w for w in matter - kind(asked.question) - _HOW if not among(w, said))
        others = [c for c in found if c not in holding]
        if holding:
            out.append(Case(text, asked, matter, matter | truth, others, holding, missing, at, rivals))
    return out


def _telling(found: list[Clause], asked: Asked, matter: frozenset[str]) -> list[Clause]:
    """Return the clauses with most of a wording, or with any element of a list."""
    truth = content(asked.forms[0])
    truth = frozenset(w for w in truth if not among(w, matter)) or truth
    shares = [sum(among(w, c.words) for w in truth) for c in found]
    least = 1 if asked.kind == "list" else max(1, *shares, 1)
    return [c for c, share in zip(found, shares, strict=True) if share >= least]


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
        wanted = [q for form in asked.forms if (q := true_quantity(form, asked))]
        given = {q.value for q in quantities(asked.question[:2000])[1]}
        text, found = quantities(text)
        whole = asked.kind == "integer"
        true = [q.start for q in found if any(equality(t, q, whole) == "equal" for t in wanted)]
        kinds = {q.unit for q in found if q.start in true}
        beside = [q for q in found if q.start not in true and q.unit in kinds and q.value not in given]
        return text, true, [q.start for q in beside if not is_year(q)]
    return text, None, []


def is_year(q: Quantity) -> bool:
    """Tell whether a number may be a year."""
    return q.unit is None and q.step == 1 and 1000 <= q.value <= 2100
