"""Runs of the command line in a process of their own: started, waited for, killed, and what a kill cost."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Bench
from tests.endpoint.client import Endpoint

ROOT = Path(__file__).parents[1]
SLOTS = 8  # calls in flight, all workers together
END_S = 600.0  # a run outlives workers that were killed when they had nothing to do, and goes on to its end
UNREAD_S = 5.0  # the longest that an answer needs from the endpoint to the worker's disk, on a starved machine


def start(bench: Bench, more: str = "", first: str = "") -> subprocess.Popen[bytes]:
    """Start the command line on the bench's warehouse, as leader of a session of its own, with `more` configuration:
    tables at the end, top-level keys `first`.
    """
    conf = bench.folder / "run.toml"
    conf.write_text(
        f'{first}warehouse = "{bench.folder / "warehouse"}"\n[tracking]\nuri = ""\n'
        f'[[sources]]\nname = "input"\npath = "{bench.documents}"\n'
        f'[engines.default]\ntype = "openai"\nbase_url = "{bench.url}"\nmodel = "m"\nmax_in_flight = {SLOTS}\n'
        f"timeout_s = 10\nmax_attempts = 2\nprice = {{ input = 1.0, output = 2.0 }}\n{more}"
    )
    command = [sys.executable, "-m", "etl", "run", "--conf", str(conf)]
    return subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )


def wait_for(endpoint: Endpoint, stage: str, finished: int, process: subprocess.Popen[bytes], since: int = 0) -> None:
    """Wait until a stage has this many answers beyond the endpoint's first `since` events."""
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        log = endpoint.log()[since:]
        stages = {e["n"]: e["stage"] for e in log if e["event"] == "request"}
        if sum(e["event"] == "response" and stages.get(e["n"]) == stage for e in log) >= finished:
            return
        time.sleep(0.02)
    raise AssertionError(
        f"the run never reached {finished} answers of {stage}: {process.stderr and process.stderr.read()!r}"
    )


def members(process: subprocess.Popen[bytes], named: bytes) -> list[int]:
    """The living processes of a run whose command line has `named` in it (`java`; `pyspark.daemon`: the workers).

    They are told by their session, which is theirs also when their parents are dead.
    """
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(session) == process.pid and state != "Z" and named in stat.with_name("cmdline").read_bytes():
                found.append(int(stat.parent.name))
        except OSError:  # ended meanwhile
            continue
    return found


def end(endpoint: Endpoint, process: subprocess.Popen[bytes], kill: Callable[[], object]) -> int:
    """Kill a part of a run, wait until all of it has ended, and return how many calls that may have cost.

    That is what can be in flight at once, or 0 where the endpoint had nothing to do just before the kill or since. What
    was in flight to the moment cannot be told from outside: the worker outlives its driver or JVM, and on a busy
    machine answers that the endpoint has sent lie unread in the sockets of a worker that has no turn.
    """
    since = time.time() - UNREAD_S
    kill()
    until = time.monotonic() + END_S
    while members(process, b"pyspark.daemon") or members(process, b"java"):
        assert time.monotonic() < until, "parts of a killed run live on"
        time.sleep(0.02)
    process.wait(END_S)
    return SLOTS if any(e["t"] >= since for e in endpoint.log()) else 0


def paid_twice(endpoint: Endpoint) -> int:
    """How many requests repeat one that the endpoint had already been sent."""
    asked = Counter(e["key"] for e in endpoint.log() if e["event"] == "request")
    return sum(n - 1 for n in asked.values())
