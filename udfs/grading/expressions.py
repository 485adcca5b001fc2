"""Expressions: whether two formula trees have one value, at fixed points where they have variables."""

from fractions import Fraction
from typing import Literal

from udfs.grading import values
from udfs.grading.quantity import Quantity, equality
from udfs.grading.syntax import Node, NotAFormulaError

POINTS = 4
WHOLE_POINTS = 12  # some of which lie outside a factorial's or a binomial's range
CLOSE = 1e-9  # relative difference of floating values that rounding explains
DOUBTFUL = 1e-6  # and one that it may explain
EXACT_UNTIL = 1e14  # beyond, a floating value does not tell neighbouring whole numbers apart
MIN_DECIMALS = 5  # digits of a decimal number that may stand for an exact expression

Equal = Literal["yes", "no", "unknown"]


def same_value(said: Node, truth: Node) -> Equal:
    """Compare two expressions without relations by their values."""
    decimal = _decimal(said, truth)
    if decimal:
        return decimal
    variables = values.names(said), values.names(truth)
    if variables[0] != variables[1] and len(variables[0]) == len(variables[1]):
        return "unknown"  # another name for the same variable, or another formula
    results = []
    integers = values.whole(said) or values.whole(truth)
    for n in range(WHOLE_POINTS if integers else POINTS if variables[0] | variables[1] else 1):
        at = values.point(variables[0] | variables[1], n, integers)
        try:
            results.append((n, _close(values.value(said, at), values.value(truth, at))))
        except NotAFormulaError:
            continue
    if not any(n < 2 or integers for n, _ in results):
        return "unknown"
    if any(result == "no" for n, result in results if n < 2 or integers):
        return "no"
    return "yes" if all(result == "yes" for _, result in results) else "unknown"


def _close(a: values.Value, b: values.Value) -> Equal:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return "yes" if a == b else "no"
    x, y = complex(a), complex(b)
    size = max(abs(x), abs(y))
    if abs(x - y) <= CLOSE * size or size < 1e-12:
        return "yes" if size < EXACT_UNTIL else "unknown"
    return "no" if abs(x - y) > DOUBTFUL * size else "unknown"


def _decimal(said: Node, truth: Node) -> Equal | None:
    """Compare a decimal number with a value that it may round; None where neither is one."""
    pair = [_literal(said), _literal(truth)]
    if not any(q and q.step < 1 for q in pair):
        return None
    made = []
    for literal, tree in zip(pair, (said, truth), strict=True):
        quantity = literal or _exact(tree)
        if quantity is None:
            return None
        made.append(quantity)
    result = equality(made[1], made[0], integer=False)
    if result == "equal":
        rounded = made[0].step > made[1].step and made[0].value != made[1].value
        return "yes" if not rounded or made[0].digits >= MIN_DECIMALS else "unknown"
    return "unknown" if result == "near" else "no"


def _exact(tree: Node) -> Quantity | None:
    if values.names(tree):
        return None
    number = values.value(tree, {})
    if isinstance(number, complex) and abs(number.imag) > CLOSE:
        return None
    exact = number if isinstance(number, Fraction) else Fraction(number.real)
    return Quantity(exact, Fraction(0), None, "", 0, 0)


def _literal(tree: Node) -> Quantity | None:
    sign, node = (-1, tree.parts[0]) if tree.op == "negative" else (1, tree)
    if node.op != "number" or not node.name:
        return None
    step = Fraction(1, 10 ** len(node.name.partition(".")[2]))
    return Quantity(sign * node.value, step, None, "", 0, 0)
