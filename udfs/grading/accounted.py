"""Accounting: whether the clause with the truth says nothing that neither the truth nor the question has said.

A word that neither of them has may be another event, another thing or a part of it. It is harmless in a clause of its
own; in the truth's clause it is not, where this one lacks words of the question: it may answer another one.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from udfs.grading import orders
from udfs.grading.classes import OF_WORD
from udfs.grading.clausal import among, content, foreign, neutral
from udfs.grading.committed import HOW_MANY_OF
from udfs.grading.counting import PEOPLE
from udfs.grading.holding import Case, cases, is_year
from udfs.grading.quantity import quantities
from udfs.grading.verdict import Asked
from udfs.grading.wordforms import past, related
from udfs.grading.words import FUNCTION, TURNING, folded, stem

KINDS = frozenset({"date", "number", "integer", "list", "name", "phrase"})
MAX_TEXT = 600  # characters
_COMPUTED = "=|\\"  # marks of formulas and tables, which are no clauses
_HAVING = re.compile(r"\bha(?:ve|s|d)\b", re.I)
_WITH = re.compile(r"\bwith\s(?:\w+\s)?\d")  # it opened with 300 seats: it has 300 seats
_DID = re.compile(r"\b(?:did|does|do)\b", re.I)
_DENIALS = frozenset({"not", "no", "never", "cannot", "t"})
_GOES_ON = re.compile(r"\s*(?:he|she|it|they|who|which|this|that|these|those)\b", re.I)
_RELATIVE = re.compile(r"\s*(?:who|which)\b")
_SO = re.compile(r"\s*(?:so|thus|hence|therefore)\b", re.I)
_SUBJECT = re.compile(r"\s*(?:[Tt]he\s)?([A-Z][a-z]+)\s[a-z]")
_NAME = re.compile(r"(?<=\s)[A-Z][a-z]+")
_COMPOUND = re.compile(r"\b[a-z]+(?:-[^\W\d_]+)+")
_PART_OF = re.compile(r"[^,;.]{1,40}?\bof\s(?:the|its|all|their|a total of)\s\D?(\d[\d.,]*)")
_NOUN = re.compile(r"[a-z]{3,}(?:ion|ment|ing|al|er|ance|ence)")  # of a deed: construction, merger
_LIMIT = re.compile(r"\s(?:in|at|on|for|from(?!.*\sto\s)|among|during)\s")
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_WHO = re.compile(r"\s*who(?:se)?\b", re.I)
_UNTIL = re.compile(r"\b(?:until|till|once|formerly|originally|initially|previously|at first|used to)\b", re.I)
# What has its own place in a sentence.
_STANDING = frozenset(("it", "them", "him", "her", "is", "are", "was", "were", "be"))
_OBJECTS = frozenset(("it", "them", "him", "her"))
_BESIDE = re.compile(r"\([^()]*\)|(?<=\bby )(?:the|an?) [a-z]+(?: [a-z]+)? (?=[^\W\d_a-z])")  # by the engineer X
_CLEFT = re.compile(r"\W*(?:it|this) (?:is|was)\b.*\b(?:that|who|which)\b", re.I | re.S)
_ROLES = frozenset({"for", "with", "from", "against", "into"})
_SHARE = re.compile(r"(?:\d[\d.,]*\s?(?:%|per\s?cent)|\b(?:percentage|share|proportion|part|fraction))\sof\b", re.I)
_PRONOUNS = frozenset({"it", "they", "he", "she", "you", "we"})  # they mean what the question speaks of
_FRAGMENT = re.compile(r"\s*(?:in|on|at|by|from|to|for|during|through|via|because|due|am|im|le|en)\b", re.I)
_DEGREES = tuple(map(re.compile, (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|next", "most|least|[a-z]{2,}est",
)))  # fmt: skip


def astray(text: str, asked: Asked) -> str:
    """Return why the clause with the truth may answer another question; nothing where that is not to be feared."""
    if len(text) > MAX_TEXT or not asked.question or any(mark in text for mark in _COMPUTED):
        return ""
    if asked.kind in ("integer", "number") and sum(not is_year(q) for q in quantities(asked.question[:2000])[1]) > 1:
        return ""  # a result is reached by what no question says
    reasons = [
        next((name for name, holds in _RULES.items() if holds(case)), "")
        for case in cases(text, asked)
        if not (_HAVING.search(asked.question) and any(_WITH.search(text, c.start, c.end) for c in case.holding))
    ]
    return reasons[0] if reasons and all(reasons) else ""


def _another_event(case: Case) -> bool:
    """Tell whether the clause has a deed of its own, and not the one of the question."""
    if case.asked.kind in ("integer", "number"):  # the reward was raised by 8,000
        front = case.foreign & set(folded(case.text[case.holding[0].start : case.at]))
        if any(map(past, front)) and not _deed_told(case):
            return True
    return bool(case.missing) and any(map(past, case.foreign)) and not _deed_told(case)


def _deed_told(case: Case) -> bool:
    """Tell whether the clause has the deed of the question, in the past tense or as a noun."""
    deeds = {w for w in case.matter if past(w)}
    pasts = [v for v in case.said if past(v) or _NOUN.fullmatch(v)]
    if deeds:
        return all(any(related(v, w) for v in pasts) for w in deeds)
    if _DID.search(case.asked.question):
        return any(related(v, w) for v in pasts for w in case.matter)
    # The battle of Waterloo, and who lost there.
    return case.asked.kind == "date" and any(among(w, case.matter) for w in case.said)


def _denied_beside(case: Case) -> bool:
    """Tell whether the clause denies, and another one on the same matter does not."""
    return bool(case.said & _DENIALS) and any(
        c.foreign and not c.words & TURNING and c.words & case.matter for c in case.others
    )


def _another_clause(case: Case) -> bool:
    """Tell whether another clause has the question's words that this one lacks."""
    return bool(case.foreign) and any(
        among(w, c.words)
        for c in case.others
        if not (case.worded and _GOES_ON.match(case.text[c.start : c.end]))
        for w in case.missing
    )


