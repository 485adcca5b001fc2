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
        "It is not Lyon. The capital is **Paris**.", "The text does not say much, but it does say **Paris**.",
    ]),
    ("integer", "12", "How many apples does John have?", [
        "John has **12** apples.", "There are **12** in all.", "If you take 3 of 15 away, he has **12** apples.",
    ]),
    ("choice", "B", LETTERS, ["It is not red and blue is too dark: **B**", "The answer must be **B**."]),
    ("boolean", "no", "Is the earth flat?", ["Some say yes, but the answer is **no**.", "**No**, it is round."]),
    ("expression", "2x", "", ["So it is **2x**.", "- **2x**", "The slope is the derivative – **2x** – as shown."]),
    ("expression", "(-\\infty, 2]", "", ["**(-\\infty, 2]** is the answer.", "- **(-\\infty, 2]**"]),
    ("phrase", "osmosis", "What is it called?", ["Let me think. The text names several. It says **osmosis**."]),
    ("boolean", "false", "Is it so?", ["The text leaves no room. The claim is **false**."]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "truth", "question", "outputs"), SET_ASIDE)
def test_bold_within_a_sentence_does_not_hide_what_the_sentence_says(
    kind: str, truth: str, question: str, outputs: list[str]
) -> None:
    assert not [said for said in outputs if verdict(kind, truth, said, question) == "right"]


@pytest.mark.parametrize(("kind", "truth", "question", "outputs"), STANDS_OUT)
def test_bold_marks_the_answer_of_a_sentence(kind: str, truth: str, question: str, outputs: list[str]) -> None:
    assert not [said for said in outputs if verdict(kind, truth, said, question) != "right"]


CITIES = [
    "Paris",
    "London",
    "Berlin",
    "Rome",
    "Madrid",
    "Vienna",
    "Prague",
    "Oslo",
    "Lisbon",
    "Athens",
    "Warsaw",
    "Riga",
]
GUESSES = [
    ("name", ("Paris", "London"), "Which city is meant?", [
        "It is Paris. It is London.", "It is Paris and it is London.", "The answer is Paris; the answer is London.",
        "Paris, also known as London", "Paris a.k.a. London", "Paris (**London**)", "Paris, i.e. London",
        "Paris, in other words London", "It's Paris. It's London.", "The city is Paris. The city is London.",
        "Paris is the city. London is the city.", "Paris. London.", "It must be Paris. It must be London.",
        "It is Paris – it is London.", "It was Paris. It was also London.", "Paris, which is London", "Paris; London",
    ]),
    ("name", ("Paris", "London"), CAPITAL, ["It is Paris. It is London.", "Paris, namely London"]),
    ("boolean", ("yes", "no"), "Is it so?", [
        "It is yes. It is no.", "Yes, i.e. no", "Yes, which means no", "Yes. In fact, no.", "Yes, therefore no.",
        "Yes; no",
    ]),
    ("boolean", ("yes", "no"), "Is it blue?", [
        "It is blue. It is not blue.", "It is blue, it is not blue.", "It is not blue. It is blue.",
    ]),
    ("choice", ("A", "B"), LETTERS, [
        "A, also known as B", "A a.k.a. B", "A (**B**)", "A (B)", "A, that is, B", "It is A. It is B.", "red (green)",
        "red, i.e. green",
    ]),
    ("choice", ("A", "B"), "", ["A, also known as B", "A a.k.a. B", "A (**B**)"]),
    ("integer", ("12", "13", "14"), "How many are there?", [
        "12, namely 13", "12 (that is, 13 (that is, 14))", "It is 12. It is 13. It is 14.", "12, also known as 13",
        "12 (13)",
    ]),
    ("date", ("1914", "1915"), "When did it begin?", [
        "1914, in other words 1915", "It is 1914. It is 1915.", "1914 (1915)", "1914; 1915",
    ]),
    ("phrase", ("photosynthesis", "respiration"), "Which process do plants use?", [
        "photosynthesis, also known as respiration", "It is photosynthesis. It is respiration.",
        "It is called photosynthesis. It is called respiration.",
    ]),
]  # fmt: skip
EXPLAINED = [
    ("name", "Warsaw", "Where was she born?", [
        "It is Warsaw. It is in Poland.", "It was Warsaw, which is in Poland.",
        "Warsaw. Warsaw is the capital of Poland.",
    ]),
    ("name", "Isaac Newton", "Who formulated the laws of motion?", [
        "It was Isaac Newton. He was English.", "Isaac Newton (1643–1727)", "Isaac Newton. His book is the Principia.",
    ]),
    ("phrase", "osmosis", "What is the process called?", [
        "It is osmosis. It is a kind of diffusion.", "osmosis, i.e. the movement of water",
    ]),
    ("integer", "12", "How many eggs are there?", [
        "12, i.e. a dozen", "twelve (12)", "2 × 6 is 12. It is 12.", "There were 15 and 3 broke, so there are 12.",
    ]),
    ("number", "0.25", "What is the probability?", ["1/4, i.e. 25 %", "0.25; i.e. 1/4", "It is 0.25. That is 25%."]),
    ("date", "1914", "When did the war begin?", ["It began in 1914. It ended in 1918.", "1914 (28 July)"]),
    ("boolean", "yes", "Is it blue?", ["Yes. It is blue.", "It is blue, so yes", "Yes. No other colour is possible."]),
    ("boolean", "no", "Is it blue?", ["No. It is not blue. It is green.", "No, i.e. it is not blue."]),
    ("boolean", "no", "Is the blue whale a fish?", ["No, it is a whale.", "No. It is a whale."]),
    ("choice", "B", LETTERS, ["B. It is green.", "It is B. A is red.", "B (green)", "Green (B)"]),
]  # fmt: skip


