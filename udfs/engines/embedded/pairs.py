"""Pairs of a passage: all templates over the best sentences, a gate for each pair, and the few that stay."""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from udfs.engines.embedded.asks_fact import facts
from udfs.engines.embedded.asks_life import life
from udfs.engines.embedded.asks_name import acronyms, names
from udfs.engines.embedded.clause import Refused
from udfs.engines.embedded.cloze import clozes
from udfs.engines.embedded.naming import with_full_name
from udfs.engines.embedded.page import MONTHS, Page, read_page
from udfs.engines.embedded.pair import Pair, anchors, content, coverage, deictic, holds, leaks
from udfs.engines.embedded.parsing import with_parses
from udfs.engines.embedded.reduce import clause_of
from udfs.engines.embedded.sentences import Sentence, refusal, split
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Doc

MAX_PARSED = 40  # sentences of one passage
MAX_PAIRS = 3  # of one passage, as many as it has personas
_PER_TEMPLATE = 2
_MAX_LONG_FORM = 400  # characters of a sentence that explains initials
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MONTH = re.compile(rf"\b(?:{MONTHS})\b")
_PLENTY = 3  # fixed points that make up for a topic that is not named
_MAX_WORDS = 32  # of a question
# Fixed points (names, years, the topic) a question needs to go without its topic as context. What the present
# tense says of a person is mostly a story's or a theory's, so it never goes without.
_NEEDED = {
    "subject": 3,
    "subject_now": 9,
    "cloze_person_now": 9,
    "cloze_number": 3,
    "cloze_year": 2,
    "cloze_person": 2,
    "by_whom": 2,
    "when": 2,
    "how_many": 3,
    "where": 2,
}


@functools.lru_cache(maxsize=32)
def candidates(title: str | None, passage: str) -> tuple[Pair, ...]:
    """Return all pairs of a passage that pass the gate, best first. The last few passages are remembered."""
    sentences = split(passage)
    page = read_page(title, passage, sentences)
    chosen = _best(sentences, page)
    found = with_parses([s.text for s in chosen], lambda docs: list(_all(docs, chosen, page, passage)))
    found += _unparsed(sentences, page, passage)
    unique = {(p.question, p.answer): p for p in sorted(found, key=lambda p: (p.score, -p.start, p.question))}
    return tuple(sorted(unique.values(), key=lambda p: (-p.score, p.start, p.question)))


def selection(title: str | None, passage: str) -> tuple[Pair, ...]:
    """Return the pairs to use: the best of each angle first, one a sentence, two a template, three in all."""
    ranked = candidates(title, passage)
    taken: list[Pair] = []
    for fresh in (True, False):
        for pair in ranked:
            known = {p.angle for p in taken}
            if len(taken) < MAX_PAIRS and (not fresh or pair.angle not in known) and _adds(pair, taken):
                taken.append(pair)
    return tuple(taken)


def _adds(pair: Pair, taken: list[Pair]) -> bool:
    if sum(p.angle == pair.angle for p in taken) >= 2:
        return False
    if Counter(p.template for p in taken)[pair.template] >= (1 if pair.template == "acronym" else _PER_TEMPLATE):
        return False
    return all(p.start != pair.start and p.answer != pair.answer and p.question != pair.question for p in taken)


def _best(sentences: list[Sentence], page: Page) -> list[Sentence]:
    """Return the sentences worth a parse: early ones, ones on the topic, ones with names and numbers."""

    def worth(s: Sentence) -> tuple[float, int]:
        words = s.text.split()
        rich = sum(w[0].isupper() or w[0].isdigit() for w in words[1:]) / len(words)
        on_topic = bool(page.topic) and holds(s.text, page.surname or page.topic)
        return (
            2.0 * (s.rank < 5) + 1.0 * on_topic + 2.0 * rich + 0.5 * bool(re.search(r"\d", s.text)),
            -s.rank,
        )

    usable = [s for s in sentences if refusal(s) is None and _pronoun_bound(s, page)]
    best = sorted(usable, key=worth, reverse=True)[:MAX_PARSED]
    return sorted(best, key=lambda s: s.rank)


def _pronoun_bound(sentence: Sentence, page: Page) -> bool:
    """Tell whether He or She at the start is the page's person: the sentence before begins with the name."""
    if sentence.text.split()[0] not in ("He", "She"):
        return True
    first = page.topic.split()[0] if page.topic else ""
    return page.person and sentence.opening.rstrip(",'s") in (page.surname, first)


