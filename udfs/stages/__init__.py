"""One file per stage, plain Python: the answer model, row -> what is asked, answer -> result columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from udfs.answers import Answer

Row = Mapping[str, Any]
Result = dict[str, Any]
Inputs = dict[str, Any]
Answers = Sequence[Any]


@dataclass(frozen=True)
class Logic:
    """What a stage says to the machinery that all stages share.

    A row has doc_id, content_hash, part, parts, title, passage, start (of the passage in the document), and what
    the stage's input table adds (persona, domain, the candidate's fields).
    """

    name: str
    version: int
    """Bumped by hand when `result` or `screen` change their verdict on the same answer."""
    answer: type[Answer]
    inputs: Callable[[Row], tuple[Inputs, ...]]
    """What is asked about a row: the variable fields of each question, in the order in which they are shown."""
    result: Callable[..., Result]
    """(row, answers, …) -> the result columns: for each question the answers of its samples, in the order of the
    samples; None for a sample that was settled without an answer. More than half of them are answers.
    """
    screen: Callable[[Row], Result | None] = lambda _: None
    """The result columns of a row that is decided without a call; None where it has to be asked."""
    leads_to: Callable[[Row, Result], list[Row]] = lambda *_: []
    """The rows of the next stage that one result gives."""


def logic(stage: str) -> Logic:
    """Return the logic of a stage by its name."""
    found: Logic = import_module(f"udfs.stages.{stage}").LOGIC
    return found


def document_inputs(row: Row) -> Inputs:
    """Return what every stage shows first: the title and the passage."""
    return {"title": row.get("title"), "passage": row["passage"]}
