"""A stratified sample of published or of rejected pairs, each with all that a person needs to judge it."""

import heapq
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.errors import ConfigError
from etl.publish import as_published, chain
from etl.tables import Warehouse
from etl.trace import said
from udfs.keys import key

FORMAT = "webscale-rl-audit/2"
CONTEXT_CHARS = 10_000  # of the document shown before the evidence, and as many behind it
PER_STRATUM = 5  # pairs per stratum aimed at where there are more strata than pairs to draw; fewer say nothing
REST = "(rest)"
BY = {
    **{name: name for name in ("domain", "answer_type", "persona", "source", "language", "license", "split")},
    "prompt": "prompts['generate']",
    "model": "models['generate']",
    "check": "get(checks.failures, 0)",
}
"""What a sample can be stratified by: name -> expression over `qa` and the pair's row of `verdicts`, `checks`. Of
several checks that a pair failed the first says where it belongs."""
PAIR = (
    "qa_id", "domain", "persona", "question", "answer", "aliases", "answer_type", "unit", "evidence", "doc_id",
    "content_hash", "title", "url", "source", "prompts", "models", "run_id",
)  # fmt: skip
"""What of a row of `qa` is kept with a judgement."""


def _published(warehouse: Warehouse) -> DataFrame:
    return warehouse.read("qa")


def _rejected(warehouse: Warehouse) -> DataFrame:
    """Return the pairs that failed a check, as they would stand in `qa` if they had not. Those that gave way to
    others (`set_failures`) are not among them: whether a pair repeats another cannot be told from it alone.
    """
    return as_published(warehouse, chain(warehouse, warehouse.read("verdicts").where("NOT passed")))


class Population(NamedTuple):
    """What a sample is drawn from."""

    pairs: Callable[[Warehouse], DataFrame]
    """Rows of `qa`, or such as these would be."""
    by: str
    """What of `BY` it is stratified by unless told otherwise."""
    empty: str
    """What to say where there is none."""


POPULATIONS = {
    "published": Population(_published, "domain", "no pair is published"),
    "rejected": Population(_rejected, "check", "no pair failed a check"),
}


def draw(warehouse: Warehouse, population: str, by: str | None, n: int, seed: str) -> dict[str, Any]:
    """Return a sample of `n` pairs of one of `POPULATIONS` (all where there are fewer), stratified by one of `BY`.

    The same seed over the same pairs gives the same sample. The pairs come in an order of chance, so that those
    judged when a person stops early are a sample too.

    Raises:
        ConfigError: there is no such pair yet, or they cannot be stratified by that.
    """
    wanted = POPULATIONS[population]
    by = by or wanted.by
    if by not in BY:
        raise ConfigError(f"--by {by}: give one of {', '.join(BY)}")
    if n < 1:
        raise ConfigError("--n: give a number of pairs, at least 1")
    checks = warehouse.read("verdicts").select("qa_id", F.struct("*").alias("checks"))
    stratum = F.coalesce(F.expr(BY[by]), F.lit("(none)"))
    pairs = wanted.pairs(warehouse).join(checks, on="qa_id", how="left").withColumn("stratum", stratum)
    sizes = {r["stratum"]: r["count"] for r in pairs.groupBy("stratum").count().collect()}
    if not sizes:
        raise ConfigError(f"audit sample: {wanted.empty} in {warehouse.root}; `webscale-rl run` makes them")
    strata = pooled(sizes, n)
    totals = {s: sum(sizes[v] for v in sizes if strata[v] == s) for s in strata.values()}
    shares = allocate(totals, n)
    found = [
        _pair(r, {"stratum_size": totals[r["stratum"]], "weight": totals[r["stratum"]] / shares[r["stratum"]]})
        for r in _drawn(warehouse, pairs, strata, shares, seed)
    ]
    ids = sorted(p["qa_id"] for p in found)
    return {
        "format": FORMAT, "sample_id": key("audit", population, by, seed, *ids)[:16], "population": population,
        "by": by, "seed": seed, "warehouse": warehouse.schema or warehouse.root,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "pairs": found,
    }  # fmt: skip


def pooled(sizes: Mapping[str, int], n: int) -> dict[str, str]:
    """Return which stratum each value belongs to: its own, or `REST` for the rare ones where there are too many."""
    if len(sizes) <= n:
        return {value: value for value in sizes}
    largest = sorted(sizes, key=lambda v: (-sizes[v], v))[: max(0, n // PER_STRATUM - 1)]
    return {value: value if value in largest else REST for value in sizes}


def allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Share `n` pairs out over strata of these sizes: at least one each, the others by the square root of the size
    (power allocation, Bankier, The American Statistician 42, 1988), so that rare strata get more than their part
    and common ones still the most; never more than a stratum has.
    """
    shares = dict.fromkeys(sizes, 1)
    waiting = [(-math.sqrt(size) / 2, name) for name, size in sizes.items() if size > 1]
    heapq.heapify(waiting)
    for _ in range(n - len(shares)):
        if not waiting:
            break
        _, name = heapq.heappop(waiting)
        shares[name] += 1
        if shares[name] < sizes[name]:
            heapq.heappush(waiting, (-math.sqrt(sizes[name]) / (shares[name] + 1), name))
    return shares


def _drawn(
    warehouse: Warehouse, pairs: DataFrame, strata: Mapping[str, str], shares: Mapping[str, int], seed: str
) -> list[dict[str, Any]]:
    """Return the drawn pairs with their document's text, in an order of chance."""
    plan = [{"stratum": v, "_in": s, "_share": shares[s]} for v, s in strata.items()]
    frame = warehouse.frame(plan, "stratum string, _in string, _share int")
    chance = F.sha2(F.concat(F.lit(f"{seed}:"), F.col("qa_id")), 256)
    rank = F.row_number().over(Window.partitionBy("_in").orderBy(chance, "qa_id"))
    drawn = (
        pairs.join(F.broadcast(frame), on="stratum", how="inner")
        .withColumn("_rank", rank)
        .where("_rank <= _share")
        .withColumn("stratum", F.col("_in"))
    )
    order = F.sha2(F.concat(F.lit(f"order:{seed}:"), F.col("qa_id")), 256)
    shown = (
        drawn.join(warehouse.read("texts"), on="content_hash", how="left")
        .orderBy(order)
        .select(*PAIR, "stratum", "checks", "text", "evidence_start", "evidence_end")
    )
    return [r.asDict(recursive=True) for r in shown.collect()]


def _pair(row: Mapping[str, Any], weight: Mapping[str, Any]) -> dict[str, Any]:
    text, start, end = row["text"] or "", row["evidence_start"], row["evidence_end"]
    if start is None:  # not found in the document, so all of it is shown: it may be anywhere
        start, end, first, last = 0, 0, 0, len(text)
    else:
        first, last = max(0, start - CONTEXT_CHARS), end + CONTEXT_CHARS
    context = {
        "before": text[first:start], "evidence": text[start:end], "after": text[end:last],
        "cut_before": first > 0, "cut_after": last < len(text),
    }  # fmt: skip
    checks = said(row["checks"] or {})
    failed = {"failures": checks.pop("failures", None) or [], "measured": checks.pop("measured", None) or {}}
    kept = {name: row[name] for name in PAIR}
    return {**kept, **failed, "stratum": row["stratum"], **weight, "checks": checks, "context": context}
