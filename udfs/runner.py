"""The shared pandas UDF between asking and parsing: feeds a task's rows to its `Caller`s and keeps their windows full.

It yields one row per task at the end: what matters of each call is in the journal by then.
"""

import asyncio
import functools
import json
import os
import queue
import time
from collections import ChainMap, Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from udfs import files
from udfs.brake import Brake, Stop
from udfs.budget import Budget
from udfs.caller import Caller, Means, Settled
from udfs.claim import Claim, SupersededError
from udfs.engines.factory import engine_for
from udfs.error_rate import Recent
from udfs.follow import Passage, follow
from udfs.journal import Journal, JournalError, settled, write_each
from udfs.lease import LeaseWatch
from udfs.loop import background_loop
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.window import Window

if TYPE_CHECKING:
    import pandas as pd

OUTCOME_DDL = (
    "partition int, called int, failed int, deferred int, stopped int, known int, reason string, message string, "
    "stage string, recent string"
)
TICK_S, PROGRESS_S = 0.5, 2.0  # how often a journal part may be closed, and the progress file is rewritten
AHEAD = 1.25  # passages begun per slot: so many more that no gap opens between Arrow batches, so few that each is
# done while a server still has its prefix


@dataclass(frozen=True)
class Run:
    """What the tasks of one calling job share beside the `CallSpec`s."""

    run_id: str
    journal: str
    progress: str
    lease: str
    holder: str
    partitions: int
    budget_usd: float | None
    max_error_rate: float


