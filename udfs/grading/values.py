"""Values of formulas: exact fractions where they stay small, complex numbers where not, at points that are fixed."""

import cmath
import math
import zlib
from fractions import Fraction

from udfs.grading.syntax import Node, NotAFormulaError

MAX_BITS = 20_000  # of an exact number; larger ones become floating numbers, or none
MAX_FACTORIAL = 170

Value = Fraction | complex
_CONSTANTS = {"pi": complex(math.pi), "e": complex(math.e), "i": 1j}
_FUNCTIONS = {
    "sin": cmath.sin, "cos": cmath.cos, "tan": cmath.tan, "exp": cmath.exp, "log": cmath.log, "ln": cmath.log,
    "arcsin": cmath.asin, "arccos": cmath.acos, "arctan": cmath.atan, "asin": cmath.asin, "acos": cmath.acos,
    "atan": cmath.atan, "sinh": cmath.sinh, "cosh": cmath.cosh, "tanh": cmath.tanh, "lg": cmath.log10,
}  # fmt: skip
_INVERSES = {"cot": cmath.tan, "sec": cmath.cos, "csc": cmath.sin}


def _nodes(tree: Node) -> list[Node]:
    """Return all nodes, parents before their parts; without recursion, as a long sum makes a high tree."""
    out, left = [], [tree]
    while left:
        node = left.pop()
        out.append(node)
        left.extend(node.parts)
    return out


def names(tree: Node) -> frozenset[str]:
    """Return the variables of a tree."""
    return frozenset(node.name for node in _nodes(tree) if node.op == "name" and node.name not in _CONSTANTS)


def whole(tree: Node) -> bool:
    """Tell whether the tree has a value at whole numbers only."""
    return any(node.op in ("factorial", "binomial") for node in _nodes(tree))


def point(variables: frozenset[str], n: int, integers: bool = False) -> dict[str, Value]:
    """Return the n-th point at which formulas are compared: small fractions, from n = 2 on negative ones.

    With `integers`, small whole numbers.
    """
    if integers:
        return {v: Fraction(2 + zlib.crc32(f"{v}/{n}".encode()) % 9) for v in variables}
    sign = -1 if n >= 2 else 1
    return {v: Fraction(sign * (40 + zlib.crc32(f"{v}/{n}".encode()) % 150), 97) for v in variables}


def value(tree: Node, at: dict[str, Value]) -> Value:
    """Return the tree's value.

    Raises:
        NotAFormulaError: it has none here: a division by zero, a number too large.

    """
    done: dict[int, Value] = {}
    try:
        for node in reversed(_nodes(tree)):
            done[id(node)] = _value(node, [done[id(part)] for part in node.parts], at)
    except (ArithmeticError, ValueError) as error:
        raise NotAFormulaError(str(error)) from error
    result = done[id(tree)]
    if isinstance(result, complex) and not cmath.isfinite(result):
        raise NotAFormulaError("not finite")
    return result


def _value(node: Node, parts: list[Value], at: dict[str, Value]) -> Value:
    if node.op == "number":
        return node.value
    if node.op == "name":
        return _CONSTANTS[node.name] if node.name in _CONSTANTS else at[node.name]
    return _call(node.name, parts[0]) if node.op == "call" else _operation(node.op, parts)


def _operation(op: str, parts: list[Value]) -> Value:
    if op == "negative":
        return -parts[0]
    if op == "factorial":
        return Fraction(math.factorial(_small(parts[0], MAX_FACTORIAL)))
    if op == "binomial":
        return Fraction(math.comb(_small(parts[0], 1000), _small(parts[1], 1000)))
    return _binary(op, *parts)


def _binary(op: str, a: Value, b: Value) -> Value:
    if op == "^":
        return _power(a, b)
    if isinstance(a, complex) or isinstance(b, complex):
        a, b = _float(a), _float(b)
    if op == "+":
        result: Value = a + b
    elif op == "-":
        result = a - b
    else:
        result = a * b if op == "*" else a / b
    return _bounded(result)


def _bounded(result: Value) -> Value:
    if isinstance(result, Fraction) and result.numerator.bit_length() + result.denominator.bit_length() > MAX_BITS:
        return _float(result)
    return result


def _power(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        bits = a.numerator.bit_length() + a.denominator.bit_length()
        if b.denominator == 1 and bits * abs(b.numerator) <= MAX_BITS:
            return Fraction(a) ** int(b)
        root = _root(a, b.denominator) if 1 < b.denominator <= 4 and abs(b.numerator) < 100 and bits < 400 else None
        if root is not None:
            return Fraction(root) ** b.numerator
    return complex(_float(a) ** _float(b))


def _root(a: Fraction, degree: int) -> Fraction | None:
    """Return the exact root of a fraction, if it has one."""
    if a < 0 and degree % 2 == 0:
        return None
    parts = []
    for n in (abs(a.numerator), a.denominator):
        if n.bit_length() > 200:
            return None
        near = round(n ** (1 / degree))
        exact = next((r for r in (near - 1, near, near + 1) if r >= 0 and r**degree == n), None)
        if exact is None:
            return None
        parts.append(exact)
    return Fraction(parts[0], parts[1]) * (-1 if a < 0 else 1)


def _call(name: str, argument: Value) -> Value:
    if name == "abs":
        return abs(argument) if isinstance(argument, Fraction) else complex(abs(argument))
    x = _float(argument)
    if name in _INVERSES:
        return 1 / _INVERSES[name](x)
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](x)
    # A function that nothing is known of: any fixed, smooth one will do.
    return cmath.sin(1.37 * x + zlib.crc32(name.encode()) % 7 + 0.5) + 1.7


def _small(n: Value, limit: int) -> int:
    if isinstance(n, complex) or n.denominator != 1 or not 0 <= n <= limit:
        raise NotAFormulaError("not a small whole number")
    return int(n)


def _float(n: Value) -> complex:
    return n if isinstance(n, complex) else complex(float(n))
