"""Contrasts: whether a clause speaks of the other side of what is asked, such as the end where the beginning is."""

import functools
import re

from udfs.grading.words import folded, stem

# A line for each matter, with what excludes one another on either side of a bar.
_SIDES = """
begin start commence open found launch | end finish close stop conclude
born birth | die death dead
win won winner victory | lose lost loser defeat
buy bought purchase | sell sold sale | return returned
arrive arrival reach | leave depart departure sail
long length | wide width breadth | high height tall | deep depth | thick thickness
old older former | new newer modern current
boy | girl
man men male | woman women female
mother | father
brother | sister
husband | wife
son | daughter
left remain remaining | eaten gone spent used given broken
maximum max largest highest most greatest biggest | minimum min smallest lowest least fewest
import | export
morning | noon | afternoon | evening | night midnight
north northern | south southern
east eastern | west western
pass passed | fail failed
ordinary common | leap
adult grown | child children baby babies infant newborn
summer | winter | spring | autumn
radius | diameter | circumference
gain profit | loss
income revenue | expense expenditure cost
rise increase grow growth gain climb raise | fall decrease decline drop shrink reduce cut lower
above | below
yes | no
elected inaugurated appointed | resigned resign retired retire
he him himself | she herself
give gave given leave | take took taken
derivative differentiate | integral antiderivative integrate
numerator | denominator
black | white | red | blue | green | yellow
perimeter | area | volume
mean average | median | mode
sum | difference | product | ratio quotient
"""
_TABLE: dict[str, list[tuple[int, int]]] = {}
for _n, _line in enumerate(_SIDES.strip().splitlines()):
    for _side, _words in enumerate(_line.split("|")):
        for _word in _words.split():
            _TABLE.setdefault(stem(_word), []).append((_n, _side))
_LAST = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_BOUNDARY = re.compile(r"[;:]\s|[.,]\s|\s(?:and|but|while|whereas|so|although)\s", re.I)


_ORDERS = re.compile(r"\A(?:give|take|add|find|state|name)\b", re.I)  # what to do says nothing on the matter


def contrary(text: str, at: int, question: str) -> bool:
    """Tell whether the clause around `at` has a word that excludes one of the question's, and not that one itself."""
    asked = _sides(_ORDERS.sub("", _LAST.split(question[:2000].strip())[-1]))
    if not asked:
        return False
    said = _sides(_clause(text, at))
    return any(matter in said and not said[matter] & sides for matter, sides in asked.items())


def opposed(text: str, one: int, other: int, question: str) -> bool:
    """Tell whether two values stand in clauses of which one says the opposite of the other: the old and the new tunnel.

    What the question itself speaks of tells them apart, and is no such matter.
    """
    asked = _sides(_LAST.split(question[:2000].strip())[-1])
    a, b = (_sides(_clause(text, at)) for at in (one, other))
    return any(not a[matter] & b[matter] for matter in set(a) & set(b) - set(asked))


def _clause(text: str, at: int) -> str:
    start = max((m.end() for m in _BOUNDARY.finditer(text) if m.end() <= at), default=0)
    behind = _BOUNDARY.search(text, at)
    return text[start : behind.start() if behind else len(text)]


@functools.lru_cache(maxsize=256)
def _sides(text: str) -> dict[int, set[int]]:
    out: dict[int, set[int]] = {}
    for word in folded(text):
        for matter, side in _TABLE.get(stem(word), ()):
            out.setdefault(matter, set()).add(side)
    return out
