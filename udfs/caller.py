"""The caller: settles one call after another within window, budget and lease. Imports neither Spark nor pandas.

Everything that happens is an entry in the journal; what `call` returns only says how the row fared in this run.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from udfs.answers import Answer
from udfs.brake import Brake, Stop
from udfs.budget import Budget, cost_of, worst_case
from udfs.engines import Completion, Engine, Request
from udfs.error_rate import RECENT, RECENT_AT_LEAST, RECENT_OF_WORKER, Recent, too_many
from udfs.errors import FATAL, FINAL, RETRYABLE
from udfs.journal import Journal, JournalError
from udfs.lease import LeaseWatch
from udfs.messages import Message, re_ask, render
from udfs.parse import InvalidAnswerError, parse
from udfs.spec import CallSpec
from udfs.tally import Tally
from udfs.text import clean
from udfs.window import Window

BACKOFF_S, BACKOFF_GROWTH, BACKOFF_MOST_S = 0.25, 4.0, 60.0  # six tries span 40 to 80 s: an outage, not a hiccup
# Refusals of a call, in its max_attempts, that do not use these up as others were answered since its last: that is a
# queue. One that is refused for what it is itself (more tokens than a minute has) comes to an end all the same.
REFUSALS = 10
TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")


@dataclass(frozen=True)
class Task:
    """One call to make: `inputs` are the variable fields that reach the prompt. A passage's calls share its key."""

    call_key: str
    doc_id: str
    sample: int
    inputs: Mapping[str, Any]
    passage_key: str = ""


class Settled(NamedTuple):
    """How a call fared in this run: called, known (paid before), failed (retryable, left to a later run), deferred
    (no budget) or stopped; with the answer's text and error type where it is settled.
    """

    how: str
    text: str | None = None
    error_type: str | None = None


@dataclass(frozen=True)
class Means:
    """What one worker calls with: its share of the run's window, budget and error limit, its journal, the lease."""

    journal: Journal
    window: Window
    budget: Budget
    lease: LeaseWatch
    brake: Brake = field(default_factory=Brake)
    share: float = 1.0
    max_error_rate: float = 1.0


@dataclass
class _Call:
    """One call under way: what its attempts add up to."""

    task: Task
    messages: tuple[Message, ...]
    order: int
    number: int = 0
    failures: int = 0
    refusals: int = 0
    answered: int = 0
    re_asked: bool = False
    started: float = field(default_factory=time.monotonic)
    sums: Counter[str] = field(default_factory=Counter)
    reported: set[str] = field(default_factory=set)
    cost: float | None = None


