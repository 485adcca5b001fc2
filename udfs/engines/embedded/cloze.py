"""Clozes: a sentence with one blank, for numbers, years and persons that no question template reaches."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from udfs.engines.embedded.asks_fact import YEAR, hedged, undated_present
from udfs.engines.embedded.clause import Clause
from udfs.engines.embedded.naming import is_name, subject_known, with_full_name
from udfs.engines.embedded.page import Page, is_person
from udfs.engines.embedded.pair import BLANK, Pair
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_UNITS = (
    "square kilometers|square kilometres|square miles|square metres|square meters|kilometers|kilometres|"
    "miles|metres|meters|feet|inches|centimetres|centimeters|millimetres|millimeters|nanometers|km²|km2|km|cm|mm|kg|"
    "kilograms|grams|tonnes|tons|pounds|percent|per cent|%|degrees|°C|°F|hours|minutes|seconds|days|weeks|"
    "months|kilometer|"
    "hectares|acres|litres|liters|gallons|watts|kilowatts|megawatts|volts|hertz|GHz|MHz|kHz|bits|bytes"
)
_NUMBER = r"(?<![\w.,$€£−-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_AMOUNT = re.compile(rf"({_NUMBER})(\s?)({_UNITS})(?![\w−⁻/-])")
_PERCENT = ("%", "percent", "per cent")
# What a substance is made of stays as it is, but not what people are.
_MADE_OF = words("made_of")
_OF_PEOPLE = re.compile(
    r"\b(?:population|people|inhabitants|households|students|voters|workforce|economy|GDP|exports)\b"
)
_STATES = words("states")
_STANCES = words("stances")
_SCALES = re.compile(r"^\s?(?:million|billion|trillion|thousand|hundred)")


def clozes(clause: Clause, page: Page) -> Iterator[Pair]:
    """Yield the blanks of one clause, its statement cut as for a question."""
    if clause.pronoun:
        return
    text = with_full_name(clause.text(clause.keep), page)
    known = subject_known(clause, page) or bool(re.search(r"\d", clause.text(clause.kept(clause.subject))))
    if known:
        yield from _amounts(clause, text)
        yield from _years(clause, text)
    yield from _persons(clause, text, page)


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{BLANK}{text[end:]}".rstrip(" ,.") + "."


def _amounts(clause: Clause, text: str) -> Iterator[Pair]:
    for found in _AMOUNT.finditer(text):
        value, unit = found.group(1), found.group(3)
        before = text[: found.start()]
        if hedged(before) or (unit in _PERCENT and _may_change(clause, text)):
            continue
        if text.count(value) != 1 or re.search(r"(?:\b(?:and|or|to|between|from|until)|[–-])\s*$", before):
            continue
        after = text[found.end() :]
        if re.match(r"\s*(?:to|or|–|and)\s*\d", after) or re.search(r"\bup to\s*$|\b[Bb]etween\s*$", before):
            continue
        question = "Fill in the blank with a number: " + _blank(text, *found.span(1))
        whole = value.replace(",", "")
        forms = tuple(dict.fromkeys(f for f in (f"{value}{found.group(2)}{unit}", whole) if f != value))
        yield Pair(question, value, "number", "how_much", "cloze_number", 6.5, forms, unit)


def _may_change(clause: Clause, text: str) -> bool:
    """Tell whether a share is told as of now, with no year: next year it is another."""
    lasting = clause.root.lemma_ in _MADE_OF and not _OF_PEOPLE.search(text)
    return undated_present(clause) and not lasting


def _years(clause: Clause, text: str) -> Iterator[Pair]:
    found = list(YEAR.finditer(text))
    if len(found) != 1 or not re.search(r"\b[Ii]n $", text[: found[0].start()]):
        return
    if clause.root.lemma_ in _STATES and not clause.auxiliaries:
        return
    if re.match(r"\s*(?:,? and|to|–|or)\b|s\b", text[found[0].end() :]):
        return
    question = "Fill in the blank with a year: " + _blank(text, *found[0].span())
    yield Pair(question, found[0].group(), "date", "when", "cloze_year", 4.5)


def _persons(clause: Clause, text: str, page: Page) -> Iterator[Pair]:
    past = clause.root.tag_ == "VBD" or any(t.tag_ == "VBD" for t in clause.auxiliaries)
    template = "cloze_person" if past else "cloze_person_now"
    for entity in clause.doc.ents:
        name = entity.text.removesuffix("'s").removesuffix("’s")
        if entity.label_ != "PERSON" or not is_name(name) or not set(range(entity.start, entity.end)) <= clause.keep:
            continue
        if not _alone(entity, clause) or _takes_a_stance(entity, clause):
            continue
        neighbours = [clause.doc[i] for i in (entity.start - 1, entity.end) if 0 <= i < len(clause.doc)]
        if any(t.text[:1].isupper() and (t.i or t.text in words("titles")) for t in neighbours) or any(
            t.lower_ in ("and", "or") for t in neighbours
        ):
            continue
        if text.count(name) == 1 and is_person(name, "PERSON", page) and name not in (page.topic, page.surname):
            at = text.index(name)
            question = "Fill in the blank with a person's name: " + _blank(text, at, at + len(name))
            yield Pair(question, name, "name", "who", template, 5.0)


def _alone(entity: "Span", clause: Clause) -> bool:
    """Tell whether a name is no item of a list, no name of a thing, and no bearer of a mere description."""
    head = entity.root
    if head.dep_ in ("conj", "compound") or any(t.dep_ in ("conj", "cc") for t in head.children):
        return False
    if head.dep_ == "appos" and head.head.lower_ not in words("roles"):
        return False
    before = clause.doc[entity.start - 1] if entity.start else None
    if before is not None and before.pos_ == "NOUN" and before.lower_ not in words("roles"):
        return False
    told = [t for t in clause.root.children if t.dep_ == "attr" and clause.root.lemma_ in ("be", "become")]
    return all(any(c.lower_ == "the" for c in t.children) or _foremost(t, clause) for t in told)


def _foremost(noun: "Token", clause: Clause) -> bool:
    """Tell whether somebody became the one of a rank: China's first astronaut."""
    ranked = any(t.ent_type_ == "ORDINAL" or t.tag_ in ("JJS", "RBS") for t in noun.subtree)
    return clause.root.lemma_ == "become" and ranked


def _takes_a_stance(entity: "Span", clause: Clause) -> bool:
    """Tell whether a name is of somebody who was for or against something: others were as well."""
    head = entity.root
    return clause.root.lemma_ in _STANCES and (head == clause.subject or head.head.dep_ == "agent")
