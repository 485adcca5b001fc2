"""Questions that ask the same are found, others are told apart: measured on pairs labelled by hand."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from udfs.questions import Question, answer_key, near, question

Answered = tuple[str, str, str | None]

Pairs = list[tuple[Question, Question]]
THRESHOLD = 0.7


@pytest.fixture(scope="module")
def labelled() -> tuple[Pairs, Pairs]:
    """Pairs that ask the same, and pairs that do not; each line of the file is a group of rewordings, with rivals."""
    groups = [json.loads(line) for line in (Path(__file__).parent / "questions.jsonl").read_text("utf-8").splitlines()]
    asked = {text: question(text) for group in groups for text in group["same"] + group["other"]}
    same = [pair for g in groups for pair in combinations(g["same"], 2)]
    different = [(s, o) for g in groups for s in g["same"] for o in g["other"]]
    different += [pair for g in groups for pair in combinations(g["other"], 2)]
    different += [(g["same"][0], h["same"][0]) for g, h in combinations(groups, 2)]
    return [(asked[a], asked[b]) for a, b in same], [(asked[a], asked[b]) for a, b in different]


def test_enough_is_labelled(labelled: tuple[Pairs, Pairs]) -> None:
    assert len(labelled[0]) >= 100
    assert len(labelled[1]) >= 400


def test_precision_and_recall(labelled: tuple[Pairs, Pairs]) -> None:
    """Precision at its worst: as if all the rivals had the same answer, too, without which they are never merged."""
    same, different = labelled
    found = sum(near(a, b, THRESHOLD) for a, b in same)
    false = sum(near(a, b, THRESHOLD) for a, b in different)
    assert found / len(same) >= 0.9
    assert found / (found + false) >= 0.87


def test_no_conflict_is_seen_between_different_questions(labelled: tuple[Pairs, Pairs]) -> None:
    same, different = labelled
    assert [p for p in different if p[0].key == p[1].key] == []
    assert sum(a.key == b.key for a, b in same) / len(same) >= 0.5


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("What was the population of Oslo in 2010?", "What was the population of Oslo in 2020?"),
        ("What was the population of Iran in 2010?", "What was the population of Iraq in 2010?"),
        ("Which metals conduct electricity well?", "Which metals do not conduct electricity well?"),
        ("What was the highest wage paid in the mill at Dorn?", "What was the lowest wage paid in the mill at Dorn?"),
        ("How far is it from Oslo to Bergen by rail?", "How far is it from Bergen to Oslo by rail?"),
        ("What is 2^3?", "What is 3^2?"),
        ("What is x - 3 for x = 5?", "What is x + 3 for x = 5?"),
        ("When was Maria Keller born?", "Where was Maria Keller born?"),
        ("Who paid 3 of the 12 instalments?", "Who paid 12 of the 3 instalments?"),
    ],
)  # fmt: skip
def test_names_numbers_and_negations_must_agree(left: str, right: str) -> None:
    assert not near(question(left), question(right), 0.5)


@pytest.mark.parametrize("text", ["", "?", "What is it?", "Who?", "何ですか", "\ud800", "x" * 100_000, "İ?"])
def test_anything_is_a_question(text: str) -> None:
    asked = question(text)
    assert len(asked.key) == 32
    assert near(asked, question(text + " "), 0.7)


def test_questions_without_content_are_not_all_the_same() -> None:
    assert question("What is it?").key != question("Who was that?").key
    assert not near(question("What is it?"), question("Who was that?"), 0.5)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("420 metres", "number", None), ("420", "integer", "metres"), True),
        (("1.2 million", "number", None), ("1.2", "number", "million"), True),
        (("41.2 million", "number", "million euros"), ("41.2", "number", "million euros"), True),
        (("41.2 billion", "number", "million euros"), ("41.2", "number", "million euros"), False),
        (("magnesium; silicon", "list", None), ("Silicon; magnesium", "list", None), True),
        (("x + 1", "expression", None), ("x+1", "expression", None), True),
        (("x - 1", "expression", None), ("x+1", "expression", None), False),
        (("the Orla", "name", None), ("Orla", "phrase", None), True),
        (("42", "integer", None), ("42", "phrase", None), True),
        (("4,200", "integer", None), ("4200", "name", None), True),
        (("March 1983", "date", None), ("March 1983", "phrase", None), True),
        (("1931", "integer", None), ("1931", "date", None), False),
        (("1931", "integer", None, True), ("1931", "date", None, True), True),
        (("1931", "phrase", None, True), ("1931-03-12", "date", None, True), False),
        (("Apollo 11", "name", None), ("11", "integer", None), False),
        (("3 + 4", "expression", None), ("7", "integer", None), False),
    ],
)
def test_answers_that_say_the_same_have_one_key(one: Answered, other: Answered, same: bool) -> None:
    assert (answer_key(*one) == answer_key(*other)) is same
