"""The grader is bounded: any output, any truth, any caller; it imports nothing heavy and runs in threads.

A rule that takes more than linear time on one of these hangs, and the time-out of the test kills it.
"""

import importlib.util
import itertools
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from udfs.reward import compute_score, grade

ROOT = Path(__file__).resolve().parents[3]
MEGABYTE = 1_000_000
PIECES = [
    "a", " ", "\n", " \n", "\\boxed{", "\\boxed{\\frac{", "(", "{", "\\{", "[", "Answer: 7\n", "the answer is ", "1",
    "1,", "1 ", "1.", "*", "**a", "'", "`", "<think>", "</think>", "<answer>", '"answer": "', "#### ", ". ", "A. ",
    "or ", "one hundred ", "- ", "1990-01-01 ", "january ", "= ", "\x00", "\ud800", "😀", "a\u0301", "答案", "\u200b",
    "%", "5 km/", "(A) ", "1. ", "$1 ", "not ", "give a ", "ignore the ", "\\text{", "1 ft 2 in ", "^2", "_", "|",
    "is X ", "; ", "& ", "\\\\ ", "ABC ", "Wait, no, ", "not A, ", '{"a": ', "3 < ", "± ", "(1, 2), ", "lambda x: ",
    "isn't ", "not x but ", "because of ", "and last ", "A) a\n", "oo U ", "/*", "-- ", "[x for x in ",
    "⟨", "⟨1, ", "✅ ", "x = 1\n", "A, ", "- Answer: a", "- a: b\n", "x first ", "**Answer:** ",
]  # fmt: skip
BOMBS = [
    "\\boxed{10^{10^{10}}}", "\\boxed{9**9**9**9}", "\\boxed{((170!)!)!}", "\\boxed{170!^{170!}}", "\\boxed{1e999}",
    "1e-999",
    "\\boxed{" + "\\frac{1}{" * 130 + "x" + "}" * 130 + "}", "\\boxed{" + "(" * 400 + "1" + ")" * 400 + "}",
    "\\boxed{" + "-" * 900 + "1}", "\\boxed{" + "\\sqrt" * 180 + "2}", "\\boxed{" + "1+" * 190 + "1}",
    "\\boxed{" + "x=" * 400 + "1}", "\\boxed{" + "\\{" * 300 + "}", "\\boxed{" + "|" * 900 + "}", "2" + "⁹" * 900,
    "\\boxed{\\begin{pmatrix}" + "1&" * 400 + "1\\end{pmatrix}}", "\\boxed{5 km^99999}", "\\boxed{x^{99999999}}",
]  # fmt: skip
TRUTHS = [
    ("7", "integer", ""), ("3.14", "number", "km"), ("July 20, 1969", "date", ""), ("Albert Einstein", "name", ""),
    ("photosynthesis", "phrase", ""), ("true", "boolean", ""), ("B", "choice", ""),
    ("\\frac{a}{1-r}", "expression", ""),
    ("10^{10^{10}}", "expression", ""), ("red; green; blue", "list", ""), ("malloc", "code", ""), ("x", "", ""),
]  # fmt: skip
QUESTION = "Which is it: A) red B) green or C) blue?"


def judge(solution: str, truth: tuple[str, str, str]) -> dict:
    answer, kind, unit = truth
    return grade("x", solution, answer, {"answer_type": kind, "unit": unit, "question": QUESTION, "aliases": []})


