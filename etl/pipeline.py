"""The program: sources -> documents -> qualify -> classify -> generate -> check -> qa, one slice after another."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl import ledger, runs
from etl.calls import Caller
from etl.complete import is_complete, mark_complete
from etl.config import Config
from etl.errors import BudgetStop, ConfigError, EndpointStop, RunError, WarehouseBusy, reason
from etl.ingest import Ingested, ingest
from etl.lease import Lease, secret
from etl.progress import Progress
from etl.publish import publish
from etl.session import cancel_jobs, prepare_session
from etl.sets import groups
from etl.specs import call_specs, load_prompts, register_prompts
from etl.stages import MAKING, Stage, ordered
from etl.tables import Warehouse
from etl.tracking import Tracker
from etl.work import (
    DONE,
    NEW,
    ORPHAN,
    STALE,
    Slice,
    diff,
    remove_orphans,
    remove_parts_beyond,
    results,
    tasks,
)
from udfs import files
from udfs.claim import SupersededError
from udfs.spec import CallSpec

STAGES = ordered()


@dataclass(frozen=True)
class Options:
    """What of a run's work is wanted."""

    only: tuple[str, ...] = ()
    limit: int | None = None
    rebuild: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Job:
    """One run at work: its tables, settings and stages, and who calls; without a caller the ledger alone answers."""

    warehouse: Warehouse
    config: Config
    specs: dict[str, CallSpec]
    run_id: str
    stages: Sequence[Stage]
    caller: Caller | None = None


def run(spark: SparkSession, config: Config, options: Options | None = None) -> str:
    """Ingest what is new, run every stage on what is pending, publish, track; return the run's id.

    Raises:
        RunError: see `etl.errors`; whatever was paid until then is in the ledger, and the same run goes on there.
    """
    options = options or Options()
    stages = chosen(options, config)
    prepare_session(spark, config.key_variables)
    prompts = load_prompts(config)
    warehouse = Warehouse.of(spark, config)
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    progress = Progress(files.join(warehouse.root, "_progress", run_id), options.quiet)
    started = datetime.now(UTC)
    with Lease(warehouse.root, run_id) as lease, Tracker(config, run_id, prompts.values()) as tracker:
        warehouse = replace(warehouse, scratch=run_id, guard=lease.check)
        warehouse.create()
        register_prompts(warehouse, prompts.values(), run_id)
        specs = call_specs(config, prompts, secret(warehouse.root))
        caller = None if options.rebuild else Caller(warehouse, config, run_id, lease, progress)
        job = Job(warehouse, config, specs, run_id, stages, caller)
        new, error = _work(job, options, progress)
        if not lease.lost.is_set():
            ids = run_id, tracker.mlflow_run_id()
            tracker.record = runs.record(warehouse, config, specs, ids, (started, new, error))
    if error is not None:
        raise error
    return run_id


def _work(job: Job, options: Options, progress: Progress) -> tuple[Ingested, RunError | None]:
    """Do a run's work; return what was new in the sources, and what stopped it early."""
    warehouse, new = job.warehouse, Ingested()
    try:
        ledger.recover(warehouse)
        settled = is_complete(warehouse, job.config, job.specs)
        new = Ingested() if options.only else ingest(warehouse, job.config, job.run_id)
        progress.say(f"run {job.run_id}: {new.new} records new or changed")
        if options.rebuild:
            rebuild(job)
        elif is_complete(warehouse, job.config, job.specs):
            return new, None
        process(job, options.limit, new.changed if settled and not options.rebuild else None)
        if not (options.only or options.limit or options.rebuild) and job.caller and not job.caller.unsettled:
            mark_complete(warehouse, job.config, job.specs)
        return new, None
    except RunError as stopped:
        return new, stopped
    except (PySparkException, Py4JJavaError, SupersededError) as crash:
        failed = _failed(warehouse, crash)
        failed.__cause__ = crash
        return new, failed
    except KeyboardInterrupt:
        cancel_jobs(warehouse.spark)  # before the lease is given back: workers must not pay on beside the next run
        raise
    finally:
        progress.close()
        warehouse.drop_copies()


def _failed(warehouse: Warehouse, crash: Exception) -> RunError:
    """Return what stopped a run in which Spark failed: another run took the warehouse over, and cleared away what this
    one stood on; or Spark did.
    """
    try:
        with suppress(OSError):
            warehouse.guard()
    except WarehouseBusy as busy:
        return busy
    return RunError(f"Spark failed: {reason(crash)}; what was paid is kept, and the same command goes on from here")


def process(job: Job, limit: int | None = None, among: DataFrame | None = None) -> None:
    """Take each slice through the stages and publish it; `among` has the documents (doc_id) that changed since all
    was settled, or is None.

    Without these the last publish is over everything, as it is where a stop or a limit cuts it short: it repairs what
    a kill left unpublished, and judges again the pairs whose rivals are gone. It writes differences only.
    """
    done: tuple[Slice, DataFrame] | None = None
    try:
        for part in slices(job, limit, among):
            if done is not None:
                publish(job.warehouse, job.config, *done)
            former = job.warehouse.stage_copy("groups", groups(part.of(job.warehouse)))
            for stage in job.stages:
                advance(job, stage, part)
            done = part, former
    except (BudgetStop, EndpointStop, ConfigError):
        publish(job.warehouse, job.config, Slice())
        raise
    if among is None or limit is not None:
        publish(job.warehouse, job.config, Slice())
    elif done is not None:
        publish(job.warehouse, job.config, *done)


