"""The whole lineage of one pair: its source, every call, every check, and where it stands now."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import trace
from etl.config import Config
from etl.errors import ConfigError
from etl.stages import MAKING, ordered
from etl.tables import Warehouse
from etl.views import register

CONTEXT_CHARS = 300  # of the document shown before and behind the evidence
Record = dict[str, Any]


@dataclass(frozen=True)
class Lineage:
    """One pair with all that led to it: rows of the tables as they are now."""

    candidate: Record
    twins: list[str]
    """Other personas for which the same pair was written."""
    document: Record
    text: str
    rows: dict[str, Record]
    """Stage -> its row for the pair, where there is one."""
    completions: dict[str, Record]
    attempts: dict[str, list[Record]]
    states: dict[str, Record]
    """Stage -> state, reasons and error_type of that row (view `current_rows`)."""
    published: Record | None
    audits: list[Record]


def lineage(warehouse: Warehouse, config: Config, wanted: str) -> Lineage:
    """Return the lineage of the pair with this qa_id, or with the only one that begins so.

    Raises:
        ConfigError: no pair was ever written under it that stands in `candidates`, or several begin with it.
    """
    found = _candidates(warehouse, wanted)
    candidate = found[0]
    doc = F.col("doc_id") == candidate["doc_id"]
    this = doc & (F.col("content_hash") == candidate["content_hash"])
    documents = _rows(warehouse.read("documents").where(this))
    documents.sort(key=lambda d: d["status"] != "active")
    texts = _rows(warehouse.read("texts").where(F.col("content_hash") == candidate["content_hash"]))
    rows = {s.name: row for s in ordered() if (row := _row(warehouse.read(s.table), s.key, candidate))}
    keys = [k for row in rows.values() for k in row["call_keys"] or []]
    register(warehouse, config, "current_rows")
    states = [s for s in _rows(warehouse.spark.table("current_rows").where(this)) if _same(s, candidate)]
    pair = F.col("qa_id") == candidate["qa_id"]
    return Lineage(
        candidate=candidate, twins=sorted({r["persona"] for r in found[1:]}),
        document=documents[0] if documents else {}, text=texts[0]["text"] if texts else "",
        rows=rows, completions=_completions(warehouse, keys), attempts=_attempts(warehouse, keys),
        states={s["stage"]: s for s in states},
        published=next(iter(_rows(warehouse.read("qa").where(pair))), None),
        audits=_rows(warehouse.read("audits").where(pair).orderBy("judged_at")),
    )  # fmt: skip


def _candidates(warehouse: Warehouse, wanted: str) -> list[Record]:
    """Return the candidates of one qa_id; first the one that is checked (see `etl.stages.check`)."""
    start = wanted.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", start):
        raise ConfigError(f"explain {wanted}: not an id; give a qa_id of the tables qa or candidates, or its beginning")
    found = _rows(warehouse.read("candidates").where(F.col("qa_id").startswith(start)))
    ids = sorted({r["qa_id"] for r in found})
    if not ids:
        raise ConfigError(f"explain {wanted}: no pair has this id; ids stand in the column qa_id of qa and candidates")
    if len(ids) > 1:
        raise ConfigError(f"explain {wanted}: {len(ids)} pairs begin so: {', '.join(ids[:5])}; give more of the id")
    return sorted(found, key=lambda r: (r["part"], r["persona"]))


def _rows(frame: DataFrame) -> list[Record]:
    return [r.asDict(recursive=True) for r in frame.collect()]


def _row(table: DataFrame, key: tuple[str, ...], candidate: Record) -> Record | None:
    """Return a stage's row for a candidate: by its key, and by the passage where the key leaves that open."""
    names = dict.fromkeys((*key, "part")) if "qa_id" not in key else dict.fromkeys(key)
    condition: Column = F.lit(True)
    for name in names:
        condition = condition & (F.col(name) == candidate[name])
    return next(iter(_rows(table.where(condition))), None)


def _same(state: Record, candidate: Record) -> bool:
    return all(state[n] in (None, candidate[n]) for n in ("part", "persona", "qa_id"))


def _completions(warehouse: Warehouse, keys: list[str]) -> dict[str, Record]:
    """Return the settled calls by key; an answer before an error, and the newest of each."""
    found = _rows(warehouse.read("completions").where(F.col("call_key").isin(keys)))
    found.sort(key=lambda c: (c["error_type"] is None, c["completed_at"]))
    return {c["call_key"]: c for c in found}


