"""Statements: whether a sentence gives the truth as its answer, told by where the truth stands in it."""

import functools
import json
import re
from pathlib import Path

from udfs.grading.parts import TRUTH, Sentence, marked, parsed
from udfs.grading.spans import spans
from udfs.grading.verdict import Asked
from udfs.grading.words import focus, folded, stem

MAX_TEXT = 600  # characters; what is longer argues, and does not state
MAX_PLACES = 3  # mentions of the truth

_START = (
    r"(?:^|^PD?[ZoP]*Z,?|^[PY][DUQZ]{1,3}(?=IB)|(?<=[;.:K])|(?<=,)|(?<=[GQ]R)|"
    r"(?<=CA)|(?<=C)|(?<=KA)|(?<=,A)|(?<=^A)|(?<=A,))"
)
# What may stand in front of a name: the Colombian author, President, Russia's.
_ROLE = r"(?:(?:[XxJMQ]s)?[DJ]{1,2}[AUQGZJ]{0,3}|(?:[XxJMQ]s)?[AQGZJ]{0,3}|(?:^|(?<=[BYPo,;:.]))U{1,2})"
_KNOWN = "DBIPSoYRAQMGZJLC:-"
# The truth is not the owner, nor one of several, nor the beginning of a longer name or term.
_AFTER = r"T(?!s|,?O|,?C(?![BLAIQGF])|[XxUZTM]|,[DJ]*[XMJ](?:[,CO.]|$))"
_APPOSED = r"(?:,[^,;.:KNOTV]{1,14},|[Po][DJ]*[XQUM]{1,2})?"


def stated(text: str, asked: Asked) -> str:
    """Return what a sentence does with the truth: `right`, `passing`, `denied`, `contested`, or nothing certain.

    It may say that the truth is the answer, mention it in passing, or set something against it.
    """
    if len(text) > MAX_TEXT:
        return ""
    name = asked.kind == "name"
    if name and _WHOSE.match(asked.question):
        text = re.sub(r"['’]s?(?!\w)", "", text)  # whose it is, is whom it is of
    text = _UNLIKE.sub(lambda m: "" if set(folded(m[1])) <= set(folded(asked.question)) else m[0], text)
    sentence = parsed(_placed(quiet(text), asked) if name else quiet(text), asked.question)
    if sentence is None:
        return ""
    places = spans(sentence, asked.forms, asked.question, name)
    if not places and not name and spans(sentence, asked.forms, asked.question, name, turned=True):
        return "denied"  # honesty is not the best policy
    if not places or len(places) > MAX_PLACES:
        return ""
    said = {_judged(_alone(sentence, places, n), asked) for n in range(len(places))}
    return next(
        (one for one in ("contested", "right", "denied", "passing") if one in said and said <= {one, "", "right"}), ""
    )


def _placed(text: str, asked: Asked) -> str:
    """Drop the country behind a place: Addis Ababa, Ethiopia; where a country is asked it is another answer."""
    if _countries() & set(asked.forms):
        return text
    return _COUNTRY.sub(lambda m: "" if m[1] in _countries() else m[0], text)


@functools.cache
def _countries() -> frozenset[str]:
    listed = json.loads((Path(__file__).resolve().parents[1] / "demonyms.json").read_text("utf-8"))
    return frozenset(listed)


_WHOSE = re.compile(r"\s*whose\b", re.I)
_COUNTRY = re.compile(r"(?<=[a-z]), ([A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=\W*\Z|,)")
_SUPPOSED = re.compile(r"\b(?:said|thought|believed|supposed|claimed|held) to (?:be|have)\b", re.I)
_ROLE_ONLY = re.compile(r"DX[UQ]{1,2}T\.?")
_UNLIKE = re.compile(r"\A(?:Unlike|In contrast to|Compared (?:to|with))\s([^,]{1,40}),\s")  # what the question has
_EXAMPLES = re.compile(r",?\s(?:such as|for example|for instance|e\.g\.)\s[^.;,]*")
_GIFT = re.compile(r"\b(gift|donation|bequest|present|legacy|endowment|idea|invention|work|contribution) from\b", re.I)
_DEED_OF = re.compile(r"B[DAJ]*[QH]o[DJ]*T")  # was a gift of, is the work of
_ONES = re.compile(r"\bone['’]s\b", re.I)
_TWO_TIMES = re.compile(r"\b(two|2|one|1) times?\b", re.I)
_THAN_ANY = re.compile(r"\b(?:more|[a-z]{3,}er)\b([^.;,]{0,30}?) than (?:any|all|every)(?: other)?", re.I)
_BRACKETED = re.compile(r"\s?\((?![^()]*\b(?:not|no|or|wrong|incorrect|maybe|perhaps)\b)[^()]{0,200}\)")


