"""What is measured of the lines of a text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from udfs.quality.repetition import repeated
from udfs.quality.technical import technical

POLICY = (  # of C4 (arXiv 1910.10683, section 2.2) and its published code
    "javascript", "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies",
)  # fmt: skip
SHORT_LINE = 30  # characters (arXiv 2406.17557, section 3.6)
SENTENCE_WORDS = 5  # words of a line that can hold a sentence (C4)

_SENTENCE_END = re.compile(r"[.!?。！？।؟][\"'”’)\]]*(?=\s|$)")
_TERMINAL = (".", "!", "?", "。", "！", "？", "．", "।", "؟", "۔", "։")
_CLOSING = "\"'”’»)]| "  # what may follow the mark that ends a sentence
_BULLETS = ("•", "-", "*", "‣", "–", "·")
_ELLIPSES = ("...", "…")


@dataclass(frozen=True)
class Lines:
    """A text in its lines, without the white space around them and without empty ones."""

    prose: Sequence[str]
    paragraphs: Sequence[str]
    technical: int


def split(text: str) -> Lines:
    """Return the lines of a text, those of code, formulas and tables counted and set aside."""
    prose: list[str] = []
    paragraphs: list[str] = []
    apart, begun = 0, 0
    for raw in [*text.split("\n"), ""]:
        line = raw.strip()
        if line and technical(line):
            apart += 1
        elif line:
            prose.append(line)
        elif begun < len(prose):
            paragraphs.append("\n".join(prose[begun:]))
            begun = len(prose)
    return Lines(prose, paragraphs, apart)


def of_lines(lines: Lines, lowered: str) -> dict[str, float]:
    """Return the measures of lines that hold some prose; `lowered` is that prose in lower case."""
    prose = lines.prose
    chars = sum(map(len, prose))
    short = [len(line) for line in prose if len(line) <= SHORT_LINE]
    ended = [line.rstrip(_CLOSING).endswith(_TERMINAL) for line in prose]
    policy = _policy(prose, lowered)
    dup_lines, dup_line_chars = repeated(prose)
    dup_paragraphs, dup_paragraph_chars = repeated(lines.paragraphs)
    return {
        "sentences": float(_sentences(prose, policy) + lines.technical),
        "punct_lines": sum(ended) / len(prose),
        "punct_chars": _in_sentences(prose, ended) / chars,
        "short_lines": len(short) / len(prose),
        "short_chars": sum(short) / chars,
        "bullet_lines": sum(line.startswith(_BULLETS) for line in prose) / len(prose),
        "ellipsis_lines": sum(line.endswith(_ELLIPSES) for line in prose) / len(prose),
        "policy_chars": sum(map(len, policy)) / chars,
        "dup_lines": dup_lines,
        "dup_line_chars": dup_line_chars,
        "dup_paragraphs": dup_paragraphs,
        "dup_paragraph_chars": dup_paragraph_chars,
    }


def _sentences(lines: Sequence[str], policy: Sequence[str]) -> int:
    """Return how many sentences stand in lines of some words; one without a mark at its end counts as one."""
    holding = (line for line in lines if line.count(" ") >= SENTENCE_WORDS - 1 and line not in policy)
    return sum(len(_SENTENCE_END.findall(line)) or 1 for line in holding)


def _in_sentences(lines: Sequence[str], ended: Sequence[bool]) -> int:
    """Return the characters of lines that end a sentence, and of those before that run on into them in lower case."""
    found, run = 0, 0
    for line, ends, following in zip(lines, ended, [*lines[1:], ""], strict=True):
        run += len(line)
        if ends:
            found += run
        if ends or not following[:1].islower():
            run = 0
    return found


def _policy(lines: Sequence[str], lowered: str) -> list[str]:
    """Return the lines that name JavaScript, cookies or terms of use."""
    present = [phrase for phrase in POLICY if phrase in lowered]
    return [line for line in lines if any(p in line.lower() for p in present)] if present else []
