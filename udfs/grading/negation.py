"""Negation: whether the truth stands in an answer only where its clause denies it."""

import re
from collections.abc import Iterator

from udfs.dates import Date, date, dates, supports
from udfs.grading.clausal import among, content, kind
from udfs.grading.numeric import true_quantity
from udfs.grading.quantity import equality, quantities
from udfs.grading.verdict import Asked
from udfs.grading.words import TURNING, bare, folded
from udfs.numbers import plain

MAX_TEXT = 2_000  # characters
MAX_PLACES = 20
MIN_AGAIN = 2  # words of the question that an answer says again
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ASKS_NOT = re.compile(r"(?:\b(?:not|never|cannot)\b(?! only| just| later| earlier)|n['’]t\b)", re.I)
_NEGATIVE = re.compile(
    r"\b(?:not?|never|none|neither|nor|cannot|without|except|only|but|unlike|instead|un\w+|im?n?possible|in\w+able|"
    r"dis\w+|mis\w+|non\w*|forb\w+|prohib\w+|bann?\w*|absen\w+|exempt\w*|refus\w+|fail\w*|den[yi]\w*|lack\w*|"
    r"avoid\w*|left|exclud\w+|too|few\w*|rare\w*|hardly|wrong|false|odd|other)\b|n['’]t\b",
    re.I,
)

# What is no denial though it has the word.
_IDIOM = re.compile(
    r"\b(?:not (?:only|just|merely|simply|least|surprisingly|until|before|unlike|to mention|to be confused|without)|"
    r"(?:if|whether or|why) not|"
    r"no (?:doubt|question|wonder|surprise|less|fewer|more|other|later|earlier|sooner) ?(?:than)?|"
    r"(?:none|nothing|nobody|no one|no-one|no \w+) (?:other than|but|except|besides|could|can)|"
    r"without (?:a )?(?:doubt|question)|"
    r"can(?:not|['’]t) (?:but|help)|never ?mind|no\. ?(?=\d)|not? (?:[a-z]+ly )?(?:in)?(?:correct|wrong|false)\b)"
    r"|(?:was|is|were|did|does|do|has|had)(?:n['’]t| not) (?:\w+ ){0,6}?(?:until|till|before)\b"
    r"|\bn['’]t (?:only|just|merely|simply|until|before)\b",
    re.I,
)
_DENIAL = (
    r"(?:\b(?:not|never|neither|nor|cannot|by no means|in no way|no longer|nowhere near|hardly|nearly|almost|"
    r"barely|scarcely|(?:would|should|could|might) have (?=\w+(?:ed|en|un|ne|wn)\b)|"
    r"doubt(?:s|ed)? (?:that|if|whether|it)|none of|called off|"
    r"(?:was|were|is|are) (?:supposed|meant|expected) to|"
    r"rather than|instead of|as opposed to|(?:any|every)(?:thing|one|where|body)? (?:other than|except)|far from|"
    r"other than|apart from|except(?: for)?|besides|den(?:y|ies|ied)(?: that)?|"
    r"(?:wrong|false|untrue|incorrect|a mistake|a myth|a misconception|wrong to (?:say|claim|think)|mistaken) that|"
    r"fail(?:s|ed)? to|refuse[sd]? to|it is (?:wrong|false|untrue|incorrect))\b|(?<=[a-z])n['’]t\b)"
)
_DENIES = re.compile(_DENIAL, re.I)
_TURNS_BACK = re.compile(
    r"\b(?:but(?! (?:also|not|never))|rather|it['’]s|it is|they are|however|instead(?! of))\b|;", re.I
)
_BOUNDARY = re.compile(
    r"[;:!?\n]\s?|\.(?=\s|\Z)|,\s(?:and|but|so|yet|it|he|she|they|which|who|while|whereas|the|this|that|we|i|thus|"
    r"hence|therefore)\b|\s[—–-]\s|\s(?:and|but|because|since|so|while|whereas|although|though|hence|thus|therefore)\s",
    re.I,
)
_FRONTED = re.compile(r"\A[^,]{0,80},\s", re.S)
# What denies the truth behind it, in the same clause.
_BEHIND = re.compile(
    r"\A\W{0,3}(?:(?:is|are|was|were|do|does|did|has|had|can|could|will|would|should)(?:\s+(?:not|never)\b|n['’]t\b)"
    r"(?!\s(?:only|just|until|before|merely|simply))|can(?:not|['’]t)\b|(?:\w+\W+){0,2}?(?:is|are|was|were|would be)\s"
    r"(?:the\s|an?\s)?(?:wrong|false|incorrect|untrue|mistaken)\b|"
    r"(?:\w+\W+){0,3}?(?:should|would|could|might) have been\b)",
    re.I,
)
_BEHIND_ANY = re.compile(r"\b(?:wrong|false|incorrect|untrue|mistaken|can['’]t|have been)\b|\?", re.I)
_CAUSE = re.compile(r"\s(?:because|due to|owing to|since|as a result of)\s", re.I)
_UNDONE = re.compile(r"(?:\b(?:not|never|almost|nearly|hardly)|n['’]t)\s+(\w+)", re.I)
_LATER = re.compile(r"(?:\b(?:not|never)|n['’]t)\s+(?!only\b|just\b|until\b)(\w+)(?:\s+(\w+))?", re.I)
_WORDS = re.compile(
    r"\b(?:no|not|never|neither|nor|none|cannot|without|except|unless|fail\w*|refus\w*)\b|n['’]t\b", re.I
)
_MATH = re.compile(
    r"\$[^$]{1,500}\$|\\\(.{1,500}?\\\)|\\\[.{1,500}?\\\]|\\boxed\{|(?<![A-Za-z'’])[^\sA-Za-z.,;:!?'’\"()]", re.S
)