def _all(docs: "list[Doc]", chosen: list[Sentence], page: Page, passage: str) -> Iterator[Pair]:
    known = "" if page.proper else page.topic.lower().rpartition(" ")[2]
    kind = page.kind if page.proper and page.kind in words("kinds") else ""
    for doc, sentence in zip(docs, chosen, strict=True):
        try:
            clause = clause_of(doc, known, kind)
        except Refused:
            continue
        made = [*names(clause, page), *facts(clause, page), *clozes(clause, page)]
        yield from _gated(made, sentence, page, passage)


def _unparsed(sentences: list[Sentence], page: Page, passage: str) -> list[Pair]:
    """Return the pairs that need no parse: dates of a life, and long forms of initials."""
    found: list[Pair] = []
    if page.lead >= 0:
        found += _gated(list(life(page)), sentences[page.lead], page, passage)
    for sentence in sentences[:200]:
        raw = passage[sentence.start : sentence.end]
        if len(raw) <= _MAX_LONG_FORM and not re.search(r"\bdoi\b|\bpp?\. ?\d|\bVol\.", raw):
            used = [p for p in acronyms(raw, page) if passage.count(p.question.split()[4]) > 1]
            found += _gated(used, sentence, page, passage)
    return found


def _gated(made: list[Pair], sentence: Sentence, page: Page, passage: str) -> list[Pair]:
    evidence = passage[sentence.start : sentence.end]
    kept = []
    for pair in made:
        plain = with_full_name(pair.question, page)
        question = _anchored(plain, pair, page)
        if question is None or not _sound(question, pair, evidence, page):
            continue
        more = 1.0 / (1 + sentence.rank / 5) + 0.25 * min(anchors(plain, pair.answer, page), 4)
        more -= 0.15 * max(0, len(question.split()) - 20)
        fresh = Pair(
            question,
            pair.answer,
            pair.answer_type,
            pair.angle,
            pair.template,
            pair.score,
            pair.aliases,
            pair.unit,
            evidence,
            sentence.start,
        )
        kept.append(fresh.scored(more))
    return kept


def _anchored(question: str, pair: Pair, page: Page) -> str | None:
    """Return the question, with the topic as context if it has too few fixed points; None if that fails."""
    needed = _NEEDED.get(pair.template, 1)
    away = not _on_topic(question, page)
    near = needed if pair.template.startswith(("subject", "cloze_person")) or away else 1
    fixed = anchors(question, pair.answer, page)
    lacking = not page.topic or holds(question, page.topic) or leaks(page.topic, pair.answer) or not page.named
    if fixed >= near and (lacking or not away or fixed >= _PLENTY or pair.template not in _NEEDED):
        return question
    if lacking:
        return None
    if needed > 1 and not (fixed >= 2 or (fixed == 1 and len(content(question)) >= 6)):
        return None
    if question.startswith("Fill in the blank"):
        head, rest = question.split(": ", 1)
        return f"{head}, in the context of {page.named}: {rest}"
    return f"In the context of {page.named}, {question[0].lower()}{question[1:]}"


def _sound(question: str, pair: Pair, evidence: str, page: Page) -> bool:
    """Tell whether a pair keeps the promises every pair makes, whatever template made it."""
    return (
        pair.answer in evidence
        and not _UNPRINTABLE.search(evidence)
        and len(content(question)) >= 2
        and len(question.split()) <= _MAX_WORDS
        and not leaks(question, pair.answer, pair.aliases)
        and not deictic(question)
        and not (_MONTH.search(question) and not re.search(r"\d{4}", question + pair.answer))
        and not re.search(r"\b(?:in|on|at|of|by|with|from|to|for|the|and)\?$", question)
        and not (pair.answer != page.topic and holds(page.topic, pair.answer) and page.topic in evidence)
        and not _titled_surname(question, page)
        and coverage(question, f"{evidence} {page.topic}") >= 0.75
    )


def _titled_surname(question: str, page: Page) -> bool:
    """Tell whether a question names some other bearer of the topic's surname, such as Captain Lincoln."""
    if not page.surname or page.topic in question:
        return False
    return bool(re.search(rf"\b[A-Z][\w.]* {re.escape(page.surname)}\b", question.split(" ", 1)[-1]))


def _on_topic(question: str, page: Page) -> bool:
    """Tell whether a question names the topic, or a word of its family: Angolan for Angola."""
    stems = {w[:5] for w in content(page.topic) if len(w) > 3}
    return any(w[:5] in stems for w in content(question))
