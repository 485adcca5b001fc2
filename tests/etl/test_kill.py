"""Real kills: the same command afterwards loses nothing and pays nothing twice but the calls in flight."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.endpoint.client import Endpoint
from tests.etl.test_pipeline import tables

Text = Callable[[int], str]
ROOT = Path(__file__).parents[2]


def start(bench: Bench) -> subprocess.Popen[bytes]:
    """Start the command line on the bench's warehouse, as leader of a process group of its own."""
    conf = bench.folder / "run.toml"
    conf.write_text(
        f'warehouse = "{bench.folder / "warehouse"}"\n[tracking]\nuri = ""\n'
        f'[[sources]]\nname = "input"\npath = "{bench.documents}"\n'
        f'[engines.default]\ntype = "openai"\nbase_url = "{bench.url}"\nmodel = "m"\nmax_in_flight = 8\n'
        "timeout_s = 10\nmax_attempts = 2\nprice = { input = 1.0, output = 2.0 }\n"
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


def paid_twice(endpoint: Endpoint) -> int:
    """How many requests repeat one that the endpoint had already been sent."""
    asked = Counter(e["key"] for e in endpoint.log() if e["event"] == "request")
    return sum(n - 1 for n in asked.values())


def python_workers(process: subprocess.Popen[bytes]) -> list[int]:
    """The Python workers of a run: the daemon of its JVM and the workers forked from it, and nobody else's."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found, look = [], [process.pid]
    while look:
        below = children.get(look.pop(), [])
        look += below
        found += [pid for pid in below if b"pyspark.daemon" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


@pytest.mark.slow
def test_killed_in_every_stage_it_goes_on_and_ends_as_a_clean_run(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    endpoint.control(latency_s={"mean": 0.25, "sigma": 0.5, "seed": 3})
    bench.write(*[text(i) for i in range(24)])
    in_flight = 0
    for stage, finished in (("qualify", 7), ("classify", 3), ("generate", 9), ("check", 4)):
        since = len(endpoint.log())
        process = start(bench)
        wait_for(endpoint, stage, finished, process, since)
        os.kill(process.pid, signal.SIGKILL)  # the driver alone: its JVM and workers have to notice
        in_flight += endpoint.in_flight()
        process.wait()
        time.sleep(1.0)
        assert paid_twice(endpoint) <= in_flight
    endpoint.control(latency_s=0.0)
    bench.run()
    assert paid_twice(endpoint) <= in_flight
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())
    assert len({c["call_key"] for c in bench.table("completions")}) == len(bench.table("completions"))
    finished_calls = tables(bench)

    endpoint.reset()
    bench.run(rebuild=True)
    assert endpoint.counters()["requests"] == 0
    assert tables(bench) == finished_calls

    endpoint.reset()
    clean = Bench(bench.spark, bench.folder / "clean", bench.url)
    clean.folder.mkdir()
    clean.write(*[text(i) for i in range(24)])
    clean.run()
    for name in ("candidates", "qa"):
        assert len(clean.table(name)) == len(bench.table(name))
    assert {q["qa_id"] for q in clean.table("qa")} == {q["qa_id"] for q in bench.table("qa")}


@pytest.mark.slow
def test_the_whole_process_group_and_a_worker_can_be_killed(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    endpoint.control(latency_s=0.2)
    bench.write(*[text(i) for i in range(24)])
    process = start(bench)
    wait_for(endpoint, "qualify", 6, process)
    workers = python_workers(process)
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert process.wait(timeout=120) == 1
    in_flight = 8
    since = len(endpoint.log())
    process = start(bench)
    wait_for(endpoint, "generate", 5, process, since)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    in_flight += 8
    endpoint.control(latency_s=0.0)
    bench.run()
    assert paid_twice(endpoint) <= in_flight
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())


def test_a_second_run_beside_one_that_holds_the_warehouse_is_refused(bench: Bench) -> None:
    from etl.errors import WarehouseBusy
    from etl.lease import Lease

    bench.write("A text that nobody reads.")
    with Lease(bench.warehouse.root, "first"), pytest.raises(WarehouseBusy, match="first"):
        bench.run()
    bench.run()
