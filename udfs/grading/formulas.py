"""Formulas: whether two are equal, by their values at fixed points, part by part for sets, intervals and relations."""

import re
from fractions import Fraction

from udfs.grading import solutions, units, values
from udfs.grading.expressions import POINTS, Equal, same_value
from udfs.grading.formula_forms import RELATION, amiss, respelled, stripped
from udfs.grading.syntax import Node, NotAFormulaError, parse, plain
from udfs.grading.verdict import Asked, Outcome, Verdict, best

_FLIPPED = {r"\le": r"\ge", r"\ge": r"\le", "<": ">", ">": "<"}
_MATRIX = re.compile(r"\\begin\{([pbvBV]?matrix|array)\}(?:\{[lcr|]*\})?(.*?)\\end\{\1\}", re.S)
_NAME = re.compile(r"(?!\d|.*\\sqrt)(?:[A-Za-z\\_{}\d()′]{1,30}|[A-Za-z]\^\{?(?:-1|\(\d\)|′+)\}?\(\w\))")
_OPERATOR = re.compile(r"\\(?:frac\s?\{d[a-z]?\}\s?\{d[a-z]\}|int|lim|sum|prod|det|nabla|partial)(?![A-Za-z])")
_INTERVALS = re.compile(r"[<>]|\\[lg]e(?![a-z])|\\cup|\\infty|^\s*[(\[].+,.+[)\]]\s*$")
_WORD = re.compile(r"[A-Za-z]{4,20}")
# The unit behind a value: 9\\pi \\text{ cm}^2, 9 pi square units.
_UNIT = re.compile(
    r"\s*(?:\\(?:text|mathrm)\{\s*([A-Za-z .]{2,30}?)\s*\}|\s((?:square|cubic|sq\.?)\s[a-z]{1,12}|units?))"
    r"(\^\{?[23]\}?|[²³])?(\s*\$?)\Z"
)
_LEAD = re.compile(r"\A[A-Z][a-z ,]{2,60} we (?:get|obtain|have)\s(?=[$\\(]{0,3}\s?[a-z]\s*=)")
_ANGLED = re.compile(r"(?:\\langle(?![a-z])|⟨)([^⟨⟩,]{1,80},[^⟨⟩]{1,200}?)(?:\\rangle(?![a-z])|⟩)(?=\W*\Z)")  # a vector
_OR = re.compile(r"\bor\b|\band\b|\bund\b")


def compare(said: str, asked: Asked) -> Verdict:
    """Compare a formula with the true one; `undecided` where either is beyond these rules."""
    unit = _UNIT.search(said)
    known = {*re.findall(r"[a-z]+", f"{asked.question} {asked.unit}".lower()), "unit", "units"}
    power = "".join("²" if c in "2²" else "³" for c in (unit[3] or "" if unit else "") if c in "23²³")
    if unit and asked.unit and units.unit(f"{unit[1] or ''}{power}") not in (None, units.unit(asked.unit)):
        return Verdict("undecided", "other_unit")
    if unit and (unit[1] or unit[2]).lower().split()[-1] in known:
        said = said[: unit.start()] + unit[4]
    said = _LEAD.sub("", said)
    said = _ANGLED.sub(r"(\1)", stripped(said, asked))
    verdict = best([_compare(respelled(said, form), _ANGLED.sub(r"(\1)", form)) for form in asked.forms])
    missed = amiss(said, asked) if verdict.outcome == "right" else ""
    return Verdict("undecided", missed) if missed else verdict


def _compare(said: str, form: str) -> Verdict:
    if _squeezed(said) == _squeezed(form):
        return Verdict("right", "same_formula")
    try:
        equal = _equal(plain(said), plain(form), 0)
    except NotAFormulaError:
        return Verdict("undecided", "formula_not_read")
    outcome: dict[Equal, Outcome] = {"yes": "right", "no": "wrong", "unknown": "undecided"}
    return Verdict(outcome[equal], "formula_values")


def _squeezed(text: str) -> str:
    try:
        return re.sub(r"\s+", "", plain(text))
    except NotAFormulaError:
        return re.sub(r"\s+", "", text[:10_000])


def _equal(said: str, truth: str, depth: int) -> Equal:
    if depth > 4:
        raise NotAFormulaError("nested too deeply")
    matrices = _MATRIX.fullmatch(said), _MATRIX.fullmatch(truth)
    if matrices[0] and matrices[1]:
        return _all_equal(_cells(matrices[0][2]), _cells(matrices[1][2]), depth)
    sets = _sets(said, truth, depth)
    if sets:
        return sets
    relations = RELATION.split(said), RELATION.split(truth)
    if len(relations[0]) > 1 or len(relations[1]) > 1:
        return _relations([p.strip() for p in relations[0]], [p.strip() for p in relations[1]], said, truth, depth)
    return same_value(parse(said), parse(truth))


