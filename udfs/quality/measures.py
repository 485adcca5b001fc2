"""What is measured of a text: numbers that the rules compare and that stay on the document's row."""

import re

from udfs.quality.language import detect
from udfs.quality.lines import of_lines, split
from udfs.quality.words import of_words

LOOKED_AT = 1_000_000  # characters; a longer text is judged by its beginning, if its length lets it be judged at all
LITTLE_PROSE = 100  # characters: beside code or tables too little to judge a page by

_REDIRECT = re.compile(
    r"\A(?:[^\n]*\n\s*)?#?redirect\b|you (?:are being|will be) redirected|page has (?:been )?moved", re.IGNORECASE
)
_REDIRECT_WITHIN = 500  # characters


def measure(text: str, n_tokens: int) -> tuple[str | None, dict[str, float]]:
    """Return the language of a text and its measures, by name; shares are from 0 to 1.

    Measures of lines and words are taken from the prose alone, so that code, formulas and tables count neither for
    nor against a page; where there is next to none of it beside them, they are left out.
    """
    text = _beginning(text)
    lines = split(text)
    prose = "\n".join(lines.prose)
    found = {
        "tokens": float(n_tokens),
        "technical_lines": lines.technical / max(1, len(lines.prose) + lines.technical),
        "curly_chars": (text.count("{") + text.count("}")) / max(1, len(text)),
    }
    if _REDIRECT.search(text, 0, _REDIRECT_WITHIN):
        found["redirect_tokens"] = float(n_tokens)
    if lines.technical and len(prose) < LITTLE_PROSE:
        return detect(text)[0], found
    language, found["language_score"] = detect(prose)
    if prose:
        lowered = prose.lower()
        found |= of_lines(lines, lowered) | of_words(prose, lowered, language)
    return language, found


def _beginning(text: str) -> str:
    """Return what is looked at of a text: to the end of a line or a sentence, where the rest is left out."""
    if len(text) <= LOOKED_AT:
        return text
    end = max(text.rfind(mark, 0, LOOKED_AT) for mark in ("\n", ". ", "! ", "? "))
    return text[: end + 1] if end >= 0 else text[:LOOKED_AT]
