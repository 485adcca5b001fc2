"""No pattern of a module takes the cube of a text's length, or worse.

Each is met with short texts that its own repetitions go on in, which one that takes exponential time hangs on. Those
whose time grows faster than the square are met with a long text, which they hang on too.
"""

import importlib
import random
import re
import signal
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(p for r in ("etl", "udfs") for p in (ROOT / r).rglob("*.py") if p.name != "__main__.py")
PROBES = " \n\t1a,A.-'\"(:/;=$\\{[|*_#<é答"
ENDS = ("\0", "x")
COMMON = (" ", "\n", " \n", "1", "1, ", "1.", "a ", "A, ", "(", "\\")
MANY = 20  # times; what may be repeated no more often is bounded
SHORT, MIDDLE, LONG = 300, 1_200, 12_000  # characters
SLOWEST = 16  # patterns whose growth is looked at
STEEP = 32  # times as long for four times the text: the square is 16, the cube 64
HANGS = 60  # seconds of the processor's time, where milliseconds are usual
BOUNDED = {  # by the texts that they are given
    "udfs.grading.stated._NAME_FRAMES": "a letter for each word of 600 characters at most",
    "udfs.grading.stated._TERM_FRAMES": "likewise",
    "udfs.grading.solutions._BRACKETED": "a formula of 1,200 characters at most",
}  # fmt: skip
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
CATEGORIES = {
    op.CATEGORY_DIGIT: str.isdigit, op.CATEGORY_SPACE: str.isspace, op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(), op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}  # fmt: skip


class Speaker:
    """Says texts that a pattern takes, or begins to."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.tree = _parser.parse(pattern.pattern, pattern.flags)
        self.draw = random.Random(5)

    def attacks(self) -> Iterator[tuple[str, str, str]]:
        """Yield what each open repetition goes on with: the text before it, that of one round, and an end."""
        for before, body in self._repeated(self.tree, ""):
            rounds = {self._said(body) for _ in range(3)}
            if len(body) == 1:
                rounds |= set(self._chars(*body[0])[:2])
            for one in sorted(rounds - {""}):
                yield from ((before, one, end) for end in ENDS)
                yield "", before + one, ""
        yield from (("", one, "\0") for one in COMMON)

    def _repeated(self, items: Any, before: str) -> Iterator[tuple[str, Any]]:
        for code, given in items:
            if code in REPEATS and given[1] > MANY:
                yield before, given[2]
            for inner in self._inner(code, given):
                yield from self._repeated(inner, before)
            before += self._one(code, given)

    def _inner(self, code: Any, given: Any) -> list[Any]:
        if code is op.BRANCH:
            return list(given[1])
        if code in REPEATS:
            return [given[2]]
        if code is op.SUBPATTERN:
            return [given[3]]
        if code is op.ATOMIC_GROUP:
            return [given]
        return [given[1]] if code in (op.ASSERT, op.ASSERT_NOT) else []

    def _said(self, items: Any) -> str:
        return "".join(self._one(code, given) for code, given in items)

    def _one(self, code: Any, given: Any) -> str:
        if code in REPEATS:
            times = min(given[1], given[0] + self.draw.randrange(3))
            return "".join(self._said(given[2]) for _ in range(times))
        if code in (op.BRANCH, op.SUBPATTERN, op.ATOMIC_GROUP):
            return self._said(self.draw.choice(self._inner(code, given)))
        chars = self._chars(code, given)
        return self.draw.choice(chars) if chars else ""

    def _chars(self, code: Any, given: Any) -> list[str]:
        if code is op.LITERAL:
            return [chr(given)]
        if code is op.ANY:
            return list(PROBES)
        if code is op.NOT_LITERAL:
            return [c for c in PROBES if ord(c) != given]
        if code is not op.IN:
            return []
        own = [chr(g if k is op.LITERAL else g[0]) for k, g in given if k in (op.LITERAL, op.RANGE)]
        refused = given[0][0] is op.NEGATE
        return [c for c in dict.fromkeys([*PROBES, *own]) if any(_holds(c, *part) for part in given) != refused]


def _holds(char: str, code: Any, given: Any) -> bool:
    if code is op.RANGE:
        return bool(given[0] <= ord(char) <= given[1])
    return CATEGORIES[given](char) if code is op.CATEGORY else code is op.LITERAL and given == ord(char)


def _patterns(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _patterns([*value, *value.values()])
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from _patterns(part)


@cache
def patterns() -> dict[re.Pattern[Any], str]:
    """Return every pattern that a module holds, by the name of one that does."""
    found: dict[re.Pattern[Any], str] = {}
    for path in FILES:
        module = importlib.import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        for name, value in vars(module).items():
            for number, pattern in enumerate(_patterns(value)):
                found.setdefault(pattern, f"{module.__name__}.{name}[{number}]")
    return found


@cache
def uses() -> dict[str, set[str]]:
    """Return what is said behind each name that looks like a pattern's: the method called, or nothing."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        for name, method in re.findall(
            r"\b(_?[A-Z][A-Z0-9_]*)\b(?!\s*[:=][^=])(?:\.(\w+)\()?", path.read_text("utf-8")
        ):
            found.setdefault(name, set()).add(method)
    return found