def _another_thing(case: Case) -> bool:
    """Tell whether a word of the question has another one in front of it, or is a part of another one.

    Such as the semi-final where the final is asked, the revised edition for the first one, a half marathon.
    """
    asked = case.known | frozenset(folded(case.asked.question))
    for c in case.holding:
        for m in _COMPOUND.finditer(case.text, c.start, c.end):
            words = frozenset(folded(m[0]))
            if any(among(w, asked) for w in words) and foreign(words, asked):
                return True
    before = {b for a, b in pairwise(folded(case.asked.question)) if a in case.missing and b in case.matter}
    for c in case.holding:
        for a, b in pairwise(folded(case.text[c.start : case.at if case.at >= 0 else c.end])):
            if a not in c.foreign or past(b) or b in FUNCTION:
                continue
            own = case.at >= 0 and not a.endswith(("ed", "ly")) and among(b, case.matter)
            if own or any(related(b, w) for w in before):
                return True
    return False


def _another_degree(case: Case) -> bool:
    """Tell whether another ordinal or superlative stands where the question has one."""
    if case.asked.kind == "list":
        return False
    for scale in _DEGREES:
        wanted, given = ({w for w in words if scale.fullmatch(w)} for words in (case.known, case.said))
        if wanted and given and not wanted & given:
            return True
    return False


def _another_subject(case: Case) -> bool:
    """Tell whether the clause begins with a name that is not the question's, whose own one is missing."""
    subject = _SUBJECT.match(case.text[case.holding[0].start : case.holding[0].end])
    if not subject or case.worded or not any(w.lower() in case.missing for w in _NAME.findall(case.asked.question)):
        return False
    return not any(among(w, case.known) or neutral(w) for w in folded(subject[1]))


def _part_of_it(case: Case) -> bool:
    """Tell whether the value is part of another one: 2 of the 3 million."""
    whole = _PART_OF.search(case.text, case.at + 1) if case.at >= 0 and case.asked.kind != "date" else None
    return whole is not None and whole[1].rstrip(".,") not in case.asked.question


def _another_value(case: Case) -> bool:
    """Tell whether another value of the kind stands in a clause that speaks of the matter no less than this one."""
    if case.at < 0 or _SO.match(case.text[case.holding[0].start : case.holding[0].end]):
        return False
    years = {w for w in case.said if w[0].isdigit() and w not in case.known}
    beside = [
        c
        for c in case.others
        if any(c.start <= at < c.end for at in case.rivals)
        and not any(map(past, c.words - case.known))
        and not _RELATIVE.match(case.text[c.start : c.end])
    ]
    front = case.foreign & set(folded(case.text[case.holding[0].start : case.at]))
    ended = _UNTIL.search(case.text, case.holding[0].start, case.holding[0].end)
    return bool(front or years or ended) and any(len(c.foreign) <= len(case.foreign) for c in beside)


def _in_front(case: Case) -> bool:
    """Tell whether words that nobody asked for stand in front of the truth, in place of the question's."""
    if case.asked.kind == "list" or not case.missing or (case.asked.kind == "date" and _deed_told(case)):
        return False
    truth = content(" ".join(case.asked.forms)) - case.matter
    if not truth:
        return False
    for c in case.holding:
        text = case.text[c.start : case.at if case.at >= 0 else c.end]
        if _FRAGMENT.match(text):
            continue
        words = folded(text)
        first = next((n for n, w in enumerate(words) if w in truth), 0) if case.at < 0 else len(words)
        front = list(words[:first])
        while case.asked.kind == "name" and front and front[-1] in c.foreign:
            front.pop()  # the astronomer X
        while front and front[-1] in ("the", "a", "an"):
            front.pop()
        if front[-1:] == ["by"] and any(OF_WORD.get(w) == "H" for w in front):
            continue  # a work by X
        if any(w in c.foreign for w in front) and not _PRONOUNS & set(front):
            return True
    return False


