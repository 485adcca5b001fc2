"""Progress while a run works, from the workers' progress files: a live table on a terminal, plain lines in a log."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.live import Live
from rich.table import Table

from udfs import files
from udfs.tally import Tally, summed

LIVE_S, LINE_S = 1.0, 10.0
PLAN = "stages.json"


@dataclass
class StageProgress:
    """How one stage's calls stand."""

    name: str
    total: int | None
    """Calls to settle; None where they follow from earlier stages' answers."""
    started: float = field(default_factory=time.time)
    ended: float | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def seconds(self) -> float:
        """Time since the first call was handed out."""
        return (self.ended or time.time()) - self.started

    @property
    def rate(self) -> float:
        """Settled calls per second."""
        return (self.tally.done + self.tally.errors) / max(self.seconds, 1e-9)

    @property
    def left(self) -> str:
        """Time until the stage is done at the rate so far."""
        if self.ended is not None:
            return "done"
        if self.total is None:
            return "?"
        open_calls = self.total - self.tally.done - self.tally.errors
        return f"{open_calls / self.rate:.0f} s" if self.tally.done else "?"

    @property
    def of_total(self) -> str:
        """Calls done, of how many where that is known."""
        return str(self.tally.done) if self.total is None else f"{self.tally.done}/{self.total}"

    def line(self) -> str:
        """Return the state as one line."""
        told = self.tally
        failed = ", ".join(f"{n} {kind}" for kind, n in Counter(told.types).most_common())
        problem = f"; requests that failed: {failed}; the last: {told.last_error}" if failed else ""
        return (
            f"{self.name}: {self.of_total} calls, {told.errors} failed, {told.in_flight} in flight, "
            f"{told.prompt_tokens}+{told.completion_tokens} tokens, ${told.cost_usd:.4f}, {self.rate:.1f}/s, "
            f"left {self.left}{problem}"
        )


class Progress:
    """Shows the stages of a run on stderr."""

    def __init__(self, location: str, quiet: bool = False) -> None:
        self._location, self._quiet = location, quiet
        self._console = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """Show one line about what is going on."""
        if not self._quiet:
            self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def stages(self, totals: Mapping[str, int | None]) -> Iterator[list[StageProgress]]:
        """Show the calls of these stages while they are made; `watch` shows them from outside."""
        for old in files.listing(self._location):  # of an earlier slice
            files.remove(old)
        states = [StageProgress(name, total) for name, total in totals.items()]
        files.write(self._plan, json.dumps({"started": time.time(), "totals": totals}).encode())
        ended = threading.Event()
        shown = threading.Thread(target=self._show, args=(states, ended.wait), daemon=True)
        shown.start()
        try:
            yield states
        finally:
            ended.set()
            shown.join()
            self._read(states)
            for state in _begun(states):
                state.ended, state.tally.in_flight = time.time(), 0
                self.say(state.line())
            files.remove(self._plan)

    def watch(self) -> None:
        """Show from outside what the run calls at the moment, until it has ended."""
        while (plan := files.read(self._plan)) is not None:
            said = json.loads(plan)
            states = [StageProgress(name, total, said["started"]) for name, total in said["totals"].items()]
            self._read(states)
            for state in _begun(states):
                self.say(state.line())
            self._show(states, partial(self._over, plan))

    def _over(self, plan: bytes, seconds: float) -> bool:
        time.sleep(seconds)
        return files.read(self._plan) != plan

    @property
    def _plan(self) -> str:
        """Which stages are being called, how many calls, since when."""
        return files.join(self._location, PLAN)

    def _show(self, states: list[StageProgress], over: Callable[[float], bool]) -> None:
        """Show the stages again and again; `over` waits that many seconds and says whether to end."""
        if self._quiet:
            return
        if not self._console.is_terminal:
            while not over(LINE_S):
                self._read(states)
                for state in _begun(states):
                    self.say(state.line())
            return
        with Live(_table(states), console=self._console, transient=True, refresh_per_second=4) as live:
            while not over(LIVE_S):
                self._read(states)
                live.update(_table(_begun(states)))

    def _read(self, states: list[StageProgress]) -> None:
        """Add up the progress files of the stages' workers."""
        try:
            found = {name: json.loads(files.read(name) or b"{}") for name in files.listing(self._location)}
        except (OSError, ValueError):  # progress is a courtesy
            return
        for state in states:
            mine = [f for name, f in found.items() if name.rsplit("/", 1)[-1].startswith(f"{state.name}-")]
            state.tally = summed(mine)

    def close(self) -> None:
        """Remove the run's progress files."""
        files.remove(self._location)
        sys.stderr.flush()


def _begun(states: list[StageProgress]) -> list[StageProgress]:
    """Return the stages that have made or are to make a call."""
    return [s for s in states if s.total or s.tally.requests]


def _table(states: list[StageProgress]) -> Table:
    table = Table(box=None)
    for name in ("stage", "done", "failed", "in flight", "tokens", "USD", "per s", "left"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for state in states:
        told = state.tally
        tokens = f"{told.prompt_tokens}+{told.completion_tokens}"
        counts = (state.of_total, str(told.errors), str(told.in_flight), tokens)
        table.add_row(state.name, *counts, f"{told.cost_usd:.4f}", f"{state.rate:.1f}", state.left)
    return table


def under_way(root: str) -> str | None:
    """Return the place of the progress files of the run that calls at the moment, or None."""
    plans = [p for p in files.listing(files.join(root, "_progress")) if p.endswith(f"/{PLAN}")]
    return max(plans).removesuffix(f"/{PLAN}") if plans else None
