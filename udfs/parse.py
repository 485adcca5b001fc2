"""Parsing: what a model wrote becomes a validated answer, or a short error that can be sent back to it.

Where the whole text is one JSON object, that object is the answer. Otherwise the answer is the first object
that validates after the last closing think tag. An object inside another one, or inside one that does not
parse, is never taken: it may be quoted from the document.
"""

import json
import re
from bisect import bisect
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from udfs.answers import Answer, FreeText
from udfs.text import clean

A = TypeVar("A", bound=Answer)

MAX_MESSAGE = 500  # characters of an error: it is stored per row and repeated in the next request
MAX_TRIES = 32  # objects tried per text: each may cost a reading of the rest of the text
MAX_MENDED = 100_000  # characters read again per try; no answer comes near, and hostile text stays cheap

# Numbers stay the literal that the model wrote; control characters in strings are let through and cleaned.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
_START = re.compile(r'\{\s*+"')
_START_OF_LINE = re.compile(r'^\{\s*+"', re.M)
_THINK_OPEN = re.compile(r"<(?:think|thinking|reasoning)>|\[THINK\]", re.I)
_THINK_CLOSE = re.compile(r"</(?:think|thinking|reasoning)>|\[/THINK\]", re.I)

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.S)
_ESCAPE = re.compile(r"(?P<pairs>(?:\\\\)+)|\\u[0-9a-fA-F]{4}|\\(?P<word>[A-Za-z]+)|\\(?P<sign>.)", re.S)
_PROPER = re.compile(r"(?<!\\)\\\\[A-Za-z]{2}")  # an escaped command: this string's author knows how to escape
# A pair of dollars around maths, not two prices: no blank inside the dollars, no digit behind them.
_MATHS = re.compile(r"\$(?=\S)[^$]{1,300}(?<=\S)\$(?!\d)")
# LaTeX commands that JSON takes for a line feed, a carriage return or a tab and a rest. The rest of a strong
# one is no word of any text; a weak one needs another sign. Where the rest is a common word: in neither.
_STRONG = frozenset({
    "nabla", "natural", "nearrow", "newcommand", "newline", "ngeq", "nleftarrow", "nleq",
    "nolimits", "nonumber", "normalsize", "notin", "nrightarrow", "nsubseteq", "nsupseteq",
    "nwarrow", "raisebox", "rangle", "rbrace", "rbrack", "rceil", "restriction", "rfloor", "rho",
    "right", "rightarrow", "rightleftharpoons", "rightharpoonup", "rm", "rtimes", "rvert", "rVert",
    "tbinom", "textbf", "textit", "textrm", "textsc", "textsf", "textstyle", "texttt", "textup",
    "tfrac", "therefore", "theta", "thickapprox", "thicksim", "thinspace", "tilde", "times",
    "triangle", "triangledown", "triangleleft", "triangleq", "triangleright", "twoheadrightarrow",
})  # fmt: skip
_WEAK = frozenset({
    "ne", "neg", "neq", "not", "nu", "ref", "rule", "tag", "tan", "tanh", "tau", "text", "to",
    "top",
})  # fmt: skip


class InvalidAnswerError(ValueError):
    """The text holds no answer of the right shape; the message says why in `MAX_MESSAGE` characters."""

    def __init__(self, message: str) -> None:
        super().__init__(clean(message)[:MAX_MESSAGE])


def parse(text: str, model: type[A]) -> A:
    """Return the answer in the text.

    Code fences, prose around the object, think blocks, raw control characters in strings, a byte order mark
    and LaTeX with single backslashes are tolerated. Raises InvalidAnswerError only, whatever the text.
    Where free text is asked for, all of it is the answer.
    """
    if issubclass(model, FreeText):
        return model(text=text)
    try:
        return _parse(text.strip("\ufeff \t\r\n"), model)
    except RecursionError:
        raise InvalidAnswerError("the JSON is nested too deeply") from None


def _parse(text: str, model: type[A]) -> A:
    problem = ""
    for value in _objects(text):
        if isinstance(value, json.JSONDecodeError):
            problem = problem or f"not valid JSON: {value.msg}, at {value.doc[value.pos : value.pos + 20]!r}"
            continue
        try:
            return model.model_validate(_cleaned(value))
        except ValidationError as error:
            problem = problem or _described(error)
    raise InvalidAnswerError(problem or "the answer holds no JSON object")