class Hang(Exception):
    """A pattern does not come to an end."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """Break off what is matched once the processor was at it for too long."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, ring)
    yield
    signal.signal(signal.SIGVTALRM, before)


def taken(pattern: re.Pattern[Any], name: str, attack: tuple[str, str, str], size: int) -> float:
    """Return the CPU seconds that the pattern takes for an attack of about this size; without end where it hangs."""
    before, one, end = attack
    text = before + one * max(2, (size - len(before)) // len(one)) + end
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS)
    began = time.process_time()
    try:
        run(pattern, name, text)
    except Hang:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - began


def hangs(found: dict[re.Pattern[Any], str]) -> list[tuple[str, tuple[str, str, str]]]:
    """Return the patterns that hang, by name, and on what."""
    hung, slow = [], []
    for pattern, name in found.items():
        worst = (0.0, ("", "", ""))
        for attack in Speaker(pattern).attacks():
            worst = max(worst, (taken(pattern, name, attack, SHORT), attack))
            if worst[0] == float("inf"):
                hung.append((name, worst[1]))
                break
        else:
            slow.append((*worst, name, pattern))
    for _, attack, name, pattern in sorted(slow, key=lambda s: -s[0])[:SLOWEST]:
        short, middle = (min(taken(pattern, name, attack, size) for _ in range(3)) for size in (SHORT, MIDDLE))
        if middle > STEEP * short and taken(pattern, name, attack, LONG) == float("inf"):
            hung.append((name, attack))
    return hung


def run(pattern: re.Pattern[Any], name: str, text: str) -> None:
    """Use the pattern as it is used: where it is not always matched at the start, all that it finds is sought."""
    subject = text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text
    methods = uses().get(name.rpartition(".")[2].partition("[")[0], {""})
    if methods <= {"match", "fullmatch"}:
        getattr(pattern, max(methods))(subject)
        return
    for _ in pattern.finditer(subject):
        pass


@pytest.mark.usefixtures("alarm")
def test_no_pattern_hangs() -> None:
    found = {p: name for p, name in patterns().items() if name.partition("[")[0] not in BOUNDED}
    assert len(found) > 600
    assert hangs(found) == []


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize(
    "careless",
    [
        r"^[^\w\n]*(?:\d[\d.,eEjJ+-]*[^\w\n]+){2,}\d?[\d.eEjJ+-]*[^\w\n]*$",
        r"\A\W*(?:[A-Ja-j]\W*(?:and|or|,|&|/|und)?\W*){2,}\Z",
        r"^\s*\d*\s*;?\s*url\s*=\s*['\"]?([^'\"\s]+)",
        r"(?:\w+\s?)*!",
    ],
)
def test_a_careless_pattern_is_found(monkeypatch: pytest.MonkeyPatch, careless: str) -> None:
    monkeypatch.setattr(f"{__name__}.HANGS", 1)
    assert [name for name, _ in hangs({re.compile(careless): "careless"})] == ["careless"]