class Caller:
    """Makes the calls of one stage in one worker."""

    def __init__(self, spec: CallSpec, engine: Engine, answer: type[Answer], means: Means) -> None:
        self.spec, self.engine, self.answer = spec, engine, answer
        self.journal, self.window, self.budget, self.lease = means.journal, means.window, means.budget, means.lease
        self.tally, self._brake = Tally(), means.brake
        if not means.lease.held():
            self.halt("lease")
        self._rate, self._schema = means.max_error_rate, answer.json_schema()
        # what a request holds beside its messages, in bytes
        self._constant_size = len(str(self._schema)) + len(str(spec.extra_body).encode("utf-8", "surrogatepass"))
        self._least = max(RECENT_OF_WORKER, round(RECENT_AT_LEAST * means.share))
        self._recent: deque[bool] = deque(maxlen=max(self._least, round(RECENT * means.share)))

    @property
    def stop(self) -> Stop | None:
        """Why this worker sends nothing more, or None."""
        return self._brake.stop

    def halt(self, reason: str, message: str = "") -> None:
        """Stop this worker; the first reason stays."""
        self._brake.stop = self._brake.stop or Stop(reason, message, self.spec.stage)

    async def call(self, task: Task, order: int = 0) -> Settled:
        """Settle one call; those of a lower `order` go first where slots are scarce."""
        call = _Call(task, render(self.spec, task.inputs), order, answered=self.window.answered)
        while True:
            outcome = await self._attempt(call)
            if outcome is not None:
                self._count(outcome.how)
                return outcome
            if call.failures:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._brake.pulled.wait(), _backoff(call.failures))

    async def _attempt(self, call: _Call) -> Settled | None:
        """Send one request; return the call's outcome, or None where another attempt follows."""
        request = self._request(call)
        worst = worst_case(self.spec.engine.price, _size(call.messages) + self._constant_size, self.spec.max_tokens)
        if not await self.budget.reserve(worst):
            return Settled("deferred")
        sent = await self.window.acquire(call.order)
        started = datetime.now(UTC)
        self.tally.in_flight += 1
        try:
            if self.stop is None and not self.lease.held():
                self.halt("lease", "another run took the warehouse over, or this run's driver is dead")
            if self.stop is not None:
                self.budget.settle(worst, 0.0)
                return Settled("stopped")
            completion = await self.engine.complete(request)
        finally:
            self.tally.in_flight -= 1
            self.window.release()
        return self._settle(call, completion, worst, (sent, started))

    def _request(self, call: _Call) -> Request:
        return Request(
            stage=self.spec.stage, messages=call.messages, schema=self._schema, inputs=call.task.inputs,
            max_tokens=self.spec.max_tokens, temperature=self.spec.temperature_of(call.task.sample),
            extra_body=self.spec.extra_body,
        )  # fmt: skip

    def _settle(
        self, call: _Call, got: Completion, worst: float | None, began: tuple[float, datetime]
    ) -> Settled | None:
        """Account for one attempt, write it down, and decide what follows."""
        sent, started = began
        cost = cost_of(self.spec.engine.price, got, worst)
        self.budget.settle(worst, cost)
        call.number += 1
        problem, error = None, got.error_type
        if error is None:
            problem, error = self._problem(got)
        self._adapt(got, sent)
        self._add_up(call, got, cost)
        again = error == "invalid_answer" and not call.re_asked
        final = error is None or (error in FINAL and not again)
        message = clean((got.error_message or problem or "")[:500]) if error else None
        attempt = {
            "n": call.number, "error_type": error, **{t: getattr(got, t) for t in TOKENS}, "cost_usd": cost,
            "started_at": started.isoformat(), "latency_ms": int((time.monotonic() - sent) * 1000),
        }  # fmt: skip
        settled = self._completion(call, got, error, message) if final else None
        try:
            self._write(call, attempt, message, settled)
        except JournalError as stopped:
            self.halt("journal", str(stopped))
            return Settled("stopped")
        self.tally.last_error = message or self.tally.last_error
        if error:
            self.tally.types[error] = self.tally.types.get(error, 0) + 1
        if settled is not None:
            return Settled("called", settled["text"], error)
        if again:
            call.re_asked = True
            call.messages = re_ask(call.messages, got.text or "", problem or "")
            return None
        return self._retry_or_leave(call, error or "", message or "")

    def _retry_or_leave(self, call: _Call, error: str, message: str) -> Settled | None:
        if error in FATAL or error == "quota_exhausted":
            self.halt(error, message)
            return Settled("stopped")
        call.failures += 1
        call.refusals += error == "rate_limited" and self.window.answered > call.answered
        call.answered = self.window.answered
        used = call.failures - min(call.refusals, REFUSALS * self.spec.engine.max_attempts)
        return Settled("failed") if used >= self.spec.engine.max_attempts else None

    def _problem(self, got: Completion) -> tuple[str | None, str | None]:
        """Return what is wrong with an answer that arrived: (problem, error type), or twice None."""
        if got.finish_reason == "length":
            return f"the answer did not end within {self.spec.max_tokens} tokens", "length_stop"
        try:
            parse(got.text or "", self.answer)
        except InvalidAnswerError as invalid:
            return str(invalid), "invalid_answer"
        return None, None

    def _adapt(self, got: Completion, sent: float) -> None:
        overloaded = got.error_type == "server_error" and got.retry_after_s is not None
        if overloaded or got.error_type in ("rate_limited", "timeout"):
            self.window.refused(sent, got.retry_after_s)
        elif got.error_type not in RETRYABLE:
            self.window.succeeded()

    def _add_up(self, call: _Call, got: Completion, cost: float | None) -> None:
        for name in TOKENS:
            if getattr(got, name) is not None:
                call.sums[name] += getattr(got, name)
                call.reported.add(name)
        if cost is not None:
            call.cost = (call.cost or 0.0) + cost
        self.tally.requests += 1
        self.tally.prompt_tokens += got.prompt_tokens or 0
        self.tally.completion_tokens += got.completion_tokens or 0
        self.tally.cost_usd += cost or 0.0

    def _completion(self, call: _Call, got: Completion, error: str | None, message: str | None) -> dict[str, Any]:
        sums = {name: call.sums[name] if name in call.reported else None for name in TOKENS}
        return {
            "doc_id": call.task.doc_id, "passage_key": call.task.passage_key, "sample": call.task.sample,
            "text": None if got.text is None else clean(got.text), "finish_reason": got.finish_reason,
            **sums, "cost_usd": call.cost, "latency_ms": int((time.monotonic() - call.started) * 1000),
            "attempts": call.number, "error_type": error, "error_message": message,
            "completed_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip

    def _write(
        self, call: _Call, attempt: dict[str, Any], message: str | None, completion: dict[str, Any] | None
    ) -> None:
        self.journal.append(
            {
                "call_key": call.task.call_key,
                "stage": self.spec.stage,
                "prompt": self.spec.prompt,
                "prompt_sha": self.spec.prompt_sha,
                "model": self.spec.engine.model,
                "params": self.spec.params(call.task.sample),
                "attempt": attempt,
                "message": message,
                "completion": completion,
            }
        )

    def _count(self, outcome: str) -> None:
        self.tally.done += outcome == "called"
        self.tally.errors += outcome == "failed"
        self.tally.deferred += outcome == "deferred"
        if outcome in ("called", "failed"):
            self._recent.append(outcome == "failed")
            if told := too_many(self.recent(), self._least, self._rate):
                self.halt("error_rate", told)

    def tick(self) -> None:
        """Let the journal close a part that is old enough; one that cannot be written stops this worker. Of one that
        has stopped, what waits for the server is let go.
        """
        if self.stop is not None:
            self._brake.pulled.set()
            self.window.open()
        try:
            self.journal.tick()
        except JournalError as error:
            self.halt("journal", str(error))

    def recent(self) -> Recent:
        """Return how the last settled calls fared."""
        return Recent(list(self._recent), self.tally.last_error)

    def state(self) -> dict[str, Any]:
        """Return the tally and the window, as the progress file shows them."""
        return {**asdict(self.tally), "window": int(self.window.limit)}


def _size(messages: Iterable[Message]) -> int:
    """Return the bytes of the messages' texts: an upper bound of their tokens."""
    return sum(len(m["content"].encode("utf-8", "surrogatepass")) for m in messages)


def _backoff(failures: int) -> float:
    """Return the seconds to wait before the next try: exponential with full jitter."""
    return random.uniform(0.5, 1.0) * min(BACKOFF_MOST_S, BACKOFF_S * BACKOFF_GROWTH ** (failures - 1))
