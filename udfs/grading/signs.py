"""Signs: what words do not carry, such as a minus in front of a number, a sharp behind a letter, a percent sign."""

import re

_SPECIAL = re.compile(r"[-−–+#%‰♯♭√'’′]")
_MINUS = re.compile(r"(?<![\w)\]}.!?%°])[-−–](?=[\d.√\\]|[a-z](?![A-Za-z]))")
_PLUS = re.compile(r"(?<=[A-Za-z\d)])\s?\+")  # not +3, which is 3
_BEHIND = re.compile(
    r"(?<=[A-Z])(?:[#♯]|♭)|(?<=[A-Z])-(?!\w)|(?<=[A-Z][a-z])-(?!\w)|(?<=(?<![\w'’‘])[A-Za-z])['’′](?![\w'’])|√"
)  # C#, B♭, A-, Cl-, x', √2
_ALIKE = str.maketrans("♯−–’′", "#--''")
_NUMBER = re.compile(r"(?<![\w)\]}.,^])([-−–]?)(\d+(?:[.,]\d+)*|\.\d+)")
_EITHER = re.compile(r"±|\\|\bminus\b|\bnegative\b|\bbelow\b|\+\s?/\s?-|\+-|[-−–]\s+\d", re.I)
_LETTER = re.compile(r"(?<![\w-])([A-Z][A-Za-z\d]{0,3}[+\-−#♯♭]+)(?![\w-])")  # A-, Na+, C#
_SPOKEN = re.compile(r"\b(?:plus|minus|positive|negative|sharp|flat)\b|[\^\\⁺⁻]", re.I)
_NUMBERED = re.compile(r"\b([A-Z][a-z]+) (\d{1,3}|[IVX]+)\b(?!,\d|\s\d)")
_AMOUNT = re.compile(r"[%€£¥]|\b(?:hundred|thousand|million|billion|trillion)\b|\bper\s?cent\b", re.I)


def marks(text: str) -> tuple[str, ...]:
    """Return the marks of a text that tell it from one of the same words: a minus, a plus between, a sharp."""
    if not _SPECIAL.search(text):
        return ()
    behind = sorted(m[0].translate(_ALIKE) for m in _BEHIND.finditer(text))
    signs = "-" * len(_MINUS.findall(text)), "+" * len(_PLUS.findall(text)), "%" * len(re.findall("[%‰]", text))
    return (*signs, *behind) if any(signs) or behind else ()


def missigned(text: str, forms: tuple[str, ...]) -> bool:
    """Tell whether a number of the truth stands in a text with the other sign only, or a letter without its sign."""
    if not _SPOKEN.search(text) and all(_other_letters(text, form) for form in forms):
        return True
    if _EITHER.search(text) or any(map(_EITHER.search, forms)):
        return False
    said = _signed(text)
    return all(
        any((not minus, number) in said and (minus, number) not in said for minus, number in _signed(form))
        for form in forms
    )


def _other_letters(text: str, form: str) -> bool:
    """Tell whether a letter's sign is lost or added: A for A-, C++ for C."""
    said, true = (set(_LETTER.findall(t.translate(_ALIKE))) for t in (text, form))
    bare = set(re.findall(r"\w+", form))
    return bool(true - said) or any(one.rstrip("+-#♭") in bare for one in said - true)


def _signed(text: str) -> set[tuple[bool, str]]:
    return {(bool(m[1]), m[2]) for m in _NUMBER.finditer(text)}


def amounts(text: str) -> frozenset[str]:
    """Return the marks and words that make another amount of a number: %, €, million."""
    return frozenset("%" if m[0][:3].lower() == "per" else m[0].lower() for m in _AMOUNT.finditer(text))


def other_numbered(text: str, question: str) -> bool:
    """Tell whether the answer speaks of another one of the question's kind: Sputnik 2 for Sputnik 1."""
    asked, said = (set(_NUMBERED.findall(t)) for t in (question, text))
    return bool(asked - said) and bool({name for name, _ in asked - said} & {name for name, _ in said})
