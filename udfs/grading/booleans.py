"""Booleans: whether an answer in prose says yes or no."""

import re
from collections.abc import Iterator

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
not never cannot cant isn wasn aren weren doesn don didn hasn haven hadn couldn wouldn shouldn neither nor none kein
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
    r"\A\W*(?:of course|definitely|certainly|absolutely|clearly|indeed|well|oh|(?:un)?fortunately|sadly|luckily)\b"
    r",?\s+(?=yes|no\b|not\b)",
    re.I,
)
_ADVERB = (
    r"(?:certainly|definitely|indeed|surely|sure|absolutely|most|really|actually|simply|clearly|always|just|still|also|"
    r"so|very|obviously|decidedly|all|too|well|ever)"
)
_AUXILIARY = (
    r"(?:is|are|was|were|does|do|did|can|could|has|have|had|will|would|should|must|may)(?:n['’]t|['’]t|\s?not)?|"
    r"wo(?:n['’]t)|am|might"
)
# A subject and the question's verb, which leaves the rest to the question: it can't; the bridge certainly does.
_ELLIPTIC = re.compile(
    rf"\A(?P<subject>[\w' -]{{1,60}}?)\s(?:(?P<no>never)\s|{_ADVERB}\s)*(?P<verb>{_AUXILIARY})"
    rf"(?P<not>\s(?:{_ADVERB}\s)*(?:not|never))?(?:\s(?:be|have|been|{_ADVERB}))*\W*\Z",
    re.I,
)
_POINTING = frozenset(["it", "they", "he", "she", "this", "that", "there", "we", "you", "one", "these", "those", "i"])
_SURELY = re.compile(
    r"\A\W*(?:well\W+)?(?:there(?:['’]s| is| can be| was)(?: absolutely| really| simply)? no (?:doubt|question)|"
    r"(?:without|beyond)(?: a| any| all)?(?: shadow of a)?(?: reasonable)? (?:doubt|question)|no (?:doubt|question)|"
    r"make no mistake|undoubtedly|unquestionably|doubtless|indisputably|evidently|plainly)\b"
    r"(?:\s(?:about|of) (?:it|that|this))?\W*(?:that\s)?",
    re.I,
)
_DENIED = re.compile(
    r"\A\W*(?:(?:it|that|this)(?:\sis|['’]s)\s(?:simply |just |certainly |definitely |clearly )?(?:not|false|untrue|"
    r"wrong|incorrect)|(?:it|that|this)\sisn['’]t|not)(?:\s(?:the case|true|correct|so|right))?\sthat\s",
    re.I,
)
_ASSERTED = re.compile(
    r"\A\W*(?:it|that)(?:\sis|['’]s)\s(?:indeed |certainly )?(?:the case|true|correct|so)\sthat\s", re.I
)
_NO_NOUN = re.compile(r"\bno\s(?=([^\W\d]+))", re.I)
_STAND_INS = frozenset(["one", "ones", "any", "them", "all", "either"])
_NEVER = re.compile(
    rf"\A\W*(?:{_ADVERB}\W+|of course\W+|no\W+)*(?:not(?: at all| in the (?:least|slightest)| by any means| ever|"
    r" really| anymore| any more)?|by no means|in no way|far from it|never|nope|no way|nowhere near|not a chance|"
    r"under no circumstances|negative)\W*\Z",
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
_CROSS = re.compile("[❌✗✘✖❎👎]")
_SIGNS = re.compile(r"\s{0,4}[✅✔✓☑❌✗✘✖❎👍👎]\ufe0f?\s{0,4}")  # beside the word that says it
_OPPOSITE = {
    True: re.compile(r"(?<!\bnot )(?<!n['’]t )\b(?:no|false|incorrect|untrue|wrong)\b\W*(?:\Z|[.,;!?])", re.I),
    False: re.compile(r"(?<!\bnot )(?<!n['’]t )\b(?:yes|true|correct)\b\W*(?:\Z|[.,;!?])", re.I),
}
_PRONOUN = re.compile(r"\s*(?:it|they|he|she|this|that|there)\b", re.I)
_LAST = re.compile(r"\A(?!if\b)(?:(?!\b(?:yes|no|true|false|not)\b).){1,80},\s(?=[^\W\d_]{2,12}\W*\Z)", re.S | re.I)
_GROUNDS = re.compile(r"\b(?:since|because|as|given)\b[^.;!?]{1,150},\s(?=(?:yes|no)\b)", re.I)  # since it is, yes
_FRAME = re.compile(r"\A\W*(?:according to|based on|as per|per)\s[^,?]{1,80},\s", re.I)
_MODALS = frozenset(["may", "might", "could"])
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
    crossed = bool(_CROSS.search(said))
    said = _SIGNS.sub(" ", said).strip()
    says = next((v for v in (_read(part, asked.question) for part in _parts(said)) if v is not None), None)
    if says is None or (says and crossed):
        return Verdict("undecided", "no_boolean")
    return Verdict("right" if {says} == truths else "wrong", "boolean")


def _parts(said: str) -> Iterator[str]:
    """Yield an answer, what it says surely, what follows from its reasons or a colon, and its last word."""
    yield said
    sure = _SURELY.match(said)
    if sure:
        yield said[sure.end() :] or "yes"
    so = _SO.split(said)
    if len(so) > 1:
        yield so[-1]
    if ":" in said:
        yield said.rpartition(":")[2].strip()
    since = _GROUNDS.search(said)
    if since:
        yield said[since.end() :]
    if "," in said:
        yield _LAST.sub("", said)  # botanically speaking, no


def _read(said: str, question: str) -> bool | None:
    """Return what one part of an answer says; None where it says neither."""
    asked = set() if set(folded(said)) & _NEGATIONS else set(map(stem, folded(question)))
    said = _NO_NOUN.sub(lambda m: "not " if stem(m[1].lower()) in asked else m[0], said)
    denied = _DENIED.match(said) or _ASSERTED.match(said)
    if denied:
        says = _restated(said[denied.end() :], question)
        return says if says is None else says == bool(_ASSERTED.match(said))
    if _NEVER.match(said) or _only_denies(said, question):
        return False
    says = value(said)
    return _restated(said, question) if says is None else says


def _restated(said: str, question: str) -> bool | None:
    """Read an answer that says the question's words again, as a statement, perhaps with a `not`."""
    if not question or said.rstrip().endswith("?"):
        return None
    said, question = (_FRAME.sub("", t) for t in (said, question))
    said = re.split(r",\s(?:but|and|because|since|although)\s", said)[0]
    words, asked = set(folded(said)) - _EMPHATIC, set(folded(question))
    short = _ELLIPTIC.match(said.strip())
    if short and not asked & _NEGATIONS and _means(short["subject"], asked):
        return not (short["no"] or short["not"] or re.search(r"not|['’]t", short["verb"], re.I))
    negated = bool(words & _NEGATIONS)
    if asked & (_NEGATIONS | _NO) or words & {w for w in _YES | _NO if len(w) > 1} - asked:
        return None
    modal = _MODALS & asked & words  # may they park: they may park
    content = [stem(w) for w in folded(said) if w not in FUNCTION | _NEGATIONS | _EMPHATIC | modal | _STAND_INS - asked]
    wanted = [stem(w) for w in folded(question) if w not in FUNCTION | modal]
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


def _only_denies(said: str, question: str) -> bool:
    """Tell whether an answer is a not with words of the question: not at night."""
    words = folded(said)
    return (
        len(words) > 1 and words[0] == "not" and set(words[1:]) <= {*folded(question), "of", "them", "is", "are", "do"}
    )


def _means(subject: str, asked: set[str]) -> bool:
    """Tell whether a subject is what the question speaks of: a pronoun, or the question's words."""
    words = folded(subject)
    if words[-1:] and words[-1] in _POINTING and len(words) == 1:
        return True
    own = {w for w in words if w not in FUNCTION}
    return bool(own) and own <= asked and not own & (_YES | _NO)
