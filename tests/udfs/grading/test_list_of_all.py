"""A list is right with all its elements and no others, wherever the others stand."""

import pytest

from udfs.reward import grade

COLOURS = "Which colours does the flag have?"


def verdict(truth: str, said: str, question: str) -> str:
    return grade("x", said, truth, {"answer_type": "list", "question": question})["verdict"]


@pytest.mark.parametrize("question", [COLOURS, ""])
@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ("red; blue", "red; blue. green; pink"), ("red; blue", "The colours are red and blue. Green and pink."),
        ("red; blue", "red, blue. Also green"), ("red; blue", "The flag is red and blue. It also has green."),
        ("red; blue", "red and blue, with green and pink"), ("red; blue", "red and blue (and green)"),
        ("red; blue", "red and blue (green too)"), ("red; blue", "red, blue. And green."),
        ("red; blue", "red and blue, as well as green"), ("red; blue", "red and blue, plus green"),
        ("red; blue", "red and blue, but also green"), ("red; blue", "red and blue, followed by green"),
        ("red; blue", "red and blue, in green"), ("red; blue", "green, then red and blue"),
        ("red; blue", "It is red and blue. It is green and pink."),
        ("red; blue", "The colours are red and blue; the colours are green and pink."),
        ("red; blue", "It is green and pink. It is red and blue."), ("red; blue", "red blue and green"),
        ("red; white; blue", "First: green, black, pink. Second: red, white, blue"),
        ("red; white; blue", "red, white, blue (and green)"), ("red; white; blue", "red, white, blue. Then green."),
        ("Alice; Bob", "Alice and Bob were founded by Carol and Dan"),
    ],
)  # fmt: skip
def test_more_than_the_list_is_not_the_list(truth: str, said: str, question: str) -> None:
    assert verdict(truth, said, question) != "right"


def test_who_was_founded_is_not_who_founded() -> None:
    said = "Alice and Bob were founded by Carol and Dan."
    assert verdict("Alice; Bob", said, "Who founded the company?") != "right"
    assert verdict("Alice; Bob", said, "Which firms were founded by Carol and Dan?") == "right"


@pytest.mark.parametrize(
    "said",
    [
        "red and blue", "The flag is red and blue.", "- red\n- blue", "red and blue, with red on top",
        "The colours are red and blue. The flag was adopted in 1900.", "red (left) and blue (right)",
        "It is red and blue. This is stated in the text.", "red; blue. They are the only ones that the text names.",
        "The flag has red and blue, because the king liked them.", "Its colours are red and blue; both are old.",
    ],
)  # fmt: skip
def test_what_is_said_of_a_list_adds_nothing_to_it(said: str) -> None:
    assert verdict("red; blue", said, COLOURS) == "right"


@pytest.mark.parametrize("question", [COLOURS, ""])
def test_a_row_of_words_needs_no_commas(question: str) -> None:
    assert verdict("red; white; blue", "red white and blue", question) == "right"
    assert verdict("New York; white; blue", "New York white and blue", question) != "right"
