"""The rules that turn a document down by what was measured of it, in the order in which they are asked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Setting -> reason. A rule is named by its setting: `max_X` turns down a document whose measure X is above it, `min_X`
# one whose measure is below it; a measure that a document does not have turns nothing down. Thresholds and their
# sources stand in `etl.config.quality`.
BOUNDS = {
    "min_redirect_tokens": "redirect",
    "min_tokens": "too_short",
    "max_tokens": "too_long",
    "min_language_score": "language",
    "max_lorem_ipsum": "boilerplate",
    "max_policy_chars": "boilerplate",
    "max_curly_chars": "quality",
    "min_sentences": "quality",
    "min_word_chars": "quality",
    "max_word_chars": "quality",
    "min_alpha_words": "quality",
    "max_symbol_words": "quality",
    "min_stop_words": "quality",
    "max_bullet_lines": "quality",
    "max_ellipsis_lines": "quality",
    "min_punct_lines": "quality",
    "min_punct_chars": "quality",
    "max_short_lines": "quality",
    "max_short_chars": "quality",
    "max_lines_per_word": "quality",
    "max_dup_lines": "quality",
    "max_dup_line_chars": "quality",
    "max_dup_paragraphs": "quality",
    "max_dup_paragraph_chars": "quality",
    "max_top_2gram": "quality",
    "max_top_3gram": "quality",
    "max_top_4gram": "quality",
    "max_dup_5grams": "quality",
    "max_dup_6grams": "quality",
    "max_dup_7grams": "quality",
    "max_dup_8grams": "quality",
    "max_dup_9grams": "quality",
    "max_dup_10grams": "quality",
}


def measure_of(rule: str) -> str:
    """Return the measure that a rule of BOUNDS compares."""
    return rule.split("_", 1)[1]


class Reject(NamedTuple):
    """Why a document is turned down: the reason, the rule's name, what was measured."""

    reason: str
    rule: str
    measured: float


def judge(language: str | None, measures: Mapping[str, float], settings: Mapping[str, Any]) -> Reject | None:
    """Return the first rule that turns a document down, None where none does.

    `settings` holds a threshold for each of BOUNDS and `languages`, the accepted ones (none: all).
    """
    for rule, reason in BOUNDS.items():
        value = measures.get(measure_of(rule))
        if value is None:
            continue
        if rule == "min_language_score" and settings["languages"] and language not in settings["languages"]:
            return Reject(reason, "languages", value)
        if value < settings[rule] if rule.startswith("min_") else value > settings[rule]:
            return Reject(reason, rule, value)
    return None
