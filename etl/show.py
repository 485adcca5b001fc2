"""What the command line prints: tables on a terminal or in a log, csv and json for other programs."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from rich.console import Console
from rich.table import Table

from etl import benchmarks
from etl.audit.load import Loaded
from etl.config import Config
from etl.errors import ConfigError
from etl.plan import Plan, totals
from etl.progress import Progress, under_way
from etl.tables import Warehouse, root_of
from etl.views import query, register

REASONS = 20
MAX_CELL = 120  # characters of a cell in a table; csv and json are whole


def release() -> str:
    """Return the version of this program."""
    try:
        return version("webscale-rl")
    except PackageNotFoundError:
        return "(from its source, not installed)"


def problem(text: str) -> None:
    """Print one line on stderr."""
    print(f"webscale-rl: {' '.join(text.split())}", file=sys.stderr)


def last_run(spark: SparkSession, config: Config, began: datetime) -> None:
    """Print the funnel as the run that began then left it; nothing where it came to no row."""
    runs = Warehouse.of(spark, config).read("runs").where(F.col("started_at") >= F.lit(began))
    for found in runs.orderBy("started_at", ascending=False).limit(1).collect():
        print(f"run {found['run_id']}: {found['status']}, {found['documents_new']} records new or changed")
        stages = _stages(found)
        _funnel("Funnel", stages)
        if errors := sum(s["errors"] for s in stages):
            told = f"{errors} rows ended in an error; `webscale-rl status`, with the same --conf, lists them by type."
            _console().print(told, markup=False)
        if found["status"] == "done" and (pending := sum(s["pending"] for s in stages)):
            told = f"{pending} rows are pending: a run without --only, --limit and --rebuild goes on with them."
            _console().print(told, markup=False)


def _stages(run: Row) -> list[dict[str, Any]]:
    """Return the funnel as a run left it, with what it paid."""
    names = ("stage", "rows_in", "accepted", "rejected", "errors", "pending", "calls", "cost_usd")
    return [{n: s[n] for n in names} for s in run["stages"]]


def _funnel(title: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        judged = row["accepted"] + row["rejected"]
        row["yield"] = f"{row['accepted'] / judged:.1%}" if judged else ""
    _table(title, rows)


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
    _funnel("Funnel", _dicts(spark.table("funnel")))
    last = spark.sql("SELECT * FROM runs ORDER BY started_at DESC LIMIT 3").collect()
    for run in last[:1]:
        _funnel(f"As run {run['run_id']} left it, and what it paid", _stages(run))
    why = _dicts(spark.table("rejections"))
    _table("Failed", [row for row in why if row["state"] == "error"])
    rejected = [row for row in why if row["state"] != "error"]
    _table(f"Rejected, the {REASONS} most frequent reasons", rejected[:REASONS])
    _table("Money and tokens, all requests ever sent", _dicts(spark.table("costs")))
    columns = ("run_id", "started_at", "ended_at", "status", "documents_new")
    _table("Last runs", [{name: run[name] for name in columns} for run in last])
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
    """Print the rows of a query as table, csv or json (an array of objects).

    Raises:
        ConfigError: an object would need two keys of one name.
    """
    names, found = frame.columns, [[_plain(value) for value in row] for row in frame.collect()]
    if form == "json":
        if twice := [n for n, times in Counter(names).items() if times > 1]:
            raise ConfigError(f"sql: several columns have the name {twice[0]!r}; name them apart with AS")
        objects = [dict(zip(names, row, strict=True)) for row in found]
        print(json.dumps(objects, ensure_ascii=False, default=str, indent=2))
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows([_cell(value) for value in row] for row in found)
    else:
        _grid("", names, found)


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
    print("Open it in a browser (it loads nothing from anywhere), judge, save;")
    print("then, with the same --conf: webscale-rl audit load FILE")


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
    return [_plain(row) for row in frame.collect()]


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def _table(title: str, found: list[dict[str, Any]]) -> None:
    _grid(title, list(found[0]) if found else [], [list(row.values()) for row in found])


def _grid(title: str, names: list[str], found: list[list[Any]]) -> None:
    table = Table(title=title or None, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in found:
        table.add_row(*[_short(value) for value in row])
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)
    console.print(table if names else f"{title}: none", markup=False)


def _plain(value: Any) -> Any:
    """Return a value of a row as JSON has it: an object for a struct or a map, whose keys are text."""
    if isinstance(value, Row):
        return {name: _plain(inner) for name, inner in zip(value.__fields__, value, strict=True)}
    if isinstance(value, dict):
        return {str(k): _plain(inner) for k, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)


def _short(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else _cell(value)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"
