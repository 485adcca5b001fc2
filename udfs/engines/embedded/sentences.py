"""Sentences: a passage's prose cut into sentences with offsets, and the refusals that need no parse."""

import re
from dataclasses import dataclass

from udfs.engines.embedded.words import words
from udfs.wording import torn

MAX_CHARS = 120_000  # of one passage; what follows is not read
MIN_WORDS, MAX_WORDS = 8, 36
_MIN_PARAGRAPH = 60  # characters of a paragraph that counts as prose
_MAX_RAW = 900  # characters of one sentence, brackets included

_STOP = re.compile(r"[.!?][\"'”’)\]]*(?=\s|$)")
_ABBREVIATIONS = words("abbreviations")
_INITIALS = re.compile(r"(?:\w\.)*\w")
_BRACKETS = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
_SYMBOLS = re.compile(
    r"[\"“”„«»;:?!|{}=<>#*_~^\\@…→•‘]|\.\.|''|--| - |//|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff￰-\uffff\U0001f000-\U0010ffff]"
)
_BROKEN = re.compile(r"\S {2,}\S| [,.]|,,|\d{8,}|(?:^|\s)(?:of|about|to|by|with|approximately|over|than|is|was)\s*[,.]")
_VAGUE = re.compile(
    r"\b(?:"
    r"this|these|those|such(?! as)|here|now|nowadays|today|tomorrow|yesterday|currently|presently|"
    r"recent|recently|later|latter|former|formerly|same|another|other|others|may|might|will|would|"
    r"expected|expects?|plans|planned|as of|ago|i|we|you|our|your|us|my|me|above|below|following|"
    r"so-called|current|present-day|previous|previously|once|perhaps|probably|possibly|likely|"
    r"supposedly|allegedly|reportedly|seem|seems|seemed|appears?|appeared to|instead|therefore|thus|"
    r"hence|then|meanwhile|respectively|various|several|many|some|someone|something|etc|said to|"
    r"believed|thought to|considered|so|too|if|unless|whether|according to|that year|at the time|"
    r"at that time|years? old|still|yet|further|furthermore|afterwards?|subsequent(?:ly)?|both|either|"
    r"neither|nor|only"
    r")\b",
    re.IGNORECASE,
)
_OPENERS = words("openers")
_DETACHED = re.compile(
    r"^(?:In (?:addition|fact|contrast|particular|turn|general|short|practice|comparison|other words)|By contrast|"
    r"As a (?:result|consequence)|On the (?:other hand|contrary)|At (?:first|last))(?=,)|"
    r"^(?:The (?:first|second|third|last|next|latest|oldest|two|three|only) (?:was|is|were|are|of)\b)"
)


@dataclass(frozen=True)
class Sentence:
    """One sentence: passage[start:end] is it verbatim; `text` is it without brackets, on one line."""

    start: int
    end: int
    text: str
    rank: int
    """How many sentences stand before it in the passage."""
    opening: str
    """The first word of the sentence before it in the same paragraph, or nothing."""


def paragraphs(passage: str) -> list[tuple[int, int]]:
    """Return the spans of the paragraphs: lines, or blocks of lines that were wrapped at a fixed width."""
    found: list[tuple[int, int]] = []
    for block in re.finditer(r"[^\n]+(?:\n[^\n]+)*", passage[:MAX_CHARS]):
        lines = [(m.start() + block.start(), m.end() + block.start()) for m in re.finditer(r"[^\n]+", block.group())]
        found += [block.span()] if _wrapped(passage, lines) else lines
    return found


def _wrapped(passage: str, lines: list[tuple[int, int]]) -> bool:
    inner = lines[:-1]
    if len(inner) < 2:
        return False
    full = sum(50 <= b - a <= 120 for a, b in inner)
    open_ended = sum(passage[b - 1] not in ".!?:;" for _, b in inner)
    return full >= 0.8 * len(inner) and open_ended >= 0.6 * len(inner)


def prose(passage: str) -> list[tuple[int, int]]:
    """Return the paragraphs that are prose: long enough and closed by a stop."""
    kept = []
    for start, end in paragraphs(passage):
        text = passage[start:end].rstrip()
        if len(text) >= _MIN_PARAGRAPH and re.search(r"[.!?][\"'”’)\]]*$", text[-8:]):
            kept.append((start, start + len(text)))
    return kept


def split(passage: str) -> list[Sentence]:
    """Return the sentences of the prose in order, usable or not."""
    found: list[Sentence] = []
    for start, end in prose(passage):
        opening = ""
        for a, b in _spans(passage, start, end):
            text = strip_brackets(" ".join(re.split(r"[ \t]*\n[ \t]*", passage[a:b]))) if b - a <= _MAX_RAW else ""
            found.append(Sentence(a, b, text, len(found), opening))
            opening = passage[a:b].split(None, 1)[0] if b > a else ""
    return found


def _spans(passage: str, start: int, end: int) -> list[tuple[int, int]]:
    spans, at = [], start
    for stop in _STOP.finditer(passage, start, end):
        word = re.split(r"[\s(\[]", passage[max(at, stop.start() - 20) : stop.start()])[-1]
        rest = passage[stop.end() : stop.end() + 40].lstrip()
        initial = word.isupper() and _INITIALS.fullmatch(word)
        if stop.group()[0] == "." and (initial or word.lower() in _ABBREVIATIONS):
            continue
        if rest and not (rest[0].isupper() or rest[0] in "\"“'([" or rest[0].isdigit()):
            continue
        spans.append((at, stop.end()))
        at = stop.end()
        while at < end and passage[at].isspace():
            at += 1
    return spans


def strip_brackets(text: str) -> str:
    """Return the text without bracketed parts, inner ones first."""
    for _ in range(3):
        shorter = _BRACKETS.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text.replace("\xa0", " ").strip()


def refusal(sentence: Sentence) -> str | None:
    """Return why no pair may be made of this sentence, judged by its words; None if none says so."""
    text = sentence.text
    words = text.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return "length"
    if _SYMBOLS.search(text) or _BROKEN.search(text) or torn(text) or any(c in text for c in "()[]"):
        return "symbols"
    if not text[0].isupper() or words[0].strip(",").lower() in _OPENERS - {"he", "she"} or _DETACHED.match(text):
        return "opening"
    if _VAGUE.search(text):
        return "vague"
    if sum(w[0].isupper() for w in words) > 0.7 * len(words) or not text.isprintable():
        return "not prose"
    return None
