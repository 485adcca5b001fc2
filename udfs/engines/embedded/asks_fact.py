"""Questions on facts of one clause: when, where, by whom, how many. Each takes one phrase out."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from udfs.engines.embedded.clause import Clause
from udfs.engines.embedded.naming import is_name, lower_first, subject_known, subject_text
from udfs.engines.embedded.page import DAY, MONTHS, Page, is_person
from udfs.engines.embedded.pair import Pair
from udfs.engines.embedded.words import load, words

if TYPE_CHECKING:
    from spacy.tokens import Token

YEAR = re.compile(r"\b(?:1\d{3}|20[0-3]\d)\b(?![–-]\d)|\b\d{1,4} (?:BC|BCE|AD|CE)\b")
_WHEN = (
    (re.compile(r"(?:1\d{3}|20[0-3]\d)(?: (?:AD|CE))?|\d{1,4} (?:BC|BCE)"), "In what year"),
    (re.compile(rf"(?:{MONTHS}) (?:of )?\d{{4}}"), "In what month and year"),
    (re.compile(DAY), "On what date"),
)
# A number behind one of these is only near, or a bound.
_HEDGE = re.compile(
    r"\b(?:than|over|under|above|below|up to|at least|at most|no more|as (?:high|low|many|much|few) as|about|around|"
    r"approximately|roughly|nearly|almost|some|circa)\s*$",
    re.IGNORECASE,
)
_SECOND_PAST = re.compile(r"\b(?:and|but) (?:\w+ly )?\w+ed\b")  # would have to follow "did" in its base form
_BARE = words("bare_verbs")
_PLACED = words("placed_verbs")
_SMALL = {w: str(i) for i, w in enumerate(load("numerals.json"), 2)}


def facts(clause: Clause, page: Page) -> Iterator[Pair]:
    """Yield every pair that takes one phrase out of this clause."""
    if not subject_known(clause, page) or clause.root.lemma_ == "be" or "," in subject_text(clause, page):
        return
    yield from _when(clause, page)
    yield from _where(clause, page)
    yield from _by_whom(clause, page)
    yield from _how_many(clause, page)


def _question(clause: Clause, page: Page, opening: str, without: set[int]) -> str | None:
    """Return opening + auxiliary + subject + predicate, or None where English would need more than this."""
    subject = subject_text(clause, page)
    without = without | _closing_comma(clause, without)
    front = [i for i in clause.front if i not in without]
    if front and not _movable(clause, front):
        return None
    left = [i for i in clause.predicate if i not in without]
    helpers = clause.auxiliaries
    if helpers:
        if helpers[0].lower_ not in ("was", "were", "is", "are"):
            return None
        verb, rest = helpers[0].lower_, clause.text(i for i in left if i != helpers[0].i)
    elif clause.root.tag_ == "VBD":
        verb = "did"
        before = clause.text(i for i in left if i < clause.root.i)
        after = clause.text(i for i in left if i > clause.root.i)
        if _SECOND_PAST.search(after) or any(t.dep_ == "conj" and t.i in left for t in clause.root.children):
            return None
        rest = " ".join(p for p in (before, _base_form(clause.root), after) if p)
    else:
        return None
    moved = f" {_small_front(clause, front)}" if front else ""
    return f"{opening} {verb} {subject} {rest}{moved}?"


def _closing_comma(clause: Clause, phrase: set[int]) -> set[int]:
    """Return the comma that closes a phrase taken out, unless another opens it."""
    first, last = min(phrase), max(phrase)
    closed = last + 1 < len(clause.doc) and clause.doc[last + 1].text == ","
    opened = first > 0 and clause.doc[first - 1].text == ","
    return {last + 1} if closed and not opened else set()


def _base_form(verb: "Token") -> str:
    """Return the verb as it stands after "did". Mends the model's wag for waged: wag would double its g."""
    lemma: str = verb.lemma_.lower()
    cut_short = verb.lower_ == lemma + "ed" and re.fullmatch(r"[^aeiou]+[aeiou][^aeiouwxy]", lemma)
    return lemma + "e" if cut_short else lemma


def _movable(clause: Clause, front: list[int]) -> bool:
    """Tell whether what stands before the subject is one short prepositional phrase."""
    first = clause.doc[front[0]]
    return first.dep_ == "prep" and first.head == clause.root and len(front) <= 8 and one_phrase(clause, front)


def one_phrase(clause: Clause, front: list[int]) -> bool:
    """Tell whether tokens are one prepositional phrase, and a year in it is its end."""
    prep, text = clause.doc[front[0]], clause.text(front)
    whole = len(front) > 1 and all(prep.left_edge.i <= i <= prep.right_edge.i for i in front)
    years = list(YEAR.finditer(text))
    return whole and (not years or years[-1].end() == len(text))


