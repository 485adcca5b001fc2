"""A stratified sample of published pairs, each with all that a person needs to judge it."""

import heapq
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.errors import ConfigError
from etl.tables import Warehouse
from etl.trace import said
from udfs.keys import key

FORMAT = "webscale-rl-audit/1"
CONTEXT_CHARS = 10_000  # of the document shown before the evidence, and as many behind it
PER_STRATUM = 5  # pairs per stratum aimed at where there are more strata than pairs to draw; fewer say nothing
REST = "(rest)"
BY = {
    **{name: name for name in ("domain", "answer_type", "persona", "source", "language", "license", "split")},
    "prompt": "prompts['generate']",
    "model": "models['generate']",
}
"""What a sample can be stratified by: name -> expression over `qa`."""
PAIR = (
    "qa_id", "domain", "persona", "question", "answer", "aliases", "answer_type", "unit", "evidence", "doc_id",
    "content_hash", "title", "url", "source", "prompts", "models", "run_id",
)  # fmt: skip
"""What of a pair is kept with a judgement."""


def draw(warehouse: Warehouse, by: str, n: int, seed: str) -> dict[str, Any]:
    """Return a sample of `n` pairs of `qa` (all where there are fewer), stratified by one of `BY`.

    The same seed over the same pairs gives the same sample. The pairs come in an order of chance, so that those
    judged when a person stops early are a sample too.

    Raises:
        ConfigError: nothing is published yet, or the pairs cannot be stratified by that.
    """
    if by not in BY:
        raise ConfigError(f"--by {by}: give one of {', '.join(BY)}")
    if n < 1:
        raise ConfigError("--n: give a number of pairs, at least 1")
    pairs = warehouse.read("qa").withColumn("stratum", F.coalesce(F.expr(BY[by]), F.lit("(none)")))
    sizes = {r["stratum"]: r["count"] for r in pairs.groupBy("stratum").count().collect()}
    if not sizes:
        raise ConfigError(f"audit sample: no pair is published in {warehouse.root}; `webscale-rl run` makes them")
    strata = pooled(sizes, n)
    totals = {s: sum(sizes[v] for v in sizes if strata[v] == s) for s in strata.values()}
    shares = allocate(totals, n)
    found = [
        _pair(r, {"stratum_size": totals[r["stratum"]], "weight": totals[r["stratum"]] / shares[r["stratum"]]})
        for r in _drawn(warehouse, pairs, strata, shares, seed)
    ]
    ids = sorted(p["qa_id"] for p in found)
    return {
        "format": FORMAT, "sample_id": key("audit", by, seed, *ids)[:16], "by": by, "seed": seed,
        "warehouse": warehouse.schema or warehouse.root, "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pairs": found,
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
    """Return the drawn pairs with their verdict and their document's text, in an order of chance."""
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
    checks = warehouse.read("verdicts").select("qa_id", F.struct("*").alias("checks"))
    order = F.sha2(F.concat(F.lit(f"order:{seed}:"), F.col("qa_id")), 256)
    rows = (
        drawn.join(checks, on="qa_id", how="left")
        .join(warehouse.read("texts"), on="content_hash", how="left")
        .orderBy(order)
        .select(*PAIR, "stratum", "checks", "text", "evidence_start", "evidence_end")
    )
    return [r.asDict(recursive=True) for r in rows.collect()]


def _pair(row: Mapping[str, Any], weight: Mapping[str, Any]) -> dict[str, Any]:
    text, start, end = row["text"] or "", row["evidence_start"] or 0, row["evidence_end"] or 0
    first, last = max(0, start - CONTEXT_CHARS), end + CONTEXT_CHARS
    context = {
        "before": text[first:start], "evidence": text[start:end], "after": text[end:last],
        "cut_before": first > 0, "cut_after": last < len(text),
    }  # fmt: skip
    kept = {name: row[name] for name in PAIR}
    return {**kept, "stratum": row["stratum"], **weight, "checks": said(row["checks"] or {}), "context": context}