def call_rows(specs: Sequence[CallSpec], run: Run) -> "Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]":
    """Return the function for `mapInPandas`: columns call_key, passage_key, row (JSON), known (JSON: call_key ->
    [text, error_type]) in, the calls of a passage one after another; OUTCOME_DDL out.

    The rows are of the first spec's stage; the others are followed.
    """

    def call_partition(frames: "Iterator[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
        import pandas as pd
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = context.partitionId() if context else 0
        attempt = context.taskAttemptId() if context else 0
        _take_gpus()
        calls = (call for frame in frames for call in frame.itertuples(index=False))
        outcome = run_tasks(specs, run, partition, attempt, passages(calls))
        yield pd.DataFrame([outcome])

    return call_partition


@functools.cache
def _take_gpus() -> None:
    """Let this process see the GPUs that Spark gave its first task, and no others: an engine stays on them, and
    later tasks find it there, whichever they are given.
    """
    from pyspark import TaskContext

    context = TaskContext.get()
    gpus = context.resources().get("gpu") if context else None
    if gpus is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(gpus.addresses)


def passages(calls: Iterator[Any]) -> Iterator[Passage]:
    """Return the passages of rows with call_key, passage_key, row and known, as `call_rows` takes them."""
    for _, group in groupby(calls, key=lambda c: c.passage_key):
        some = list(group)
        rows = [json.loads(row) for row in dict.fromkeys(c.row for c in some)]
        known = {k: Settled("known", *v) for k, v in json.loads(some[0].known or "{}").items()}
        yield Passage(rows, frozenset(c.call_key for c in some), known)


def run_tasks(
    specs: Sequence[CallSpec], run: Run, partition: int, attempt: int, passages: Iterator[Passage]
) -> dict[str, Any]:
    """Make the calls of one task and return its row of OUTCOME_DDL: how those of the first stage fared, and what
    failed in any.

    Raises:
        SupersededError: Spark started this task once more; what was paid here is in the journal.
    """
    counts = Counter(known=0)
    try:
        claim = _claim(run, partition, attempt)
        callers, known = _callers(specs, run, partition, attempt)
    except JournalError as error:
        return _outcome(partition, counts, Stop("journal", str(error), specs[0].stage))
    progress = files.join(run.progress, run.run_id)

    def report() -> None:
        for caller in callers:
            _report(files.join(progress, f"{caller.spec.stage}-{partition}.json"), caller)

    feed = _Feed(callers, known, claim, report)
    try:
        counts.update(feed.run(passages))
        write_each(caller.journal.close for caller in callers)
    except JournalError as error:
        callers[0].halt("journal", str(error))
    except BaseException as crash:
        callers[0].halt("crash", type(crash).__name__)  # what waits for a slot in the loop's thread is not sent
        with suppress(JournalError):
            write_each(caller.journal.flush for caller in callers)
        raise
    report()
    if not claim.held():
        raise SupersededError(f"a later attempt has task {partition}")
    counts["failed"] = sum(caller.tally.errors for caller in callers)
    recent = {caller.spec.stage: caller.recent() for caller in callers}
    return _outcome(partition, counts, callers[0].stop, recent)


def _claim(run: Run, partition: int, attempt: int) -> Claim:
    place = files.join(run.journal, run.run_id, "claims", f"{partition:05d}")
    try:
        return Claim(place, attempt)
    except OSError as error:
        raise JournalError(f"{place}: {error}") from error


def _callers(
    specs: Sequence[CallSpec], run: Run, partition: int, attempt: int
) -> tuple[list[Caller], dict[str, Settled]]:
    """Return a caller per stage and what earlier attempts of this task settled.

    Stages share budget, lease and brake, and those on one engine its client and window.
    """
    share = 1.0 / run.partitions
    folders = [files.join(run.journal, run.run_id, spec.stage) for spec in specs]
    journaled = [settled(folder, partition) for folder in folders]
    spent = sum(usd for _, usd in journaled)
    budget = Budget(None if run.budget_usd is None else run.budget_usd * share - spent)
    engines = {spec.engine: engine_for(spec.engine) for spec in specs}
    windows = {e: Window(_share(e.max_in_flight, run.partitions, partition)) for e in engines}
    lease, brake = LeaseWatch(run.lease, run.holder), Brake()
    callers = [
        Caller(
            spec,
            engines[spec.engine],
            logic(spec.stage).answer,
            Means(
                journal=Journal(folder, partition, attempt), window=windows[spec.engine], budget=budget, lease=lease,
                brake=brake, share=share, max_error_rate=run.max_error_rate,
            ),
        )
        for spec, folder in zip(specs, folders, strict=True)
    ]  # fmt: skip
    known = {k: Settled("known", c["text"], c["error_type"]) for found, _ in journaled for k, c in found.items()}
    return callers, known


def _share(total: int, partitions: int, partition: int) -> int:
    """Return this partition's part of `total`, so that the parts add up to it."""
    return max(1, total // partitions + (partition < total % partitions))


class _Feed:
    """Keeps the windows full from the passages as they come, until all are settled or a caller stops."""

    def __init__(
        self, callers: Sequence[Caller], known: dict[str, Settled], claim: Claim, report: Callable[[], None]
    ) -> None:
        self._callers, self._known, self._claim, self._report = callers, known, claim, report
        self._most = 2 + AHEAD * sum(w.most for w in {id(c.window): c.window for c in callers}.values())
        self._ended = queue.SimpleQueue[Future[list[Settled]]]()

    def run(self, passages: Iterator[Passage]) -> Counter[str]:
        """Follow every passage; return how the calls of the first stage fared."""
        loop, counts = background_loop(), Counter[str]()
        under_way, order, more = 0, 0, True
        ticked = reported = time.monotonic()
        while more or under_way:
            while more and self._callers[0].stop is None and under_way < self._most:
                passage = next(passages, None)
                if passage is None:
                    more = False
                    break
                known = ChainMap(self._known, dict(passage.known))
                made = follow(self._callers, replace(passage, known=known), order)
                order += 1
                asyncio.run_coroutine_threadsafe(made, loop).add_done_callback(self._ended.put)
                under_way += 1
            more = more and self._callers[0].stop is None
            if not under_way:
                continue
            try:
                counts.update(s.how for s in self._ended.get(timeout=TICK_S).result())
                under_way -= 1
            except queue.Empty:
                pass
            now = time.monotonic()
            if not self._claim.held():
                self._callers[0].halt("superseded")
            if now - ticked >= TICK_S:
                loop.call_soon_threadsafe(self._tick)
                ticked = now
            if now - reported >= PROGRESS_S:
                self._report()
                reported = now
        return counts

    def _tick(self) -> None:
        for caller in self._callers:
            caller.tick()


def _report(progress: str, caller: Caller) -> None:
    """Rewrite the progress file; progress is a courtesy, so failing to write it stops nothing."""
    try:
        files.write(progress, json.dumps({**caller.state(), "at": time.time()}).encode())
    except (OSError, RuntimeError):  # the loop's thread may add an error type meanwhile
        return


def _outcome(
    partition: int, counts: Counter[str], stop: Stop | None, recent: Mapping[str, Recent] | None = None
) -> dict[str, Any]:
    names = ("called", "failed", "deferred", "stopped", "known")
    return {
        "partition": partition,
        **{name: counts[name] for name in names},
        "reason": stop.reason if stop else None,
        "message": stop.message if stop else None,
        "stage": stop.stage if stop else None,
        "recent": json.dumps(recent or {}),
    }
