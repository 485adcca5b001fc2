"""Lists: the elements of an answer, paired with the true ones, in order only where the question asks for one."""

import re
from collections.abc import Callable, Iterator

from udfs.grading import list_forms
from udfs.grading.enumerated import enumerated
from udfs.grading.parts import TIMES
from udfs.grading.signs import amounts
from udfs.grading.verdict import Asked, Outcome, Verdict, best
from udfs.grading.words import FUNCTION, TURNING, core, folded, stem

MAX_ELEMENTS = 40  # of an answer; what holds more is no answer to a question for a short list
_HARD = re.compile(r"\s*(?:[;；\n→⇒⟶]|->|=>|\\(?:to|rightarrow|Rightarrow)\b)\s*")
_COMMA = re.compile(r"\s*(?:,(?!\d{3}\b)|[、，])\s*(?:(?:and|und|et|y|e|then|or|&)\s+)?")
_AND = re.compile(
    r"\s*(?:,(?!\d{3}\b)|[、，])\s*(?:(?:and|und|et|y|e|then|or|&)\s+)?|\s+(?:and|und|et|y|then|&)\s+|\s*&\s*", re.I
)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+", re.M)
_INLINE_NUMBER = re.compile(r"(?:^|\s)\(?(?:\d{1,2}|[a-h])[.)]\s+")
_MARKS = re.compile(r"\s*[/+]\s*")
_WRAP = re.compile(r"\A\s*(?:\\?[\[{(])(.*?)(?:\\?[\]})])\s*\Z", re.S)
_SOLVED = re.compile(
    r"\b(?:solutions?|solve|roots?|zeros|values of|types|kinds|forms|categories|classes|states)\b", re.I
)
_VETOES = TURNING | {"yes"}  # red: no, blue: yes
_COPULA = re.compile(r"\s(are|were|is|was)\s")
_REMARK = re.compile(r"(?::\s|\s[–—-]\s|\s\().*\Z")  # what a line says of its element
_ROUTE = re.compile(r"\Afrom\s", re.I)
_VIA = re.compile(r"\s(?:via|through|to)\s")

_TABLE_HEAD = re.compile(r"\s*\|\s*(\w+) 1\s*(?:\|\s*\1 \d\s*)+\|[ \t]*\n\s*\|[\s:|-]+\|[ \t]*\n")
_TOGETHER = re.compile(r",?\s(?:as well as|along with|together with)\s", re.I)
_PLUS_MINUS = re.compile(r"\+\s?/\s?[-−]")
_SPAN = re.compile(  # Monday through Thursday
    rf"\b(?:{'|'.join(sorted(TIMES))})s?\s(?:through|thru|to|till|until)\s(?:{'|'.join(sorted(TIMES))})s?\b", re.I
)

Same = Callable[[str, str, str], Verdict]


def compare(said: str, asked: Asked, same: Same) -> Verdict:
    """Compare lists by their elements, each pair of which `same(said, truth, question)` judges."""
    said = _PLUS_MINUS.sub("±", _headless(said))
    if solves(asked.question):
        said = said.replace(" or ", " and ")  # all kinds: one may be this or that
    if list_forms.ordered(asked.question) and _ROUTE.match(said):
        said = _VIA.sub(", ", _ROUTE.sub("", said))
    verdict = best([_compare(said, elements(form), asked.question, same) for form in asked.forms])
    if verdict.outcome == "right" or verdict.rule == "order":
        return verdict
    if _SPAN.search(said):
        return Verdict("undecided", "range_for_list")
    forms = [elements(form) for form in asked.forms]
    beside = amounts(said) - amounts(" ".join((*asked.forms, asked.question)))  # 5 % is not 5
    named = not beside and any(
        not list_forms.pointed(form) and enumerated(said, form, asked, list_forms.ordered(asked.question))
        for form in forms
    )
    return Verdict("right", "enumerated") if named else verdict


def _headless(text: str) -> str:
    """Return a table without its head; one row alone as its cells."""
    head = _TABLE_HEAD.match(text)
    rows = text[head.end() :].strip() if head else ""
    return (rows if "\n" in rows else rows.strip("| ").replace("|", ";")) or text


def together(text: str) -> str:
    """Return a text in which all that joins an element to others is an `and`: as well as."""
    return _TOGETHER.sub(" and ", text)


def elements(text: str) -> list[str]:
    """Return the elements of a list: between lines or semicolons, else between commas and the last `and`."""
    points = len(re.findall(r"\([^()]*,[^()]*\)|\[[^\[\]]*,[^\[\]]*\]", text)) > 1
    parts = next(_splits(list_forms.shielded(text) if points else text), [])
    return [value for part in parts for value in list_forms.signed(list_forms.restored(part))]


