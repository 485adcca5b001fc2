"""Readings: the parts of a sentence that may be the answer it gives, from all of it to its predicate."""

import re
from collections.abc import Iterator

from udfs.grading.honesty import withdraws
from udfs.grading.list_forms import adds
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, TURNING, folded, stem

_REASON = re.compile(
    r",?\s(?:because|since|as (?:it|he|she|they|this|the)|due to the fact|given that|which|who|where|whereas|"
    r"while|weil|"
    r"so that|in order)\b|;\s|\s[—–]\s|\s-\s|\.\s+(?=[A-Z])",
)
_CLAUSE = re.compile(r",\s(?=(?:[a-z]+\s){2})")  # what a lower-case clause adds
_RELATIVE = re.compile(r",\s(?:which|who|where)\s")
# The main clause of a sentence: behind what is conceded or said of the circumstances, or what follows from the rest.
_CONCEDED = re.compile(r"\A(?:even though|although|though|while|whereas|despite)\s[^,]{3,150},\s(?=\S)", re.I)
_HEARSAY = r"some|other|many|legend|tradition|popular"
_DOUBTFUL = "origin|initial|former|previous|suppos|alleg|reported|arguab|presumab|hopeful|hypoth|appar"
_CIRCUMSTANCE = re.compile(
    r"\A(?:(?:based on|according to|in terms of|in|by|during|on|at|as of|for|after|among|within|from|using|given)\s"
    rf"(?!{_HEARSAY})(?:[^,:]|,(?=\d)){{1,80}}|(?!{_DOUBTFUL})[a-z]{{4,}}ly|today|here),\s(?=\S)",
    re.I,
)
_INSERTED = re.compile(r",\s(?:in|at|on|a|an|the|who|which|born|from|now|also|located|then)\s[^,]{1,80},\s(?=[a-z])")
_CONSEQUENCE = re.compile(
    r"[,;.]?\s(?:and\s)?(?:so|thus|hence|therefore|which (?:means|gives|yields)(?: that)?|giving|gives|yielding|yields|"
    r"we (?:get|obtain))"
    r",?\s(?=\S)",
    re.I,
)
_RESTATED = re.compile(
    r",?\s\(?(?:i\.e\.|that is(?: to say)?,|namely|in other words|(?:also |better |otherwise )?(?:known|called) as|"
    r"also called|a\.?k\.?a\.?),?\s(?!the (?:other|new|second|next)\b)",
    re.I,
)
_NOT_QUITE = re.compile(r"\W*not (?:really|quite|exactly|entirely|sure)\b", re.I)
_NUMERO = re.compile(r"\bNo\.\s?(?=\d)")
_ASIDE = re.compile(r"\s?\([^()]{1,150}\)")
_GENERIC = re.compile(
    r"\A(?:an?|the)?\s?(?:process|phenomenon|concept|principle|mechanism|practice|term|notion|technique) of\s(?=\S)",
    re.I,
)
# What a date is set against: three years after work began in 1928.
_BESIDE_DATE = re.compile(
    r",?\s(?:(?:\w+\s){1,3}(?:years?|months?|weeks?|days?|decades?|centuries|century)\s)?(?:after|before|following)\s"
)
_CONTESTED_WORDS = (
    "some other others say says source sources claim claims record records corrected revised actual later"
)
_CONTESTED = frozenset(_CONTESTED_WORDS.split())
_BUT = re.compile(r"\b(?:but|however|while|whereas|although|though|yet|or|aber|mais|pero)\b", re.I)
_RELATION_WORDS = """
friend rival brother sister son daughter father mother wife husband student teacher pupil mentor colleague assistant
successor predecessor critic follower opponent enemy cousin uncle nephew neighbour neighbor descendant ancestor
"""
_RELATIONS = frozenset(_RELATION_WORDS.split())  # someone's friend is someone else
MAX_DESCRIBED = 3  # words of a description such as Nobel laureate
_JOINS = frozenset({"and", "or", "und", "et", "with"})
_PLACE_WORDS = "before after near outside inside beyond behind above below against far close long then beside opposite"
# In front of a name these say that something else is meant: near Amsterdam, before Newton.
_PLACED = (FUNCTION | TURNING | frozenset(_PLACE_WORDS.split())) - frozenset({"a", "an", "the"})
_DOUBTS = frozenset({"may", "might", "could", "maybe", "perhaps", "possibly", "instead", "wrong", "false", "incorrect"})
_TIMES = "before after when while until later earlier because since"
_EXPLAINING = (FUNCTION | frozenset(_TIMES.split())) - frozenset({"and", "et", "y", "e", "und", "both", "also", "as"})
_OPEN_LABELS = "possible candidate candidates option options guess guesses hint likely previous incorrect alternatives"
_NO_LABELS = frozenset(_OPEN_LABELS.split())
_LABEL = re.compile(r"\A[^\W\d][\w ]{0,30}:\s+(?=\S)")  # Conclusion: and the like
_COPULA = re.compile(
    r"\s(?:is|was|are|were|ist|war|est|était|es|era)\s"
    r"(?:(?:[a-z]+ly\s)?(?:considered|regarded|recogni[sz]ed|acknowledged)\s(?:to be|as)\s)?"
)
_MATH_SPAN = re.compile(r"\$\$?([^$]{1,500})\$\$?|\\\((.{1,500}?)\\\)|\\\[(.{1,500}?)\\\]", re.S)
_SPOKEN = re.compile(r"\s(?:is|equals|are|gives|be|becomes|to|by|as|at|ist|est)(?:\s(?:at|by|to))?\s|:\s")
_ROUNDED = re.compile(
    r"\s\(\s?(?:≈|\\approx|approx\.?|about|=|i\.e\.)[^()]{1,40}\)|\s\([\d.]+\s?(?:°|degrees)\)|"
    r"(?<=\d)\s(?:rad|radians|units)\b"
)
# Where a value is reached is not the value: the minimum is -4, attained at x = 2.
_PLACE = re.compile(
    r"(?<=\d),?\s(?:attained|reached|occurring|achieved|which occurs|at|when)\s(?:at\s|when\s)?\$?[a-z]\s?="
)
_MEMBER = re.compile(r"\$\s*[A-Za-z]\s*(?:\\in|∈|\\neq?|≠)")
_STEP = re.compile(
    r"[,;.]?\s(?:so|hence|thus|therefore|i\.e\.|that is|which (?:is|gives|means|simplifies to)|giving|yield(?:s|ing)|"
    r"simplif(?:y|ies|ying) to|equivalently|and so)[,:]?\s|"
    r"\s*(?:\\(?:Rightarrow|implies|Longrightarrow)(?![A-Za-z])|[⇒⟹])\s*|\A[A-Z][A-Za-z' –-]{2,60},\s(?=\S)",
    re.I,
)
_FOR = re.compile(r",\s(?:for|where|if|when|with|provided)\s")
_ALL = re.compile(r"\A(?:it holds )?(?:for|when|if) (?:all )?", re.I)
_CONDITION = re.compile(r",?\s(?:for|where|when|if|with|provided|whenever)\s")
_WHERE = re.compile(r"[,;.]?\s(?:where|with|in which|here)\s", re.I)
_SYMBOL = re.compile(r"\s*[A-Za-z\\][A-Za-z\\_{}\d]{0,12}\s*")
# A role in front of a name: the Colombian author Gabriel García Márquez.
_ROLE = re.compile(
    r"\A(?:[Tt]he |[Aa]n? )?(?:[A-Z][a-z]+(?:an|ish|ese|ch|i)(?:-[A-Za-z]+)? )?"
    r"(?:(?!(?:not|of|and|or|both)\b)[a-z-]+ ){1,3}(?=[A-Z])"
)
_MEANS = re.compile(
    r"\s(?:calls?\s(?:it|this|that)|by|via|through|using|called|named|known as)\s(?:the process of |a process called )?"
)
_PLACED_AT = re.compile(r"(?:in|at|on)\s", re.I)
_OF_WHOLE = re.compile(r"\sof\s(?:the|his|her|its|their)\s")  # in the attic of the house
_PASSIVE = re.compile(r"\s(?:is|was|are|were|been)\s[a-z-]+\sby\s")
_NOT_OTHER = re.compile(
    r",\s(?:and |but )?(?:not|nicht|et non|unlike)\s|,?\s(?:rather than|instead of|as opposed to)\s", re.I
)