def _alone(sentence: Sentence, places: list[tuple[int, int]], nth: int) -> Sentence:
    """Return the sentence with the truth at one of its places, and as any word at the others."""
    for n in range(len(places) - 1, -1, -1):
        sentence = marked(sentence, *places[n], TRUTH if n == nth else "U")
    return sentence


def quiet(text: str) -> str:
    """Return a sentence without its marks, and without brackets that turn nothing round."""
    text = _ONES.sub("their", text).replace(" as well as ", " and ").replace(" & ", " and ")
    text = _TWO_TIMES.sub(lambda m: "twice" if m[1].lower() in ("two", "2") else "once", text)
    text = _GIFT.sub(r"\1 of", _EXAMPLES.sub("", text))
    text = _THAN_ANY.sub(r"most\1 of all", _SUPPOSED.sub("allegedly", text))
    return _BRACKETED.sub("", text).replace("**", "").replace("__", "").replace("*", "").replace('"', "")


def _judged(sentence: Sentence, asked: Asked) -> str:
    letters, name = sentence.letters, asked.kind == "name"
    at = letters.index(TRUTH)
    clause = re.split(r"[;.K]|,(?=C|K)", letters[:at])[-1]
    against = _against(sentence, letters, at, asked)
    if against:
        return against
    behind = letters[at:].split("S")[0]
    if "?" in letters or re.search("[WN]", clause) or re.search("[NOW]", behind):
        return ""
    owner = re.search("Qo[DJ]*T", letters) if name and not _DEED_OF.search(letters) else None
    if owner and not {stem(w) for w in sentence.tokens[owner.start()].words} & focus(asked.question):
        return ""  # the laws of Newton; but the city of Amsterdam
    if name and _ROLE_ONLY.fullmatch(letters) and not sentence.tokens[at - 1].words[0].endswith(("ed", "es")):
        return "right"  # the Renaissance artist X
    frames = _NAME_FRAMES if name else _TERM_FRAMES
    return "right" if any(frame.search(letters) for frame in frames) else ""


def _against(sentence: Sentence, letters: str, at: int, asked: Asked) -> str:
    """Return what speaks against the truth as the answer: it is in passing, contested or denied; else nothing."""
    name = asked.kind == "name"
    if _PASSING.search(letters) or (name and _FRONTED.search(letters)):
        return "passing"
    if _contradicted(letters[at + 1 :], sentence):
        return "contested"
    if _DENIED.search(letters):
        return "denied"
    verb = sentence.tokens[at - 1].words if at else ()
    if name and _OBJECT.match(letters) and _does(verb, asked.question):
        return "passing"  # GitHub bought Microsoft, where it is asked who bought it
    beside = _HEADED.search(letters) or _JOINED.search(letters) or (name and _RIVALLED.search(letters))
    return "passing" if beside else ""


def _does(words: tuple[str, ...], question: str) -> bool:
    """Tell whether this word is what the question asks who did."""
    asked = _WHO_DID.match(question)
    return asked is not None and bool(words) and stem(words[0]) in {stem(w) for w in folded(asked[1])}


def _contradicted(after: str, sentence: Sentence) -> bool:
    """Tell whether what follows sets something against the truth, or answers the question once more."""
    for clause in re.findall(r"K[^K;.]*|[;.][^K;.]+", after):
        if clause[0] == "K":
            word = sentence.tokens[len(sentence.tokens) - len(after) + after.index(clause)].words[0]
            conceded = word in ("although", "though") and not re.search("[QWNO]|I.*[XxM]", clause)
            if word not in ("while", "whereas") and not conceded:
                return True
        if clause[0] == "." and re.match(r"\.[^BLQGI]*[XxM]", clause) and not re.search("[BLQGI]", clause):
            return True
        if re.search(r"Q.*B|[XxU].*B.*Q", clause) and not re.match(r"[;.]\s?[ID]?B", clause):
            return True
    return False