# What a contrast sets aside, and what an exception or a delay only stresses.
_CONTRAST = re.compile(
    r"(?:\b(?:not|never)|(?<!\bca)(?<!\bwo)(?<!\bsha)n['’]t)\s(?!only|just|merely|simply)([^.;:!?]{1,80}?),?\sbut"
    r"(?: rather| instead)?\s(?!also|not|never|only|it\b|he\b|she\b|they\b|then\b|that\b)",
    re.I,
)
_SET_ASIDE = re.compile(r"\A[Nn]ot\s(?=[A-Z])([^.;:!?]{1,80}):\s(?=(?:the|it)\s)")  # not A, nor B: the author is C
_NONE_BUT = re.compile(
    r"\b(?:none|no one|no-one|nobody|nothing|no \w+|never anything|n['’]t any\w*) (?:(?:else|other) (?:than|but)|but|"
    r"except)\s",
    re.I,
)
_DELAYED = re.compile(r"(?:\bnot|n['’]t)\s((?:(?!\bnot\b)[^,.;:]){0,60}?)\b(?:until|till)\s(?=[^,.;:]{0,12}\d)", re.I)
_INSTEAD = re.compile(r",\s(?:and |but )?not\s|,?\s(?:rather than|instead of|as opposed to)\s", re.I)
_ANY_BUT = re.compile(r"\b(?:any|every)(?:thing|one|body|where)?(?: [a-z]+)? but\b|\ball but\b", re.I)


def settled(text: str, asked: Asked) -> str:
    """Return a text without what it sets its answer against: not A but B is B, none other than B too.

    Unchanged where the question or the truth itself denies.
    """
    if len(text) > MAX_TEXT or not _WORDS.search(text) or any(map(_WORDS.search, (asked.question, *asked.forms))):
        return text
    text = _NONE_BUT.sub("", text)
    if asked.kind == "date":
        text = _DELAYED.sub(r" \1 in ", text)
    if not any(" but " in form for form in asked.forms):
        truths = [set(bare(folded(form))) for form in asked.forms]
        for contrast in (_CONTRAST, _SET_ASIDE) if asked.kind == "name" else (_CONTRAST,):
            text = contrast.sub(lambda m: m[0] if any(t <= set(folded(m[1])) for t in truths) else " ", text).strip()
    if asked.kind == "expression":
        head = _INSTEAD.split(text, maxsplit=1)[0]
        text = head if _MATH.search(head) else text
    return text


def denied(text: str, asked: Asked) -> bool:
    """Tell whether every mention of the truth stands under a denial that neither truth nor question has."""
    if len(text) > MAX_TEXT or not any(p.search(text) for p in (_DENIES, _ANY_BUT, _BEHIND_ANY)):
        return False
    if _WORDS.search(asked.question) or any(_WORDS.search(form) or _DENIES.search(form) for form in asked.forms):
        return False
    text, places = _places(text, asked)
    text = _ANY_BUT.sub(lambda m: f"{'not':<{len(m[0])}}", text)
    text = _IDIOM.sub(lambda m: "x" * len(m[0]), text)
    found = list(places)[:MAX_PLACES]
    cause = _CAUSE.search(text)  # it was almost cancelled because of a storm
    undone = _UNDONE.search(text, 0, cause.start()) if cause else None
    if undone and any(among(w, content(asked.question)) for w in content(undone[1])):
        return True
    return bool(found) and all(_under(text, start, end, content(asked.question)) for start, end in found)


