"""Names: people with titles, initials and suffixes in any order, bodies with acronyms, places and works."""

import re
from typing import NamedTuple

from udfs.grading.signs import marks
from udfs.grading.verdict import Outcome, Verdict, best
from udfs.grading.words import FUNCTION, TURNING, focus, folded, same, singular

_TITLE_WORDS = """
mr mrs ms miss dr doctor prof professor sir dame lord lady saint st president king queen emperor empress prince princess
general captain colonel major admiral lieutenant sergeant pope senator reverend rev father brother sister chancellor
minister prime judge justice count countess duke duchess baron baroness herr frau monsieur madame mme hon governor mayor
chairman secretary bishop archbishop cardinal sultan shah tsar czar kaiser first us american british former the
ss hms uss rms mv commander corporal private marshal brigadier constable inspector detective canon abbot
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_PARTICLE_WORDS = "van von der den de da di del della du la le al el bin ibn ben zu dos of the"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SUFFIXES = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "senior": "sr",
    "phd": "",
    "md": "",
    "esq": "",
    "obe": "",
    "frs": "",
}
_FORMS = "inc incorporated ltd limited corp corporation co company llc plc gmbh ag sa nv bv"
LEGAL = frozenset(_FORMS.split())
_MOUNTAINS = frozenset({"mountain", "peak", "volcano"})
_SHORT = {
    "mt": "mount",
    "st": "saint",
    "ft": "fort",
    "univ": "university",
    "dept": "department",
    "intl": "international",
    "bros": "brothers",
}
_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii"
_ROMANS = {numeral: n + 1 for n, numeral in enumerate(_NUMERALS.split())}
_NTH = re.compile(
    r"\bthe (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d{1,2}(?:st|nd|"
    r"rd|th))\b",
    re.I,
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_NUMBERS = {word: n + 1 for n, word in enumerate(_ORDINALS.split())}
_NICKNAMES = """
william bill will billy willy|robert bob rob bobby|richard rick dick richie|james jim jimmy jamie|john johnny jack
joseph joe joey|thomas tom tommy|edward ed eddie ted ned|charles charlie chuck|michael mike mick|david dave
daniel dan danny|anthony tony|benjamin ben|samuel sam|elizabeth liz beth betty lizzie|katherine kate cathy kathy katie
margaret maggie peggy meg|alexander alex|andrew andy|christopher chris|matthew matt|nicholas nick|steven steve stephen
theodore ted teddy|frederick fred freddie|francis frank|ronald ron|donald don|gerald gerry|lawrence larry
abraham abe|albert al bert|harold harry hal|henry hank harry|patricia pat|susan sue|deborah debbie|rebecca becky
"""
_NICK: dict[str, set[int]] = {}
for _n, _group in enumerate(_NICKNAMES.replace("\n", "|").strip("|").split("|")):
    for _name in _group.split():
        _NICK.setdefault(_name, set()).add(_n)
_POINTING = frozenset(("that", "this", "it", "those", "his", "her", "their", "was", "is", "by", "in"))
_JOINED = re.compile(r"\s(?:and|und|et|y|e|or|&)\s|;|/", re.I)
_NUMBERED = re.compile(r"\s[IVX]+\Z")
_DENIALS = frozenset({"wrong", "incorrect", "false", "no"})
# Whom a middle name tells from somebody as well known without it: given name, initials, family name.
_NAMESAKES = frozenset({"john q adams", "michael b jordan", "george w bush", "george h w bush"})
_BRACKETED_GIVEN = re.compile(r"\S+ \(([^\W\d]+)\) (\S+)\Z")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{1,100})[)\]]")


_DEGREE = re.compile(r",?\s(?:M\.\s?D|Ph\.\s?D|[BM]\.\s?[AS]c?|D\.\s?Sc|LL\.\s?[BDM]|M\.\s?P|Q\.\s?C)\.?\Z")


class Name(NamedTuple):
    """A name's words in their usual order, without titles; its suffix and number apart."""

    words: tuple[str, ...]
    suffix: str
    number: int
    prose: bool = False  # words that no name has stand among capitalised ones


