"""Word forms: whether two English words are forms of one, such as expands and expansion."""

import functools
import re
import unicodedata

from udfs.grading.words import PASTS, american, folded, singular, stem
from udfs.numbers import ORDINALS

_NTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_WORDED = re.compile(rf"(?<!\ba )(?<!\bone )\b(?:{'|'.join(ORDINALS)})\b", re.I)
_NAMED = {n: word for word, n in reversed(ORDINALS.items())}
_GREEK = re.compile(r"[α-ωΑ-Ω](?=-[^\W\d_])")  # β-carotene

MIN_SHARED = 4  # letters that both begin with
# An ending on either side that only turns a verb into its noun, or an adjective into its adverb.
_PAIRS = frozenset(
    frozenset(pair)
    for pair in (
        ("", "ly"), ("", "ment"), ("", "ation"), ("", "ion"), ("e", "ion"), ("e", "tion"), ("", "al"), ("y", "ication"),
        ("d", "sion"), ("de", "sion"), ("t", "sion"), ("", "ance"), ("", "ence"), ("e", "ance"), ("e", "ence"),
        ("e", "ment"), ("on", "a"), ("um", "a"), ("us", "i"), ("is", "es"), ("", "e"), ("", "ern"),
        ("y", "ily"), ("le", "ly"), ("", "ity"), ("e", "ity"),
    )
)  # fmt: skip
_LONG = frozenset(
    {frozenset({"e", "ation"}), frozenset({"", "t"})}
)  # complain and complaint, condense and condensation, but not oxide and oxidation
MIN_LONG = 6


@functools.lru_cache(maxsize=4096)
def akin(a: str, b: str) -> bool:
    """Tell whether two folded words are one word in two forms: inflected, or verb and noun, adjective and adverb."""
    a, b = american(singular(a)), american(singular(b))
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


@functools.lru_cache(maxsize=4096)
def related(a: str, b: str) -> bool:
    """Tell whether two folded words are forms of one, or one names who does the other, or both are one deed."""
    if akin(a, b):
        return True
    a, b = _deed(a), _deed(b)
    return a == b or bool(_SAME_DEED.get(a, frozenset()) & _SAME_DEED.get(b, frozenset()))


@functools.lru_cache(maxsize=4096)
def _deed(word: str) -> str:
    """Return what is left of a verb and of who does it: discover, discovered, discoverer; winner, winning and won."""
    if re.fullmatch(r"found(?:ed|ers?|ing|ation)", word):
        return "founded"  # no form of find here
    word = _undoubled(stem(singular(word)))
    while len(short := re.sub(r"(?:er|est|or|ing|ed|ion|e)$", "", word)) > 2 and short != word:
        word = _undoubled(short)
    return word


def _undoubled(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


# What a work is called, who makes it, and what the maker does; and a few deeds that have two common names.
_DEEDS = """
write pen author novel novelist book poem poet play playwright story essay text make|paint picture artist portrait make
compose music symphony opera song make|direct film movie make|build construct erect make|invent devise create make
reduce cut lower decrease decline fall drop shrink change|increase rise grow raise climb change|produce manufacture make
long length|large big area size|fast speed|heavy weight mass weigh|high tall height|deep depth|wide width|old age
far distance|hot warm cold temperature
founded establish set start|appear publish print release issue|trade exchange swap|share divide split
discover discovery find spot|design architect plan|lead head chair|buy acquire purchase|award win receive get got obtain
happen occur place|ask request demand want|kill murder assassinate|open inaugurate|close shut
begin start commence|end finish|donate give gift donation bequest present|say state read
"""
_SAME_DEED: dict[str, set[int]] = {}
for _n, _group in enumerate(_DEEDS.replace("\n", "|").strip("|").split("|")):
    for _word in _group.split():
        _SAME_DEED.setdefault(_deed(_word), set()).add(_n)


_PARTICLE = re.compile(r"[a-z]{3,}?(?=(over|out|off|up|down|back|away|in)\Z)")


def joined(text: str, question: str) -> str:
    """Return a text with verbs and their particles as the question's noun: it turned over, if that is turnover."""
    for word in set(folded(question[:2000])):
        found = _PARTICLE.match(word)
        if found and re.search(rf"\s{found[1]}\b", text):
            verbs = {m[1] for m in re.finditer(rf"\b([^\W\d]+)\s{found[1]}\b", text)}
            for verb in (v for v in verbs if stem(v.lower()) == stem(found[0])):
                text = text.replace(f"{verb} {found[1]}", word)
    return text


def past(word: str) -> bool:
    """Tell whether a folded word is a verb's past or participle, by its ending or as an irregular one."""
    if word in ("hundred", "squared", "cubed"):
        return False
    return (len(word) > 4 and word.endswith("ed") and word[-3] != "e") or word in PASTS


def alike(*texts: str) -> list[str]:
    """Return texts with Greek letters in front of hyphens in words, and ordinals too where one of them has words."""
    texts = tuple(_GREEK.sub(lambda m: unicodedata.name(m[0]).rpartition(" ")[2].lower(), text) for text in texts)
    if not any(map(_WORDED.search, texts)):
        return list(texts)
    return [_NTH.sub(lambda m: _NAMED.get(int(m[1]), m[0]), text) for text in texts]
