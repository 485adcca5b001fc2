"""Enumerations: whether a sentence names all elements of the true list together, and nothing beside them."""

import re
from itertools import pairwise

from udfs.grading import list_forms
from udfs.grading.contrasts import contrary
from udfs.grading.parts import Sentence, marked, parsed
from udfs.grading.signs import marks
from udfs.grading.spans import spans
from udfs.grading.stated import quiet
from udfs.grading.verdict import Asked
from udfs.grading.words import FUNCTION, folded

MAX_TEXT = 800  # characters
MAX_ELEMENTS = 12

# What may stand between two elements: marks, `and`, the kind of thing asked, what is said of the one before.
_GAP = re.compile(
    r"[QG]{0,2}(?:\((?:[^;.KNT()]{1,12})\))?(?:[,;:./+=-]?[,;]?C?|A?,?C?A?|,[RP][^;.KNTO]{1,20},?C?|,D[AUJ]{0,3}[QG],C|"
    r"-[^;.KNTO]{1,12};?C?|A?Y|O|Q[vYPN])"
    r"[PY]?[DG]{0,2}(?:[UQ]o)?[JQ]?"
)
_FRONT, _GLUED = re.compile(r"(?<![\w)])[-−–√]+\Z"), re.compile(r"[-+#♯♭%]+(?!\w)")
# Between those of an order: followed by, second.
_NEXT = re.compile(r"(?:BA*[DQUZAP]{0,5})?,?C?(?:[Vv]Y|A|P|Z|U){0,2}D?")
_ORDINALS = "first|second|third|fourth|fifth|sixth"
_ORDINAL = re.compile(rf"(?:\s(?:comes?|came|is|was))?\s({_ORDINALS})\b(?=[,;. ]|\Z)", re.I)
# In front of the first: the question's words, words that only point, and one or two more, but no other element.
_BEFORE = re.compile(
    r"(?:^|.*[;.:])(?:[^;.:KNWOEVvT]{0,40},A*|A,)?"
    r"(?:[DBIPoYRAQMGZJLF-]|C(?=[BGL])|U(?![,O])){0,30}(?<!^U)(?<!^Uo)(?<![BDAGPY]U)(?<![MX,OC])(?<!,C)"
)
_BEHIND = re.compile(
    r"$|[.(](?!.*[NOKW])|[;:-](?=[^;]*[BLGIR])(?!.*[NOKW])|,?[RK](?!.*N)|,[PYAJG]|[PY]|[AD]*(?:[BL]|[QG])[^NWO]*[QG]|"
    r"[QG][QGIADPYZo]*(?:$|[.;,])|[IA](?:$|[.;,])"
)


# With words that neither the list nor the question has, these add to it.
_ADDING = frozenset({"with", "in", "alongside", "besides", "including", "then", "followed"})
_OTHERS = re.compile(r"[UXxM](?:,C?|C)[UXxM][^.;]*[.;]|^[DA]*U,A*$")  # others in front
_NAMED = re.compile(r"[.;][AC,]*(?:[DJ]*[UXxM][,C]*)+A*(?=[.;]|$)")  # and behind: green; pink
_DONE_BY = re.compile(r"A*B[^;.]*Y[^;.]*[UXxM]")  # A and B were founded by C


def enumerated(text: str, elements: list[str], asked: Asked, ordered: bool) -> bool:
    """Tell whether the sentence gives these elements, and these only, as its answer, in this order where one counts."""
    if len(text) > MAX_TEXT or not 2 <= len(elements) <= MAX_ELEMENTS or list_forms.adds(text, asked):
        return False
    sentence = parsed(_lined(quiet(_uncounted(text) if ordered else text)), asked.question)
    if sentence is None or "?" in sentence.letters:
        return False
    places = []
    for element in elements:
        name = element[:1].isupper() or not any(w not in FUNCTION for w in folded(element))
        found = spans(sentence, (element,), asked.question, name)
        if not found or marks(_with_marks(sentence, *found[0])) != marks(element):
            return False
        places.append(found[0])
    if ordered and places != sorted(places):
        return False
    places.sort()
    if len({first for first, _ in places}) < len(places) or not _adjoining(sentence, places, ordered):
        return False
    return _stands(marked(sentence, places[0][0], places[-1][1]), elements, asked)


def _with_marks(sentence: Sentence, first: int, last: int) -> str:
    """Return the text of some tokens with the marks glued to them: -3, C#."""
    start, end = sentence.tokens[first].start, sentence.tokens[last].end
    front, behind = _FRONT.search(sentence.text[:start]), _GLUED.match(sentence.text, end)
    return (front[0] if front else "") + sentence.text[start:end] + (behind[0] if behind else "")


def _uncounted(text: str) -> str:
    """Return the text without ordinals that only number its elements from the first on."""
    told = [m[1].lower() for m in _ORDINAL.finditer(text)]
    return _ORDINAL.sub("", text) if len(told) > 1 and told == _ORDINALS.split("|")[: len(told)] else text


def _lined(text: str) -> str:
    """Return the text with its lines and bullets as the parts of one sentence."""
    text = re.sub(r"\n\s*(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+", " ; ", f"\n{text}").strip(" ;\n")
    return re.sub(r"\s*\n\s*", " ; ", text)


def _adjoining(sentence: Sentence, places: list[tuple[int, int]], ordered: bool) -> bool:
    letters = sentence.letters
    if any(_owned(sentence, a[1] + 1, b[0]) for a, b in pairwise(places)):
        return False
    gaps = [letters[a[1] + 1 : b[0]] for a, b in pairwise(places)]
    return all(gap and gap != "P" and (_GAP.fullmatch(gap) or (ordered and _NEXT.fullmatch(gap))) for gap in gaps)


def _owned(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether a further thing stands in front of an element: stone, and its railings of wood."""
    return any(
        a.letter == "D" and a.words[:1] not in (("a",), ("an",)) and b.letter == "U" and c.letter == "o"
        for a, b, c in zip(*(sentence.tokens[start + n : end] for n in range(3)), strict=False)
    )


def _more(sentence: Sentence, at: int) -> bool:
    """Tell whether a `with` or `in` behind the list brings in what neither it nor the question has."""
    behind = [t for t in sentence.tokens[at + 1 :] if t.letter != ","][:6]
    opens = [w for t in behind[:2] for w in t.words]
    adds = opens == ["but", "also"] or (bool(set(opens[:1]) & _ADDING) and opens != ["in", "addition"])
    return adds and any(t.letter in "UXxM" for t in behind)


def _stands(sentence: Sentence, elements: list[str], asked: Asked) -> bool:
    letters = sentence.letters
    if contrary(sentence.text, sentence.tokens[letters.index("T")].start, asked.question):
        return False  # the days when it is open, where it is asked when it is closed
    before, _, behind = letters.partition("T")
    if elements[0][:1].isupper():
        before = re.sub(r"(?<=D)[UJ]{1,2}$", "", before)  # the astronomers A and B
    if _OTHERS.search(before) or _NAMED.search(behind) or _DONE_BY.match(behind) or _more(sentence, letters.index("T")):
        return False
    if re.search("[NWEVvO]", before) or not _BEFORE.fullmatch(before) or not _BEHIND.match(behind):
        return False
    if not re.search("[QGBL]", re.split("[;.]", behind)[0]) and re.search("[;.][^;.]*[XxUM][^;.]*Q", behind):
        return False  # another sentence answers the question
    # An element said again elsewhere: what is said of each may be, or a second list.
    again = [e for e in elements if spans(Sentence("", sentence.tokens), (e,), asked.question, False)]
    return not again or len(again) == len(elements)