_FRONTED = re.compile(r"^[PA]*P[DJ]*T,[^TB]*[XxM]A*[BLUQG]")  # for Darwin, Wallace wrote it
_DENIED = re.compile(r"[NV][^;.,:K]{0,8}T|T[^;.,:KTXx]{0,8}N(?![DP]?[XxU])")
# Another name is what the sentence is about, and the truth only part of what is said of it.
# A fragment that names another thing, and the truth only in what it adds: By bicycle, followed by bus.
_OBJECT = re.compile(r"^D?[QMXx]+QT")
_WHO_DID = re.compile(r"\W*(?:who|which [\w-]+|what) ((?!did|does|do|is|are|was|were|has|have|had)[a-z]+)\b", re.I)
_JOINED = re.compile(r"^[DPYA]*T,?C[DA]*[UXxM]+$|^[DPYA]*[UXxM]+,?C[DA]*T$")  # the heart and the lungs
_HEADED = re.compile(r"^[A,]*[DPYJAUGQo]*[XxMU][DPYJAUQGo]*,(?:R|[UGvVFHE][YPo])[^,;.]*T$")
_RIVALLED = re.compile(
    r"^(?!DX[AUQGZ]{1,3}T)[DAJUQG]{0,4}[Xx](?:,[^GTCO]*|[AULQBDPJG]*[UQL][DPJ]*)(?<!G)(?<!GP)T(?![,]?R)"
)
_PASSING = re.compile(r"Eo[DJ]*T|T(?:s[AUQJGZ]*E)|N[DP]*T|[Vv][DPJ]*T")


def _frames(role: str, after: str, rivals: str) -> tuple[re.Pattern[str], ...]:
    truth = role + after
    return tuple(
        re.compile(pattern)
        for pattern in (
            # It was X (who …).
            rf"{_START}[AK]*[IRD]B[AGP]*{truth}",
            # The author of the book is X: a subject of the question's words, or of words that only point.
            rf"{_START}(?=[^;.KNBT]*[QGI])(?:[DQMPoGAIRLsJZH]|PX|U(?!Q))+B[AGPR]*{truth}",
            # X is the author; X, born in 1900, is the author.
            rf"{_START}{truth}{_APPOSED}BA*[GDPo]*A*[QM]",
            # X wrote the book; X, who wrote the book.
            rf"{_START}{truth}{_APPOSED},?R?[BLAG]*[DPI]*[QM]",
            # X came first. She is the founder.
            rf"^(?:P[^,;.TN]{{1,9}},)?{role}T(?!s)[^.N]*\.IBA*[GDPo]*A*[QM][^.]*\.?$",
            # X did so.
            rf"^{truth}L[SIA]?(?:$|[.,P])",
            # The ellipses were X's discovery.
            rf"{_START}[^;.KNBTXx]*[QGIDR]B[AGP]*[IGZ]?o?{role}Ts[AJ]*[HQ](?:$|[,.PR])",
            # The book was written by X; the book is a novel by X.
            rf"{_START}[A]*[DPoAQMGZJL]*[QMGI][DQMPoAGZL]*(?:B[DA]*[UQGo]{{0,3}})?[QMGUH][PZAQM,]*Y{truth}",
            rf"[QM][LGQ]Y{truth}",
            # The organ was a gift of X.
            rf"{_START}(?=[^;.KNBT]*[QGI])[DAQMGIL]+B[DAJ]*[QH]oD?{truth}",
            rf"{_START}[^;.KNTXx]{{0,12}}[QMGH][PZAQM]*YP{truth}",
            # A description, X.
            rf"^D?[XJx]?s?[JUAQGZ]{{1,5}},{truth}$",
            # She published her second novel, X.
            rf"(?:^|[^NWV])D[QA]{{0,2}}Q,{truth}\.?$",
            # The process, known as X, …
            rf"{_START}[DQMI]+[QMI],?R?B?G[PD]*{truth}",
            # Nothing but the question's words and words that only point in front of it.
            rf"^(?!A*P{role}T,[^T]*[Xx])[{_KNOWN}]*{truth}(?=$|[,;:.PSRQGY-]|A+(?:$|[,;.]))"
            rf"(?![,;:.-][A,]*[{rivals}][^BLGIR]*$)(?!.*[,;.][A]*[Xx][BLU])",
        )
    )


_NAME_FRAMES = _frames(_ROLE, _AFTER, "XxM")
_TERM_FRAMES = _frames("(?:D?[XxQM]s)?[DA]*", r"T(?!s|,?O|,?C(?![BLAIGF])|[XxUZTo])", "XxMU")
