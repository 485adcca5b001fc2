"""An output earns a reward for the one answer it commits to: not for one of several, nor for one it sets aside."""

import pytest

from udfs.reward import grade

CAPITAL = "What is the capital of France?"
LETTERS = "Which is it? A) red B) green C) blue"


def verdict(kind: str, truth: str, said: str, question: str = "", aliases: tuple[str, ...] = ()) -> str:
    extra = {"answer_type": kind, "question": question, "aliases": list(aliases)}
    return grade("x", said, truth, extra)["verdict"]


SET_ASIDE = [
    ("name", "Paris", CAPITAL, [
        "It is not **Paris**, it is London.", "London rather than **Paris**", "I do not know, maybe **Paris**?",
        "Could be **Paris**, London, Rome, Berlin or Madrid.", "Not **Paris** but London.", "Hardly **Paris**.",
        "It may be __Paris__ or London.", "Everywhere except **Paris**",
    ]),
    ("integer", "12", "How many apples does John have?", [
        "John has 13, not **12**.", "At least **12**", "More than **12**", "-**12**", "**12** thousand", "**12**.5",
        "**12** million apples",
    ]),
    ("number", "12", "", ["At least **12**", "-**12**", "**12**.5", "**12**%"]),
    ("date", "1914", "When did the war begin?", ["Before **1914**", "Not **1914** but 1915", "After **1914**"]),
    ("boolean", "yes", "Is the earth flat?", ["Some say **yes**, but no."]),
    ("choice", "B", LETTERS, ["It is A, not **B**", "All but **B**", "It is not this one: **B**"]),
    ("choice", "B", "", ["It is A, not **B**", "All but **B**"]),
    ("expression", "2x", "", ["3 - **2x**", "1 + **2x**"]),
]  # fmt: skip
STANDS_OUT = [
    ("name", "Paris", CAPITAL, [
        "It is **Paris**.", "The capital of France is **Paris**.", "The capital is **Paris**, not Lyon.", "**Paris**",
        "It is not Lyon. The capital is **Paris**.",
    ]),
    ("integer", "12", "How many apples does John have?", [
        "John has **12** apples.", "There are **12** in all.", "If you take 3 of 15 away, he has **12** apples.",
    ]),
    ("choice", "B", LETTERS, ["It is not red and blue is too dark: **B**", "The answer must be **B**."]),
    ("boolean", "no", "Is the earth flat?", ["Some say yes, but the answer is **no**.", "**No**, it is round."]),
    ("expression", "2x", "", ["So it is **2x**."]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "truth", "question", "outputs"), SET_ASIDE)
def test_bold_within_a_sentence_does_not_hide_what_the_sentence_says(
    kind: str, truth: str, question: str, outputs: list[str]
) -> None:
    assert not [said for said in outputs if verdict(kind, truth, said, question) == "right"]


@pytest.mark.parametrize(("kind", "truth", "question", "outputs"), STANDS_OUT)
def test_bold_marks_the_answer_of_a_sentence(kind: str, truth: str, question: str, outputs: list[str]) -> None:
    assert not [said for said in outputs if verdict(kind, truth, said, question) != "right"]
