"""One document through the stages with everything shown: messages, raw answers, parsed results, checks.

Its calls are paid through the ledger like any, under lease and budget; no other table is written.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl import ledger, trace
from etl.calls import left, reach, stop_error, used_up
from etl.config import Config
from etl.errors import EndpointStop, RunError
from etl.lease import Lease, secret
from etl.onefile import read
from etl.session import prepare_session
from etl.specs import call_specs, check_prompts, load_prompts
from etl.tables import Warehouse
from udfs import files
from udfs.brake import Brake
from udfs.budget import Budget
from udfs.caller import Caller, Means, Task
from udfs.engines.factory import engine_for
from udfs.journal import Journal, JournalError, entries, write_each
from udfs.lease import LeaseWatch
from udfs.loop import background_loop
from udfs.messages import Message, render
from udfs.passages import passages
from udfs.spec import CallSpec
from udfs.stages import Row, logic
from udfs.tasks import calls, result
from udfs.window import Window

REPEATED = 200  # characters that a message shares with the one before, from which on they are not shown again
Record = dict[str, Any]


def attempt(spark: SparkSession, config: Config, where: str) -> Iterator[str]:
    """Take the document of a file (`-`: stdin) through the stages, and yield what happens, line by line.

    Raises:
        RunError: as `etl.pipeline.run` does; what was paid until then is in the ledger.
    """
    prompts = load_prompts(config)
    document = read(config, where)
    yield from trace.titled("Document", trace.terms({k: v for k, v in document.items() if k != "text"}))
    if document["reason"]:
        yield "\nA run rejects this document before any call, for the reason above."
        return
    prepare_session(spark, config.key_variables)
    warehouse = Warehouse.of(spark, config)
    run_id = f"try-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    with Lease(warehouse.root, run_id) as lease:
        warehouse = replace(warehouse, scratch=run_id, guard=lease.check)
        warehouse.create()
        check_prompts(warehouse, prompts.values())
        try:
            ledger.recover(warehouse)
            specs = list(call_specs(config, prompts, secret(warehouse.root)).values())
            with closing(_Try(warehouse, config, run_id, lease, specs)) as work:
                yield from work.document(document)
        finally:
            warehouse.drop_copies()


@dataclass
class _Try:
    """One document under way: who calls, and what was shown last."""

    warehouse: Warehouse
    config: Config
    run_id: str
    lease: Lease
    specs: Sequence[CallSpec]
    budget: Budget | None = None
    brake: Brake = field(default_factory=Brake)
    callers: dict[str, Caller] = field(default_factory=dict)
    before: Sequence[Message] = ()
    settled: dict[str, Record] = field(default_factory=dict)
    """The completions of this try, by call_key: the ledger has them at its end."""
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def document(self, document: Record) -> Iterator[str]:
        """Yield what becomes of every passage."""
        parts = passages(document["text"], self.config.max_passage_tokens)
        for passage in parts:
            row = {
                **{n: document[n] for n in ("doc_id", "content_hash", "title")}, "part": passage.part,
                "parts": len(parts), "passage": passage.text, "start": passage.start, "persona": None,
            }  # fmt: skip
            yield f"\n=== Passage {passage.part + 1} of {len(parts)}: {len(passage.text)} characters"
            yield from self._stage(0, row)
        yield "\n=== Sum"
        yield from self._sum()
        if self.failed:
            raise EndpointStop(f"{len(self.failed)} calls failed, the last with {self.failed[-1]}; try again later")

    def _stage(self, n: int, row: Row) -> Iterator[str]:
        """Yield what one stage makes of a row, then what the next stages make of what it leads to."""
        spec = self.specs[n]
        stage = logic(spec.stage)
        whom = f", for: {row['persona']}" if row.get("persona") else ""
        yield f"\n--- {spec.stage}{whom} ({spec.prompt}, {spec.engine.model})"
        outcomes: list[Record] = []
        for task in calls(stage, spec, row):
            yield from self._call(spec, task, outcomes)
        made = result(stage, spec, row, outcomes)
        error = made.get("error_type")
        shown = trace.terms({"error_type": error}) if error else trace.terms(made)
        yield from trace.titled("Result", trace.checks(made) if "failures" in made and not error else shown)
        if error:
            return
        if made.get("passed"):
            self.passed.append(f"{row['question']} {row['answer']}")
        if n + 1 < len(self.specs):
            for following in stage.leads_to(row, made):
                yield from self._stage(n + 1, following)

    def _call(self, spec: CallSpec, task: Task, outcomes: list[Record]) -> Iterator[str]:
        """Yield a call's messages and answer, paid now or before; its outcome is added to `outcomes`."""
        messages = render(spec, task.inputs)
        for message, old in zip(messages, [*self.before, *({"content": ""},) * len(messages)], strict=False):
            yield from trace.titled(f"Message ({message['role']})", [_news(message["content"], old["content"])])
        self.before = messages
        paid = self.settled.get(task.call_key) or self._paid(spec, task)
        if paid is None:
            try:
                how, settled, attempts = self._pay(spec, task)
            except JournalError as error:
                raise stop_error(spec, "journal", str(error)) from None
            if settled:
                self.settled[task.call_key] = {**settled, "run_id": self.run_id}
        else:
            how, settled, attempts = f"paid before, by run {paid['run_id']}", paid, []
        yield from trace.titled(f"Call {task.call_key} ({how})", trace.call(settled, attempts))
        failure = None if settled else attempts[-1]["error_type"]
        if failure:
            self.failed.append(failure)
        outcomes.append(
            {"text": settled and settled["text"], "error_type": settled and settled["error_type"], "failure": failure}
        )

    def _paid(self, spec: CallSpec, task: Task) -> Record | None:
        """Return the ledger's row of a call that is settled, or None."""
        asked = self.warehouse.frame([{"call_key": task.call_key}], "call_key string")
        valid = ledger.settled(self.warehouse, spec, asked).select("call_key", "error_type")
        rows = self.warehouse.read("completions").where(F.col("call_key") == task.call_key)
        same = F.col("c.error_type").eqNullSafe(F.col("v.error_type"))
        found = rows.alias("c").join(valid.alias("v"), on=same, how="left_semi").orderBy(F.desc("completed_at")).first()
        return found.asDict(recursive=True) if found else None

    def _pay(self, spec: CallSpec, task: Task) -> tuple[str, Record | None, list[Record]]:
        """Make a call and return how it went, its completion where it is settled, and its attempts.

        Raises:
            RunError: it could not be made: budget, credentials, quota or lease.
            JournalError: nothing can be written down.
        """
        caller = self._caller(spec)
        got = asyncio.run_coroutine_threadsafe(caller.call(task), background_loop()).result()
        if got.how == "deferred":
            raise used_up(self.warehouse, self.config, self.run_id)
        if got.how == "stopped":
            raise _stopped(spec, caller)
        caller.journal.flush()
        folder = files.join(self.warehouse.journal, self.run_id, spec.stage)
        lines = [e for name in files.listing(folder) for e in entries(files.read(name) or b"")]
        mine = [e for e in lines if e["call_key"] == task.call_key]
        how = "paid now" if got.how == "called" else "failed, to be tried again"
        return how, mine[-1]["completion"], [e["attempt"] for e in mine]

    def _caller(self, spec: CallSpec) -> Caller:
        """Return the caller of a stage, made at its first call; all share budget and brake, and call one at a time."""
        if spec.stage not in self.callers:
            reach(spec)
            self.budget = self.budget or Budget(left(self.warehouse, self.config, self.run_id))
            journal = Journal(files.join(self.warehouse.journal, self.run_id, spec.stage), 0, 0)
            watch = LeaseWatch(self.lease.location, self.lease.holder)
            means = Means(journal=journal, window=Window(1), budget=self.budget, lease=watch, brake=self.brake)
            self.callers[spec.stage] = Caller(spec, engine_for(spec.engine), logic(spec.stage).answer, means)
        return self.callers[spec.stage]

    def _sum(self) -> Iterator[str]:
        tallies = [c.tally for c in self.callers.values()]
        requests, usd = sum(t.requests for t in tallies), sum(t.cost_usd for t in tallies)
        tokens = f"{sum(t.prompt_tokens for t in tallies)} + {sum(t.completion_tokens for t in tallies)} tokens"
        yield f"{requests} requests now, {tokens}, ${usd:.6f}; {len(self.passed)} pairs passed every check"
        yield from (f"  {pair}" for pair in self.passed)

    def close(self) -> None:
        """Move what was paid from the journal into the ledger."""
        try:
            write_each(caller.journal.close for caller in self.callers.values())
        except JournalError as error:
            raise RunError(f"journal: {error}") from None
        finally:
            ledger.commit(self.warehouse, self.run_id)


def _stopped(spec: CallSpec, caller: Caller) -> RunError:
    stop = caller.stop
    return stop_error(spec, stop.reason, stop.message) if stop else RunError("stopped")


def _news(text: str, before: str) -> str:
    """Return a message without the whole lines at its head that the one before began with, where they are many."""
    pairs = zip(text.splitlines(keepends=True), before.splitlines(keepends=True), strict=False)
    same = sum(len(line) for line, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return text if same < REPEATED else f"[{same} characters as in the message before]\n{text[same:]}".rstrip("\n")
