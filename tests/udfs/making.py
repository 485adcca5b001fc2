"""Makes what the worker's tests share: a stage's constant part, a task, and a caller with its means."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from udfs.budget import Budget
from udfs.caller import Caller, Means, Task
from udfs.engines.openai_http import OpenAIEngine
from udfs.journal import Journal, decode
from udfs.keys import call_key
from udfs.lease import LeaseWatch
from udfs.spec import CallSpec, EngineSpec, Price
from udfs.stages import logic
from udfs.window import Window

PRICE = Price(input=1.0, cached_input=0.5, output=2.0)
HOLDER = "ours"
PASSAGE = (
    "The Halden lighthouse stands on a rock in the bay. It was built by Maria Lindqvist after the storm. "
    "The tower has a height of 1,204 feet and a lamp that burned oil for 61.5 years before it was replaced."
)


def spec(stage: str = "qualify", url: str = "", **changes: Any) -> CallSpec:
    """Return a stage's constant part; `changes` may name fields of the engine too."""
    names = {f.name for f in dataclasses.fields(EngineSpec)}
    engine = {"type": "openai", "model": "m", "base_url": url, "max_attempts": 2, "timeout_s": 5.0, "price": PRICE}
    engine |= {k: changes.pop(k) for k in set(changes) & names}
    whole: dict[str, Any] = {
        "stage": stage, "prompt": f"{stage}@1", "prompt_sha": "p" * 32, "system": "Fences hold data.",
        "template": f"# Task: {stage}\n\nDo it.", "few_shots": {"math": "An example from math."},
        "temperature": 0.2, "max_tokens": 256, "logic": 1, "max_passage_tokens": 6000, "secret": b"secret",
    }  # fmt: skip
    return CallSpec(**(whole | changes), engine=EngineSpec(**engine))


def task(made: CallSpec, number: int = 0) -> Task:
    """Return the task of one distinct document."""
    inputs = {"title": f"Document {number}", "passage": f"{PASSAGE} It is number {number}."}
    return Task(call_key(made.stage, made.identity(0), 0, inputs), f"d{number}", 0, inputs)


def beat(folder: Path, holder: str = HOLDER) -> str:
    """Write a heartbeat and return its place."""
    path = folder / "heartbeat.json"
    fresh = folder / "heartbeat.new"
    fresh.write_text(json.dumps({"holder": holder}))
    fresh.replace(path)
    return str(path)


class Worker:
    """A real caller with journal, lease and window in a folder; its engine speaks to a real endpoint."""

    def __init__(self, made: CallSpec, folder: Path, most: int = 16, usd: float | None = None, rate: float = 1) -> None:
        self.spec, self.folder = made, folder
        self.window = Window(most)
        self.journal = Journal(str(folder / "journal"), 0, 0)
        lease = LeaseWatch(beat(folder), HOLDER)
        means = Means(self.journal, self.window, Budget(usd), lease, max_error_rate=rate)
        self.caller = Caller(made, OpenAIEngine(made.engine), logic(made.stage).answer, means)

    def call(self, count: int = 1) -> list[str]:
        """Call for that many documents at once and return the outcomes."""
        return self.call_all([task(self.spec, i) for i in range(count)])

    def call_all(self, tasks: Sequence[Task]) -> list[str]:
        """Call for these tasks at once and return the outcomes."""

        async def together() -> list[str]:
            return [s.how for s in await asyncio.gather(*(self.caller.call(t) for t in tasks))]

        return asyncio.run(together())

    @property
    def bytes(self) -> bytes:
        """The journal as it lies on the disk."""
        return b"".join(p.read_bytes() for p in sorted((self.folder / "journal").iterdir()))

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The journal's entries; every line is whole."""
        found = [decode(line) for line in self.bytes.split(b"\n") if line]
        assert None not in found
        return [e for e in found if e is not None]

    @property
    def errors(self) -> list[str | None]:
        """The error types of the attempts, in order."""
        return [e["attempt"]["error_type"] for e in self.entries]

    @property
    def completions(self) -> list[dict[str, Any]]:
        """The completions of the calls that were settled."""
        return [e["completion"] for e in self.entries if e["completion"]]
