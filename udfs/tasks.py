"""From documents to tasks, and from answers to result rows: the deterministic sides of a stage, in the worker.

An input is asked in one or more calls (a stage's questions, each in its samples); one sample is the ordinary case.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from udfs import arrow
from udfs.answers import Answer
from udfs.caller import Task
from udfs.keys import call_key, canonical_json, key, passage_key
from udfs.parse import InvalidAnswerError, parse
from udfs.passages import passages
from udfs.spec import CallSpec
from udfs.stages import Logic, Result, Row, logic

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 128  # rows of an Arrow batch: passages are large
TASK_DDL = (
    "input string, doc_id string, content_hash string, part int, persona string, qa_id string, inputs_sha string, "
    "row string, n int, call_key string, sample int, passage_key string"
)
Record = dict[str, Any]


def make_tasks(batches: "Iterator[pa.RecordBatch]", spec: CallSpec) -> "Iterator[pa.RecordBatch]":
    """Turn documents with what is to be asked of them into tasks (TASK_DDL).

    In: doc_id, content_hash, title, text, asks: array of {part, persona, qa_id, inputs_sha, payload (JSON)}; a null
    part asks for every passage. Out: one task per call, those of one input together and numbered by `n` as
    `calls` lists them. An input whose result is known without a call is one task without call_key.
    """
    stage = logic(spec.stage)
    yield from arrow.batches(
        (
            task
            for batch in batches
            for document in batch.to_pylist()
            for ask in document["asks"]
            for task in _tasks(stage, spec, document, ask)
        ),
        TASK_DDL,
        BATCH,
    )


def _tasks(stage: Logic, spec: CallSpec, document: Record, ask: Record) -> Iterator[Record]:
    parts = passages(document["text"], spec.max_passage_tokens)
    wanted = parts if ask["part"] is None else parts[ask["part"] : ask["part"] + 1]
    for passage in wanted:
        row = {
            "doc_id": document["doc_id"], "content_hash": document["content_hash"], "title": document["title"],
            "part": passage.part, "parts": len(parts), "passage": passage.text, "start": passage.start,
            "persona": ask["persona"], **json.loads(ask["payload"]),
        }  # fmt: skip
        whose = {
            **{name: ask[name] for name in ("persona", "qa_id", "inputs_sha")},
            **{name: row[name] for name in ("doc_id", "content_hash", "part")},
        }
        known = canonical_json([whose[name] for name in ("doc_id", "content_hash", "part", "persona", "qa_id")])
        whole = json.dumps(row, ensure_ascii=False)
        for n, call in enumerate(calls(stage, spec, row) or [None]):
            yield {
                **whose,
                "input": key("input", known),
                "row": whole,
                "n": n,
                "call_key": call and call.call_key,
                "sample": call and call.sample,
                "passage_key": call and call.passage_key,
            }


def calls(stage: Logic, spec: CallSpec, row: Row) -> list[Task]:
    """Return the calls that a row needs: each question's samples, one question after another; none where the row is
    decided without a call.
    """
    if stage.screen(row) is not None:
        return []
    passage = passage_key(row["title"], row["passage"])
    return [
        Task(call_key(spec.stage, spec.identity(sample), sample, inputs), row["doc_id"], sample, inputs, passage)
        for inputs, samples in zip(stage.inputs(row), spec.samples, strict=True)
        for sample in range(samples)
    ]


def make_results(batches: "Iterator[pa.RecordBatch]", spec: CallSpec, ddl: str) -> "Iterator[pa.RecordBatch]":
    """Turn inputs and what is known of their calls into rows of the stage's table.

    In: doc_id, content_hash, part, persona, qa_id, inputs_sha, row, outcomes: array of {n, call_key, text,
    error_type (of the settled call), failure (error type of an unsettled one)} in the order of `calls`, null where
    there are none. Out: `ddl`, the table's columns, where what the stage does not say is null.
    """
    stage = logic(spec.stage)
    yield from arrow.batches((_row(stage, spec, r) for batch in batches for r in batch.to_pylist()), ddl, BATCH)


def _row(stage: Logic, spec: CallSpec, record: Record) -> Result:
    row, outcomes = json.loads(record["row"]), record["outcomes"] or []
    keys = [o["call_key"] for o in outcomes]
    return {
        **{name: record[name] for name in ("doc_id", "content_hash", "part", "persona", "qa_id", "inputs_sha")},
        "parts": row["parts"], "call_key": keys[0] if keys else None, "call_keys": keys, "prompt": spec.prompt,
        "model": spec.engine.model, "fingerprint": spec.fingerprint, "error_type": None,
        **result(stage, spec, row, outcomes),
    }  # fmt: skip


def result(stage: Logic, spec: CallSpec, row: Row, outcomes: Sequence[Mapping[str, Any]]) -> Result:
    """Return the result columns of a row whose calls are all settled or failed, or its `error_type`.

    One failed call leaves the whole row an error that a later run tries again: what the others said must not decide
    alone, or the row would depend on which calls happened to fail. A call that was settled without an answer (a
    refusal, say) is an abstention; where at least half of a question's samples abstain, the row ends in the first
    one's error.
    """
    screened = None if outcomes else stage.screen(row)  # what was asked has passed the screen before
    if screened is not None:
        return screened
    failure = next((o["failure"] for o in outcomes if o["failure"]), None)
    if failure:
        return {"error_type": failure}
    said, answers = iter([_said(stage, o) for o in outcomes]), []
    for samples in spec.samples:
        group = list(islice(said, samples))
        abstained = [a for a in group if isinstance(a, str)]
        if abstained and 2 * len(abstained) >= samples:
            return {"error_type": abstained[0]}
        answers.append([None if isinstance(a, str) else a for a in group])
    return stage.result(row, *answers)


def _said(stage: Logic, outcome: Mapping[str, Any]) -> Answer | str:
    """Return a settled call's answer, or the error type it ended in. What did not parse is parsed again: the parser
    may have learnt.
    """
    error = outcome["error_type"]
    if error and error != "invalid_answer":
        return str(error)
    try:
        return parse(outcome["text"] or "", stage.answer)
    except InvalidAnswerError:
        return "invalid_answer"
