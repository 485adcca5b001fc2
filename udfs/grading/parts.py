"""Parts: what each word of a sentence does in it, as one letter, so that a pattern can tell what the sentence says."""

import functools
import re
from typing import NamedTuple

from udfs.grading.classes import OF_WORD
from udfs.grading.wordforms import related
from udfs.grading.words import FUNCTION, TURNING, folded

MAX_TOKENS = 120  # of one sentence; a longer one is no statement of an answer
TRUTH = "T"

_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’.&+-]+[^\W_]+)*[+#]*|['’]s?(?![^\W_])|[,;:()!?–—.\"“”]|(?<=\s)-(?=\s)|→|="
)
_POSSESSIVE = re.compile(r"['’]s?\Z")
_DEMONYM = re.compile(r"(?:[A-Z][a-z]+(?:an|ish|ese|ch|ic|i)|Soviet|Greek|Swiss|Czech|Thai)(?:-[A-Z]?[a-z]+)?\Z")
_CALENDAR = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
TIMES = frozenset(_CALENDAR.split())
_PARTICLES = frozenset(
    ("of", "de", "van", "von", "der", "den", "del", "du", "da", "di", "bin", "ibn", "la", "le", "in", "for")
)
_SHOUTED = frozenset(("not", "no", "never", "but", "or", "and", "is", "was", "the", "only", "both", "neither"))
_SAME = {"–": "-", "—": "-", "→": ":", "=": ":", "!": ".", "?": "?", "“": '"', "”": '"', "(": "(", ")": ")"}


class Token(NamedTuple):
    """A word or mark: the text between start and end, its folded words, its letter."""

    start: int
    end: int
    words: tuple[str, ...]
    letter: str


class Sentence(NamedTuple):
    """A sentence's tokens, and their letters in a row."""

    text: str
    tokens: list[Token]

    @property
    def letters(self) -> str:
        """One letter per token."""
        return "".join(token.letter for token in self.tokens)


def parsed(text: str, question: str) -> Sentence | None:
    """Return the tokens of a sentence; None where it is too long to be a statement.

    Letters beside those of the classes: N turns round, Q is the question's word, Z a number, J a demonym, F a gerund,
    X a name, M a name with the question's words in it, x a capitalised word that begins the sentence, U any other
    word, s the possessive ending; marks are their own.
    """
    found = [m for m in _TOKEN.finditer(text) if not re.fullmatch(r"['’]", m[0])]
    if len(found) > MAX_TOKENS:
        return None
    asked = _matter(question)
    tokens: list[Token] = []
    for m in found:
        tokens += _tokens(m, asked, first=not tokens or tokens[-1].letter in ".")
    if len(tokens) > 1 and tokens[0].letter == "x" and tokens[1].letter in "UQ" and _DEMONYM.match(found[0][0]):
        tokens[0] = tokens[0]._replace(letter="J")  # Dutch painter
    return Sentence(text, _named(_restated(tokens, question), text))


def _restated(tokens: list[Token], question: str) -> list[Token]:
    """Take a not of the question, in front of the question's words, for no turn: the trains did not run."""
    asked = _turns(question)
    if not asked:
        return tokens
    out = list(tokens)
    for n, token in enumerate(tokens):
        ahead = [t.letter for t in tokens[n + 1 : n + 3]]
        if token.letter == "N" and set(token.words) <= asked and ("Q" in ahead[:1] or ahead == ["D", "Q"]):
            out[n] = token._replace(letter="A" if token.words[0] in ("not", "no", "never", "t") else "P")
        elif token.words == ("if",) and "when" in asked:
            out[n] = token._replace(letter="R")
    return out


@functools.lru_cache(maxsize=64)
def _turns(question: str) -> frozenset[str]:
    return frozenset(w for w in folded(question[:2000]) if w in TURNING or w == "when")


@functools.lru_cache(maxsize=64)
def _matter(question: str) -> frozenset[str]:
    """Return the words of what a question is about."""
    return frozenset(w for w in folded(question[:2000]) if w not in FUNCTION)


@functools.lru_cache(maxsize=4096)
def _among(word: str, asked: frozenset[str]) -> bool:
    """Tell whether a word is one of the question's in any form, or names the same deed."""
    return word in asked or any(related(word, w) for w in asked)


