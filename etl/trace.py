"""One call, one judgement, as a person reads them: what `explain` and `try` share. Lines of plain text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.schema import MADE
from udfs.checks import RULES
from udfs.stages.check import Verdict

Record = Mapping[str, Any]
_KEYS = {"qa_id", "doc_id", "content_hash", "part", "parts", "persona", "inputs_sha"}
_SET = ("set_failures", "matched", "match_score")
_MADE = {column.split(" ")[0] for column in MADE.split(", ")}


def own(row: Record) -> dict[str, Any]:
    """Return what a stage found out: its row without keys and how it was made."""
    return {k: v for k, v in row.items() if k not in _KEYS and k not in _MADE}


def said(verdict: Record) -> dict[str, Any]:
    """Return what the checks said of a pair: a row of `verdicts` without the outcome, and without what the rules over
    sets of pairs say and go by.
    """
    known = {*_SET, "passed", "answer_key"}
    return {k: v for k, v in own(verdict).items() if k not in known and not k.startswith("question_")}


def titled(title: str, lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Yield a heading and indented lines; nothing where there are none."""
    found = list(lines)
    if found:
        yield f"\n{title}"
        yield from (f"  {line}" if line else "" for text in found for line in text.split("\n"))


def terms(values: Record) -> Iterator[str]:
    """Yield one line per name and value; values that say nothing are left out."""
    shown = {k: _plain(v) for k, v in values.items() if v not in (None, "", [], {})}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        first, *rest = value.split("\n")
        yield f"{name.replace('_', ' '):<{width}}  {first}"
        yield from (f"{'':<{width}}  {line}" for line in rest)


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, dict, list)) else str(value)


def call(settled: Record | None, attempts: Sequence[Record]) -> Iterator[str]:
    """Yield how one call went and its raw answer. `settled` is its row of `completions`, None where it has none."""
    if settled is None:
        failures = [str(a["error_type"]) for a in attempts]
        yield f"not settled: {', '.join(failures) or 'never asked'}"
        return
    cached = f", {settled['cached_tokens']} of them cached" if settled["cached_tokens"] else ""
    cost = "no price" if settled["cost_usd"] is None else f"${settled['cost_usd']:.6f}"
    yield (
        f"{settled['prompt_tokens']} tokens in{cached}, {settled['completion_tokens']} out, {cost}, "
        f"{settled['latency_ms']} ms, {settled['attempts']} attempt{'s' if settled['attempts'] != 1 else ''}"
    )
    for attempt in attempts:
        if attempt["error_type"]:
            yield f"attempt {attempt['n']}: {attempt['error_type']} after {attempt['latency_ms']} ms"
    if settled["error_type"]:
        yield f"ended in {settled['error_type']}: {settled['error_message'] or ''}"
    if settled["text"] is not None:
        yield f"answer: {settled['text']}"


def checks(verdict: Record) -> Iterator[str]:
    """Yield every check of a row of `verdicts` and how it went: before the call, by the call, over the set."""
    failures, measured = verdict["failures"] or [], verdict.get("measured") or {}
    for rule in RULES:
        how = f"FAILED {measured.get(rule) or ''}".rstrip() if rule in failures else "ok"
        yield f"{rule:<20} {how}"
    votes = {k: v for k, v in said(verdict).items() if k not in ("failures", "measured")}
    if all(votes.get(name) is None for name in Verdict.model_fields):
        yield f"{'the call':<20} not made"
    else:
        yield from terms(votes)
        failed = [f for f in failures if f not in RULES]
        yield f"{'the call':<20} {'FAILED ' + ', '.join(failed) if failed else 'ok'}"
    for failure in verdict.get("set_failures") or []:
        yield f"{failure:<20} FAILED with {verdict['matched']}, score {verdict['match_score']}"
