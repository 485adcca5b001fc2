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


UNITS = [
    ("US dollars", ["5 US dollars", "$5", "5 dollars", "5 USD", "US$5"]),
    ("million US dollars", ["5 million US dollars", "$5 million", "5,000,000 US dollars"]),
    ("light-years", ["5 light-years", "5 light years", "5 ly"]),
    ("nautical miles", ["5 nautical miles", "9.26 km"]),
    ("Swiss francs", ["5 Swiss francs", "CHF 5"]),
    ("metric tons", ["5 metric tons", "5 tonnes", "5000 kg"]),
    ("astronomical units", ["5 astronomical units", "5 AU"]),
    ("per cent", ["5%", "5 per cent", "5 percent"]),
    ("pounds sterling", ["5 pounds sterling", "£5", "5 pounds"]),
    ("percentage points", ["5 percentage points", "5 pp"]),
    ("parts per million", ["5 parts per million", "5 ppm"]),
    ("Japanese yen", ["5 Japanese yen", "¥5"]),
    ("°C", ["5 C", "5 °C", "5 degrees", "41 F", "41 °F"]),
    ("mmHg", ["5 mm Hg", "5 mmHg"]),
    ("mm Hg", ["5 mm Hg", "5 mmHg"]),
]


@pytest.mark.parametrize(("unit", "outputs"), UNITS)
def test_a_unit_of_several_words_is_known_by_its_name_and_its_symbol(unit: str, outputs: list[str]) -> None:
    assert not [said for said in ["5", *outputs] if verdict("number", "5", said, unit) == "wrong"]
    assert not [said for said in outputs if verdict("number", "5", said, unit) != "right"]


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("US dollars", "€5"), ("US dollars", "C$5"), ("nautical miles", "5 km"), ("nautical miles", "5 miles"),
        ("metric tons", "5 kg"), ("°C", "5 F"), ("°C", "5 K"), ("percentage points", "5 km"), ("kg", "£5"),
    ],
)  # fmt: skip
def test_another_unit_is_another_amount(unit: str, said: str) -> None:
    assert verdict("number", "5", said, unit) != "right"


def test_degrees_may_be_said_on_either_scale() -> None:
    assert verdict("number", "41", "5 C", "°F") == verdict("number", "41", "41 F", "°F") == "right"
    assert verdict("number", "5", "5 C", "coulombs") == verdict("number", "5", "5 F", "farads") == "right"


RATES = [
    ("3.5", "murders per 100,000 inhabitants", [
        "3.5 murders per 100,000 inhabitants", "3.5 per 100,000 inhabitants", "3.5 per 100,000", "3.5 murders",
        "The rate was 3.5 murders per 100,000 people.",
    ], [
        "3.5 murders per 1,000 inhabitants", "3.5 per million inhabitants", "3.5 murders per 1,000", "3.5 per thousand",
    ]),
    ("5", "deaths per day", [
        "5 deaths per day", "5 deaths a day", "5 deaths each day", "5 deaths", "5 deaths/day", "5 per day",
    ], ["5 deaths per year", "5 deaths a year", "5 deaths/year", "5 deaths every year", "5 per year"]),
    ("100", "people per square kilometre", [
        "100 people per square kilometre", "100 people/km²", "100 per square kilometre",
    ], ["100 people per square mile", "100 per hectare"]),
    ("50", "mg", ["50 mg", "0.05 g"], ["50 mg/kg", "50 mg per kg", "50 mg per day"]),
    ("40", "hours per week", [
        "40 hours per week", "40 hours a week", "40 hours/week", "40 hours", "2400 minutes per week",
    ], ["40 hours per month", "40 hours per day", "40 days per week"]),
    ("7", "L/100 km", ["7 L/100 km", "7 litres per 100 kilometres"], ["7 litres per 10 km"]),
    ("120", "km/h", ["120 kilometres an hour", "120 km per hour", "120 kilometers per hour"], ["120 km a day"]),
    ("45", "US dollars per hour", ["$45 per hour", "$45 an hour", "$45/h", "45 dollars an hour"], ["$45 per day"]),
    ("80", "US dollars per barrel", ["$80 per barrel", "80 US dollars a barrel", "$80"], ["€80 per barrel"]),
    ("3", "times per week", ["3 times per week", "3 times a week"], ["3 times per month", "3 times a day"]),
]  # fmt: skip


