"""Journal files as rows: what the ledger appends to its tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from udfs import arrow, files
from udfs.journal import Entry, decode, entries

if TYPE_CHECKING:
    import pyarrow as pa

ENTRY_DDL = (
    "kind string, call_key string, stage string, prompt string, prompt_sha string, model string, params string, "
    "doc_id string, passage_key string, sample int, text string, finish_reason string, prompt_tokens int, "
    "cached_tokens int, completion_tokens int, reasoning_tokens int, cost_usd double, latency_ms long, attempts int, "
    "error_type string, error_message string, run_id string, completed_at string, n int, started_at string, "
    "message string"
)
BATCH = 1000
_CALL = ("call_key", "stage", "prompt", "prompt_sha", "model", "params")
_TOKENS = (
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cost_usd",
    "latency_ms",
)
_COMPLETION = (
    "doc_id",
    "passage_key",
    "sample",
    "text",
    "finish_reason",
    "attempts",
    "error_type",
    "error_message",
    "completed_at",
)
_ATTEMPT = ("n", "error_type", "started_at")


def journal_rows(batches: "Iterator[pa.RecordBatch]", root: str) -> "Iterator[pa.RecordBatch]":
    """Read journal files: column `file` in; one row per attempt (kind `attempt`) and per settled call
    (`completion`) out. The run is the first folder of the file's path below the journal's root.
    """
    rows = (
        row
        for batch in batches
        for name in batch.column(0).to_pylist()
        for entry in entries(files.read(name) or b"")
        for row in _rows(entry, name[len(root) :].strip("/").split("/")[0])
    )
    return arrow.batches(rows, ENTRY_DDL, BATCH)


def is_corrupt(data: bytes) -> bool:
    """Return whether a line other than a torn last one fails its checksum."""
    *lines, _torn = data.split(b"\n")
    return any(line and decode(line) is None for line in lines)


def _rows(entry: Entry, run_id: str) -> Iterator[dict[str, Any]]:
    call = {**{name: entry[name] for name in _CALL}, "run_id": run_id, "message": entry["message"]}
    attempt = entry["attempt"]
    yield {"kind": "attempt", **call, **{n: attempt.get(n) for n in (*_ATTEMPT, *_TOKENS)}}
    settled = entry["completion"]
    if settled:
        yield {"kind": "completion", **call, **{n: settled.get(n) for n in (*_COMPLETION, *_TOKENS)}}
