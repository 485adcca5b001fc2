"""Support: whether the evidence says the answer, as the kind of answer that it is."""

import re
from itertools import product

from udfs import phrases, typed
from udfs.dates import Date
from udfs.options import elements, options

_SCALES = (
    (re.compile(r"\b(?:Milliarden?|milliards?|miliard[io]|mil\s+millones|miljard|Mrd\.?)(?!\w)"), "billion"),
    (
        re.compile(r"\b(?:Millionen|millions|mill[oó]n(?:es)?|milion[ei]|milh(?:ão|ões)|miljoen|Mio\.?)(?!\w)"),
        "million",
    ),
    (re.compile(r"\b(?:[Tt]ausend|mille|mila|mil|duizend|Tsd\.?)(?!\w)"), "thousand"),
)
ASKED_OF_A_MODEL = frozenset({"boolean", "expression", "code"})  # no rule reads these off a sentence


def supported(form: str, kind: str, unit: str | None, source: str, passage: str) -> bool:
    """Tell whether the evidence (`source`) says this form of the answer, perhaps more exactly or spelled otherwise.

    A person or body may be named in part, where the passage has the name in full.
    """
    source = _scaled(phrases.spaced(source))
    if kind == "list":
        return all(_item(element, source, passage) for element in elements(form))
    if kind == "date" and isinstance(typed.value(form, kind, unit), Date):
        return typed.supported(form, kind, unit, source) or _apart(form, source)
    if kind in (*typed.NUMERIC, "date") and typed.value(form, kind, unit) is not None:
        return typed.supported(form, kind, unit, source)
    # What is not of its type fails for that; here only whether the words stand there.
    return phrases.stands_in(form, source) or (kind == "name" and _named(form, source, passage))


def chosen(question: str, answer: str, source: str) -> bool:
    """Tell whether the evidence does not speak against a choice: it holds the option, or no other one either.

    `Did it rise or fall?` may be answered from `it fell`, `it sank` or `it was lower`; which, the check call sees.
    """
    said, *others = options(question, answer)
    return phrases.stands_in(said, source) or not any(phrases.stands_in(o, source) for o in others)


def _scaled(text: str) -> str:
    """Return the text with the scale words of other languages in English, as numbers are read."""
    for pattern, english in _SCALES:
        text = pattern.sub(english, text)
    return text


def _item(element: str, source: str, passage: str) -> bool:
    if phrases.stands_in(element, source) or _named(element, source, passage):
        return True
    return any(typed.supported(element, kind, None, source) for kind in ("number", "date"))


def _named(form: str, source: str, passage: str) -> bool:
    if phrases.named_in(form, source):
        return True
    short = {phrases.surname(form), phrases.acronym(form)} - {""}
    whole = phrases.stands_in(form, passage) or phrases.named_in(form, passage)
    return whole and any(phrases.has_word(word, source) for word in short)


def _apart(form: str, source: str) -> bool:
    """Tell whether day and month stand in one place and the year in another: `In 1990 … on 12 March`."""
    wanted = typed.value(form, "date", None)
    if not isinstance(wanted, Date) or wanted.year is None or wanted.month is None:
        return False
    found = [d for d in typed.values_in(source, "date") if isinstance(d, Date) and not d.grain]
    days = [d for d in found if d.year is None and (d.month, d.day) == (wanted.month, wanted.day)]
    years = [d for d in found if d.month is None and d.year == wanted.year]
    return any(True for _ in product(days, years))