def _attempts(warehouse: Warehouse, keys: list[str]) -> dict[str, list[Record]]:
    out: dict[str, list[Record]] = defaultdict(list)
    for attempt in _rows(warehouse.read("attempts").where(F.col("call_key").isin(keys)).orderBy("started_at", "n")):
        out[attempt["call_key"]].append(attempt)
    return out


def standing(found: Lineage) -> str:
    """Return in one line whether the pair is published, and if not, what keeps it from that."""
    if found.published:
        return f"published in {found.published['domain']}, split {found.published['split']}"
    status = found.document.get("status")
    if status != "active":
        reason = found.document.get("reason")
        return f"not published: its document is {status or 'gone'}{f' ({reason})' if reason else ''}"
    for stage, state in ((s, found.states[s]) for s in MAKING if s in found.states):
        if state["state"] == "pending":
            return f"not published: {stage} is pending; the next run makes it"
        if state["state"] != "accepted":
            why = state["error_type"] or ", ".join(state["reasons"]) or "no reason given"
            return f"not published: {stage} {state['state']}: {why}"
    verdict = found.rows.get("check", {})
    if verdict.get("set_failures"):
        return f"not published: {', '.join(verdict['set_failures'])} with {verdict['matched']}"
    return "passed every check; the next run publishes it"


def lines(found: Lineage) -> Iterator[str]:
    """Yield the lineage as a person reads it."""
    pair = found.candidate
    yield f"{pair['qa_id']}: {standing(found)}"
    names = ("question", "answer", "aliases", "answer_type", "unit", "domain", "persona")
    yield from trace.titled("Pair", trace.terms({**{n: pair[n] for n in names}, "also for": found.twins}))
    yield from trace.titled("Source", _source(found))
    for stage in ordered():
        row = found.rows.get(stage.name)
        if row is not None:
            shown = {} if stage.table in ("candidates", "verdicts") else trace.own(row)  # those stand elsewhere
            made = [*_made(found, row), *trace.terms(shown)]
            yield from trace.titled(f"{stage.name}: {_state(found.states.get(stage.name))}", made)
    if verdict := found.rows.get("check"):
        yield from trace.titled("Checks", trace.checks(verdict))
    yield from trace.titled("People", map(_judged, found.audits))


def _source(found: Lineage) -> Iterator[str]:
    pair, document = found.candidate, found.document
    names = ("url", "title", "source", "language", "license", "file", "position", "fetched_at", "ingested_at")
    of = found.rows.get("qualify", {}).get("parts") or 1
    ids = {"document": f"{pair['doc_id']} ({document.get('status', 'gone')})", "text": pair["content_hash"]}
    yield from trace.terms({**{n: document.get(n) for n in names}, **ids, "passage": f"{pair['part'] + 1} of {of}"})
    start, end = pair["evidence_start"], pair["evidence_end"]
    if start is None:
        yield f"evidence, not found in the text: {pair['evidence']}"
        return
    before = found.text[max(0, start - CONTEXT_CHARS) : start]
    yield f"evidence, characters {start} to {end}:"
    yield f"… {before}»{found.text[start:end]}«{found.text[end : end + CONTEXT_CHARS]} …"


def _state(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "no longer asked for"
    why = state["error_type"] or ", ".join(state["reasons"])
    return f"{state['state']}{f' ({why})' if why else ''}"


def _made(found: Lineage, row: Record) -> Iterator[str]:
    yield f"{row['prompt']}, {row['model']}, run {row['run_id']}, {row['updated_at']:%Y-%m-%d %H:%M:%S}"
    keys = row["call_keys"] or []
    if not keys:
        yield "decided without a call"
    for key in keys:
        settled = found.completions.get(key)
        paid = f", paid by run {settled['run_id']} at {settled['completed_at']:%Y-%m-%d %H:%M:%S}" if settled else ""
        yield f"call {key}{paid}"
        yield from (f"  {line}" for line in trace.call(settled, found.attempts.get(key, [])))


def _judged(audit: Record) -> str:
    why = ": ".join(filter(None, (audit["reason"], audit["note"])))
    told = f"{audit['verdict']} by {audit['auditor']}, {audit['judged_at']:%Y-%m-%d %H:%M}{f' ({why})' if why else ''}"
    return f"{told}, when it had failed {', '.join(audit['failures'])}" if audit["failures"] else told
