"""What the command line prints: tables on a terminal or in a log, csv and json for other programs."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from rich.console import Console
from rich.table import Table

from etl import benchmarks
from etl.audit.load import Loaded
from etl.config import Config
from etl.plan import Plan, totals
from etl.progress import Progress, under_way
from etl.tables import Warehouse, root_of
from etl.views import query, register

MAX_CELL = 120  # characters of a cell in a table; csv and json are whole


def problem(text: str) -> None:
    """Print one line on stderr."""
    print(f"webscale-rl: {' '.join(text.split())}", file=sys.stderr)


def last_run(spark: SparkSession, config: Config, began: datetime) -> None:
    """Print the funnel as the run that began then left it; nothing where it came to no row."""
    runs = Warehouse.of(spark, config).read("runs").where(F.col("started_at") >= F.lit(began))
    found = runs.orderBy("started_at", ascending=False).first()
    if found is not None:
        print(f"run {found['run_id']}: {found['status']}, {found['documents_new']} records new or changed")
        names = ("stage", "rows_in", "accepted", "rejected", "errors", "pending", "calls", "cost_usd")
        _funnel([{n: s[n] for n in names} for s in found["stages"]])


def _funnel(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        judged = row["accepted"] + row["rejected"]
        row["yield"] = f"{row['accepted'] / judged:.1%}" if judged else ""
    _table("Funnel", rows)
    errors = sum(r["errors"] for r in rows)
    if errors:
        _console().print(f"{errors} rows ended in an error; `webscale-rl status` lists them by type.", markup=False)


def maintained(rows: list[dict[str, Any]]) -> None:
    """Print what maintenance did per table."""
    _table("Files and bytes of the present versions, before and now", rows)


def benchmarks_kept(rows: list[dict[str, Any]]) -> None:
    """Print the benchmarks that are kept."""
    _table("Benchmarks", rows)


def watch(config: Config) -> None:
    """Show the calls of the run at work, without a session, until it has ended."""
    place = under_way(root_of(config))
    if place is None:
        problem("no run is making calls at the moment")
    else:
        Progress(place).watch()


def status(spark: SparkSession, config: Config) -> None:
    """Print the funnel, reasons, money and the last run."""
    warehouse = Warehouse.of(spark, config)
    if not warehouse.exists("runs"):
        _console().print(f"No warehouse at {warehouse.root} yet: `webscale-rl run` makes it.", markup=False)
        return
    register(warehouse, config, "funnel, rejections, costs, runs")
    _funnel(_dicts(spark.table("funnel")))
    _table("Rejected and failed", _dicts(spark.table("rejections").limit(20)))
    _table("Money and tokens, all requests ever sent", _dicts(spark.table("costs")))
    columns = "run_id, started_at, ended_at, status, documents_new"
    _table("Last runs", _dicts(spark.sql(f"SELECT {columns} FROM runs ORDER BY started_at DESC LIMIT 3")))
    kept = ", ".join(f"{b['benchmark']} ({b['items']} items)" for b in benchmarks.listed(warehouse))
    _console().print(f"qa is decontaminated against: {kept or 'none'}", markup=False)


def plan(planned: Plan, config: Config) -> None:
    """Print what a run would do."""
    _table("Plan", [vars(s) for s in planned.stages])
    total = totals(planned.stages)
    cost = "no price given" if total["usd"] is None else f"${total['usd']:.4f}"
    print(f"About {total['calls']} calls, {total['input_tokens']} + {total['output_tokens']} tokens, {cost}.")
    if any(s.basis == "assumed" for s in planned.stages):
        print("Yields and answer lengths marked `assumed` are guesses: this warehouse has no rows to learn from yet.")
    if config.budget.usd is not None:
        print(f"budget.usd = {config.budget.usd:g} per {config.budget.per}")
    if planned.layouts:
        _table("Input by layout", [vars(c) for engine in planned.layouts for c in engine.costs])
        lines(engine.verdict for engine in planned.layouts)
        print("`cached_at_most` is for a cache that holds all that comes again; `status` shows what calls got from it.")


def forgotten(gone: dict[str, int], dry_run: bool) -> None:
    """Print how many rows of which table went, or would go."""
    _table("Would go" if dry_run else "Gone", [{"table": name, "rows": n} for name, n in gone.items()])
    if not dry_run:
        print("Gone from the tables' history too; a later crawl will not bring it back (reason `suppressed`).")


def rows(frame: DataFrame, form: str) -> None:
    """Print the rows of a query as table, csv or json (an array of objects)."""
    found = _dicts(frame)
    if form == "json":
        print(json.dumps(found, ensure_ascii=False, default=str, indent=2))
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(frame.columns)
        writer.writerows([_cell(r[c]) for c in frame.columns] for r in found)
    else:
        _table("", found, frame.columns)


def lines(text: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in text:
        print(line, flush=True)


def sampled(sample: dict[str, Any], path: str) -> None:
    """Print what an audit page holds and what to do with it."""
    counts = Counter(p["stratum"] for p in sample["pairs"])
    sizes = {p["stratum"]: p["stratum_size"] for p in sample["pairs"]}
    drawn = ", ".join(f"{name} {n} of {sizes[name]}" for name, n in sorted(counts.items()))
    what = f"{len(sample['pairs'])} {sample['population']} pairs by {sample['by']}"
    print(f"{path}: {what}, seed {sample['seed']}: {drawn}")
    print("Open it in a browser (it loads nothing from anywhere), judge, save; then: webscale-rl audit load FILE")


def loaded(result: Loaded) -> None:
    """Print what a load of judgements came to."""
    print(f"{result.new} judgements new, {result.changed} changed, {result.known} known already")
    for reason, ids in result.rejected.items():
        problem(f"{len(ids)} rejected as {reason}: {', '.join(ids[:5])}{', …' if len(ids) > 5 else ''}")


def demo_pairs(spark: SparkSession, config: Config, conf: str) -> None:
    """Print a few pairs of the demo and where to look next."""
    wanted = "SELECT domain, question, answer, answer_type FROM pairs ORDER BY hash(qa_id) LIMIT 8"
    _table("Some of the pairs", _dicts(query(Warehouse.of(spark, config), config, wanted)))
    print(f"All pairs:      webscale-rl sql --conf {conf} 'SELECT * FROM pairs'")
    print(f"Why rejected:   webscale-rl sql --conf {conf} 'SELECT * FROM rejections'")
    print(f"Your documents: webscale-rl run --conf {conf} --input FILE.jsonl")
    print(f"In MLflow:      mlflow ui --backend-store-uri {config.tracking.uri}")


def _dicts(frame: DataFrame) -> list[dict[str, Any]]:
    return [r.asDict(recursive=True) for r in frame.collect()]


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def _table(title: str, found: list[dict[str, Any]], columns: list[str] | None = None) -> None:
    table = Table(title=title or None, title_justify="left")
    names = columns or (list(found[0]) if found else [])
    for name in names:
        table.add_column(name, overflow="fold")
    for row in found:
        table.add_row(*[_short(row[n]) for n in names])
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)
    console.print(table if names else f"{title}: none", markup=False)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else _cell(value)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"
