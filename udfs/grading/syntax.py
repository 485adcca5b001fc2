"""Formula syntax: LaTeX or plain text becomes a small tree, within limits that no input can break."""

import re
from fractions import Fraction
from typing import NamedTuple
from unicodedata import numeric

MAX_TEXT = 1_200  # characters
MAX_TOKENS = 400
MAX_DEPTH = 40  # of nesting
MAX_WORD = 3  # letters that may be a product of variables; a longer run is a word
MAX_LITERAL = 60  # digits


class NotAFormulaError(ValueError):
    """The text is no formula that this parser knows, or is ambiguous."""


class Node(NamedTuple):
    """A number (`value`), a variable or constant (`name`), or an operation on `parts`."""

    op: str
    parts: tuple["Node", ...] = ()
    name: str = ""
    value: Fraction = Fraction(0)


_FUNCTION_NAMES = "sin cos tan cot sec csc arcsin arccos arctan asin acos atan sinh cosh tanh log ln lg exp sqrt abs"
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega infty hbar
"""
GREEK = frozenset(_GREEK_NAMES.split()) | {"varepsilon", "vartheta", "varphi", "ell"}
_LETTERS = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ∞ℏ", _GREEK_NAMES.split(), strict=True))
# What a sign is written as; commands only where no letter follows.
_SIGNS = {
    "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "≤": r"\le ", "≥": r"\ge ",
    "≠": r"\ne ", "∈": r"\in ",
    "√": r"\sqrt ", "∪": r"\cup ", "±": r"\pm ", "°": "", "⁄": "/", "{,}": "", "**": "^", "'": "′",
    "ℝ": r"\mathbb{R}", "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ",
}  # fmt: skip
_COMMANDS = tuple((re.compile(rf"\\(?:{name})(?![A-Za-z])"), new) for name, new in (
    ("leq", r"\\le "), ("geq", r"\\ge "), ("neq", r"\\ne "), ("lt", "<"), ("gt", ">"), ("cdot|times|ast", "*"),
    ("div", "/"), ("[dtc]frac", r"\\frac"), ("lbrace", r"\\{"), ("rbrace", r"\\}"), ("[lr]?vert|mid", "|"),
))  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_DROPPED = re.compile(
    r"\\(?:left|right|big|Big|bigg|Bigg|bigl|bigr|displaystyle|textstyle|limits|quad|qquad)(?![a-z])|\\[,;:! ]|\\(?=%)|"
    r"\^\{?\\circ\}?|~|\$|`|[✓✔✅☑]|\\\(|\\\)|\\\[|\\\]"
)
_INFINITY = re.compile(r"(?<![A-Za-z\\])(?:oo|inf|infty|[Ii]nfinity)(?![A-Za-z])|\\inf(?![A-Za-z])")
_UNION = re.compile(r"(?<=[)\]])\s*(?:U|u|union|\\bigcup)\s*(?=[(\[])")
_TEXT = re.compile(r"\\(?:text|mathrm|mathbf|mathit|mathcal|operatorname|textbf|mbox|rm|vec|mathbb)\*?\s?\{([^{}]*)\}")
_CLOSING = {"(": ")", "{": "}", "[": "]", "|": "|"}
_TWO_PARTS = {r"\frac": "/", r"\binom": "binomial"}
_TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\[{}|]|\d+(?:\.\d+)?|\.\d+|[A-Za-z]+|[^\sA-Za-z\d])")


def plain(text: str) -> str:
    """Return the formula with one spelling of signs, powers, Greek letters and spacing."""
    if len(text) > MAX_TEXT:
        raise NotAFormulaError(f"{len(text)} characters")
    text = text.replace("\\\\", "¶")  # the end of a matrix row, before its backslashes are taken for others
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", lambda m: "^{" + m.group().translate(_SUPERSCRIPTS) + "}", text)
    text = re.sub("[₀-₉]", lambda m: f"_{ord(m[0]) - ord('₀')}", text)
    for sign, new in _SIGNS.items():
        text = text.replace(sign, new)
    text = _UNION.sub(r"\\cup ", _INFINITY.sub(r"\\infty ", text))
    if "\\" in text:
        for command, new in _COMMANDS:
            text = command.sub(new, text)
    text = re.sub(r"\{([^{}]*)\\over(?![a-z])([^{}]*)\}", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\s?\\?%", r"*\\frac{1}{100}", text)
    text = re.sub("[¼-¾⅐-⅞]", lambda m: f"\\frac{{{Fraction(numeric(m[0])).limit_denominator(20)}}}{{1}}", text)
    text = re.sub(r"(?<![A-Za-z])d([a-z])\s?/\s?d([a-z])(?![a-z])", r"\\frac{d\1}{d\2}", text)
    text = re.sub(r"(?<=\d)[eE]([-+]?\d{1,4})(?![\d.])", r"*10^{\1}", text)
    text = "".join(f"\\{_LETTERS[c]} " if c in _LETTERS else c for c in text)
    text = _TEXT.sub(lambda m: f" {m[1]} " if len(m[1].strip()) <= MAX_WORD or m[1].strip() in FUNCTIONS else " ", text)
    text = text.replace(",", "") if re.fullmatch(r"\s*-?\d{1,3}(,\d{3})+(\.\d+)?\s*", text) else text
    return _DROPPED.sub(" ", text).strip().rstrip(".,;").strip()


def parse(text: str) -> Node:
    """Return the tree of an expression without relations that went through `plain`.

    Raises:
        NotAFormulaError: the text is no such expression, is too large, or can be read in two ways.

    """
    tokens = _TOKEN.findall(text)
    if not tokens or len(tokens) > MAX_TOKENS:
        raise NotAFormulaError("empty or too long")
    parser = _Parser(tokens)
    tree = parser.sum(0)
    if parser.at < len(tokens):
        raise NotAFormulaError(f"unexpected {parser.peek()}")
    return tree


class _Parser:
    """Recursive descent over tokens; each level is counted."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        piece = self.peek()
        if not piece or (expected and piece != expected):
            raise NotAFormulaError(f"{piece or 'end'} where {expected or 'more'} is due")
        self.at += 1
        return piece

    def sum(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise NotAFormulaError("nested too deeply")
        tree = self.term(depth + 1)
        while self.peek() in ("+", "-"):
            tree = Node(self.take(), (tree, self.term(depth + 1)))
        return tree

    def term(self, depth: int) -> Node:
        tree = self.signed(depth + 1)
        divided = False
        while True:
            piece = self.peek()
            if piece in ("*", "/"):
                divided = self.take() == "/"
                tree = Node(piece, (tree, self.signed(depth + 1)))
            elif self.starts_factor(piece):
                # a/2b is a over 2b to some and half of ab to others.
                if divided or (piece[0].isdecimal() and tree.op == "number"):
                    raise NotAFormulaError("ambiguous product")
                mixed = tree.op == "number" and piece == r"\frac" and tree.value.denominator == 1
                factor = self.power(depth + 1)
                whole = mixed and all(p.op == "number" for p in factor.parts) and factor.op == "/"
                tree = Node("+" if whole else "*", (tree, factor))
            else:
                return tree

    def starts_factor(self, piece: str) -> bool:
        if not piece or piece in (r"\le", r"\ge", r"\ne", r"\in", r"\cup", r"\pm", r"\}", r"\|"):
            return False
        return piece[0].isalnum() or piece in ("(", "{", "[") or piece[0] == "\\"

    def signed(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise NotAFormulaError("nested too deeply")
        if self.peek() == "-":
            self.take()
            return Node("negative", (self.signed(depth + 1),))
        if self.peek() == "+":
            self.take()
            return self.signed(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Node:
        base = self.atom(depth + 1)
        while self.peek() == "!":
            self.take()
            base = Node("factorial", (base,))
        if self.peek() == "^":
            self.take()
            return Node("^", (base, self.signed_argument(depth + 1)))
        return base

    def signed_argument(self, depth: int) -> Node:
        if self.peek() == "{":
            return self.group(depth)
        if self.peek() == "-":
            self.take()
            return Node("negative", (self.power(depth + 1),))
        if re.fullmatch(r"\d+", self.peek()):
            return self.number(self.take())
        return self.power(depth + 1)

    def atom(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise NotAFormulaError("nested too deeply")
        piece = self.peek()
        if piece in _CLOSING:
            inner = self.group(depth)
            return Node("call", (inner,), "abs") if piece == "|" else inner
        self.take()
        if piece[-1].isdecimal():
            return self.number(piece)
        name = piece.lstrip("\\")
        if name in FUNCTIONS:
            return self.function(name, depth)
        if piece in _TWO_PARTS:
            return Node(_TWO_PARTS[piece], (self.argument(depth), self.argument(depth)))
        if name not in GREEK and len(piece) > 1:
            if piece[0] == "\\" or len(piece) > MAX_WORD:
                raise NotAFormulaError(f"unknown {piece}")
            # Letters side by side are a product; the last one takes the power that follows.
            self.tokens[self.at - 1 : self.at] = list(piece)
            name = piece[0]
        return self.variable(name, depth)

    def number(self, piece: str) -> Node:
        if len(piece) > MAX_LITERAL:
            raise NotAFormulaError("too many digits")
        return Node("number", value=Fraction(piece), name=piece)

    def variable(self, name: str, depth: int) -> Node:
        if not name.isalpha() or self.peek() == "′":
            raise NotAFormulaError(f"unknown {name}")
        if self.peek() == "_":
            self.take()
            name += "_" + self.subscript()
        if name in ("f", "g", "h") and self.peek() == "(":
            return Node("call", (self.group(depth),), name)
        return Node("name", name=name)

    def subscript(self) -> str:
        if self.peek() != "{":
            return self.take()
        out: list[str] = []
        level = 0
        while not out or level:
            piece = self.take()
            level += {"{": 1, "}": -1}.get(piece, 0)
            out.append(piece)
        return "".join(out).replace("{", "").replace("}", "")

    def group(self, depth: int) -> Node:
        close = _CLOSING[self.take()]
        inner = self.sum(depth + 1)
        self.take(close)
        return inner

    def argument(self, depth: int) -> Node:
        """Return what stands in braces, or the next single digit or letter: LaTeX's \\frac12."""
        if self.peek() == "{":
            return self.group(depth)
        if depth > MAX_DEPTH:
            raise NotAFormulaError("nested too deeply")
        piece = self.peek()
        if len(piece) > 1 and piece.isalnum():
            self.tokens[self.at : self.at + 1] = list(piece)
        return self.atom(depth + 1)

    def function(self, name: str, depth: int) -> Node:
        root = Fraction(2)
        power = None
        if name == "sqrt" and self.peek() == "[":
            index = self.group(depth)
            if index.op != "number" or not index.value:
                raise NotAFormulaError("root of a variable degree")
            root = index.value
        base = None
        if self.peek() == "_" and name == "log":
            self.take()
            base = self.argument(depth)
        if self.peek() == "^":
            self.take()
            power = self.signed_argument(depth)
        inner = self.group(depth) if self.peek() in ("(", "{", "[") else self.bare(depth + 1, name)
        if name == "sqrt":
            return Node("^", (inner, Node("number", value=1 / root)))
        if power and power.op == "negative" and power.parts[0].value == 1:
            return Node("call", (inner,), "arc" + name)
        tree = Node("call", (inner,), name)
        tree = Node("/", (tree, Node("call", (base,), "log"))) if base else tree
        return Node("^", (tree, power)) if power else tree

    def bare(self, depth: int, name: str) -> Node:
        """Return the argument of a function that stands without brackets: the product that follows."""
        if name == "sqrt":
            return self.power(depth)
        tree = self.signed(depth)
        while (self.peek() and self.peek()[0].isalpha() and self.peek() not in FUNCTIONS) or self.peek().lstrip(
            "\\"
        ) in GREEK:
            tree = Node("*", (tree, self.power(depth)))
        return tree