def _splits(text: str) -> Iterator[list[str]]:
    """Yield the ways to split a list, the surest first."""
    wrapped = _WRAP.match(text) if list_forms.wrapped(text) else None
    chain = list_forms.chained(text)
    if chain:
        yield chain
    text = _BULLET.sub("", wrapped[1] if wrapped else text)
    text = re.sub(r"\A\s*both\s", "", text).replace(" as well as ", " and ")
    patterns = [_HARD] if _HARD.search(text.strip()) else [_AND, _COMMA]
    if len(_INLINE_NUMBER.findall(text)) > 1:
        patterns = [_INLINE_NUMBER, *patterns]
    if not any(p.search(text.strip()) for p in patterns):
        patterns = [_MARKS]
    for pattern in patterns:
        parts = [re.sub(r"\A(?:and|or|then|und)\s+", "", p.strip(" \"'.,")) for p in pattern.split(text)]
        yield [p for p in parts if p]


def _compare(said: str, truth: list[str], question: str, same: Same) -> Verdict:
    if not truth:
        return Verdict("undecided", "truth_is_no_list")
    verdicts = []
    points = list_forms.pointed(truth)
    for text in (*_bodies(said, question, "; ".join(truth)), *list_forms.spaced(said, truth)):
        for split in _splits(list_forms.shielded(text) if points else text):
            parts = [value for part in split for value in list_forms.signed(list_forms.restored(part))]
            if len(parts) <= MAX_ELEMENTS:
                verdicts.append(_paired(parts, truth, question, same))
            if verdicts and verdicts[-1].outcome == "right":
                return verdicts[-1]
    return verdicts[0] if verdicts else Verdict("wrong", "too_many_elements")


def _bodies(said: str, question: str, truth: str) -> Iterator[str]:
    """Yield what may be the list itself: of the answer, or of it without what only stands behind the list."""
    yield from _inner(said, question, truth)
    for short in list_forms.untailed(said):
        yield from _inner(short, question, truth)


def _inner(said: str, question: str, truth: str) -> Iterator[str]:
    """Yield the answer, without a lead-in, or without the question's words."""
    yield said
    head, colon, tail = said.partition(":")
    if colon and len(head) < 150 and tail.strip() and not set(folded(head)) & TURNING:
        yield tail
    lines = [line for line in said.splitlines() if _BULLET.match(line)]
    if len(lines) > 1:
        yield "\n".join(lines)
        remarks = [m for m in map(_REMARK.search, lines) if m]
        if len(remarks) == len(lines) and not any(set(folded(m[0])) & _VETOES for m in remarks):
            yield "\n".join(_REMARK.sub("", line) for line in lines)
    yield from _columns(said)
    inside = re.findall(r"\(([^()]+)\)", said)
    if len(inside) > 1 and "," not in "".join(inside) and not re.sub(r"\([^()]*\)|\band\b|[^\W_]{1,3}\b|\W", "", said):
        yield "; ".join(inside)  # r (read), w (write)
    if "factor" in question.lower():
        yield re.sub(r"\s*(?:×|\\times|\\cdot|·|\*)\s*", ", ", said.rpartition("=")[2])  # 21 = 3 × 7
    yield core(said, question, truth)
    subject, copula, told = _COPULA.split(said, maxsplit=1) if _COPULA.search(said) else (said, "", "")
    strange = {stem(w) for w in folded(subject) if w not in FUNCTION} - {stem(w) for w in folded(question)}
    if copula and len(strange) <= 1 and not set(folded(subject)) & TURNING:
        yield told  # the divisors of 8 are 1, 2, 4 and 8


def _columns(said: str) -> Iterator[str]:
    """Yield the columns of a table that the answer ends with, without their headings."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in said.splitlines() if "|" in line]
    rows = [row for row in rows if any(re.search(r"\w", cell) for cell in row)]
    if len(rows) > 2 and len({len(row) for row in rows}) == 1:
        for column in zip(*rows[1:], strict=True):
            yield "; ".join(column)


def solves(question: str) -> bool:
    """Tell whether all solutions or kinds are asked, which an `or` joins as an `and` does."""
    return bool(_SOLVED.search(question))


def _paired(parts: list[str], truth: list[str], question: str, same: Same) -> Verdict:
    if len(parts) != len(truth):
        return Verdict("wrong", "elements_missing" if len(parts) < len(truth) else "elements_added")
    table = [[same(part, one, question).outcome for one in truth] for part in parts]
    if list_forms.ordered(question):
        outcomes = [row[i] for i, row in enumerate(table)]
        right = all(o == "right" for o in outcomes)
        if not right and _match(table) == len(truth):
            return Verdict("wrong", "order")
    else:
        right = _match(table) == len(truth)
        outcomes = [o for row in table for o in row]
    if right:
        return Verdict("right", "same_elements")
    return _unpaired(table, parts)


def _unpaired(table: list[list[Outcome]], parts: list[str]) -> Verdict:
    """Say `wrong` where an element is wrong against all, or is said twice; else a reader must tell."""
    repeated = len({p.casefold() for p in parts}) < len(parts)
    alien = any(all(o == "wrong" for o in row) for row in table)
    return Verdict("wrong" if repeated or alien else "undecided", "elements_differ")


def _match(table: list[list[Outcome]]) -> int:
    """Return how many elements can be paired one to one (augmenting paths)."""
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, outcome in enumerate(table[row]):
            if outcome == "right" and column not in seen:
                seen.add(column)
                if column not in owner or place(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    return sum(place(row, set()) for row in range(len(table)))