@pytest.mark.timeout(300)
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda t: t[1] or "none")
def test_long_and_hostile_outputs_end(truth: tuple[str, str, str]) -> None:
    for number, piece in enumerate(PIECES):
        size = MEGABYTE if number % 8 == len(truth[0]) % 8 else 30_000
        assert judge(piece * (size // len(piece)), truth)["verdict"] in ("right", "wrong", "undecided")
    for bomb in BOMBS:
        assert judge(bomb, truth)["verdict"] in ("right", "wrong", "undecided")


@pytest.mark.parametrize("said", ["A, B, " * 40 + "x", "A and " * 40 + "x", "A" + " " * 300 + "x"])
def test_a_run_of_letters_that_goes_on_otherwise_is_no_choice_of_several(said: str) -> None:
    for question, truth in ((QUESTION, "B"), (QUESTION, said), ("Which letter is it?", "B")):
        found = grade("x", said, truth, {"answer_type": "choice", "question": question})
        assert found["rule"] != "several_options"


@pytest.mark.timeout(120)
def test_hostile_truths_end() -> None:
    for piece, kind in itertools.product([*PIECES, *BOMBS], ["number", "expression", "list", ""]):
        grade(
            "x",
            "The answer is 7.",
            piece * max(1, 20_000 // len(piece)),
            {"answer_type": kind, "question": piece * 100},
        )


def test_scrambled_outputs_raise_nothing() -> None:
    rows = [json.loads(line) for line in (Path(__file__).parent / "pairs.jsonl").read_text("utf-8").splitlines()]
    draw = random.Random(7)
    for row in rows:
        text = row["solution"] + draw.choice(rows)["solution"] + draw.choice(PIECES) * 3
        cut = draw.randrange(len(text))
        shuffled = text[cut:] + draw.choice(PIECES) + text[:cut]
        other = draw.choice(rows)
        grade("x", shuffled, other["ground_truth"], {k: other[k] for k in ("question", "answer_type", "unit")})


@pytest.mark.parametrize(
    "extra",
    [
        None, {}, {"question": None, "unit": None, "aliases": None}, {"unit": float("nan")}, {"aliases": "7"},
        {"answer_type": "unheard of"}, {"aliases": ("seven", None, 7)}, {"question": 5, "answer_type": 3},
    ],
)  # fmt: skip
def test_extra_info_may_lack_or_be_odd(extra: dict | None) -> None:
    assert compute_score("x", "\\boxed{7}", "7", extra) == 1.0
    assert compute_score("x", "\\boxed{8}", "7", extra) == 0.0


def test_arrays_of_aliases_are_read() -> None:
    numpy = pytest.importorskip("numpy")
    extra = {"answer_type": "name", "aliases": numpy.array(["Mark Twain"], dtype=object)}
    assert compute_score("x", "Mark Twain", "Samuel Clemens", extra) == 1.0


def test_no_truth_is_undecided_and_no_text_is_wrong() -> None:
    assert grade("x", "7", "", {})["verdict"] == "undecided"
    assert grade("x", None, "7", {})["verdict"] == "wrong"  # type: ignore[arg-type]


def test_threads_agree_with_one_thread() -> None:
    rows = [json.loads(line) for line in (Path(__file__).parent / "pairs.jsonl").read_text("utf-8").splitlines()]

    def one(row: dict) -> dict:
        return grade(
            "x", row["solution"], row["ground_truth"], {k: row[k] for k in ("question", "answer_type", "unit")}
        )

    alone = [one(row) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, rows)) == alone


def test_a_bare_interpreter_can_import_it() -> None:
    """-S -I: no installed package can be found, so the grader needs none."""
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from udfs.reward import compute_score\n"
        "assert compute_score('x', 'The answer is 1/2.', '0.5') == 1.0\n"
        "assert compute_score('x', r'\\boxed{\\frac{1}{2}}', '0.5', {'answer_type': 'expression'}) == 1.0\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-S", "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not loaded & {"pyspark", "pandas", "numpy", "pyarrow", "pydantic", "sympy", "signal", "etl"}, loaded


def test_a_trainer_may_load_the_file_by_its_path() -> None:
    spec = importlib.util.spec_from_file_location("custom_reward", ROOT / "udfs" / "reward.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    extra = {"question": "How far is it?", "answer_type": "number", "unit": "km", "aliases": []}
    said = "It is 12,000 m, so the answer is \\boxed{12 km}."
    assert module.compute_score(data_source="d", solution_str=said, ground_truth="12", extra_info=extra) == 1.0
    assert module.grade("d", "Either 12 or 13 km.", "12", extra)["rule"] == "hedge"
