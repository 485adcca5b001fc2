"""The lease: one holder at a time, free at once after a death, taken over from a stalled one, noticed by workers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from etl import lease as module
from etl.errors import WarehouseBusy
from etl.lease import Lease
from udfs.lease import LeaseWatch

HOLD = """
import sys, time
from etl.lease import Lease
with Lease(sys.argv[1], "child"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(root: Path) -> subprocess.Popen[bytes]:
    """Start a process that holds the lease, and wait until it does."""
    command = [sys.executable, "-c", HOLD, str(root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_killed_holder_leaves_it_free_at_once_and_the_epoch_grows(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with pytest.raises(WarehouseBusy, match="child"), Lease(str(tmp_path), "second"):
        pass
    process.kill()
    process.wait()
    with Lease(str(tmp_path), "second") as lease:
        assert lease.epoch == 2
        assert LeaseWatch(lease.location, 2).held()
        assert not LeaseWatch(lease.location, 1).held()
    with Lease(str(tmp_path), "third") as lease:
        assert lease.epoch == 3


def test_a_stalled_holder_is_passed_over_and_finds_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TAKEOVER_S", 1.0)
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.5)
    process = holder(tmp_path)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        time.sleep(1.5)
        with Lease(str(tmp_path), "second") as lease:
            assert lease.epoch == 2
            watch = LeaseWatch(lease.location, 1)
            assert not watch.held()
            lease.check()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_frees_nothing_and_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    monkeypatch.setattr(module, "TAKEOVER_S", 12.0)  # a beat, of the holder's own five seconds, falls within
    real, jump = time.time, 3600.0 * hours
    process = holder(tmp_path)
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    try:
        with pytest.raises(WarehouseBusy, match="child"), Lease(str(tmp_path), "second"):
            pass
        os.kill(process.pid, signal.SIGSTOP)
        with Lease(str(tmp_path), "third") as lease:
            assert lease.epoch == 2
    finally:
        process.kill()
        process.wait()


def test_who_lost_it_commits_nothing_more(tmp_path: Path) -> None:
    with Lease(str(tmp_path), "first") as lease:
        location = Path(lease.location)
        location.write_text(location.read_text().replace('"epoch": 1', '"epoch": 2'))
        with pytest.raises(WarehouseBusy):
            lease.check()
