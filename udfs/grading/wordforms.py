"""Word forms: whether two English words are forms of one, such as expands and expansion."""

import functools

from udfs.grading.words import singular, stem

MIN_SHARED = 4  # letters that both begin with
# An ending on either side that only turns a verb into its noun, or an adjective into its adverb.
_PAIRS = frozenset(
    frozenset(pair)
    for pair in (
        ("", "ly"), ("", "ment"), ("", "ation"), ("", "ion"), ("e", "ion"), ("e", "tion"), ("", "al"), ("y", "ication"),
        ("d", "sion"), ("de", "sion"), ("t", "sion"), ("", "ance"), ("", "ence"), ("e", "ance"), ("e", "ence"),
        ("e", "ment"), ("on", "a"), ("um", "a"), ("us", "i"), ("is", "es"), ("", "e"),
        ("y", "ily"), ("le", "ly"), ("", "ity"), ("e", "ity"),
    )
)  # fmt: skip
_LONG = frozenset({frozenset({"e", "ation"})})  # condense and condensation, but not oxide and oxidation
MIN_LONG = 6


@functools.lru_cache(maxsize=4096)
def akin(a: str, b: str) -> bool:
    """Tell whether two folded words are one word in two forms: inflected, or verb and noun, adjective and adverb."""
    a, b = singular(a), singular(b)
    if stem(a) == stem(b):
        return True
    a, b = _base(a), _base(b)
    if a == b:
        return True
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    if shared < MIN_SHARED:
        return False
    rests = frozenset((a[shared:], b[shared:]))
    return rests in _PAIRS or (shared >= MIN_LONG and rests in _LONG)


def _base(word: str) -> str:
    """Return a word without the endings of tense, which its noun does not keep."""
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + MIN_SHARED:
            return word.removesuffix(ending)
    return word
