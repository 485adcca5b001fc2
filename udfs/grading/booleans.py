"""Booleans: whether an answer in prose says yes or no."""

import re

from udfs.grading.verdict import Asked, Verdict
from udfs.grading.words import FUNCTION, folded, stem

_AFFIRMS = """
yes true correct right y t ja oui si sim vrai wahr richtig affirmative indeed yeah yep
absolutely certainly definitely verdadero vero 是 是的 对 はい
"""
_DENIES = """
no false incorrect wrong untrue n f nein non nao faux falsch negative nope falso nee 否 不是 错 いいえ
"""
_NEGATE = """
not never cannot cant isn wasn aren weren doesn don didn won hasn haven hadn couldn wouldn shouldn neither nor none kein
keine nicht t refuse refused refuses decline declined declines fail failed fails
"""
_YES, _NO, _NEGATIONS = (frozenset(words.split()) for words in (_AFFIRMS, _DENIES, _NEGATE))
_EMPHATIC = frozenset({"indeed", "absolutely", "certainly", "definitely"})
_OPEN = re.compile(
    r"\b(?:it depends|depends on|yes and no|partly|partially|sometimes|not necessarily|maybe|perhaps|possibly|"
    r"(?:true|yes|correct|right) ?(?:or|/) ?(?:false|no|incorrect|wrong)|both true and false|not (?:entirely )?(?:sure|"
    r"clear))\b",
    re.I,
)
_EMPHASIS = re.compile(
    r"\A\W*(?:of course|definitely|certainly|absolutely|clearly|indeed|well|oh)\b,?\s+(?=yes|no\b|not\b)", re.I
)
_ELLIPTIC = re.compile(
    r"\A(?:it|they|he|she|this|that|there|we|you|one)\s(?:is|are|was|were|does|do|did|can|could|has|have|had|will|would|"
    r"should|must)(\s?not|n['’]t)?[.!]?\Z",
    re.I,
)
_START = re.compile(
    r"\A\W*(?:(?:the|this|that|it|so|statement|claim|answer|assertion|is|was|are|s|'s)\W+){0,6}(not\s+)?([^\W\d_]+)",
    re.I,
)
# What may follow: an end, or the reason; `no doubt` and `true friends` are no verdicts.
_AFTER = re.compile(
    r"\s*(?:\Z|[.,;:!)\]\n*—–-](?!\w)|(?:because|since|as|that|for|it|they|he|she|there|we|i|sir|indeed)\b)", re.I
)
_OPPOSITE = {
    True: re.compile(r"\b(?:no|false|incorrect|untrue|wrong)\b\W*(?:\Z|[.,;!?])", re.I),
    False: re.compile(r"\b(?:yes|true|correct)\b\W*(?:\Z|[.,;!?])", re.I),
}
_PRONOUN = re.compile(r"\s*(?:it|they|he|she|this|that)\b", re.I)
_LAST = re.compile(r"\A(?!if\b)(?:(?!\b(?:yes|no|true|false|not)\b).){1,80},\s(?=[^\W\d_]{2,12}\W*\Z)", re.S | re.I)
_SO = re.compile(r"[,.;]\s(?:and )?(?:so|therefore|thus|hence)\b,?\s", re.I)


def value(text: str) -> bool | None:
    """Return what the text says: by its first word that is yes or no; None where it says neither, or both."""
    text = _EMPHASIS.sub("", text.strip()[:1000])
    if text.lower().strip(" .!") == "of course":
        return True
    found = _START.match(text)
    if not found or _OPEN.search(text):
        return None
    word = "".join(folded(found[2])) or found[2]
    rest = text[found.end() :]
    if word not in _YES | _NO or not _AFTER.match(rest):
        return None
    affirms = word in _YES
    says = affirms != bool(found[1])
    return None if not found[1] and _OPPOSITE[affirms].search(rest) else says


def compare(said: str, asked: Asked) -> Verdict:
    """Compare what an answer says, by its first word or by restating the question, with the truth."""
    truths = {value(form) for form in asked.forms} - {None}
    if len(truths) != 1:
        return Verdict("undecided", "truth_is_no_boolean")
    if _OPEN.search(said):
        return Verdict("wrong", "hedge")
    says = value(said)
    if says is None:
        says = value(_SO.split(said)[-1])
    if says is None and "," in said:
        says = value(_LAST.sub("", said))  # botanically speaking, no
    if says is None:
        says = _restated(said, asked.question)
    if says is None:
        return Verdict("undecided", "no_boolean")
    return Verdict("right" if {says} == truths else "wrong", "boolean")


def _restated(said: str, question: str) -> bool | None:
    """Read an answer that says the question's words again, as a statement, perhaps with a `not`."""
    if not question or said.rstrip().endswith("?"):
        return None
    said = re.split(r",\s(?:but|and|because|since|although)\s", said)[0]
    words, asked = set(folded(said)) - _EMPHATIC, set(folded(question))
    short = _ELLIPTIC.match(said.strip())
    if short and not asked & _NEGATIONS:
        return not short[1]
    negated = bool(words & _NEGATIONS)
    if asked & (_NEGATIONS | _NO) or words & {w for w in _YES | _NO if len(w) > 1} - asked:
        return None
    content = [stem(w) for w in folded(said) if w not in FUNCTION | _NEGATIONS | _EMPHATIC]
    wanted = [stem(w) for w in folded(question) if w not in FUNCTION]
    left = iter(wanted)
    # In the question's order: sound is faster than light is not what light is faster than sound asks.
    if content and _PRONOUN.match(said) and set(content) <= set(wanted[1:]) and not asked & _NEGATIONS:
        return not negated  # it is irrational
    if (
        not content
        or not all(w in left for w in content)
        or len(wanted) - len(content) > max(len(wanted) // 4, len(content) > 1)
    ):
        return None
    return not negated