@pytest.mark.parametrize(("truth", "unit", "right", "others"), RATES)
def test_a_rate_is_per_what_the_true_one_is(truth: str, unit: str, right: list[str], others: list[str]) -> None:
    assert not [said for said in [truth, *right] if verdict("number", truth, said, unit) != "right"]
    assert not [said for said in others if verdict("number", truth, said, unit) == "right"]


def test_what_the_question_counts_per_needs_no_unit() -> None:
    asked = "How many eggs does she sell every day?"
    assert not [s for s in ("5 eggs per day", "5 eggs a day", "5") if verdict("integer", "5", s, "", asked) != "right"]
    assert verdict("number", "7.5", "7.5% per year", "%", "What interest rate is it?") == "right"


@pytest.mark.parametrize(
    "truth", ["41.2", "41.2 million", "41.2 million euros", "€41.2 million", "0.0412 billion"]
)  # fmt: skip
def test_a_scale_in_the_answer_and_in_its_unit_counts_once(truth: str) -> None:
    question = "What was the profit, in million euros?"
    for said in ("41.2 million euros", "€41.2 million", "41,200,000 euros", "41.2", "0.0412 billion euros"):
        assert verdict("number", truth, said, "million euros", question) == "right"
    for said in ("41.2 billion euros", "41.2 trillion euros", "41,200 euros"):
        assert verdict("number", truth, said, "million euros", question) != "right"


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize("question", ["How many apples are there?", ""])
def test_a_number_with_a_multiplier_or_a_bound_is_another(kind: str, question: str) -> None:
    for said in (
        "12 * 1000", "12x1000", "12 × 1000", "12·1000", "12 crore", "12 lakh", "12 k", "12 (thousand)", "12_000", "1_2",
        "12 (or 13)", "twelve (13)", "12 at most", "12 at the very least", "12 apples at most", "12 or more", "12 tops",
        "12 apples minimum", "12 or fewer",
    ):  # fmt: skip
        assert verdict(kind, "12", said, "", question) != "right", said


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ("12000", "12_000"), ("1234567", "1_234_567"),
        ("12000", "12 k"), ("1200000", "12 lakh"), ("150000", "1.5 lakh"),
        ("120000000", "12 crore"), ("12000", "1.2 × 10^4"), ("36", "12 × 3 = 36"), ("300000000", "3 x 108"),
    ],
)  # fmt: skip
def test_multipliers_are_read(truth: str, said: str) -> None:
    assert verdict("integer", truth, said) == "right"


def test_a_bound_that_is_asked_for_is_none() -> None:
    asked = "How many people may use the lift at most?"
    assert verdict("integer", "12", "12 at most", "", asked) == "right"
    assert verdict("integer", "12", "12 people at most", "", asked) == "right"


def test_a_number_in_brackets_may_be_its_rounding() -> None:
    assert verdict("number", "3.14159", "3.14159 (3.14)") == "right"
    assert verdict("number", "0.375", "3/8 (0.375)") == "right"
    assert verdict("number", "1.2", "1.2 (1.3)") != "right"
    assert verdict("number", "1.2", "1.2 (or 1.3)") != "right"


@pytest.mark.parametrize("said", ["1914 at the latest", "1914 at the earliest", "1914 or later", "1914 or before"])
def test_a_date_may_be_bounded_behind_it(said: str) -> None:
    assert verdict("date", "1914", said, "", "When did it begin?") != "right"
    assert verdict("date", "1914", said) != "right"


def test_degrees_below_zero_and_hours_with_their_minutes() -> None:
    for said in ("5 below zero", "5 degrees below zero", "5 °C below zero", "minus 5"):
        assert verdict("number", "-5", said, "°C", "How cold was it?") == "right"
    for said in (
        "an hour and thirty minutes",
        "an hour and 30 minutes",
        "one hour, thirty minutes",
        "an hour and a half",
    ):
        assert verdict("number", "90", said, "minutes", "How long did it take?") == "right"