def _sets(said: str, truth: str, depth: int) -> Equal | None:
    """Compare intervals, points and several solutions; None where the formulas say no such thing."""
    if _INTERVALS.search(truth):
        pair = solutions.intervals(said), solutions.intervals(truth)
        said, truth = (pair[0], pair[1]) if pair[0] and pair[1] else (said, truth)
    if re.fullmatch(r"\(.+,.+\)", truth):
        said = re.sub(r"\A(?:\\vec|\\mathbf)?[\s{]*[A-Za-z]\}?\s*=\s*(?=\()", "", said)
        said = solutions.coordinates(said) or re.sub(r"\A\(\s*[a-z]\s*(?:,\s*[a-z]\s*)+\)\s*=\s*", "", said)
    roots = solutions.values(said), solutions.values(truth)
    if roots[0] and roots[1] and "=" in said + truth:
        return _paired(roots[0], roots[1], depth)
    if r"\pm" in said or r"\pm" in truth:
        return _paired(_both_signs(said), _both_signs(truth), depth)
    if r"\cup" in truth and r"\cup" in said:
        return _paired(said.split(r"\cup"), truth.split(r"\cup"), depth)
    lists = _items(said), _items(truth)
    if (lists[0] or lists[1]) and not RELATION.search(said) and not RELATION.search(truth):
        return _collections(lists[0], lists[1], depth)
    return None


def _both_signs(text: str) -> list[str]:
    if r"\pm" not in text:
        return [p for p in re.split(r",|\bor\b|\band\b", text) if p.strip()]
    head, _, tail = text.partition(r"\pm")
    prefix = head.rpartition("=")[0]
    return [f"{head}+{tail}", f"{prefix + '=' if prefix else ''}{head.rpartition('=')[2]}-{tail}"]


def _cells(body: str) -> list[str]:
    rows = [row.split("&") for row in body.split("¶") if row.strip()]
    if len({len(row) for row in rows}) != 1:
        raise NotAFormulaError("ragged matrix")
    return [f"({len(rows)})", *(cell for row in rows for cell in row)]


def _items(text: str) -> tuple[str, list[str], str] | None:
    """Return the brackets and the elements of a set, tuple or interval, or of a bare list; None for one expression."""
    text = text.strip()
    for opens, closes in ((r"\{", r"\}"), ("{", "}"), ("(", ")"), ("[", "]"), ("(", "]"), ("[", ")")):
        if text.startswith(opens) and text.endswith(closes):
            inner = text[len(opens) : -len(closes)]
            parts = list(solutions.split(inner))
            if opens in (r"\{", "{") or len(parts) > 1:
                return ("{" if opens == r"\{" else opens, parts, "}" if closes == r"\}" else closes)
    parts = [p for part in solutions.split(text) for p in _OR.split(part) if p.strip()]
    return ("", parts, "") if len(parts) > 1 else None


def _collections(
    said: tuple[str, list[str], str] | None, truth: tuple[str, list[str], str] | None, depth: int
) -> Equal:
    if said is None or truth is None:
        return "no" if (said or truth or ("", [], ""))[1][1:] else "unknown"
    if "{" in (said[0], truth[0]) or "" in (said[0], truth[0]):
        return _paired(said[1], truth[1], depth)
    if (said[0], said[2]) != (truth[0], truth[2]):
        return "no" if len(truth[1]) == 2 else "unknown"
    return _all_equal(said[1], truth[1], depth)


def _all_equal(said: list[str], truth: list[str], depth: int) -> Equal:
    if len(said) != len(truth):
        return "no"
    results = [_equal(a.strip(), b.strip(), depth + 1) for a, b in zip(said, truth, strict=True)]
    return "no" if "no" in results else "unknown" if "unknown" in results else "yes"


def _paired(said: list[str], truth: list[str], depth: int) -> Equal:
    """Compare elements in any order."""
    if len(said) != len(truth) or len(truth) > 20:
        return "no" if len(truth) <= 20 else "unknown"
    left, doubt = list(truth), False
    for one in said:
        results = [_equal(one.strip(), other.strip(), depth + 1) for other in left]
        if "yes" in results:
            left.pop(results.index("yes"))
        elif "unknown" in results:
            doubt = True
        else:
            return "no"
    return "unknown" if doubt else "yes"