def _small_front(clause: Clause, front: list[int]) -> str:
    return lower_first(clause.text(front), clause.doc[front[0]])


def _phrases(clause: Clause, preps: tuple[str, ...]) -> Iterator[tuple["Token", "Token", str]]:
    """Yield prepositional phrases of the verb: preposition, its noun, the noun phrase as text."""
    for prep in clause.root.children:
        if prep.dep_ in ("prep", "agent") and prep.lower_ in preps and prep.i in clause.keep:
            for noun in prep.children:
                if noun.dep_ == "pobj":
                    yield prep, noun, clause.text(clause.kept(noun))


def _when(clause: Clause, page: Page) -> Iterator[Pair]:
    if clause.root.lemma_ in _BARE or clause.root.tag_ in ("VBZ", "VBP"):
        return
    whole = clause.text(clause.keep)
    heads = {t.lower_ for t in clause.root.children if t.dep_ == "prep"}
    if {"from", "to"} <= heads or any(t.dep_ == "oprd" and clause.root.lemma_ == "bear" for t in clause.root.children):
        return
    for prep, _, phrase in _phrases(clause, ("in", "on")):
        for pattern, opening in _WHEN:
            if not pattern.fullmatch(phrase) or len(YEAR.findall(whole)) != 1:
                continue
            question = _question(clause, page, opening, set(clause.kept(prep)))
            if question and not any(_dated(t) for t in _others(clause, prep)):
                yield Pair(question, phrase, "date", "when", "when", 8.0)


def _others(clause: Clause, prep: "Token") -> list["Token"]:
    inside = set(clause.kept(prep))
    return [clause.doc[i] for i in clause.keep if i not in inside]


def _dated(token: "Token") -> bool:
    return token.ent_type_ in ("DATE", "TIME") or token.text in MONTHS.split("|")


def _where(clause: Clause, page: Page) -> Iterator[Pair]:
    if clause.root.lemma_ not in _PLACED:
        return
    places = list(_phrases(clause, ("in", "at", "near")))
    places = [p for p in places if p[1].ent_type_ in ("GPE", "LOC", "FAC") and is_name(p[2].split(",")[0])]
    if len(places) == 1:
        prep, _, phrase = places[0]
        question = _question(clause, page, "Where", set(clause.kept(prep)))
        if question:
            yield Pair(question, phrase.removeprefix("the "), "name", "where", "where", 7.5)


def _by_whom(clause: Clause, page: Page) -> Iterator[Pair]:
    if not clause.passive:
        return
    for prep, noun, phrase in _phrases(clause, ("by",)):
        if is_name(phrase) and is_person(phrase, noun.ent_type_, page) and not re.search(r" (?:and|the) ", phrase):
            question = _question(clause, page, "By whom", set(clause.kept(prep)))
            if question:
                yield Pair(question, phrase, "name", "who", "by_whom", 8.0)


def _how_many(clause: Clause, page: Page) -> Iterator[Pair]:
    if undated_present(clause):
        return
    for noun in clause.root.children:
        if noun.dep_ != "dobj" or noun.tag_ != "NNS" or noun.i not in clause.keep:
            continue
        count = [t for t in noun.children if t.dep_ == "nummod" and t.i in clause.keep]
        if len(count) != 1 or _one_of_a_list(count[0], noun) or hedged(clause.doc[: count[0].left_edge.i].text):
            continue
        value = count[0].text
        whole = bool(re.fullmatch(r"\d{1,3}(?:,\d{3})+|\d+", value)) and not YEAR.fullmatch(value)
        if not whole and value.lower() not in _SMALL:
            continue
        phrase = clause.text(i for i in clause.kept(noun) if i != count[0].i)
        question = _question(clause, page, f"How many {phrase}", set(clause.kept(noun)))
        if question and question.lower().count(noun.lower_) == 1 and clause.root.lemma_ != "declare":
            number = _SMALL.get(value.lower(), value.replace(",", ""))
            yield Pair(question, value, "integer", "how_much", "how_many", 8.0, (number,) if number != value else ())


def hedged(before: str) -> bool:
    """Tell whether a number that follows these words is only near, or a bound."""
    return bool(_HEDGE.search(before))


def undated_present(clause: Clause) -> bool:
    """Tell whether a clause says how things are now, and names no year."""
    verbs = (clause.root, *clause.auxiliaries)
    return any(t.tag_ in ("VBZ", "VBP") for t in verbs) and not re.search(r"\d{4}", clause.text(clause.keep))


def _one_of_a_list(count: "Token", noun: "Token") -> bool:
    """Tell whether a number is only near, an order, or one of a list."""
    near = any(True for _ in count.children)
    return near or any(
        t.dep_ in ("det", "conj", "cc", "poss", "predet", "appos") or t.text == "$" for t in noun.children
    )
