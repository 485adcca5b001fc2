"""Names in questions: who or what is asked for, and the full name in place of a surname or a pronoun."""

import re
from typing import TYPE_CHECKING

from udfs.engines.embedded.clause import Clause
from udfs.engines.embedded.page import Page, is_person
from udfs.engines.embedded.pair import content
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

NAME = re.compile(
    r"^(?:[A-Z][\w'’.-]*|\d+|of|the|de|von|van|der|den|la|le|du|di|da|del|al|bin|ibn|and|for|in|&)"
    r"(?: (?:[A-Z][\w'’.-]*|\d+|of|the|de|von|van|der|den|la|le|du|di|da|del|al|bin|ibn|and|for|in|&))*$"
)


def is_name(text: str) -> bool:
    """Tell whether a text is one run of capitalised words and particles that ends in a capitalised one."""
    parts = text.split()
    first = parts[1:] if parts and parts[0].lower() == "the" else parts
    ends = bool(first) and first[0][0].isupper() and (first[-1][0].isupper() or first[-1].isdigit())
    return ends and bool(NAME.match(" ".join(first)))


def asked_for(token: "Token", name: str, page: Page) -> str:
    """Return the words that ask for a name: Who, Which film, Which country. Nothing where it is not known."""
    bare = name.removeprefix("The ").removeprefix("the ")
    if bare in words("countries"):
        return "Which country"
    if page.topic and bare == page.topic:
        if page.person:
            return "Who"
        return f"Which {page.kind}" if page.kind in words("kinds") and page.proper else ""
    if is_person(bare, token.ent_type_, page):
        return "Who"
    last = bare.split()[-1].lower()
    if last in words("kinds") and " " in bare:
        return f"Which {last}"
    return ""


def subject_text(clause: Clause, page: Page) -> str:
    """Return the subject as a question names it: the topic for He and She, lower case for a common noun."""
    if clause.pronoun:
        return page.topic
    text = clause.text(clause.kept(clause.subject))
    return lower_first(text, clause.doc[clause.subject.left_edge.i])


def lower_first(text: str, token: "Token") -> str:
    """Return text whose first word, given as a token, is small unless it is a name."""
    small = token.pos_ != "PROPN" and token.ent_type_ in (
        "",
        "DATE",
        "CARDINAL",
        "ORDINAL",
        "QUANTITY",
        "EVENT",
        "ORG",
        "FAC",
        "LOC",
        "WORK_OF_ART",
        "PERCENT",
        "LAW",
        "GPE",
    )
    if small and (token.pos_ in ("DET", "ADP", "SCONJ", "ADV", "NUM", "PRON") or not token.ent_type_):
        return text[:1].lower() + text[1:] if not text[:2].isupper() else text
    return text


def with_full_name(question: str, page: Page) -> str:
    """Return the question with full names for bare surnames: the topic's, or another of the passage."""
    if page.surname and page.topic not in question:
        question = _expanded(question, page.surname, page.topic)
    for surname, full in page.others:
        if surname in question and full not in question:
            question = _expanded(question, surname, full)
    return question


def _expanded(question: str, surname: str, full: str) -> str:
    """Return the question with a full name for the first surname that stands alone, no capital beside it."""
    for found in re.finditer(rf"(?<![\w-]){re.escape(surname)}(?![\w-]|\s[A-Z])", question):
        before = question[: found.start()].split()
        joined = re.match(r"\s(?:and|&)\s[A-Z]", question[found.end() :]) or (before and before[-1] in ("and", "&"))
        if joined:
            continue
        if not before or not before[-1][0].isupper() or before[-1] in ("In", "On", "At", "By"):
            return question[: found.start()] + full + question[found.end() :]
    return question


def subject_known(clause: Clause, page: Page) -> bool:
    """Tell whether a question about this subject says which one: a name, an explained noun, or the topic."""
    if clause.pronoun:
        return page.person
    tokens = [clause.doc[i] for i in clause.kept(clause.subject)]
    if any(t.lower_ in ("a", "an", "no", "every", "each") and t.head == clause.subject for t in tokens):
        return False
    text = clause.text(t.i for t in tokens)
    if len(content(text)) >= 5:
        return True
    named = any(t.pos_ == "PROPN" or t.ent_type_ in ("NORP", "PERSON", "ORG", "GPE") for t in tokens)
    return named or (bool(page.topic) and page.topic.lower() in text.lower())
