"""Leaks: whether a question gives its answer away, word for word or so that anybody can derive it."""

import json
import re
from functools import cache
from importlib import resources

from udfs import phrases, typed
from udfs.options import elements, enumerated, offers
from udfs.text import fold_space

_GIVEN = re.compile(r"`[^`]*`|\$[^$\s][^$]*\$")  # numbers in code or a formula are what is asked about
_QUALIFIED = re.compile(r"\b(?:early|mid|late|spring|summer|autumn|fall|winter)\b", re.I)
_BOUND = r"\s.,;:?!()\"'“”‘’$`"


def leaked(question: str, form: str, kind: str, unit: str | None) -> str | None:
    """Return what in the question gives this form of the answer away; None where nothing does.

    Nothing can in a yes-no question, nor where the answer is one of the options that the question spells out.
    """
    if kind == "boolean" or (kind == "choice" and offers(question, form)):
        return None
    if kind in (*typed.NUMERIC, "date"):
        return _value(question, form, kind, unit)
    if kind == "list":
        return _list(question, form)
    if kind == "expression":
        hit = len(form) > 2 and not form.isdigit() and _verbatim(form, question, rf"[{_BOUND}]")
        return form if hit else None
    if kind == "code":
        return form if len(form) > 1 and _verbatim(form, question, r"\W") else None
    return phrases.gives_away(form, question, inflected=kind != "name") or _derived(question, form)


def _value(question: str, form: str, kind: str, unit: str | None) -> str | None:
    if kind == "date" and _QUALIFIED.search(form):  # spring 1990 is not given away by 1990
        return phrases.gives_away(form, question)
    return form if typed.stated(form, kind, unit, phrases.spaced(_GIVEN.sub(" ", question))) else None


def _list(question: str, form: str) -> str | None:
    """Single elements are often given, and all of them where the question offers more to choose from."""
    parts = elements(form)
    given = bool(parts) and all(phrases.gives_away(part, question) for part in parts)
    return form if given and not enumerated(question, parts) else None


def _verbatim(form: str, question: str, bound: str) -> bool:
    """Tell whether the form stands in the question letter for letter, with `bound` or nothing beside it."""
    wanted = re.escape(fold_space(form).strip("$` "))
    return bool(re.search(rf"(?:^|{bound}){wanted}(?:{bound}|$)", fold_space(question)))


# --- derived

_ASKS_PLACE = re.compile(
    r"\b(?:which|what)\s+(?:\w+\s+){0,2}?(?:country|nation|state|city|empire|kingdom|continent|island|region|province)\b"
    r"|^(?:from\s+)?where\b",
    re.I,
)
_ELSEWHERE = re.compile(r"\b(?:Native|Latin|North|South|Central|East|West)[\s-]$")  # South American is not American
_ASKS_PERSON = re.compile(r"\b(?:who|whom|whose)\b|\bafter\s+which\s+(?:person|scientist|man|woman)\b", re.I)
_KIN = re.compile(
    r"\b(?:brothers?|sisters?|sons?|daughters?|father|mother|wife|husband|family|cousin|uncle|aunt|nephew|niece|"
    r"grand\w+|married|marry|spouse|widow|siblings?|parents?|child(?:ren)?|dynasty|house|namesake|relatives?|twins?|"
    r"ancestors?|descendants?|clan|heir|born)\b",
    re.I,
)
_ADJECTIVE = "(?:'s|’s|ian|ean|an|ism|ist|ists|ians|ite|ites)?"
MIN_NAME = 5  # letters of a name whose adjective counts: shorter ones begin too many other words


def _derived(question: str, form: str) -> str | None:
    """Return the word that anybody derives the answer from: `Newtonian` for Newton, `French` for France."""
    if _ASKS_PLACE.search(question):
        for word in _demonyms().get(form.removeprefix("the ").casefold(), ()):
            found = re.search(rf"\b{word}s?\b", question)
            if found and not _ELSEWHERE.search(question[: found.start()]):
                return found.group()
    last = phrases.surname(form)
    if not last or not _ASKS_PERSON.search(question) or _KIN.search(question):
        return None
    ending = _ADJECTIVE if len(last) >= MIN_NAME else "(?:'s|’s)?"
    # After another name it is somebody else's, or a place's: `San Marino`, `John Adams`.
    found = re.search(rf"(?<![A-Z.]\s)(?<!\w)(?<![A-Za-z]-)({re.escape(last)}{ending})\b", question)
    if not found or re.search(r"[A-Z][\w.’'-]*\s$", question[: found.start()]):
        return None
    return found.group(1)


@cache
def _demonyms() -> dict[str, tuple[str, ...]]:
    """Return the adjectives of countries and the like, by the place's name in lower case."""
    listed = json.loads((resources.files("udfs") / "demonyms.json").read_text("utf-8"))
    return {place.casefold(): tuple(words.split()) for place, words in listed.items()}