@pytest.mark.parametrize("truth", CITIES)
def test_many_guesses_are_no_answer(truth: str) -> None:
    for guesses in (" ".join(f"It is {city}." for city in CITIES), "; ".join(f"it is {city}" for city in CITIES)):
        assert verdict("name", truth, guesses, "Which city is meant?") != "right"


@pytest.mark.parametrize(("kind", "truths", "question", "outputs"), GUESSES)
def test_two_answers_side_by_side_are_none(
    kind: str, truths: tuple[str, ...], question: str, outputs: list[str]
) -> None:
    judged = [(said, truth, verdict(kind, truth, said, question)) for said in outputs for truth in truths]
    kept = "Paris (**London**)", "Paris"  # a name's bracket may be where it lies
    assert not [(said, truth) for said, truth, how in judged if how == "right" and (said, truth) != kept]


@pytest.mark.parametrize(("kind", "truth", "question", "outputs"), EXPLAINED)
def test_what_explains_an_answer_is_no_second_one(kind: str, truth: str, question: str, outputs: list[str]) -> None:
    assert not [said for said in outputs if verdict(kind, truth, said, question) != "right"]


def test_another_name_counts_where_it_is_one_of_the_answers_own() -> None:
    asked = "name", "Mark Twain", "Samuel Clemens, also known as Mark Twain", "Who wrote Huckleberry Finn?"
    assert verdict(*asked, aliases=("Samuel Clemens",)) == "right"
    assert verdict(*asked) == "undecided"


@pytest.mark.parametrize(
    ("truth", "said", "how"),
    [
        ("New Delhi", "New Delhi, India", "right"), ("São Paulo", "São Paulo, Brazil", "right"),
        ("Paris", "Paris, France", "right"), ("Los Angeles", "Los Angeles, California", "undecided"),
        ("Cape Town", "Cape Town, South Africa", "undecided"), ("New Delhi", "New Delhi, Mumbai", "undecided"),
        ("Los Angeles", "Los Angeles, Chicago", "undecided"), ("Ada Lovelace", "Byron, Charles", "undecided"),
        ("Charles Darwin", "Darwin, Charles", "right"), ("Charles Darwin", "Darwin, Erasmus", "wrong"),
    ],
)  # fmt: skip
def test_what_follows_a_place_is_no_given_name(truth: str, said: str, how: str) -> None:
    assert verdict("name", truth, said, "What is it called?") == how


@pytest.mark.parametrize(
    "said",
    [
        "\\boxed{Paris} is wrong", "not \\boxed{Paris}", "It is not \\boxed{Paris}.", "\\boxed{Paris} is incorrect.",
        "\\boxed{Paris} is not the answer.", "The answer isn't $\\boxed{Paris}$",
        "It was London rather than \\boxed{Paris}",
        "\\boxed{Paris} isn't right.", "$\\boxed{\\text{Paris}}$ is clearly wrong.",
    ],
)  # fmt: skip
def test_a_box_may_be_denied(said: str) -> None:
    assert verdict("name", "Paris", said, CAPITAL) != "right"


@pytest.mark.parametrize(
    "said",
    [
        "\\boxed{Paris}", "Not London: \\boxed{Paris}", "It is not London. \\boxed{Paris}", "\\boxed{Paris} is right.",
        "So \\boxed{Paris} is the capital.", "\\boxed{Paris} is not far from Orly.",
    ],
)  # fmt: skip
def test_a_box_stands_by_itself(said: str) -> None:
    assert verdict("name", "Paris", said, CAPITAL) == "right"


def test_code_with_a_remark_below_is_the_code() -> None:
    said = "print\nNote: input"
    assert verdict("code", "input", said, "Which function writes?") != "right"
    assert verdict("code", "print", said, "Which function writes?") == "right"
    assert verdict("code", "print", "Answer in code: print", "Which function writes?") == "right"