def compare(said: str, truth: str, question: str) -> Verdict:
    """Compare two names; `wrong` only where they clearly name two: another given name, number or suffix."""
    said, truth = said[:300], truth[:300]
    if same(said, truth):
        return Verdict("right", "same_name")
    if len({marks(_BRACKETS.sub("", name)) for name in (said, truth)}) > 1:
        return Verdict("undecided", "other_marks")  # C# is not C
    inside = _BRACKETS.search(said)
    if (_JOINED.search(said) and not _JOINED.search(truth)) or (inside and set(folded(inside[1])) & _DENIALS):
        return Verdict("undecided", "several_names")
    outside = _BRACKETS.sub("", said)
    if inside and outside.strip():
        return _bracketed(said, inside[1], truth, question)
    return _plain(said, truth, question)


def _bracketed(said: str, inside: str, truth: str, question: str) -> Verdict:
    """Compare a name that says itself again in brackets: short, in full, or with its years."""
    outside = _BRACKETS.sub("", said)
    verdict = _plain(outside, truth, question)
    if verdict.outcome != "right" and _BRACKETED_GIVEN.match(said):
        verdict = best([verdict, _plain(_BRACKETED_GIVEN.sub(r"\1 \2", said), truth, question)])  # Lev (Leo) Tolstoy
    part = verdict.rule in ("given_names", "same_person")
    if verdict.outcome != "right" and (part or _acronym(inside, outside) or _acronym(outside, inside)):
        return compare(inside, truth, question)
    return verdict


def _plain(said: str, truth: str, question: str) -> Verdict:
    if " of " not in truth and _NUMBERED.search(truth):
        said = re.sub(r"\sof(?: the)? [A-Z]\w+(?: [A-Z]\w+)?\Z", "", said)  # Louis XVI of France
    if _same_body(said, truth, question) or _acronym(said, truth) or _acronym(truth, said):
        return Verdict("right", "same_body")
    verdict = _people(parsed(said), parsed(truth))
    place = verdict.outcome == "wrong" and same(said.partition(",")[0], truth)  # New Delhi, India: no given name
    return Verdict("undecided", "more_is_said") if place else verdict


def _same_body(said: str, truth: str, question: str) -> bool:
    """Tell whether two names differ only in legal forms, abbreviations, and words for the kind of thing asked."""
    kind = focus(question) | LEGAL
    kind |= {"mount"} if kind & _MOUNTAINS else set()

    def body(text: str, dropped: frozenset[str]) -> tuple[str, ...]:
        words = tuple(_SHORT.get(w, w) for w in folded(text) if w not in ("the", "of"))
        return tuple(w for w in words if singular(w) not in dropped) or words

    x, y = body(said, LEGAL), body(truth, LEGAL)
    return same(" ".join(x), " ".join(y)) or (
        bool(kind) and same(" ".join(body(said, kind)), " ".join(body(truth, kind)))
    )


def _acronym(short: str, full: str) -> bool:
    """Tell whether the short form is made of the initials of the full one; two letters prove too little."""
    letters = short.strip().removeprefix("the ").replace(".", "")
    words = [
        w for w in re.findall(r"[^\W\d_]+", full) if w.lower() not in ("of", "the", "and", "for", "in", "on", "de")
    ]
    return (
        len(letters) >= 3
        and letters.isupper()
        and letters.isalpha()
        and letters == "".join(w[0] for w in words).upper()
    )


def parsed(text: str) -> Name:
    """Return a name in its usual order, without titles."""
    text = _DEGREE.sub("", text)
    head, comma, tail = text.partition(",")
    given = folded(tail)
    plain = len(given) <= 4 and not any((w in FUNCTION and len(w) > 1) or w in TURNING for w in given)
    if comma and given and plain and not all(w in _SUFFIXES for w in given) and "," not in tail:
        text = f"{tail} {head}"
    text = _NTH.sub(lambda m: f" #{_nth(m[1])} ", text)
    words: list[str] = []
    suffix, number = "", 0
    for raw in re.findall(r"#\d+|[^\W_]+(?:['’-][^\W_]+)*", text):
        word = "".join(folded(raw)) or raw
        if raw[0] == "#":
            number = int(raw[1:])
        elif words and word in _ROMANS and raw.isupper() and (len(word) > 1 or text.rstrip().endswith(f" {raw}")):
            number = _ROMANS[word]
        elif word in _SUFFIXES and words:
            suffix = _SUFFIXES[word] or suffix
        elif (
            raw.isupper()
            and 2 <= len(raw) <= 3
            and not words
            and word not in _TITLES
            and not re.search(r"[AEIOUY]", raw)
        ):
            words += list(word)  # JRR as J. R. R.
        else:
            words.append(word)
    while len(words) > 1 and words[0] in _TITLES and words[1] != "of":
        words.pop(0)
    return Name(tuple(words), suffix, number, _prose(text))


