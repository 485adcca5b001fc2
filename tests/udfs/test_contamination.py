"""Benchmark items are found in texts, word for word and lightly edited; questions that only look alike are not."""

import json
import random
from collections.abc import Callable
from importlib import resources

import pyarrow as pa
import pytest

from udfs.answers import DOMAINS
from udfs.contamination import Hit, Index, searched


def shipped() -> list[tuple[str, str]]:
    """Real questions and passages: those of the examples that the package ships."""
    rows = []
    for domain in DOMAINS:
        text = (resources.files("etl") / "fewshot" / f"{domain}.jsonl").read_text("utf-8")
        rows += [json.loads(line) for line in text.splitlines() if line.strip()]
    return [(r["answer"]["question"], r["passage"]) for r in rows if r["answer"]["answerable"]]


PAIRS = shipped()
QUESTIONS = [q for q, _ in PAIRS]
INDEX = Index((f"shipped/{i}", q) for i, q in enumerate(QUESTIONS))
FILLER = "The committee met again in the spring, and nobody could say afterwards what had been decided there. " * 8


def dropped_word(text: str, rng: random.Random) -> str:
    words = text.split()
    asking = ("what", "which", "who", "when", "where", "how", "why")
    plain = [i for i, w in enumerate(words) if i and w.isalpha() and w.islower() and w not in asking]
    del words[rng.choice(plain)]
    return " ".join(words)


def added_word(text: str, rng: random.Random) -> str:
    words = text.split()
    words.insert(rng.randrange(2, len(words)), rng.choice(["actually", "then", "really"]))
    return " ".join(words)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda t, _: t,
    "capitals": lambda t, _: t.upper(),
    "no marks": lambda t, _: t.translate(str.maketrans("", "", '?!;"()')),
    "line breaks": lambda t, _: t.replace(" ", "\n", 3).replace(" ", "\u00a0", 2),
    "a word less": dropped_word,
    "a word more": added_word,
}


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a document"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_items_are_found_whatever_is_done_to_them_lightly(edit: Callable[..., str], inside: bool) -> None:
    rng = random.Random(7)
    missed = []
    for i, question in enumerate(QUESTIONS):
        if len(question.split()) < 10:
            continue
        text = edit(question, rng)
        hit = INDEX.find(FILLER + text + " " + FILLER, prose=True) if inside else INDEX.find(text)
        if hit is None or hit.item != f"shipped/{i}":
            missed.append((question, text, hit))
    assert missed == []


def test_clean_texts_hold_no_item() -> None:
    for i, (question, passage) in enumerate(PAIRS):
        others = Index((f"b/{j}", q) for j, q in enumerate(QUESTIONS) if j != i)
        assert others.find(question) is None, question
        assert others.find(passage, prose=True) is None, passage


def test_a_passage_that_states_what_an_item_asks_is_no_copy_of_it() -> None:
    statement = "The Electoral Act that gave women in New Zealand the vote was signed into law on 19 September 1893."
    question = "On what date was the Electoral Act that gave women in New Zealand the vote signed into law?"
    index = Index([("b/0", question)])
    assert index.find(statement, prose=True) is None
    assert index.find(f"{statement} On what date was the Electoral Act that gave women the vote signed?") is not None


LOOK_ALIKES = [
    ("What is the capital of France?", "What is the capital of Germany?"),
    ("In what year did the first Winter Olympic Games take place?",
     "In what year did the first Asian Games take place?"),
    ("How many people lived in Wyandotte, Oklahoma, at the 2010 census?",
     "How many people lived in Stella, Missouri, at the 2010 census?"),
    ("How many people lived in Wyandotte, Oklahoma, at the 2010 census?",
     "How many people lived in Wyandotte, Oklahoma, at the 2000 census?"),
    ("Who was the mayor of Bristol when the Clifton bridge was opened in 1864?",
     "Who was the mayor of London when the Tower bridge was opened in 1894?"),
    ("What is the derivative of x squared times the sine of x?",
     "What is the integral of x cubed times the cosine of x?"),
    ("Which of the following statements about enzymes is correct?",
     "Which of the following statements about acids is correct?"),
    ("A train leaves Leeds at 9:00 and travels 120 miles in 3 hours; what is its speed in miles per hour?",
     "A train leaves York at 7:30 and travels 210 miles in 4 hours; what is its speed in miles per hour?"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "other"), LOOK_ALIKES)
def test_a_question_about_something_else_is_another_question(item: str, other: str) -> None:
    assert Index([("b/0", item)]).find(item) == Hit("b/0", 1.0)
    assert Index([("b/0", item)]).find(other) is None


def test_short_items_are_found_whole() -> None:
    index = Index([("b/4", "What is momentum?"), ("b/5", "Who wrote the Iliad poem?")])
    assert index.find("What is momentum") == Hit("b/4", 1.0)
    assert index.find("We asked: what is momentum? Nobody knew.") is None  # three words prove nothing inside a text
    assert index.find("We asked: who wrote the Iliad poem? Nobody knew.") == Hit("b/5", 1.0)


def test_half_of_a_long_item_is_enough_and_less_is_not() -> None:
    words = [f"word{i}" for i in range(60)]
    index = Index([("b/0", " ".join(words))])
    hit = index.find(" ".join(words[:44]))
    assert hit is not None
    assert hit.score == pytest.approx(32 / 48, abs=1e-4)
    assert index.find(" ".join(words[:20])) is None


def test_an_item_that_shares_all_its_runs_with_many_is_found_word_for_word_alone() -> None:
    words = "the tower beside the old mill was sold again to the same owner"
    index = Index((f"b/{i}", words) for i in range(30))
    assert index.find(f"We read that {words}, which few believed.") == Hit("b/0", 1.0)
    assert index.find(words.replace("again ", "")) is None


def test_items_of_few_words_that_stand_side_by_side_are_found() -> None:
    index = Index([("b/0", "Who wrote the Iliad poem?"), ("b/1", "Name the longest river of all Europe, please.")])
    assert index.find("Please name who wrote the Iliad poem? Then we all went home.") == Hit("b/0", 1.0)
    assert index.find("Name it. Name the longest river of all Europe, please. Who wrote it?") == Hit("b/1", 1.0)
    assert index.find("Who wrote the poem? The Iliad poem, who wrote the?") is None


def test_thousands_may_be_set_apart_or_not() -> None:
    index = Index([("b/0", "A town of 12,500 people grows by 3,000 people every single year for ten years; how many?")])
    assert index.find("a town of 12500 people grows by 3000 people every single year for 10 years how many") is not None


def test_an_item_in_capitals_is_found_edited_too() -> None:
    item = "WHICH TOWN ON THE RIVER ORLA HAS HAD A RAILWAY BRIDGE WITH TWO TRACKS SINCE 1912?"
    assert Index([("b/0", item)]).find("Which town on the river Orla has had a bridge with two tracks since 1912?")
    assert (
        Index([("b/0", item)]).find("Which town on the river Elbe has had a bridge of two arches since 1931?") is None
    )


def test_nothing_is_found_in_nothing() -> None:
    assert Index([]).find("What is this?") is None
    assert Index([("b/0", "?!")]).find("") is None


def test_batches_keep_their_keys() -> None:
    batch = pa.RecordBatch.from_pylist([{"qa_id": "a", "question": QUESTIONS[0]}, {"qa_id": "b", "question": None}])
    [found] = searched(iter([batch]), INDEX, prose=False)
    assert found.to_pylist() == [
        {"qa_id": "a", "matched": "shipped/0", "match_score": 1.0},
        {"qa_id": "b", "matched": None, "match_score": None},
    ]