def _behind(case: Case) -> bool:
    """Tell whether a number is limited by what nobody asked for, in the question's place: 12 % in the north."""
    if case.asked.kind not in ("number", "integer") or not case.missing or _FRAGMENT.match(case.text):
        return False
    c = case.holding[0]
    limit = _LIMIT.search(case.text, case.at, c.end)
    return (
        limit is not None
        and len(content(case.text[c.start : case.at])) > 0
        and bool(set(folded(case.text[limit.start() : c.end])) & c.foreign)
    )


def _another_object(case: Case) -> bool:
    """Tell whether what follows a word of the question is not what follows it there: founded the orchestra.

    Words in front of the one that follows, such as `the` and `of the`, are passed over.
    """
    wanted = {a: b for a, b in _following(case.asked.question) if b in case.missing}
    opening = folded(case.text[case.holding[0].start : case.holding[0].end])[:1]
    elliptic = case.asked.kind == "date" and any(map(past, opening))  # it landed, but stepped onto the surface
    if not wanted or elliptic:
        return False
    told = [pair for c in case.holding for pair in _following(_BESIDE.sub("", case.text[c.start : c.end]))]
    strange = case.foreign - (_OBJECTS if _CLEFT.match(case.text) else set())  # it is X that drives him
    return any(
        b in strange and not past(b) and not a.endswith("est") and any(related(a, w) for w in wanted) for a, b in told
    )


def _following(text: str) -> list[tuple[str, str]]:
    """Return the content words, each with the next; a share or number `of` counts as one."""
    return list(pairwise(w for w in folded(_SHARE.sub("share of", text)) if w not in FUNCTION or w in _STANDING))


def _turned_roles(case: Case) -> bool:
    """Tell whether the truth follows the preposition that has another word in the question: silver for oil."""
    if not case.worded:
        return False
    words = folded(case.asked.question)
    governed = {p: x for p, x in pairwise(words) if p in _ROLES and x in case.matter}
    first = folded(case.asked.forms[0])
    for c in case.holding:
        said = folded(case.text[c.start : c.end])
        for at, word in enumerate(said[:-1]):
            after = said[at + 1 :]
            if word in governed and after[: len(first)] == first and governed[word] in said[:at]:
                return True
    return False


def _people(case: Case) -> bool:
    """Tell whether the number counts people where other things are asked, which the clause does not name."""
    things = HOW_MANY_OF.search(case.asked.question)
    if case.at < 0 or not things or not {w for w in folded(things[1]) if w not in FUNCTION} <= case.missing:
        return False
    words = folded(case.text[case.at : case.holding[0].end])
    return any(stem(w) in PEOPLE and not among(w, case.known) for w in words[1:2])


def _another_year(case: Case) -> bool:
    """Tell whether the clause speaks of another year than the question."""
    if case.asked.kind == "date":
        return False
    asked, said = (set(_YEAR.findall(t)) for t in (case.asked.question, " ".join(case.said)))
    return bool(asked and said) and not asked & said and not said & set(_YEAR.findall(" ".join(case.asked.forms)))


def _other_relation(case: Case) -> bool:
    """Tell whether someone asked for is only what something is about, or with or for whom it is."""
    if not case.asked.forms[0][:1].isupper() or not _WHO.match(case.asked.question):
        return False
    form = re.escape(case.asked.forms[0].split()[0])
    return any(
        (
            m := re.search(
                rf"(?<!thanks )(?<!due )(?<!owing )\b(about|with|for|against|without|over|under|to)\s(?:the\s)?{form}",
                case.text[c.start : c.end],
            )
        )
        and m[1] not in folded(case.asked.question)[-1:]
        for c in case.holding
    )


_RULES: dict[str, Callable[[Case], bool]] = {
    "another_event": _another_event,
    "denied_beside_another": _denied_beside,
    "another_clause": _another_clause,
    "another_thing": _another_thing,
    "another_degree": _another_degree,
    "another_subject": _another_subject,
    "part_of_it": _part_of_it,
    "another_value": _another_value,
    "something_in_front": _in_front,
    "something_behind": _behind,
    "another_object": _another_object,
    "turned_roles": _turned_roles,
    "people": _people,
    "another_year": _another_year,
    "other_relation": _other_relation,
    "roles_reversed": orders.reversed_roles,
    "contrary": orders.contrary_clause,
    "another_noun": orders.another_noun,
}