def _prose(text: str) -> bool:
    words = re.findall(r"(?<![^\W_])[^\W\d_]+", text)
    lower = [w for w in words if w[0].islower() and w not in _PARTICLES and w not in _TITLES]
    return bool(lower) and any(w[0].isupper() for w in words)


def _nth(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word[:-2])


def _people(said: Name, truth: Name) -> Verdict:
    x, y = (tuple(w for w in name.words if w not in _PARTICLES) or name.words for name in (said, truth))
    if not x or not y:
        return Verdict("undecided", "no_name")
    if _other_number(x, y):
        return Verdict("wrong", "other_number")
    if x == y or _turned(x, y) or same(" ".join(x), " ".join(y)):
        return _suffixed(said, truth)
    if set(x) & _POINTING - set(y) or _namesake(x, y):
        return Verdict("undecided", "other_name")
    if (said.prose and not truth.prose) or (x[-1] != y[-1] and not same(x[-1], y[-1])):
        return Verdict("undecided", "other_name")
    outcome: Outcome = _given(x[:-1], y[:-1]) if len(x) > 1 and len(y) > 1 else "undecided"
    return _suffixed(said, truth) if outcome == "right" else Verdict(outcome, "given_names")


def _namesake(x: tuple[str, ...], y: tuple[str, ...]) -> bool:
    """Tell whether one of two names lacks the middle name that the other is known by."""
    short, long = sorted((x, y), key=len)
    return len(short) == 2 < len(long) and " ".join((long[0], *(w[0] for w in long[1:-1]), long[-1])) in _NAMESAKES


def _turned(x: tuple[str, ...], y: tuple[str, ...]) -> bool:
    """Tell whether one name is the other with its family name in front; given names keep their order."""
    return len(x) == len(y) and any(x[n:] + x[:n] == y for n in range(1, len(x)))


def _other_number(x: tuple[str, ...], y: tuple[str, ...]) -> bool:
    """Tell whether two names differ in their digits only: Apollo 11 and Apollo 13."""
    digits = [{w for w in words if w.isdigit()} for words in (x, y)]
    return digits[0] != digits[1] and set(x) - digits[0] == set(y) - digits[1]


def _suffixed(said: Name, truth: Name) -> Verdict:
    if said.number != truth.number:
        return Verdict("wrong" if said.number and truth.number else "undecided", "other_number")
    if said.suffix and truth.suffix and said.suffix != truth.suffix:
        return Verdict("wrong", "other_suffix")
    # A Jr. that the truth does not have may be the son.
    return Verdict("undecided" if said.suffix and not truth.suffix else "right", "same_person")


def _given(x: tuple[str, ...], y: tuple[str, ...]) -> Outcome:
    """Compare given names from the first on; the shorter list may lack later ones."""
    for position, (a, b) in enumerate(zip(x, y, strict=False)):
        initial = len(a) == 1 or len(b) == 1
        if a == b or same(a, b) or (initial and a[0] == b[0]):
            continue
        groups = _NICK.get(a, set()), _NICK.get(b, set())
        if groups[0] & groups[1]:
            if len(groups[0] | groups[1]) > 1:
                return "undecided"  # Harry is Henry or Harold
            continue
        close = a[:3] == b[:3] and not initial  # Alexandr and Aleksandr, Catherine and Catharina
        return "undecided" if close or (position > 0 and not initial) else "wrong"
    shorter, longer = sorted((x, y), key=len)
    # One initial alone against several given names proves the initial only.
    return "right" if shorter and longer else "undecided"
