"""Questions that ask for a subject or a term: who did it, what is it called, what is it short for."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from udfs.engines.embedded.asks_fact import one_phrase
from udfs.engines.embedded.clause import Clause
from udfs.engines.embedded.naming import asked_for, is_name, lower_first, subject_known, subject_text
from udfs.engines.embedded.page import Page
from udfs.engines.embedded.pair import Pair, content
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

# Verbs whose objects many subjects share, or that report what someone held.
_WEAK = words("weak_verbs")
_VAGUE_NOUNS = words("vague_nouns")
_ANY_KIND = words("of_any_kind")
# What many persons did: only a number, mostly a year, tells which of them.
_COMMON = words("common_verbs")
# One of many, a loose addition, or a list of others with their numbers and no verb: "Douglas 1,376,957 votes".
_SAYS_LITTLE = re.compile(r"\bone of\b|, with |, (?:[A-Z][\w.]+ )+\d{1,3},\d{3}\b")
_MIN_CONTENT = 5  # words that carry meaning in a definition
_LONG_FORM = re.compile(r"((?:[A-Z][\w’'-]+ )(?:(?:of|the|and|for|in|on) |[A-Z][\w’'-]+ ){1,7})\(([A-Z]{3,6})\)")


def names(clause: Clause, page: Page) -> Iterator[Pair]:
    """Yield the pairs whose answer is the subject or a term of this clause."""
    yield from _subject(clause, page)
    yield from _definition(clause, page)
    yield from _called(clause, page)


def _subject(clause: Clause, page: Page) -> Iterator[Pair]:
    if clause.pronoun or clause.root.lemma_ in _WEAK or clause.root.lemma_ == "be":
        return
    name = clause.text(clause.kept(clause.subject))
    if not is_name(name) or " and " in name or _broken(clause):
        return
    opening = asked_for(clause.subject, name, page)
    front = clause.front
    if not opening or (front and not _prepositional(clause, front)):
        return
    if clause.root.lemma_ in _COMMON and not re.search(r"\d", clause.text(clause.keep)):
        return
    if _SAYS_LITTLE.search(clause.text(clause.predicate)):
        return
    template = "subject" if clause.root.tag_ == "VBD" or clause.auxiliaries else "subject_now"
    moved = f" {lower_first(clause.text(front), clause.doc[front[0]])}" if front else ""
    question = f"{opening} {clause.text(clause.predicate)}{moved}?"
    answer = name.removeprefix("The ").removeprefix("the ")
    aliases = (page.topic,) if page.person and answer == page.surname else ()
    yield Pair(question, answer, "name", "who", template, 8.0, aliases)


def _broken(clause: Clause) -> bool:
    """Tell whether the parser cut a name in two: a capitalised neighbour stands outside the subject."""
    first, last = clause.subject.left_edge.i, clause.subject.right_edge.i
    after = clause.doc[last + 1] if last + 1 < len(clause.doc) else None
    before = clause.doc[first - 1] if first else None
    return bool((after is not None and after.text[:1].isupper()) or (before is not None and before.pos_ == "PROPN"))


def _prepositional(clause: Clause, front: list[int]) -> bool:
    first = clause.doc[front[0]]
    return first.dep_ == "prep" and first.head == clause.root and one_phrase(clause, front) and len(front) <= 8


def _definition(clause: Clause, page: Page) -> Iterator[Pair]:
    subject = clause.text(clause.kept(clause.subject))
    if not page.topic or clause.root.lemma_ != "be" or clause.auxiliaries or clause.front:
        return
    if subject.lower() not in (
        page.topic.lower(),
        *(f"{d} {page.topic.lower()}" for d in ("a", "an", "the")),
    ):
        return
    attribute = [t for t in clause.root.children if t.dep_ == "attr" and t.i in clause.keep]
    if len(attribute) != 1 or attribute[0].lower_ in _VAGUE_NOUNS:
        return
    noun = attribute[0]
    indexes = [i for i in clause.predicate if i >= noun.left_edge.i]
    phrase, answer = clause.text(indexes), re.sub(r"^(?:An?|The) ", "", subject)
    article = clause.doc[indexes[0]].lower_ if indexes else ""
    if ", and" in phrase:
        return
    if article == "the" and _bound(noun, clause):
        opening = _opening(noun, page)
        if not opening:
            return
        yield Pair(
            f"{opening} {clause.root.text} {phrase}?",
            answer,
            "name" if page.proper else "phrase",
            "who" if page.person else "meaning",
            "definition_the",
            7.5,
        )
    elif article in ("a", "an") and not page.proper and _told_apart(noun, clause) and _is_long(phrase):
        yield Pair(f"What is the term for {phrase}?", answer, "phrase", "meaning", "definition_a", 7.0)


def _is_long(phrase: str) -> bool:
    return len(content(phrase)) >= _MIN_CONTENT


def _opening(noun: "Token", page: Page) -> str:
    """Return the words that ask what has this description; nothing where its noun leaves open of what kind that is."""
    if page.person or noun.lower_ in words("family"):
        return "Who"
    if noun.lower_ in words("kinds"):
        return "What"
    if page.topic in words("countries"):
        return "Which country"
    if page.proper and page.kind in words("kinds"):
        return f"Which {page.kind}"
    return "" if noun.lower_ in _ANY_KIND else "What"


def _told_apart(noun: "Token", clause: Clause) -> bool:
    """Tell whether a clause says which of its kind a thing is: a mammal that feeds on termites."""
    return any(clause.doc[i].dep_ in ("relcl", "acl") for i in clause.predicate if i > noun.i)


def _bound(noun: "Token", clause: Clause) -> bool:
    return any(t.dep_ in ("prep", "relcl", "acl", "poss") for t in noun.children if t.i in clause.keep)


def _called(clause: Clause, page: Page) -> Iterator[Pair]:
    if clause.root.lemma_ not in ("call", "term", "name", "dub", "nickname", "know") or not clause.passive:
        return
    if not subject_known(clause, page) and not _described(clause):
        return
    if clause.front or not clause.auxiliaries or len(clause.auxiliaries) != 1:
        return
    helper = clause.auxiliaries[0]
    tail = [i for i in clause.predicate if i > clause.root.i]
    answer, asked = _term(clause, tail)
    if not answer or helper.lower_ not in ("is", "are", "was", "were"):
        return
    subject = subject_text(clause, page)
    middle = clause.text(i for i in clause.predicate if helper.i < i < clause.root.i)
    verb = f"{middle} {clause.root.text}".strip()
    yield Pair(
        f"What {helper.lower_} {subject} {verb}{asked}?",
        answer,
        "name" if answer[0].isupper() else "phrase",
        "meaning",
        "called",
        7.5,
    )


def _described(clause: Clause) -> bool:
    """Tell whether a common-noun subject carries a description: at least four meaningful words."""
    return len(content(clause.text(clause.kept(clause.subject)))) >= 4


def _term(clause: Clause, tail: list[int]) -> tuple[str, str]:
    """Return the term a clause introduces and the words left of "as"; nothing if more follows the term."""
    text = clause.text(tail)
    asked = ""
    if clause.root.lemma_ == "know":
        if not text.startswith("as "):
            return "", ""
        text, asked = text[3:], " as"
    plain = re.fullmatch(r"(?:(?:a|an|the) )?[\w’'-]+(?: [\w’'-]+){0,3}", text)
    if not plain or re.search(r"\b(?:and|or|in|by|after|for|as|from|on|because|when|to|with|that|who)\b", text):
        return "", ""
    return re.sub(r"^(?:a|an|the) ", "", text), asked


def acronyms(raw: str, page: Page) -> Iterator[Pair]:
    """Yield a pair for every long form followed by its initials in brackets."""
    for found in _LONG_FORM.finditer(raw):
        short = found.group(2)
        parts = found.group(1).split()
        for at in range(len(parts)):
            initials = "".join(p[0] for p in parts[at:] if p[0].isupper())
            if initials == short and parts[at][0].isupper():
                yield from _acronym(re.sub(r"['’]s$", "", " ".join(parts[at:])), short, page)
                break


def _acronym(long: str, short: str, page: Page) -> Iterator[Pair]:
    if not page.topic or set(content(page.topic)) & set(content(long)) or short in page.topic:
        return
    context = f" in the context of {page.named or page.topic}"
    yield Pair(f"What does the abbreviation {short} stand for{context}?", long, "name", "meaning", "acronym", 5.5)
