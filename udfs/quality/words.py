"""What is measured of the words of a text."""

import re
from collections import Counter

from udfs.quality.repetition import ngrams

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")  # arXiv 2112.11446, appendix A.1.1
FEW_WORDS = 100  # too few to miss stop words in, or to find phrases repeated that a word problem would not repeat

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LETTER = re.compile(r"[^\W\d_]")
_HASHES = re.compile(r"#+")
# A word that is a formula, or a part of one: a lone operator, an amount, digits among operators, a command of LaTeX.
_FORMULA = re.compile(
    r"[-=+*/<>^|×÷·−≤≥≈→&%#]+ | (?=.*\d)(?=.*[=+*/<>^\\×÷·−≤≥≈→]).+ | [$€£]\d.* | .*\\[A-Za-z].*",
    re.VERBOSE,
)


def of_words(prose: str, lowered: str, language: str | None) -> dict[str, float]:
    """Return the measures of the words of some prose, formulas among them left out; stop words of English only."""
    words = prose.split()
    counts = Counter(words)
    found = {
        "words": float(len(words)),
        "lines_per_word": (prose.count("\n") + 1) / len(words),
        "lorem_ipsum": float(lowered.count("lorem ipsum")),
    }
    formulas = {word for word in counts if not word.isalpha() and _FORMULA.fullmatch(word)}
    if formulas:
        words = [word for word in words if word not in formulas]
        prose = " ".join(words)
    if not words:
        return found
    lettered = sum(n for w, n in counts.items() if w.isalpha() or (w not in formulas and _LETTER.search(w)))
    headings = lowered.startswith("#") + lowered.count("\n#")
    symbols = max(len(_HASHES.findall(lowered)) - headings, lowered.count("...") + lowered.count("…"))
    found |= {
        "word_chars": sum(map(len, words)) / len(words),
        "alpha_words": lettered / len(words),
        "symbol_words": symbols / len(words),
    }
    if len(words) >= FEW_WORDS:
        found |= ngrams(_TOKEN.findall(prose), len(prose))
        if language == "en":
            found["stop_words"] = float(sum(w in counts or w.title() in counts for w in STOP_WORDS))
    return found