def _relations(said: list[str], truth: list[str], said_text: str, truth_text: str, depth: int) -> Equal:
    """Compare relations; a name given to the value, as in S = a/(1-r), may stand on one side only."""
    if len(said) == 1 or len(truth) == 1:
        return (
            _one_sided(said, truth_text, depth, True) if len(truth) == 1 else _one_sided(truth, said_text, depth, False)
        )
    if len(said) > 3 and len(truth) == 3 and said[0] == truth[0] and set(said[1::2]) == {"="} == {truth[1]}:
        return _called(said, truth[2], depth)
    if len(said) != len(truth):
        return "unknown"
    if len(said) > 3:
        return _chain(said, truth, depth)
    if _WORD.fullmatch(said[0]) and said[1] == truth[1] == "=" and _NAME.fullmatch(truth[0].replace(" ", "")):
        return _equal(said[2], truth[2], depth + 1)  # area = \pi r^2
    return _relation(said, truth)


def _one_sided(one: list[str], text: str, depth: int, said: bool) -> Equal:
    """Compare a relation with one value; `said`: the answer is the relation, and the truth the value."""
    if any(sign not in ("=", "≈", r"\approx", r"\in") for sign in one[1::2]):
        return "unknown"
    if not _NAME.fullmatch(one[0].replace(" ", "")):
        return _worked(one, text, depth) if said else "unknown"
    return _called(one, text, depth) if said else _equal(text, one[-1], depth + 1)


def _called(said: list[str], truth: str, depth: int) -> Equal:
    """Compare what a name is said to equal, the last of a chain, with one value; plain numbers before it must agree."""
    said = _exact_steps(said, 3)
    broken = any(_number_of(step) and _equal(step, truth, depth + 1) == "no" for step in said[2:-1:2])
    return "unknown" if broken else _equal(said[-1], truth, depth + 1)


def _worked(said: list[str], truth: str, depth: int) -> Equal:
    """Compare what was worked out, as in 2(x + 1) = 2x + 2, or rounded, as in 2/3 ≈ 0.667, with one value.

    All steps must be equal to the truth, as x + 1 = 7 gives no 7; but a derivative or a limit is told by its sign only.
    """
    said = _exact_steps(said, 2)
    steps = [s for s in said[2::2] if not _OPERATOR.match(s)] if _OPERATOR.match(said[0]) else said[::2]
    if not steps:
        return "unknown"
    results = {_readable(step, truth, depth) for step in steps[:-1]} - {None} | {_equal(steps[-1], truth, depth + 1)}
    return "yes" if results == {"yes"} else "no" if results == {"no"} else "unknown"


def _readable(step: str, truth: str, depth: int) -> Equal | None:
    """Compare a step on the way; None where these rules cannot read it, as no result depends on it."""
    try:
        return _equal(step, truth, depth + 1)
    except NotAFormulaError:
        return None


def _exact_steps(said: list[str], least: int) -> list[str]:
    """Leave out the roundings that a chain ends with, where something exact stands before them."""
    while len(said) > least and said[-2] in ("≈", r"\approx"):
        said = said[:-2]
    return said


def _number_of(step: str) -> bool:
    """Tell whether a step of a chain is a plain number, which all that it is said to equal must be."""
    return bool(re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", step))


def _chain(said: list[str], truth: list[str], depth: int) -> Equal:
    """Compare chains such as 0 < x < 1, either way round."""
    if said[1::2] != truth[1::2]:
        said = [_FLIPPED.get(part, part) for part in said[::-1]]
    if said[1::2] != truth[1::2]:
        return "no"
    return _all_equal(said[::2], truth[::2], depth)


def _relation(said: list[str], truth: list[str]) -> Equal:
    a, b = (Node("-", (parse(r[0]), parse(r[2]))) for r in (said, truth))
    signs = said[1], truth[1]
    if r"\in" in signs:
        return "unknown"
    direct = same_value(a, b)
    if direct == "yes" and signs[0] == signs[1]:
        return "yes"
    variables = values.names(a) | values.names(b)
    ratios = set()
    for n in range(POINTS):
        at = values.point(variables, n)
        x, y = values.value(a, at), values.value(b, at)
        if not x or not y:
            return "unknown"
        ratio = complex(x) / complex(y) if not (isinstance(x, Fraction) and isinstance(y, Fraction)) else x / y
        ratios.add(ratio if isinstance(ratio, Fraction) else complex(round(ratio.real, 9), round(ratio.imag, 9)))
    if len(ratios) > 1:
        return "no" if len(variables) and values.names(a) == values.names(b) else "unknown"
    ratio = ratios.pop()
    if isinstance(ratio, complex) and ratio.imag:
        return "unknown"
    turned = (ratio.real if isinstance(ratio, complex) else ratio) < 0
    sign = _FLIPPED.get(signs[0], signs[0]) if turned else signs[0]
    return "yes" if sign == signs[1] else "no"