def advance(job: Job, stage: Stage, part: Slice) -> None:
    """Bring one stage's table up to its inputs for the documents of a slice."""
    warehouse, spec = job.warehouse, job.specs[stage.name]
    compared = warehouse.stage_copy("diff", unfinished(job, stage, part))
    states = {r["state"]: r["count"] for r in compared.groupBy("state").count().collect()}
    if states.get(ORPHAN):
        remove_orphans(warehouse, stage, compared)
    if not states.get(NEW) and not states.get(STALE):
        return
    made = warehouse.stage_copy("tasks", tasks(part.of(warehouse), compared.where(F.col("state") != ORPHAN), spec))
    stop = job.caller.make(made, [spec, *followed(job, stage, bool(states.get(STALE)))]) if job.caller else None
    rows = results(warehouse, stage, made, spec, job.run_id)
    if states.get(STALE):
        warehouse.replace(stage.table, warehouse.stage_copy(stage.table, rows))
        if stage.name == "qualify":
            remove_parts_beyond(warehouse, stage, spec)
    else:
        warehouse.append(stage.table, rows)
    if stop is not None:
        raise stop


def followed(job: Job, stage: Stage, stale: bool) -> list[CallSpec]:
    """Return the stages behind one whose calls may be made with it: not those that measure, which ask what some other
    document's pair may have asked before. Where a stage keeps older rows, only what is new may lead there: the answer
    to a stale input would be asked for what its kept row has settled.
    """
    behind = [s for s in job.stages[list(job.stages).index(stage) + 1 :] if s.name in MAKING]
    keeps = any(job.config.stage(s.name).reprocess == "new" for s in behind)
    return [] if stale and keeps else [job.specs[s.name] for s in behind]


def unfinished(job: Job, stage: Stage, part: Slice) -> DataFrame:
    """Return what a stage has to make or to remove for the documents of a slice (see `etl.work.diff`)."""
    reprocess = job.config.stage(stage.name).reprocess
    return diff(job.warehouse, stage, job.specs[stage.name], reprocess, part).where(F.col("state") != DONE)


def slices(job: Job, limit: int | None, among: DataFrame | None = None) -> Iterator[Slice]:
    """Yield the slices of documents, of all or those of `among`, that have anything pending in the job's stages, in
    the order of doc_id; of those of `among` the last slice has all that are left, since what `qa` says of a document
    may change though no stage has anything to do.

    Where one slice holds all of them nobody needs to ask which have.
    """
    whole = job.config.slice_documents
    documents = job.warehouse.read("documents") if among is None else among
    if limit is None and documents.limit(whole + 1).count() <= whole:
        yield Slice(among=among)
        return
    first, left = None, limit
    while left is None or left > 0:
        size = min(job.config.slice_documents, left or job.config.slice_documents)
        rest = Slice(first, among=among)
        waiting = reduce(DataFrame.union, [unfinished(job, s, rest).select("doc_id") for s in job.stages])
        head = waiting.distinct().orderBy("doc_id").limit(size)
        found = head.agg(F.max("doc_id").alias("last"), F.count("*").alias("n")).first()
        last, done = (found["last"], found["n"]) if found else (None, 0)
        if done < size and limit is None and among is not None:
            yield rest
        elif done:
            yield Slice(first, last, among)
        if done < size:
            return
        first, left = last, None if left is None else left - done


def rebuild(job: Job) -> None:
    """Empty every table that is a function of documents and ledger, but for stages that are off; `process` then
    derives them anew.

    Raises:
        ConfigError: a stage keeps rows of older prompts, which the present prompt cannot derive.
    """
    for stage in job.stages:
        old = F.col("fingerprint") != job.specs[stage.name].fingerprint
        keeps = job.config.stage(stage.name).reprocess == "new"
        if keeps and not job.warehouse.read(stage.table).where(old).isEmpty():
            raise ConfigError(f"stages.{stage.name}.reprocess: a rebuild would lose the older rows that `new` keeps")
    for name in (*(s.table for s in job.stages), "qa"):
        job.warehouse.clear(name)


def chosen(options: Options, config: Config) -> list[Stage]:
    """Return the stages that are on and that the options leave.

    Raises:
        ConfigError: options that name no stage, or do not go together.
    """
    names = config.stage_names
    for name in options.only:
        if name not in names:
            raise ConfigError(f"--only {name}: no such stage is on; those that are: {', '.join(names)}")
    if options.limit is not None and options.limit < 1:
        raise ConfigError("--limit: give a number of documents, at least 1")
    if options.rebuild and (options.only or options.limit):
        raise ConfigError("--rebuild: derives everything anew; leave out --only and --limit")
    return [s for s in STAGES if s.name in (options.only or names)]
