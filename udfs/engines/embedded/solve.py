"""Solve: answers a question from the document by its wording alone; without a document it knows nothing."""

import re
from collections.abc import Iterator

from udfs.engines.embedded.page import DAY, MONTHS
from udfs.engines.embedded.pair import BLANK, content, coverage, holds
from udfs.engines.embedded.sentences import split

UNKNOWN = "I do not know."
_MIN_COVERAGE = 0.5  # of the question's words; below it the sentence is on something else
_NEAR = 3  # words beside a blank that the sentence must have too
_YEAR = r"(?:1\d{3}|20[0-3]\d)|\d{1,4} (?:BC|BCE|AD|CE)"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NAME = r"[A-Z][\w.'’-]*(?: (?:(?:of|the|de|von|van|and) )?[A-Z][\w.'’-]*)*"
# What a question begins with or says, and the forms its answer may have, the most exact first.
_ASKED = (
    (r"what date|which date|what day", (DAY,)),
    (r"month and year", (rf"(?:{MONTHS}) (?:of )?\d{{4}}",)),
    (r"year", (_YEAR,)),
    (r"^when\b", (DAY, rf"(?:{MONTHS}) (?:of )?\d{{4}}", _YEAR)),
    (r"how many|how much|with a number|percentage", (_NUMBER,)),
    (r"", (_NAME,)),
)


def solve(question: str, title: str | None, passage: str) -> str | None:
    """Return what the best matching sentence of the passage has in the place that the question asks for.

    None where no sentence has half of the question's words, or none of them what is asked for.
    """
    ranked = sorted(
        ((coverage(question, f"{text} {title or ''}"), -i, text) for i, text in enumerate(_sentences(passage))),
        reverse=True,
    )
    for covered, _, text in ranked[:3]:
        if covered < _MIN_COVERAGE:
            return None
        found = _in_blank(question, text) if BLANK in question else next(_fitting(question, text), None)
        if found:
            return found
    return None


def _sentences(passage: str) -> Iterator[str]:
    for sentence in split(passage):
        yield " ".join(passage[sentence.start : sentence.end].split())


def _in_blank(question: str, text: str) -> str | None:
    """Return what stands in the sentence between the words next to the blank."""
    before, _, after = question.partition(BLANK)
    head = re.split(r"[:,] ", before)[-1].split()[-_NEAR:]
    tail = re.sub(r"[.?!]+$", "", after).split()[:_NEAR]
    between = r"\s+".join(map(re.escape, head)) + r"\W+(.{1,80}?)\W*" + r"\s+".join(map(re.escape, tail))
    found = re.search(rf"(?<!\w){between}(?!\w)", text)
    return found.group(1).strip(" ,.") if found else next(_fitting(question, text), None)


def _fitting(question: str, text: str) -> Iterator[str]:
    """Yield the phrases of the kind asked for that the question does not hold, the nearest to its words first."""
    forms = next(forms for asked, forms in _ASKED if re.search(asked, question, re.IGNORECASE))
    words = set(content(question))
    for form in forms:
        spans = re.finditer(rf"(?<![\w,.])(?:{form})(?![\w]|,\d)", text)
        fresh = [m for m in spans if not holds(question, m.group()) and (content(m.group()) or m.group().isdigit())]
        yield from (
            m.group().removeprefix("The ")
            for m in sorted(
                fresh, key=lambda m: -len(words & set(content(text[max(0, m.start() - 40) : m.end() + 40])))
            )
        )
