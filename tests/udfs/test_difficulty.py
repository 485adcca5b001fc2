"""Difficulty: what is asked without giving anything away, and what the answers come to."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint.client import Endpoint
from udfs.answers import FreeText
from udfs.engines import Request
from udfs.engines.chat import chat_body
from udfs.engines.embedded import EmbeddedEngine
from udfs.messages import render
from udfs.parse import parse
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import calls, result

from .making import PASSAGE, Worker, spec

ROW = {"doc_id": "d", "title": "Halden", "passage": PASSAGE, "question": "How high is the tower of Halden, in feet?",
       "answer": "1204", "aliases": ["1,204 ft"], "answer_type": "integer", "unit": "feet"}  # fmt: skip
RIGHT, WRONG = "It was measured once.\n\nAnswer: 1,204 feet", "Answer: 900"
UNMARKED = "refusal"
STAGE = logic("difficulty")


def solver(closed_book: int = 2, document: int = 2, **changes: Any) -> CallSpec:
    return spec("difficulty", samples=(closed_book, document), temperature=1.0, later_temperature=1.0,
                closing=FreeText.closing, **changes)  # fmt: skip


def measured(closed_book: list[str], document: list[str]) -> dict[str, Any]:
    """The row that these answers make; an error type stands for a call that was settled without an answer."""
    outcomes = [{"text": None if t == UNMARKED else t, "error_type": t if t == UNMARKED else None, "failure": None}
                for t in [*closed_book, *document]]  # fmt: skip
    return result(STAGE, solver(len(closed_book), len(document)), ROW, outcomes)


def test_the_question_is_asked_alone_and_with_the_document_and_the_answer_is_never_shown() -> None:
    made = calls(STAGE, solver(3, 2), ROW)
    assert [c.sample for c in made] == [0, 1, 2, 0, 1]
    assert len({c.call_key for c in made}) == 5
    closed_book, document = (render(solver(), made[i].inputs)[1]["content"] for i in (0, 3))
    assert ROW["question"] in closed_book
    assert not any(word in closed_book for word in ("1,204", "1204", "lighthouse", "JSON", "integer"))
    assert PASSAGE in document
    assert not any(word in document for word in ("1204", "JSON", "integer"))
    more = calls(STAGE, solver(4, 0), ROW)
    assert [c.call_key for c in more[:3]] == [c.call_key for c in made[:3]]


@pytest.mark.parametrize(
    ("closed_book", "document", "rates", "doubtful"),
    [
        ([RIGHT, WRONG], [RIGHT, RIGHT], (0.5, 2, 0, 1.0, 2, 0), False),
        ([WRONG, WRONG], [WRONG, RIGHT], (0.0, 2, 0, 0.5, 2, 0), False),
        ([WRONG, WRONG], [WRONG, WRONG], (0.0, 2, 0, 0.0, 2, 0), True),
        ([RIGHT, WRONG], [WRONG, WRONG], (0.5, 2, 0, 0.0, 2, 0), False),
        ([WRONG, RIGHT, UNMARKED], [WRONG], (0.5, 2, 1, 0.0, 1, 0), False),
        ([WRONG], [], (0.0, 1, 0, None, 0, 0), None),
        ([RIGHT], [], (1.0, 1, 0, None, 0, 0), False),
    ],
)
def test_rates_are_over_what_could_be_marked(
    closed_book: list[str], document: list[str], rates: tuple[object, ...], doubtful: bool | None
) -> None:
    got = measured(closed_book, document)
    names = [f"{c}_{n}" for c in ("closed_book", "document") for n in ("pass", "k", "undecided")]
    assert tuple(got[n] for n in names) == rates
    assert got["doubtful"] is doubtful


def test_a_question_that_most_samples_did_not_answer_is_not_measured() -> None:
    assert measured([RIGHT, UNMARKED], [RIGHT]) == {"error_type": UNMARKED}


def test_free_text_is_asked_for_without_a_schema_and_taken_as_it_is(endpoint: Endpoint, tmp_path: Path) -> None:
    text = "So {x: 1}.\n\nAnswer: 1204"
    endpoint.control(rules=[{"stage": "difficulty", "fault": "text", "content": text}], refuse_response_format=True)
    made = solver(1, 1, url=endpoint.url, template="# Task: difficulty")
    worker = Worker(made, tmp_path)
    assert len(worker.call_all(calls(STAGE, made, ROW))) == 2
    assert endpoint.counters()["by_status"] == {"200": 2}
    assert [c["text"] for c in worker.completions] == [text, text]
    assert parse(text, FreeText).text == text
    assert "response_format" not in chat_body("m", Request("difficulty", (), {}, {}, 9, 1.0))


async def _said(question: str, **inputs: Any) -> str:
    request = Request("difficulty", (), {}, {"question": question, **inputs}, 100)
    return (await EmbeddedEngine().complete(request)).text or ""


def test_the_embedded_engine_reads_the_document_and_knows_nothing_else() -> None:
    for question, says in (
        ("By whom was the Halden lighthouse built after the storm?", "Maria Lindqvist"),
        ("How many feet of height has the tower with the lamp?", "1,204"),
        ("Fill in the blank with a number: The tower has a height of ____ feet.", "1,204"),
        ("Which river flows through Falkenau?", None),
    ):
        shown = asyncio.run(_said(question, title="Halden lighthouse", passage=PASSAGE))
        assert shown == (f"Answer: {says}" if says else "I do not know.")
        assert asyncio.run(_said(question)) == "I do not know."