def _tokens(m: re.Match[str], asked: frozenset[str], first: bool) -> list[Token]:
    """Return the token of one match; a possessive ending is one of its own."""
    ending = _POSSESSIVE.search(m[0])
    if ending and ending.start():
        owner = _letter(m[0][: ending.start()], asked, first)
        at = m.start() + ending.start()
        # It's, that's, who's: a form of be.
        return [Token(m.start(), at, folded(m[0]), owner), Token(at, m.end(), (), "B" if owner in "IRD" else "s")]
    if not m[0][0].isalnum():
        return [Token(m.start(), m.end(), (), "s" if m[0][0] in "'’" else _SAME.get(m[0], m[0]))]
    return [Token(m.start(), m.end(), folded(m[0]), _letter(m[0], asked, first))]


def _letter(raw: str, asked: frozenset[str], first: bool) -> str:
    words = folded(raw)
    word = words[0] if words else ""
    if raw[0].isalpha() and raw.isupper() and len(raw) > 1 and word not in _SHOUTED:
        return "X"  # UN and WHO are no function words
    known = OF_WORD.get(word) if len(words) == 1 else None
    if any(w in TURNING for w in words) and known not in ("K", "O", "L", "W"):
        return "N"
    if words and all(_among(w, asked) for w in words) and (known or "U") not in "DBIPoYRC":
        return "Q"
    if raw[0].isdigit() or word.isdigit() or (raw[0].isupper() and not first and word in TIMES):
        return "Z"
    if known and not (raw[0].isupper() and not first and known in "EVGH"):
        return known
    return _unknown(raw, word, first)


def _unknown(raw: str, word: str, first: bool) -> str:
    if raw[0].isupper():
        return "x" if first else "J" if _DEMONYM.match(raw) else "X"
    if word.endswith("ly"):
        return "A"
    if word.endswith("ing") and len(word) > 5:
        return "F"  # by mixing copper with zinc
    return "P" if word in FUNCTION else "U"


def _named(tokens: list[Token], text: str) -> list[Token]:
    """Join what makes one name: capitals in a row, with initials and particles between them."""
    out: list[Token] = []
    for token in tokens:
        last = out[-1] if out else None
        capital = token.letter in "XQJZ" and text[token.start].isupper()
        if last and capital and last.letter in "XxQJM" and text[last.start].isupper() and _close(text, last, token):
            out[-1] = Token(last.start, token.end, last.words + token.words, _joint(last, token))
        elif (
            len(out) > 1
            and capital
            and out[-2].letter in "XxQM"
            and text[out[-2].start].isupper()
            and out[-1].words[:1]
            and out[-1].words[0] in _PARTICLES
            and text[out[-1].start].islower()
            and not (out[-1].words[0] in ("in", "for", "of") and out[-2].letter != "Q")
        ):
            last, before = out.pop(), out[-1]
            words = before.words + last.words + token.words
            out[-1] = Token(before.start, token.end, words, _joint(before, token))
        elif token.letter == "." and last and _initial(text, last):
            out[-1] = last._replace(end=token.end)
        else:
            out.append(token)
    return out


def _joint(first: Token, last: Token) -> str:
    letters = {first.letter, last.letter}
    return "Q" if letters == {"Q"} else "M" if letters & {"Q", "M"} else "X"


def _close(text: str, last: Token, token: Token) -> bool:
    return text[last.end : token.start].strip() == ""


def _initial(text: str, token: Token) -> bool:
    """Tell whether a stop belongs to the token: the initial of a name, or a short title."""
    words = text[token.start : token.end].split()
    return bool(words) and bool(
        re.fullmatch(r"(?:[A-Z]\.)*[A-Z]|Dr|Mr|Mrs|St|Jr|Sr|Prof|Mt|vs|Bros|Inc|Co|Ltd|Corp", words[-1].rstrip("."))
    )


def marked(sentence: Sentence, first: int, last: int, letter: str = TRUTH) -> Sentence:
    """Return the sentence with its tokens from first to last as the one truth."""
    one = Token(sentence.tokens[first].start, sentence.tokens[last].end, (), letter)
    return Sentence(sentence.text, [*sentence.tokens[:first], one, *sentence.tokens[last + 1 :]])
