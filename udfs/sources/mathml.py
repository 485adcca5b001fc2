"""Presentation MathML -> LaTeX, for formulas whose source a page does not carry.

Two libraries were tried: one writes `\\left[\\right.` for every bracket, the other brings an XSLT engine of 119 MB.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

MAX_DEPTH = 100
_SYMBOLS = {
    "−": "-", "∓": r"\mp", "±": r"\pm", "×": r"\times", "⋅": r"\cdot", "·": r"\cdot", "÷": r"\div", "∗": "*",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv", "∼": r"\sim", "≃": r"\simeq",
    "≅": r"\cong", "∝": r"\propto", "≪": r"\ll", "≫": r"\gg", "⩽": r"\le", "⩾": r"\ge", "∞": r"\infty",
    "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∮": r"\oint",
    "√": r"\surd", "∈": r"\in", "∉": r"\notin", "∋": r"\ni", "⊂": r"\subset", "⊆": r"\subseteq", "⊃": r"\supset",
    "⊇": r"\supseteq", "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset", "∖": r"\setminus", "∀": r"\forall",
    "∃": r"\exists", "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "⊕": r"\oplus", "⊗": r"\otimes", "∘": r"\circ",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "⇐": r"\Leftarrow",
    "⇔": r"\Leftrightarrow", "⟹": r"\implies", "⟺": r"\iff", "↦": r"\mapsto", "…": r"\ldots", "⋯": r"\cdots",
    "⋮": r"\vdots", "⋱": r"\ddots", "⟨": r"\langle", "⟩": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "‖": r"\|", "∥": r"\parallel", "⊥": r"\perp", "∠": r"\angle", "°": r"^\circ",
    "′": "'", "″": "''", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}",
    "ℂ": r"\mathbb{C}", "ℏ": r"\hbar", "ℓ": r"\ell", "ℜ": r"\Re", "ℑ": r"\Im", "ℵ": r"\aleph", "{": r"\{", "}": r"\}",
    "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_", "⁡": "", "⁢": "", "⁣": "", "\u200b": "",
}  # fmt: skip
_GREEK = re.findall(
    r"\w+",
    "alpha beta Gamma Delta epsilon zeta eta Theta iota kappa Lambda mu nu Xi omicron Pi rho varsigma Sigma tau "
    "Upsilon Phi chi Psi Omega",
)  # in capitals where LaTeX has the capital too
_SYMBOLS |= {chr(0x3B1 + i): f"\\{name.lower()}" for i, name in enumerate(_GREEK) if name != "omicron"}
_SYMBOLS |= {chr(0x391 + i): f"\\{name}" for i, name in enumerate(_GREEK) if name[0].isupper()}
_SYMBOLS |= {"ϵ": r"\epsilon", "ϕ": r"\phi", "ϑ": r"\vartheta", "ε": r"\varepsilon", "φ": r"\varphi"}
_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp lim max min sup inf det dim ker gcd",
    )
)
_ACCENTS = {
    "^": "hat", "ˆ": "hat", "¯": "bar", "‾": "overline", "_": "overline", "→": "vec", "⃗": "vec", "~": "tilde",
    "˜": "tilde", "˙": "dot", ".": "dot", "¨": "ddot", "⏞": "overbrace",
}  # fmt: skip
_FONTS = {
    "double-struck": "mathbb", "bold": "mathbf", "script": "mathcal", "fraktur": "mathfrak", "normal": "mathrm",
    "sans-serif": "mathsf", "monospace": "mathtt",
}  # fmt: skip
_PASSED_OVER = {"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "none", "mprescripts"}


def latex(element: Any, depth: int = 0) -> str:
    """Return the LaTeX of a parsed element; what is not known is given as its content."""
    name = str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
    if name in _PASSED_OVER or depth > MAX_DEPTH:
        return ""
    if name in _LEAVES:
        return _LEAVES[name](element)
    parts = [latex(child, depth + 1) for child in element if isinstance(child.tag, str)]
    if name in _SHAPES and len(parts) == _SHAPES[name][0]:
        return _SHAPES[name][1](*parts)
    if name in _ROWS:
        return _ROWS[name](element, parts)
    return _joined([_symbols(element.text or ""), *parts])


def _joined(parts: Sequence[str]) -> str:
    """Put pieces side by side; a command needs a space before a letter."""
    out = ""
    for part in filter(None, parts):
        command = out.rpartition("\\")[2] if "\\" in out else ""
        out += (" " if command.isalpha() and (part[0].isalnum()) else "") + part
    return out


def _symbols(text: str) -> str:
    return _joined([_SYMBOLS.get(c, c) for c in " ".join(text.split())])


def _identifier(element: Any) -> str:
    text = "".join(element.itertext()).strip()
    if text in _FUNCTIONS:
        return f"\\{text}"
    font = _FONTS.get(element.get("mathvariant", "").replace("bold-", "") or ("normal" if len(text) > 1 else ""))
    made = _symbols(text)
    return f"\\{font}{{{made}}}" if font and made and not made.startswith("\\") else made


def _operator(element: Any) -> str:
    text = "".join(element.itertext()).strip()
    return f"\\{text}" if text in _FUNCTIONS else _symbols(text)


def _words(element: Any) -> str:
    text = " ".join("".join(element.itertext()).replace("\xa0", " ").split(" "))
    return f"\\text{{{text}}}" if text.strip() else " "


def _number(element: Any) -> str:
    return "".join(element.itertext()).strip().replace("%", r"\%")


def _group(part: str) -> str:
    return part if len(part) == 1 else f"{{{part}}}"


def _base(part: str) -> str:
    return part if len(part) == 1 or (part[:1] == "\\" and part[1:].isalpha()) or not part else f"{{{part}}}"


def _over(base: str, mark: str) -> str:
    for sign, command in _ACCENTS.items():
        if mark in (sign, _SYMBOLS.get(sign)):
            return f"\\{command}{{{base}}}"
    return f"{base}^{_group(mark)}" if base in _LIMITS else f"\\overset{{{mark}}}{{{base}}}"


def _under(base: str, mark: str) -> str:
    return f"{base}_{_group(mark)}" if base in _LIMITS else f"\\underset{{{mark}}}{{{base}}}"


def _fenced(element: Any, parts: list[str]) -> str:
    marks = element.get("separators", ",").replace(" ", "")
    between = [marks[min(i, len(marks) - 1)] if marks else "" for i in range(len(parts) - 1)]
    inner = "".join(p + b for p, b in zip(parts, [*between, ""], strict=True))
    return f"{_symbols(element.get('open', '('))}{inner}{_symbols(element.get('close', ')'))}"


def _table(_element: Any, parts: list[str]) -> str:
    rows = " \\\\ ".join(filter(None, parts))
    return f"\\begin{{matrix}}{rows}\\end{{matrix}}"


_LIMITS = {r"\sum", r"\prod", r"\int", r"\oint", r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\cup", r"\cap"}
_LEAVES: dict[str, Callable[[Any], str]] = {
    "mi": _identifier, "mo": _operator, "mn": _number, "mtext": _words, "ms": _words, "mspace": lambda _: " ",
}  # fmt: skip
_SHAPES: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda a, b: f"\\frac{{{a}}}{{{b}}}"),
    "mroot": (2, lambda a, b: f"\\sqrt[{b}]{{{a}}}"),
    "msup": (2, lambda a, b: f"{_base(a)}^{_group(b)}"),
    "msub": (2, lambda a, b: f"{_base(a)}_{_group(b)}"),
    "msubsup": (3, lambda a, b, c: f"{_base(a)}_{_group(b)}^{_group(c)}"),
    "mover": (2, _over),
    "munder": (2, _under),
    "munderover": (3, lambda a, b, c: f"{_base(a)}_{_group(b)}^{_group(c)}"),
}
_ROWS: dict[str, Callable[[Any, list[str]], str]] = {
    "msqrt": lambda _, parts: f"\\sqrt{{{_joined(parts)}}}",
    "mfenced": _fenced,
    "mtable": _table,
    "mtr": lambda _, parts: " & ".join(parts),
    "mlabeledtr": lambda _, parts: " & ".join(parts[1:]),
}
