"""Text: the small cleanings that every part of the program shares."""

import re

# Category Cc but for tab and line feed, and category Cs: what no table can hold and no reader wants.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")


def clean(text: str) -> str:
    """Return the text without control characters (tab and line feed stay) and lone surrogates."""
    return _UNWANTED.sub("", text)


def fold_space(text: str) -> str:
    """Return the text with every run of white space as one space, and none at the ends."""
    return " ".join(text.split())