def readings(text: str, asked: Asked) -> Iterator[str]:
    """Yield the answer, then without what it says it is not, without the reason it gives, and its predicate."""
    yield text
    if asked.kind == "expression":
        more = _formulas(text)
    elif asked.kind == "code":
        label, _, said = text.partition(": ")
        more = iter(() if "\n" in label else (said,))
    else:
        more = _shorter(text, asked)
    seen = {text, ""}
    for reading in more:
        if reading not in seen:
            seen.add(reading)
            yield reading


def _shorter(text: str, asked: Asked) -> Iterator[str]:
    short = _NOT_OTHER.split(text, maxsplit=1)[0]
    if short.strip() and short != text:
        yield short
    for clause in _clauses(short, asked):
        yield from _said(clause, asked)


def _clauses(text: str, asked: Asked) -> Iterator[str]:
    """Yield the sentence, then its main clause, what follows from it, and either side of `that is`."""
    yield text
    for pattern in (_CONCEDED, _CIRCUMSTANCE):
        found = pattern.match(text)
        if found and asked.kind != "list":  # whose commas stand between its elements
            yield text[found.end() :]
    so = list(_CONSEQUENCE.finditer(text))[-1:]
    if so and so[0].start():
        yield text[so[0].end() :]
    again = _RESTATED.search(text)
    if again and again.start():
        yield text[: again.start()]
        yield text[again.end() :].rstrip(")")


