"""Faults around a run: a stalled driver or machine, a lost executor, a full disk, another release's journal."""

import os
import signal
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl.errors import RunError, WarehouseBusy
from etl.lease import TAKEOVER_S
from tests.conftest import Bench
from tests.endpoint.client import Endpoint
from tests.killing import SLOTS, members, paid_twice, start, wait_for

Text = Callable[[int], str]


@pytest.mark.slow
def test_a_stalled_driver_is_passed_over_and_commits_nothing_when_it_wakes(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    endpoint.control(latency_s=0.4)
    bench.write(*[text(i) for i in range(24)])
    process = start(bench)
    wait_for(endpoint, "qualify", 5, process)
    os.kill(process.pid, signal.SIGSTOP)  # its workers go on until its heartbeat stood still for too long
    time.sleep(TAKEOVER_S + 1)
    endpoint.control(latency_s=0.0)
    bench.run()
    assert paid_twice(endpoint) == 0
    before, versions = bench.conserved(), bench.warehouse.versions()
    os.kill(process.pid, signal.SIGCONT)
    assert process.wait(300) == WarehouseBusy.status
    assert b"took the warehouse over" in (process.stderr.read() if process.stderr else b"")
    assert (bench.conserved(), bench.warehouse.versions()) == (before, versions)
    assert paid_twice(endpoint) == 0


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["workers", "driver"])
def test_a_stalled_machine_pays_again_at_most_what_was_in_flight(
    bench: Bench, endpoint: Endpoint, text: Text, runner: str
) -> None:
    endpoint.control(latency_s=0.4)
    bench.write(*[text(i) for i in range(24)])
    process = start(bench, first=f'runner = "{runner}"\n')
    wait_for(endpoint, "qualify", 5, process)
    everything = [process.pid, *members(process, b"java"), *members(process, b"pyspark.daemon")]
    for pid in everything:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(TAKEOVER_S + 1)
    endpoint.control(latency_s=0.0)
    bench.run()
    for pid in everything:
        os.kill(pid, signal.SIGCONT)
    out = process.communicate(timeout=300)[1]
    assert process.returncode == WarehouseBusy.status, out
    assert paid_twice(endpoint) <= SLOTS
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())


@pytest.mark.slow
def test_a_lost_executor_is_replaced_and_what_it_paid_counts(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    endpoint.control(latency_s=0.4)
    bench.write(*[text(i) for i in range(24)])
    process = start(bench, '[spark]\n"spark.master" = "local-cluster[2,1,1024]"\n')
    wait_for(endpoint, "qualify", 5, process)
    executors = members(process, b"CoarseGrainedExecutorBackend")
    assert executors
    os.kill(executors[0], signal.SIGKILL)
    out = process.communicate(timeout=900)[1]
    assert process.returncode == 0, out
    assert paid_twice(endpoint) <= SLOTS
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    path = tmp_path / "small"
    path.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(path)], check=False)
    if made.returncode:
        pytest.skip("mounting takes root's rights")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_stops_the_run_before_more_is_paid_and_it_goes_on_from_there(
    bench: Bench, endpoint: Endpoint, text: Text, small_disk: Path
) -> None:
    bench.write(*[text(i) for i in range(60)])
    journal = f"journal='{small_disk}'"
    with pytest.raises(RunError, match="No space left"):
        bench.run(journal)
    paid = endpoint.counters()["requests"]
    assert 0 < paid < 200
    bench.run()
    assert paid_twice(endpoint) <= SLOTS
    assert len(bench.table("qualifications")) == 60
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())


def test_a_journal_of_another_release_is_left_alone_and_named(bench: Bench, text: Text) -> None:
    bench.write(text(0))
    left = bench.folder / "warehouse" / "_journal" / "20250101-000000-abcdef" / "qualify" / "00000-1"
    left.parent.mkdir(parents=True)
    data = b'{"v":99,"call_key":"k"}'
    left.write_bytes(b"%08x %s\n" % (zlib.crc32(data), data))
    with pytest.raises(RunError, match="journal format 99 is not format 1: use the release that wrote it"):
        bench.run()
    assert left.exists()
    assert not bench.table("completions")
