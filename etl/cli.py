"""The command line: one thin entry per command."""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from etl import configfile, show
from etl.config import Config
from etl.errors import CRASHES, ConfigError, RunError, reason

if TYPE_CHECKING:
    from etl import pipeline

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status (see `etl.errors`)."""
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["TZ"] = "UTC"  # PySpark returns times in the machine's zone, without a word; the tables' are UTC
    time.tzset()
    try:
        options.command(options)
    except RunError as error:
        show.problem(str(error))
        sys.exit(error.status)
    except KeyboardInterrupt:
        show.problem("interrupted; what was paid is kept, and the same command goes on from here")
        sys.exit(INTERRUPTED)
    except CRASHES as error:
        show.problem(reason(error))
        sys.exit(RunError.status)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="webscale-rl", description="Web documents in, verified question-answer pairs out."
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {show.release()}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "ingest what is new, run every stage on what is pending, publish, track")
    plan = _command(commands, "plan", _plan, "show what run would do and cost; makes no call, writes nothing")
    for command in (run, plan):
        command.add_argument(
            "--input",
            action="append",
            default=[],
            metavar="PATH",
            help="file, folder or glob instead of the configured sources; may be repeated",
        )
        command.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="STAGE",
            help="no ingest; this stage on what is pending, then publish; may be repeated",
        )
        command.add_argument("--limit", type=int, metavar="N", help="the first N documents that have anything pending")
    run.add_argument("--rebuild", action="store_true", help="derive every table behind the ledger anew, without a call")
    status = _command(commands, "status", _status, "the funnel of the warehouse and of the last run")
    status.add_argument("--watch", action="store_true", help="the calls of the run at work, until it has ended")
    sql = _command(commands, "sql", _sql, "a read-only query over tables and views")
    sql.add_argument("query", metavar="QUERY", help="one SELECT; `SHOW VIEWS` and `SHOW TABLES` list what there is")
    sql.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default table")
    text = "what documents and pairs are kept clear of"
    kept = commands.add_parser("benchmarks", help=text, description=text).add_subparsers(
        required=True, metavar="COMMAND"
    )
    add = _command(kept, "add", _benchmarks_add, "keep a file's items; the next run takes out what holds one")
    add.add_argument("name", metavar="NAME", help="names it in the tables; one of that name is replaced")
    add.add_argument("--path", required=True, help="jsonl, json, parquet or csv, also .gz")
    add.add_argument("--question", default="question", metavar="COLUMN", help="default question")
    add.add_argument("--answer", metavar="COLUMN", help="kept with the item")
    _command(kept, "list", _benchmarks_list, "list the benchmarks that are kept")
    _command(commands, "maintain", _maintain, "compact the tables and delete files that no kept version needs")
    trial = _command(commands, "try", _try, "one document through the stages with everything shown; its calls are paid")
    trial.add_argument("file", metavar="FILE", help="plain text, an HTML page or one JSON record; - reads stdin")
    explain = _command(commands, "explain", _explain, "the whole lineage of one pair, published or not")
    explain.add_argument("qa_id", metavar="QA_ID", help="the pair's id, or as much of it as no other begins with")
    _audit_commands(commands)
    forget = _command(
        commands, "forget", _forget, "take a document and all that came of it out of everything, for good"
    )
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--url", metavar="U", help="the page of this address")
    what.add_argument("--host", metavar="H", help="every page of this host")
    what.add_argument("--doc-id", metavar="D", help="the document with this doc_id")
    forget.add_argument("--dry-run", action="store_true", help="say how many rows of which table would go")
    _command(commands, "demo", _demo, "run the shipped sample without a key or a GPU, then show the status")
    return top


def _audit_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "let a person judge published or rejected pairs, and keep the judgements"
    audit = commands.add_parser("audit", help=text, description=text)
    parts = audit.add_subparsers(required=True, metavar="COMMAND")
    sample = _command(parts, "sample", _audit_sample, "write a page on which a person judges a sample of pairs")
    sample.add_argument("--n", type=int, default=100, metavar="N", help="pairs to judge (default 100)")
    sample.add_argument(
        "--of", choices=("published", "rejected"), default="published", help="rejected: those that failed a check"
    )
    sample.add_argument(
        "--by", metavar="COLUMN", help="what every value of gets its share (default domain; of rejected ones, check)"
    )
    sample.add_argument("--out", default="audit.html", metavar="FILE", help="where the page goes (default audit.html)")
    sample.add_argument("--seed", metavar="TEXT", help="the same seed over the same pairs gives the same sample")
    load = _command(parts, "load", _audit_load, "bring judgements that the page saved into the table `audits`")
    load.add_argument("files", nargs="+", metavar="FILE", help="what the page saved")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    does: Callable[[argparse.Namespace], None],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=does)
    command.add_argument("--conf", metavar="FILE", help="TOML configuration; conf/ has examples")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key, e.g. budget.usd=5; may be repeated",
    )
    return command


def _config(options: argparse.Namespace) -> Config:
    return configfile.load(options.conf, options.set, getattr(options, "input", ()))


def _wanted(options: argparse.Namespace) -> "tuple[Config, pipeline.Options]":
    """Return what a run is to do; what has nothing to read is turned down before a session starts."""
    from etl import pipeline

    config = _config(options)
    wanted = pipeline.Options(tuple(options.only), options.limit, getattr(options, "rebuild", False))
    if not config.sources and not wanted.only and not wanted.rebuild:
        raise ConfigError("sources: nothing to read; add [[sources]] to the configuration or give --input PATH")
    pipeline.chosen(wanted, config)
    return config, wanted


def _run(options: argparse.Namespace) -> None:
    from etl import pipeline
    from etl.session import open_session

    config, wanted = _wanted(options)
    spark = open_session(config.spark)
    began = datetime.now(UTC)
    try:
        pipeline.run(spark, config, wanted)
    except BaseException:
        with suppress(*CRASHES):  # what stopped the run is what is told
            show.last_run(spark, config, began)
        raise
    show.last_run(spark, config, began)


def _plan(options: argparse.Namespace) -> None:
    from etl import plan
    from etl.session import open_session

    config, wanted = _wanted(options)
    show.plan(plan.plan(open_session(config.spark), config, wanted), config)


def _status(options: argparse.Namespace) -> None:
    from etl.session import open_session

    config = _config(options)
    if options.watch:
        show.watch(config)
        return
    show.status(open_session(config.spark), config)


def _sql(options: argparse.Namespace) -> None:
    from etl.session import open_session
    from etl.tables import Warehouse
    from etl.views import query

    config = _config(options)
    warehouse = Warehouse.of(open_session(config.spark), config)
    try:
        show.rows(query(warehouse, config, options.query), options.format)
    except (PySparkException, Py4JJavaError) as error:  # some queries fail only once their rows are fetched
        raise ConfigError(f"sql: {reason(error)}") from None


def _benchmarks_add(options: argparse.Namespace) -> None:
    from etl import benchmarks
    from etl.session import open_session

    config = _config(options)
    columns = (options.question, options.answer)
    count = benchmarks.add(open_session(config.spark), config, options.name, options.path, columns)
    print(f"{options.name}: {count} items; the next run takes out what holds one")


def _benchmarks_list(options: argparse.Namespace) -> None:
    from etl import benchmarks
    from etl.session import open_session
    from etl.tables import Warehouse

    config = _config(options)
    show.benchmarks_kept(benchmarks.listed(Warehouse.of(open_session(config.spark), config)))


def _maintain(options: argparse.Namespace) -> None:
    from etl import maintain
    from etl.session import open_session

    config = _config(options)
    show.maintained(maintain.maintain(open_session(config.spark), config))


def _try(options: argparse.Namespace) -> None:
    from etl import try_
    from etl.session import open_session

    config = _config(options)
    show.lines(try_.attempt(open_session(config.spark), config, options.file))


def _explain(options: argparse.Namespace) -> None:
    from etl import explain
    from etl.session import open_session
    from etl.tables import Warehouse

    config = _config(options)
    warehouse = Warehouse.of(open_session(config.spark), config)
    show.lines(explain.lines(explain.lineage(warehouse, config, options.qa_id)))


def _audit_sample(options: argparse.Namespace) -> None:
    from etl.audit import page, sample
    from etl.session import open_session
    from etl.tables import Warehouse

    config = _config(options)
    warehouse = Warehouse.of(open_session(config.spark), config)
    drawn = sample.draw(warehouse, options.of, options.by, options.n, options.seed or secrets.token_hex(4))
    page.write(drawn, options.out)
    show.sampled(drawn, options.out)


def _audit_load(options: argparse.Namespace) -> None:
    from etl.audit import load
    from etl.session import open_session
    from etl.tables import Warehouse

    config = _config(options)
    files = [(name, load.read(name)) for name in options.files]
    show.loaded(load.load(Warehouse.of(open_session(config.spark), config), files))


def _forget(options: argparse.Namespace) -> None:
    from etl import forget
    from etl.session import open_session

    wanted = forget.target(options.url, options.host, options.doc_id)
    config = _config(options)
    show.forgotten(forget.forget(open_session(config.spark), config, wanted, options.dry_run), options.dry_run)


def _demo(options: argparse.Namespace) -> None:
    from etl import pipeline
    from etl.session import open_session

    with resources.as_file(resources.files("etl") / "sample" / "documents.jsonl") as sample:
        conf = options.conf or _shipped_conf()
        source = f"sources=[{{name='sample', path='{sample}'}}]"
        config = configfile.load(conf, [source, *options.set])
        spark = open_session(config.spark)
        pipeline.run(spark, config)
    show.status(spark, config)
    show.demo_pairs(spark, config, conf)


def _shipped_conf() -> str:
    """Return conf/demo.toml of the checkout, or its copy in an installed wheel."""
    checkout = Path(__file__).parent.parent / "conf" / "demo.toml"
    return str(checkout if checkout.is_file() else Path(__file__).parent / "sample" / "demo.toml")