def _said(text: str, asked: Asked) -> Iterator[str]:
    """Yield a clause, its shorter forms, and what each of them says."""
    worded = asked.kind in ("name", "phrase")
    placed = asked.kind == "phrase" and any(_PLACED_AT.match(form) for form in asked.forms)
    for form in dict.fromkeys((text, *_cuts(text, asked))):
        yield form
        if placed:
            yield from _predicates(_OF_WHOLE.split(form)[0], asked.question)
        generic = _GENERIC.match(form) if worded else None
        if generic:
            yield form[generic.end() :]
        if asked.kind == "name":
            yield from _described(form)
        if worded:
            yield from _subject(form, asked.question)
            yield from _predicates(form, asked.question)


def _cuts(short: str, asked: Asked) -> Iterator[str]:
    """Yield a clause without the reason, bracket or further clause that explains it, and without its label."""
    for cut in (_REASON.search(short), re.search(r"\s\(", short), _CLAUSE.search(short)):
        rest = short[cut.start() :] if cut else ""
        # Another number behind the clause may be another answer.
        counts = asked.kind in ("integer", "number", "date") and not rest.startswith(" (")
        more = (counts and re.search(r"\d", rest)) or (asked.kind == "list" and adds(rest, asked))
        if cut and short[: cut.start()].strip() and _prose(rest) and not more:
            yield short[: cut.start()]
    label = _LABEL.match(short) or _asked_label(short, asked.question)
    letter = label and asked.kind == "choice" and len(label[0].strip(" :")) == 1
    if label and not letter and not set(folded(label[0])) & (TURNING | _NO_LABELS):
        yield short[label.end() :]
    if asked.kind in ("integer", "number"):
        yield short.partition(": ")[0]
    if asked.kind in ("name", "phrase"):
        for aside, left in ((_ASIDE, ""), (_INSERTED, " ")):
            told = aside.search(short)
            if told and not set(folded(_NUMERO.sub("", told[0]))) & (TURNING | _DOUBTS | _CONTESTED):
                yield short[: told.start()] + left + short[told.end() :]
    if asked.kind == "date":
        beside = _BESIDE_DATE.search(short)
        words = set(folded(short[beside.start() :])) if beside else set()
        if beside and re.search(r"\d", short[: beside.start()]) and not words & (TURNING | _CONTESTED):
            yield short[: beside.start()]


def _asked_label(text: str, question: str) -> re.Match[str] | None:
    """Return a label of the question's own words or year: 1902: X."""
    label = re.match(r"[\w ]{1,40}:\s+(?=\S)", text)
    return label if label and set(folded(label[0])) <= set(folded(question)) else None


