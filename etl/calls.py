"""The paid step: runs a stage's calls through the UDF, in budget rounds, and turns what stopped it into an error."""

import json
import socket
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pyspark.sql import DataFrame

from etl import ledger
from etl.config import Config
from etl.config.engines import VLLMEngine
from etl.errors import BudgetStop, ConfigError, EndpointStop, RunError, WarehouseBusy
from etl.lease import Lease
from etl.progress import Progress
from etl.session import own_workers, slots, task_gpus
from etl.tables import Warehouse
from etl.work import spread, to_call
from udfs import files
from udfs.error_rate import RECENT, RECENT_AT_LEAST, Recent, too_many
from udfs.runner import OUTCOME_DDL, Run, call_rows, passages, run_tasks
from udfs.spec import CallSpec, EngineSpec

if TYPE_CHECKING:
    import pandas as pd

PREFLIGHT_S = 5.0
SLOTS_PER_WORKER = 8  # calls in flight per worker at least: with fewer, the worker that drew the slow rows ends last


@dataclass
class Caller:
    """What calling needs beside the stage: where, within which limits, under which lease, shown how; and what came
    of it.
    """

    warehouse: Warehouse
    config: Config
    run_id: str
    lease: Lease
    progress: Progress
    unsettled: int = 0
    """Calls that failed in a way a later run tries again."""
    recent: dict[str, deque[bool]] = field(default_factory=dict)
    """Of the last settled calls of each stage, in all workers and slices, whether they failed."""
    reached: set[EngineSpec] = field(default_factory=set)
    """Where somebody answered in this run: what becomes of an endpoint later is for the calls to find out."""

    def make(self, tasks: DataFrame, specs: Sequence[CallSpec]) -> RunError | None:
        """Settle the calls of the first spec's stage that are not yet paid, and what they lead to in the stages of
        the others; return why it stopped early, or None. The rows of everything that was settled can be made either
        way.
        """
        pending = self.warehouse.stage_copy("pending", self._pending(tasks, specs[0]))
        count = pending.count()
        if not count:
            return None
        for spec in specs:
            if spec.engine not in self.reached:
                reach(spec)
                self.reached.add(spec.engine)
        partitions = self._partitions(specs, count)
        with self.progress.stages({s.stage: count if s is specs[0] else None for s in specs}):
            return self._rounds(pending, specs, partitions)

    def _partitions(self, specs: Sequence[CallSpec], count: int) -> int:
        """Return how many tasks share the calls: where an engine is in the tasks' own processes, one for each."""
        if self.config.runner == "driver":
            return 1
        named = {name: self.config.engines[name] for name in (self.config.stage(s.stage).engine for s in specs)}
        inside = {name: engine for name, engine in named.items() if engine.type == "vllm"}
        for name, engine in inside.items():
            check_gpus(name, engine, task_gpus(self.warehouse.spark))
        by_window = max(1, specs[0].engine.max_in_flight // SLOTS_PER_WORKER)
        most = [s.engine.max_in_flight for s in specs] + [engine.replicas for engine in inside.values()]
        return min(slots(self.warehouse.spark), by_window, count, *most)

    def _rounds(self, pending: DataFrame, specs: Sequence[CallSpec], partitions: int) -> RunError | None:
        """Share out what is left of the budget until all is settled or nothing fits any more."""
        costs = specs[0].engine.price is not None and specs[0].engine.price.output > 0
        while True:
            self.lease.check()
            usd = left(self.warehouse, self.config, self.run_id)
            if usd is not None and usd <= 0 and costs:
                return used_up(self.warehouse, self.config, self.run_id)
            counts, stop = self._call(pending, specs, partitions, usd)
            self.lease.check()  # what a run that lost the warehouse has journaled, its successor moves
            ledger.commit(self.warehouse, self.run_id)
            self.unsettled += counts["failed"]
            if stop is not None:
                return stop
            if not counts["deferred"]:
                return None
            if not counts["called"]:
                if partitions == 1:
                    return used_up(self.warehouse, self.config, self.run_id)
                partitions = 1
            pending = self._pending(pending, specs[0])
            if self.unsettled and pending.isEmpty():  # what was deferred had failed before
                return used_up(self.warehouse, self.config, self.run_id)

    def _pending(self, tasks: DataFrame, spec: CallSpec) -> DataFrame:
        """Return the calls to make; what this run gave up on is left to a later one."""
        pending = to_call(self.warehouse, tasks, spec)
        if not self.unsettled:
            return pending
        given_up = ledger.failed(self.warehouse, spec.stage, self.run_id, spec.engine.max_attempts)
        return pending.join(given_up, on="call_key", how="left_anti")

    def _call(
        self, pending: DataFrame, specs: Sequence[CallSpec], partitions: int, usd: float | None
    ) -> tuple[Counter[str], RunError | None]:
        run = Run(
            run_id=self.run_id, journal=self.warehouse.journal, progress=files.join(self.warehouse.root, "_progress"),
            lease=self.lease.location, holder=self.lease.holder, partitions=partitions, budget_usd=usd,
            max_error_rate=self.config.limits.max_error_rate,
        )  # fmt: skip
        known = ledger.known(self.warehouse, specs, pending.select("passage_key"))
        outcomes = self._outcomes(spread(pending, known, partitions), specs, run)
        counts: Counter[str] = Counter()
        for row in outcomes:
            counts.update({n: row[n] for n in ("called", "failed", "deferred")})
        named = {s.stage: s for s in specs}
        stops = [(r["stage"], r["reason"], r["message"]) for r in outcomes if r["reason"]]
        stops += self._failing(outcomes)
        return counts, stop_error(named[stops[0][0]], *stops[0][1:]) if stops else None

    def _failing(self, outcomes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
        """Yield the stages (with reason and message) of which too many of the last calls failed: a worker judges its
        own, of which there may be few, and a slice's may be fewer.
        """
        errors: dict[str, str | None] = {}
        for told in (json.loads(outcome["recent"]) for outcome in outcomes):
            for stage, (failed, error) in told.items():
                self.recent.setdefault(stage, deque(maxlen=RECENT)).extend(failed)
                errors[stage] = error or errors.get(stage)
        for stage, error in errors.items():
            if text := too_many(
                Recent([*self.recent[stage]], error), RECENT_AT_LEAST, self.config.limits.max_error_rate
            ):
                yield stage, "error_rate", text

    def _outcomes(self, asked: DataFrame, specs: Sequence[CallSpec], run: Run) -> Sequence[Mapping[str, Any]]:
        """Make the calls where the configuration says; return one row of OUTCOME_DDL per task."""
        if self.config.runner == "driver":
            rows = asked.toLocalIterator(prefetchPartitions=True)
            return [run_tasks(specs, run, 0, 0, passages(rows))]
        make = call_rows(specs, run)

        def call(frames: "Iterator[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
            return make(frames)

        inside = any(s.engine.type == "vllm" for s in specs)
        with own_workers(self.warehouse.spark, "vllm") if inside else nullcontext():
            asked = asked.mapInPandas(call, OUTCOME_DDL)
        return [row.asDict() for row in asked.collect()]


def left(warehouse: Warehouse, config: Config, run_id: str) -> float | None:
    """Return the US dollars that the budget leaves; None where there is none."""
    if config.budget.usd is None:
        return None
    return config.budget.usd - ledger.spent(warehouse, config.budget.per, run_id)


def used_up(warehouse: Warehouse, config: Config, run_id: str) -> BudgetStop:
    """Return the stop of a run that may pay nothing more."""
    budget = config.budget
    spent = ledger.spent(warehouse, budget.per, run_id)
    return BudgetStop(
        f"budget.usd = {budget.usd:g} per {budget.per}: {spent:.6f} spent, and no pending call surely fits what is "
        "left; raise it and run the same command to go on"
    )


def stop_error(spec: CallSpec, reason: str, message: str) -> RunError:
    """Return why a stage sends nothing more as the error that ends the run."""
    where = f"stages.{spec.stage}.engine"
    engine = f"{spec.engine.model} at {spec.engine.base_url}" if spec.engine.base_url else spec.engine.model
    name = spec.engine.api_key_var or spec.engine.api_key_file
    key = f"the key in {name}" if name else "a call without a key; set api_key_var"
    known: dict[str, tuple[type[RunError], str]] = {
        "unauthorized": (ConfigError, f"{where}: {engine} refuses {key}"),
        "unknown_model": (ConfigError, f"{where}: the model or base_url is unknown there: {engine}"),
        "engine_start": (ConfigError, f"{where}: {engine} does not start"),
        "engine_died": (EndpointStop, f"{spec.stage}: {engine} ended at work; run again to go on"),
        "quota_exhausted": (EndpointStop, f"the quota of {engine} is used up"),
        "error_rate": (EndpointStop, f"{spec.stage}: {engine} fails too often (limits.max_error_rate)"),
    }
    if reason == "lease":
        return WarehouseBusy(message or "another run took the warehouse over")
    kind, text = known.get(reason, (RunError, reason))
    return kind(f"{text}: {message}")


def reach(spec: CallSpec) -> None:
    """Open a connection to the endpoint before a run's first call; not where a proxy stands between.

    Raises:
        ConfigError: nobody answers there, or the embedded engine's model is not installed.
    """
    if spec.engine.type == "vllm":  # known where the calls are made, which may not be here
        return
    if spec.engine.type == "embedded":
        _have_model(spec)
        return
    parts = urlsplit(spec.engine.base_url)
    if {parts.scheme, "all"} & getproxies().keys() and not proxy_bypass(parts.hostname or ""):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=PREFLIGHT_S).close()
    except OSError as error:
        raise ConfigError(
            f"stages.{spec.stage}.engine: nobody answers at base_url {spec.engine.base_url} ({error}); "
            "start the server or mend the address"
        ) from None


def check_gpus(name: str, engine: VLLMEngine, each: float) -> None:
    """Compare what engines in tasks need with the GPUs that Spark gives each task; without any, there is one task,
    which takes what its machine has.

    Raises:
        ConfigError: engines would share a GPU or a machine without one, or one has too few.
    """
    size = engine.tensor_parallel_size
    mend = f"set spark.task.resource.gpu.amount to {size}"
    if each == 0 and engine.replicas > 1:
        has = f"engines.{name}.replicas = {engine.replicas}: Spark gives its tasks no GPUs"
        raise ConfigError(f"{has}; {mend}, or replicas to 1")
    if each and (each < size or each != int(each)):
        has = f"engines.{name}.tensor_parallel_size = {size}: Spark gives each task {each:g} GPUs"
        raise ConfigError(f"{has}; {mend}")


def _have_model(spec: CallSpec) -> None:
    from udfs.engines.embedded import EmbeddedEngine, MissingModelError

    try:
        EmbeddedEngine()
    except MissingModelError as error:
        raise ConfigError(f"stages.{spec.stage}.engine: {error}") from None