def _objects(text: str) -> Iterator[dict[str, Any] | json.JSONDecodeError]:
    """Yield the objects that may be the answer, best first, or what is wrong with those that do not parse."""
    if text.startswith("{") and text.endswith("}"):
        try:
            value, end = _decode(text, 0)
        except json.JSONDecodeError:
            end = -1
        if end == len(text):
            yield value
            return
    close = max((m.end() for m in _THINK_CLOSE.finditer(text)), default=0)
    unclosed = _THINK_OPEN.search(text, close)
    limit = unclosed.start() if unclosed else len(text)
    yield from _scan(text, close, limit, close)
    if close:  # the tag may be quoted inside a string of the answer, which then begins before it
        yield from _scan(text, 0, min(limit, close), close)


def _scan(text: str, start: int, limit: int, past: int) -> Iterator[dict[str, Any] | json.JSONDecodeError]:
    """Yield the objects that begin from `start` on and before `limit`, and end behind `past`.

    Behind an object that does not parse, only one at the beginning of a line is believed to stand outside it.
    """
    pattern = _START
    for _ in range(MAX_TRIES):
        found = pattern.search(text, start)
        if not found or found.start() >= limit:
            return
        try:
            value, start = _decode(text, found.start())
        except json.JSONDecodeError as error:
            pattern, start = _START_OF_LINE, max(error.pos, found.end())
            yield error
            continue
        if start > past:
            yield value


def _decode(text: str, start: int) -> tuple[dict[str, Any], int]:
    """Return the object at `start` and its end, read again if its strings hold LaTeX that was not escaped."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        source = text[start:end]
    except json.JSONDecodeError as error:
        source, end, failed = text[start : start + MAX_MENDED], -1, error
    mended = _STRING.sub(_mended, source) if "\\" in source else source
    if mended == source:
        if end < 0:
            raise failed
        return value, end
    try:
        value, length = _DECODER.raw_decode(mended)
    except json.JSONDecodeError:
        if end < 0:
            raise failed from None
        return value, end
    return value, end if end >= 0 else _source_end(source, start, length)


def _source_end(source: str, start: int, length: int) -> int:
    """Return where in the text the object ends that has this length once its strings are mended."""
    grown = at = 0
    for found in _STRING.finditer(source):
        gap = found.start() - at
        if grown + gap >= length:
            break
        at, grown = found.end(), grown + gap + len(_mended(found))
    return start + at + length - grown


def _mended(literal: re.Match[str]) -> str:
    """Return a string literal of the JSON with the backslashes doubled that its author meant as themselves.

    The model sees documents without form feeds and backspaces, so an escape that stands for one of them, or
    that JSON does not know, is a sign that nothing was escaped in this string.
    """
    text = literal.group()
    if "\\" not in text:
        return text
    certain = any(_certain(e, text) for e in _ESCAPE.finditer(text))
    proper = bool(_PROPER.search(text))
    maths = [] if certain or proper else [at for m in _MATHS.finditer(text) for at in m.span()]

    def again(escape: re.Match[str]) -> str:
        if escape["sign"] == "'":
            return "'"
        likely = not proper and _likely(escape, text, certain, maths)
        return escape.group().replace("\\", "\\\\") if likely or _certain(escape, text) else escape.group()

    return _ESCAPE.sub(again, text)


def _certain(escape: re.Match[str], text: str) -> bool:
    """Tell whether this escape can only be a backslash that was not escaped."""
    word, sign = escape["word"], escape["sign"]
    if sign:
        return sign not in "\"/'"
    if not word:
        return False
    if word[0] in "bf":
        return len(word) > 1
    if word[0] in "nrt":
        return word in _STRONG or (word in ("text", "tag") and text.startswith("{", escape.end()))
    return True


def _likely(escape: re.Match[str], text: str, certain: bool, maths: list[int]) -> bool:
    """Tell whether an escape that JSON knows is a backslash all the same, given what else the string holds.

    `maths` are the ends of the spans between dollars, in order: an odd number lies before what is inside.
    """
    if pairs := escape["pairs"]:  # two backslashes end a row in LaTeX
        row_end = "&" in text or not text[escape.end() : escape.end() + 1].isalpha()
        return certain and len(pairs) == 2 and row_end
    if escape["word"] in ("b", "f"):
        return certain
    inside = bisect(maths, escape.start()) % 2 == 1
    whole = len(text) == len(escape.group()) + 2
    return escape["word"] in _WEAK and (certain or inside or whole)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(v) for v in value]
    if isinstance(value, dict):
        return {k: _cleaned(v) for k, v in value.items()}
    return value


def _described(error: ValidationError) -> str:
    problems = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors())
    return "; ".join(problems)
