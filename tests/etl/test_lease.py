"""The lease: one holder at a time, free at once after a death, taken over from a stalled one, noticed by workers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from etl import lease as module
from etl.errors import WarehouseBusy
from etl.lease import Lease
from tests.udfs.bucket import Bucket
from udfs import files
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
        assert LeaseWatch(lease.location, lease.holder).held()
        assert not LeaseWatch(lease.location, "another").held()
    with Lease(str(tmp_path), "third") as lease:
        assert lease.epoch == 3


def test_a_stalled_holder_is_passed_over_and_finds_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TAKEOVER_S", 1.0)
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.5)
    place = tmp_path / "_lease" / "heartbeat.json"
    process = holder(tmp_path)
    watch = LeaseWatch(str(place), json.loads(place.read_text())["holder"])
    assert watch.held()
    os.kill(process.pid, signal.SIGSTOP)
    try:
        time.sleep(1.5)
        with Lease(str(tmp_path), "second") as lease:
            assert lease.epoch == 2
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


def test_of_two_that_take_an_object_stores_at_once_one_has_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLE_S", 0.5)
    both, found = threading.Barrier(2), list[str]()
    read = files.read_state

    def together(location: str) -> dict[str, Any]:
        state = read(location)
        if not state:
            both.wait(10)  # neither has written yet
        return state

    def take(name: str) -> None:
        try:
            with Lease("s3a://bucket/warehouse", name) as lease:
                time.sleep(1)
                lease.check()
                found.append("held")
        except WarehouseBusy:
            found.append("busy")

    monkeypatch.setattr(files, "read_state", together)
    threads = [threading.Thread(target=take, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["busy", "held"]


def test_a_lease_that_cannot_be_given_back_hides_no_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with Lease(str(tmp_path), "first") as lease:
        monkeypatch.setattr(lease, "_write", full)
    monkeypatch.undo()
    with Lease(str(tmp_path), "second"):
        pass


def test_who_lost_it_commits_nothing_more(tmp_path: Path) -> None:
    with Lease(str(tmp_path), "first") as lease:
        location = Path(lease.location)
        location.write_text(location.read_text().replace(lease.holder, "another"))
        with pytest.raises(WarehouseBusy):
            lease.check()