def _subject(text: str, question: str) -> Iterator[str]:
    """Yield who does what the question asks: Isaac Newton of `Isaac Newton formulated the laws in his Principia`."""
    deeds = {stem(w) for w in folded(question) if w not in FUNCTION}
    words = text.split()
    for at, word in enumerate(words[:7]):
        if at and word[:1].islower() and stem("".join(folded(word))) in deeds:
            if not set(folded(text)) & (TURNING | _RELATIONS):
                yield " ".join(words[:at])
            return


def _named(text: str) -> Iterator[str]:
    """Yield a name without the role in front of it."""
    role = _ROLE.match(text)
    if role and not set(folded(re.sub(r"\A(?:[Tt]he|[Aa]n?)\s", "", role[0]))) & _PLACED:
        yield text[role.end() :]


def _described(text: str) -> Iterator[str]:
    """Yield a name without the role in front of it, or the description behind it: X, the German physicist."""
    yield from _named(text)
    head, comma, tail = text.partition(", ")
    words = tail.split()
    described = bool(words) and words[-1][0].islower() and (words[0][0].islower() or len(words) <= MAX_DESCRIBED)
    if comma and described and not set(folded(tail)) & (TURNING | _JOINS):
        yield head


def _prose(rest: str) -> bool:
    """Tell whether what is cut off explains the answer: a sentence or bracket, no further guess and no contrast."""
    dash = re.match(r"\s[—–-]\s[a-z]", rest) and len(rest.split()) > 3 and not re.search(r"\s[—–-]\s", rest[3:])
    explains = rest.lstrip().startswith("(") or dash or any(w in _EXPLAINING for w in folded(rest))
    doubts = set(folded(rest)) & _DOUBTS or _NOT_QUITE.match(rest) or withdraws(rest.lstrip(".,;: "))
    contrast = _BUT.search(rest.replace("while", "") if _RELATIVE.match(rest) else rest)
    return bool(explains) and not doubts and not contrast


def _formulas(text: str) -> Iterator[str]:
    """Yield the formula of a sentence: the last one between dollar signs, or what follows `is` or a colon."""
    bare = _PLACE.split(_ROUNDED.sub("", text))[0]
    if bare != text:
        yield bare
    text = bare
    marked = list(_MATH_SPAN.finditer(text))
    where = _WHERE.search(text, marked[0].end()) if marked else None
    if where:  # where $m$ is the mass
        told = [m for m in marked if m.start() > where.start()]
        if all(_SYMBOL.fullmatch(next(part for part in m.groups() if part)) for m in told):
            marked = marked[: len(marked) - len(told)]
    if len(marked) > 1 and _MEMBER.match(text, marked[-1].start()):
        marked.pop()  # $C \in \mathbb{R}$
    if len(marked) > 1 and _CONDITION.match(text, marked[-2].end()):
        marked.pop()  # for |r| < 1
    if marked:
        yield next(part for part in marked[-1].groups() if part)
    if not marked:
        yield from _unconditioned(text)
    for pattern in (_SPOKEN, _STEP):
        spoken = pattern.split(text)
        if len(spoken) > 1:
            yield spoken[-1]


def _unconditioned(text: str) -> Iterator[str]:
    """Yield a formula without the condition behind it, or the words in front: x/(x + 1), for x ≠ 0."""
    short = _FOR.split(text)[0]
    if short.strip() and (short != text or _ALL.match(text)):
        yield _ALL.sub("", short)
    if _WHERE.search(text):
        yield _WHERE.split(text)[0]


def _predicates(text: str, question: str) -> Iterator[str]:
    """Yield what a sentence on the question's matter says: X of `its author is X`, `X is its author`, `made by X`."""
    matter = {w for w in folded(question) if w not in FUNCTION}
    for split in (
        *list(_COPULA.finditer(text))[:2],
        *list(_PASSIVE.finditer(text))[:1],
        *list(_MEANS.finditer(text))[-1:],
    ):
        before, after = text[: split.start()], text[split.end() :]
        for rest, part in ((before, after), (after, before)):
            words = set(folded(rest))
            strange = words - matter - FUNCTION - {stem(w) for w in words & matter}
            strange = {w for w in strange if stem(w) not in {stem(m) for m in matter}}
            known = words & matter or (rest is before and len(words - FUNCTION) <= 1)
            if part.strip() and known and len(strange) <= 1 and not words & (TURNING | _RELATIONS):
                yield part
                yield from _named(part)
