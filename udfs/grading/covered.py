"""Coverage: whether one clause has the truth, nearly all words of the question, and nothing else."""

from udfs.grading import clausal
from udfs.grading.clausal import among, content, foreign, kind
from udfs.grading.parts import Sentence, parsed
from udfs.grading.spans import spans
from udfs.grading.stated import quiet
from udfs.grading.verdict import Asked

MAX_TEXT = 400  # characters
MIN_SHARE = 0.7  # of the question's words
_AGAINST = frozenset("NWVvEOK")  # letters of words that turn round, leave open, or name someone else
_ADDS = frozenset("UXxMFs")  # right behind a term these make it another one: insulin resistance


def covers(text: str, asked: Asked) -> bool:
    """Tell whether a clause says of the truth what the question asks, without a rival, a doubt or another event."""
    text = quiet(text)
    sentence = parsed(text, asked.question) if len(text) <= MAX_TEXT else None
    if sentence is None or "?" in sentence.letters:
        return False
    name = asked.kind == "name"
    return any(
        _covers(sentence, first, last, asked) for first, last in spans(sentence, asked.forms, asked.question, name)
    )


def _covers(sentence: Sentence, first: int, last: int, asked: Asked) -> bool:
    tokens, text = sentence.tokens, sentence.text
    start, end = _clause(text, tokens[first].start, tokens[last].end)
    beside = [t for n, t in enumerate(tokens) if start <= t.start < end and not first <= n <= last]
    truth = content(" ".join(asked.forms))
    matter = content(asked.question) - kind(asked.question)
    matter = frozenset(w for w in matter if not among(w, truth))
    said = frozenset(w for t in beside for w in t.words)
    covered = sum(among(w, said) for w in matter)
    if covered < 2 or covered < MIN_SHARE * len(matter):
        return False
    known = matter | truth | kind(asked.question)
    if any(t.letter in _AGAINST or (t.letter in "XxM" and not all(among(w, known) for w in t.words)) for t in beside):
        return False
    behind, before = tokens[last + 1 : last + 2], tokens[max(0, first - 1) : first]
    if (behind and behind[0].letter in _ADDS) or (
        before and before[0].letter == ("o" if asked.kind == "name" else "U")
    ):
        return False
    return not foreign(said, known)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the clause around the truth, with the one before where it has nothing but the truth: her novel, X."""
    spans_ = clausal.spans(text)
    at = next((n for n, (a, b) in enumerate(spans_) if a <= start < b), 0)
    a, b = spans_[at]
    alone = at and not content(text[a:start] + " " + text[end:b])
    return (spans_[at - 1][0] if alone else a), max(b, end)
