"""The pair: what a template makes, and what lets its question stand without the page."""

import re
from dataclasses import dataclass, replace

from udfs.engines.embedded.page import MONTHS, Page
from udfs.engines.embedded.words import words

ANGLES = ("who", "when", "how_much", "meaning", "where")
BLANK = "____"
_CONTENT = re.compile(r"\w+", re.UNICODE)
_STOPWORDS = words("question_stopwords")
_DEICTIC = re.compile(
    r"\b(?:this|these|those|here|now|today|currently|recently|above|following|the (?:text|passage|article|"
    r"author|document|page|section|study|paper))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pair:
    """One question with its answer, made of one sentence."""

    question: str
    answer: str
    answer_type: str
    angle: str
    template: str
    score: float
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    evidence: str = ""
    start: int = 0

    def scored(self, more: float) -> "Pair":
        """Return this pair with a higher score."""
        return replace(self, score=round(self.score + more, 6))


def content(text: str) -> list[str]:
    """Return the words that carry meaning: no function words, none below three letters unless digits."""
    found = [w.lower() for w in _CONTENT.findall(text)]
    return [w for w in found if (len(w) > 2 or w.isdigit()) and w not in _STOPWORDS]


def normal(text: str) -> str:
    """Return lower-case words parted by single blanks, for comparison at word boundaries."""
    return " ".join(re.findall(r"\w+", text.lower()))


def holds(text: str, part: str) -> bool:
    """Tell whether a text holds a part as whole words."""
    wanted = normal(part)
    return bool(wanted) and f" {wanted} " in f" {normal(text)} "


def leaks(question: str, answer: str, aliases: tuple[str, ...] = ()) -> bool:
    """Tell whether a question gives away its answer, whole or by one of its longer words."""
    if any(holds(question, form) for form in (answer, *aliases)):
        return True
    asked = set(normal(question).split())
    return any(len(w) > 3 and not w.isdigit() and w in asked for w in content(answer))


def deictic(question: str) -> bool:
    """Tell whether a question points at something outside itself."""
    return bool(_DEICTIC.search(question))


def coverage(question: str, source: str) -> float:
    """Return the share of a question's content words whose first four letters begin a word of the source."""
    asked = content(question)
    stems = {w[:4] for w in normal(source).split()}
    return sum(w[:4] in stems for w in asked) / len(asked) if asked else 0.0


def anchors(question: str, answer: str, page: Page) -> int:
    """Return how many fixed points a question has: proper names, numbers, and the topic of the page."""
    body = re.sub(rf"^Fill in the blank[^:]*:|\b(?:{MONTHS})\b", " ", question.replace(BLANK, " "))
    body = re.sub(r"^\s*(?:In|On|At|The|By|A|An|Who|What|Which|How|Where|About|Around|Approximately)\b", " ", body)
    runs = len(re.findall(r"(?:[A-Z][\w'’./-]*)(?:(?: (?:of|the|de|von|van))? [A-Z][\w'’./-]*)*", body))
    topic = bool(page.topic) and not page.proper and holds(question, page.topic)
    return runs + len(re.findall(r"(?<![\d,.$€£])\d{3,4}(?![\d,.]*\d)", body)) + topic
