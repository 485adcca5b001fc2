"""Framing: what a sentence says without its asides, by its place in a sequence, or as the reason that is asked for."""

import re
from collections.abc import Iterator

from udfs.grading import coordinated
from udfs.grading.clausal import among, content, kind
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, TURNING, folded

MAX_TEXT = 500  # characters
MAX_ASIDE = 8  # words

CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_CONTRACTED = re.compile(r"\b(ca|wo|sha)n['’]t\b|\bcannot\b|(?<=[a-z])n['’]t\b", re.I)
_IN_FULL = {"ca": "can not", "wo": "will not", "sha": "shall not"}
_DENIES = re.compile(r"\bnot\b|\bcannot\b|n['’]t\b", re.I)
_ASIDE = re.compile(
    r",\s(?:first of all|of course|indeed|however|in fact|it (?:turn|seem|appear)\w*|it is said|so to speak|to|as|"
    r"after|by|with|during|despite|according to|apparently|finally|then|later|\w+ly|in|at|on|from|"
    r"for)\b[^,;.:()\d]{0,60},\s",
)
_WHY = re.compile(
    r"\W*(?:why\b|for what reason|(?:what|which) (?:was|is|were|are) the (?:reason|cause)|what caused)", re.I
)
_BECAUSE = re.compile(
    r",?\s(?:because of|because|due to|owing to|thanks to|on account of|as a result of|as a consequence of|for fear of|"
    r"since)\s(?!of\b)",
    re.I,
)
_REASON = re.compile(
    r"\A(.{3,150}?)\s(?:was|were|is|are)\s(?:the|one|its|their|a)\s(?:main |only |real |actual )?(?:reason|cause|"
    r"explanation)s?\b(?:\s(?:for|of|behind|why)\s(.*))?\Z",
    re.I,
)
_LAST = re.compile(r"\b(?:last|finally|lastly|in the end|at the end)\b", re.I)
_FIRST = re.compile(r"\b(?:first|firstly|initially|to begin with|at the (?:start|beginning))\b", re.I)
_THEN = re.compile(
    r"\b(?:then|next|afterwards?|after that|second(?:ly)?|followed by|and (?:finally|lastly|last))\b", re.I
)
_AT_LAST = re.compile(
    r"(?:\A|[,;.]\s|\s)(?:and\s)?(?:finally|lastly|last of all|last|at last|in the end)[,:]?\s"
    r"(?!\w+(?:ed|s)\s(?:the|a)\b)([^,;.]{2,120})\W*\Z",
    re.I,
)
_AT_FIRST = re.compile(
    r"\A\W*(?:firstly|first of all|first)[,:]?\s([^,;.]{2,120}?)(?:,?\sthen|,?\sand then|,|;|\.)\s", re.I
)
_INVERTED = re.compile(r"\A([^,;.:]{3,60}),\s([\w-]+(?:\s(?:and\s)?[\w-]+)?)\Z")


def full(text: str) -> str:
    """Return a text with its contracted denials in full and one kind of quotes: aren't is are not."""
    text = text.translate(CURLY)
    return _CONTRACTED.sub(lambda m: _IN_FULL[m[1].lower()] if m[1] else "can not" if m[0][0] in "cC" else " not", text)


def denies(text: str) -> bool:
    """Tell whether a text holds a denial that may be contracted."""
    return bool(_DENIES.search(text))


def simpler(text: str, asked: Asked) -> Iterator[str]:
    """Yield what a sentence comes to: without asides, its last or first step, its reason, its words in their order."""
    if len(text) > MAX_TEXT or text.rstrip().endswith("?"):
        return
    bare = _without_asides(text, asked)
    if bare != text:
        yield bare
    halves = coordinated.told(text, asked.question)
    if halves:
        yield halves.asked
    if asked.kind == "name" and coordinated.unrelated(text) != text:
        yield coordinated.unrelated(text)
    if asked.kind != "phrase":
        return
    for form in dict.fromkeys((text, bare)):
        yield from _step(form, asked.question)
        if _WHY.match(asked.question):
            yield from _cause(form, asked)
    inverted = _INVERTED.match(text)
    if inverted and not set(folded(inverted[2])) & (FUNCTION | TURNING):
        yield f"{inverted[2]} {inverted[1]}"


def _without_asides(text: str, asked: Asked) -> str:
    """Drop what stands between two commas and only comments, with no word of the truth and no turn in it."""
    truth = content(" ".join(asked.forms))

    def dropped(m: re.Match[str]) -> str:
        words = folded(m[0])
        named = re.search(r"[A-Z]", m[0]) and not m[0].lower().startswith(", according")
        if len(words) > MAX_ASIDE or named or set(words) & (TURNING | truth | {"and", "also"}):
            return m[0]
        return " "

    return _ASIDE.sub(dropped, text)


def another_step(text: str, asked: Asked) -> bool:
    """Tell whether the step that the question asks for, the first or the last, is told without the truth."""
    steps = list(_step(text, asked.question))
    truth = content(" ".join(asked.forms))
    return bool(steps) and not any(among(w, content(step)) for step in steps for w in truth)


def _step(text: str, question: str) -> Iterator[str]:
    """Yield the last or the first of the steps that a sentence tells, where the question asks for it."""
    if not _THEN.search(text) or set(folded(text)) & TURNING:
        return
    if _LAST.search(question) and not _FIRST.search(question):
        found = _AT_LAST.search(text)
    elif _FIRST.search(question) and not _LAST.search(question):
        found = _AT_FIRST.search(text)
    else:
        return
    if found and not re.search(r"\b(?:and|or)\b", found[1]):
        yield found[1]


def _cause(text: str, asked: Asked) -> Iterator[str]:
    """Yield the reason that a sentence gives for what the question asks, all of whose words it has."""
    found = list(_BECAUSE.finditer(text))
    reason = _REASON.match(text)
    if reason and (not reason[2] or _tells(reason[2], asked)):
        yield reason[1]
    if len(found) == 1 and not set(folded(text)) & TURNING and _tells(text[: found[0].start()], asked):
        yield text[found[0].end() :]


def _tells(clause: str, asked: Asked) -> bool:
    """Tell whether a clause has all words of the question, but for a subject that a pronoun stands for."""
    said = content(clause)
    pointing = sum(w in ("it", "they", "he", "she", "this", "that", "them", "him", "her") for w in folded(clause))
    matter = [
        w for w in content(asked.question) - kind(asked.question) if w not in ("why", "reason", "cause", "caused")
    ]
    lacking = [w for w in matter if not among(w, said)]
    return len(lacking) <= pointing and len(lacking) < max(len(matter), 1)