def unsaid(text: str, asked: Asked) -> bool:
    """Tell whether an answer says the question's words again without the denial that the question has.

    Only its last sentence asks: a word problem tells much before that did not happen.
    """
    query = _SENTENCE.split(asked.question.strip()[-MAX_TEXT:])[-1]
    if not _ASKS_NOT.search(query):
        return False
    for form in asked.forms:
        text = re.sub(re.escape(form), " ", text, flags=re.I)
    if _NEGATIVE.search(text):
        return False
    truth = content(" ".join(asked.forms))
    matter = content(query) - kind(query) - truth
    said = content(text) - truth
    again = [among(w, said) for w in matter if w not in TURNING]
    return bool(again) and sum(again) >= min(MIN_AGAIN, len(again))


def _under(text: str, start: int, end: int, matter: frozenset[str]) -> bool:
    """Tell whether what stands in front of a place, or right behind it, in its clause denies it."""
    at = max((m.end() for m in _BOUNDARY.finditer(text, 0, start)), default=0)
    if _DENIES.search(text, start, end):
        return True
    front = text[at:start]
    for last in list(_DENIES.finditer(front))[-1:]:
        if not _TURNS_BACK.search(front, last.end()) and "," not in front[last.end() :].rstrip(", "):
            return True
    stop = _BOUNDARY.search(text, end)
    if stop and stop[0][0] == "?":
        return True  # 14 lamps were lit?
    behind = text[end : stop.start() if stop else len(text)].partition(" (")[0]
    again = _LATER.search(behind)  # 14 lamps were not lit
    return bool(_BEHIND.match(behind)) or (
        again is not None and any(among(w, matter) for w in content(again[0]) - TURNING)
    )


def _places(text: str, asked: Asked) -> tuple[str, Iterator[tuple[int, int]]]:
    """Return the text as it was read, and where the truth stands in it."""
    if asked.kind == "date":
        text = plain(text)
        truths = [d for d in map(date, map(plain, asked.forms)) if isinstance(d, Date)]
        if truths:
            found = [f for f in dates(text) if any(supports(d, t) for d in f.dates for t in truths)]
            return text, iter([(f.start, f.end) for f in found])
    if asked.kind in ("integer", "number"):
        wanted = [q for form in asked.forms if (q := true_quantity(form, asked))]
        text, quantities_ = quantities(text)
        whole = asked.kind == "integer"
        same = [q for q in quantities_ if any(equality(t, q, whole) == "equal" for t in wanted)]
        return text, iter([(q.start, q.end) for q in same])
    if asked.kind == "expression":
        return text, _formulas(text)
    return text, _worded(text, asked)


def _formulas(text: str) -> Iterator[tuple[int, int]]:
    """Yield the last formula of a text."""
    marked = [m for m in _MATH.finditer(text) if len(m[0]) > 1]
    first = marked[-1] if marked else _MATH.search(text)
    if first:
        yield first.start(), first.end() if marked else len(text)


def _worded(text: str, asked: Asked) -> Iterator[tuple[int, int]]:
    """Yield where the words of the truth stand in a row; of a list, its first element that is said."""
    for form in asked.forms:
        parts = [p.strip() for p in re.split(r"[;,]", form)] if asked.kind == "list" else [form]
        for part in parts:
            words = [w for w in re.findall(r"\w+", part) if w.lower() not in ("the", "a", "an")] or [part]
            found = False
            for between in (r"\W+(?:(?:the|an?)\W+)?", r"\W+(?:\w+\W+){0,2}?"):  # in a row, else with a word between
                pattern = between.join(map(re.escape, words[:30]))
                if asked.kind == "name" and len(words) > 1:
                    pattern = rf"{pattern}|{re.escape(words[-1])}"
                for m in re.finditer(rf"(?<!\w)(?:{pattern})", text, re.I):
                    found = True
                    yield m.span()
                if found:
                    break
