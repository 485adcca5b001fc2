"""Normal forms: spellings of one answer share theirs, other answers do not, and what fits no type has none."""

import pytest

from udfs.grading.kinds import KINDS
from udfs.grading.normal import normal

SAME = [
    ("integer", "", ["4779736", "4,779,736", "4 779 736", "4.779736 million"]),
    ("integer", "", ["seven", "7", "7.0"]),
    ("number", "km", ["12", "12 km", "12,000 m", "12000 metres"]),
    ("number", "million euros", ["3.2", "3.20", "3.2 million", "3.2 million euros"]),
    ("number", "", ["0.5", "1/2", "\\frac{1}{2}", "one half"]),
    ("date", "", ["July 20, 1969", "20 July 1969", "1969-07-20", "20.07.1969"]),
    ("date", "", ["44 BC", "44 BCE"]),
    ("date", "", ["1914-1918", "from 1914 to 1918", "1914–18"]),
    ("date", "", ["19th century", "the nineteenth century"]),
    ("name", "", ["Albert Einstein", "Einstein, Albert", "Dr. Albert Einstein"]),
    ("name", "", ["Henry VIII", "King Henry the Eighth"]),
    ("phrase", "", ["the Blue-Green algae", "blue green algae"]),
    ("boolean", "", ["yes", "True", "Yes."]),
    ("choice", "", ["too small", "Too small."]),
    ("expression", "", ["\\frac{a}{1 - r}", "$\\dfrac{a}{1-r}$"]),
    ("list", "", ["red; green", "green, red", "Green and red"]),
    ("code", "", ["f( 'x' )", 'f("x")', "`f('x')`"]),
]
UNFIT = [
    ("integer", "7.5"), ("integer", "some"), ("number", "between 5 and 7"), ("number", "Paris"), ("date", "Paris"),
    ("date", "soon"), ("boolean", "Paris"), ("boolean", "yes and no"), ("list", "red"), ("phrase", " "),
    ("phrase", "word " * 200), ("colour", "red"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "unit", "spellings"), SAME)
def test_spellings_share_their_form(kind: str, unit: str, spellings: list[str]) -> None:
    forms = {normal(text, kind, unit) for text in spellings}
    assert len(forms) == 1
    assert None not in forms


def test_different_answers_differ() -> None:
    for kind in KINDS:
        forms = [normal(texts[0], kind, unit) for k, unit, texts in SAME if k == kind]
        assert forms
        assert len(set(forms)) == len(forms)
    assert normal("44 BC", "date") != normal("44 AD", "date")
    assert normal("12 km", "number") != normal("12 kg", "number")


@pytest.mark.parametrize(("kind", "text"), UNFIT)
def test_what_fits_no_type_has_none(kind: str, text: str) -> None:
    assert normal(text, kind) is None


@pytest.mark.parametrize("text", ["\\frac{a", "x +", "it depends on the case", "(a + b"])
def test_what_is_no_formula_has_no_normal_form(text: str) -> None:
    assert normal(text, "expression") is None
