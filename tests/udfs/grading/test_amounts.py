"""Numbers with what stands around them: marks between digits, units, rates, multipliers, bounds."""

import pytest

from udfs.reward import grade


def verdict(kind: str, truth: str, said: str, unit: str = "", question: str = "") -> str:
    return grade("x", said, truth, {"answer_type": kind, "unit": unit, "question": question})["verdict"]


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ("5", "5,000"), ("5", "5,000 apples"), ("5", "\\boxed{5,000}"), ("5", "The answer is 5,000."), ("5,000", "5"),
        ("5,000", "It is 5."), ("5000", "5"), ("1,200", "1.2"), ("1200", "1.2"), ("-5", "-5,000"), ("12", "**12**,000"),
    ],
)  # fmt: skip
def test_a_whole_number_is_not_a_thousand_times_itself(truth: str, said: str) -> None:
    assert verdict("integer", truth, said) != "right"


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ("12000", "12.000"), ("12,000", "12 000"), ("12.000", "12000"), ("-12000", "-12.000"), ("5000", "5,000"),
        ("1234567", "1.234.567"),
    ],
)  # fmt: skip
def test_a_whole_number_may_be_written_with_either_mark(truth: str, said: str) -> None:
    assert verdict("integer", truth, said) == "right"
