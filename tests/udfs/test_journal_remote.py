"""On an object store the journal is written in parts, since nothing can be appended there."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint.client import Endpoint
from udfs import files, journal, lease
from udfs.journal import Journal, JournalError, entries, settled, write_each
from udfs.runner import run_tasks

from .bucket import Bucket
from .making import HOLDER, spec
from .test_runner import run, tasks

PLACE = "s3a://bucket/some/journal"


def entry(key: str) -> dict[str, Any]:
    return {"call_key": key, "attempt": {"n": 1}, "completion": {"text": "\u2028\ud800\n"}}


def state(holder: str) -> bytes:
    return json.dumps({"holder": holder}).encode()


def keys(bucket: Bucket) -> list[list[str]]:
    return [[e["call_key"] for e in entries(data)] for _, data in sorted(bucket.objects.items()) if data]


def test_files_are_written_read_listed_and_removed(bucket: Bucket) -> None:
    assert files.read(f"{PLACE}/a") is None
    assert files.listing(PLACE) == []
    for name in ("a", "deep/b"):
        files.write(f"{PLACE}/{name}", name.encode())
    assert files.listing(PLACE) == [f"{PLACE}/a", f"{PLACE}/deep/b"]
    assert files.read(f"{PLACE}/deep/b") == b"deep/b"
    files.write(f"{PLACE}/a", b"again")
    assert files.read(f"{PLACE}/a") == b"again"
    files.remove(f"{PLACE}/a")
    files.remove(f"{PLACE}/a")
    assert files.listing(PLACE) == [f"{PLACE}/deep/b"]


@pytest.mark.parametrize("name", ["a b", "ü", "a[1]", "a%20b", "100%", "a#b", "a?b=c", "a+b", "a:b@c"])
def test_a_name_is_taken_as_it_is(bucket: Bucket, name: str) -> None:
    folder = f"s3a://bucket/{name} folder"
    files.write(f"{folder}/{name}", b"data")
    assert bucket.objects == {f"{name} folder/{name}": b"data"}
    assert files.listing(folder) == [f"{folder}/{name}"]
    assert files.read(f"{folder}/{name}") == b"data"
    with files.stream(f"{folder}/{name}") as stream:
        assert stream.read() == b"data"
    files.remove(f"{folder}/{name}")
    assert files.listing(folder) == []


def test_the_container_and_its_account_stay_as_they_are() -> None:
    _, name = files.remote("abfss://data@account.dfs.core.windows.net/a b/c%20[1]#?")
    assert name == "data/a b/c%20[1]#?"


def test_a_part_is_closed_when_it_is_full_and_at_the_end(bucket: Bucket) -> None:
    log = Journal(PLACE, 3, 1)
    made = [f"k{i}" for i in range(journal.PART_LINES + 2)]
    for key in made:
        log.append(entry(key))
    assert keys(bucket) == [made[: journal.PART_LINES]]
    log.close()
    assert keys(bucket) == [made[: journal.PART_LINES], made[journal.PART_LINES :]]
    assert set(settled(PLACE, 3)[0]) == set(made)
    assert set(settled(PLACE, 0)[0]) == set()


def test_a_part_is_closed_when_it_is_old(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Journal(PLACE, 0, 0)
    log.append(entry("a"))
    log.tick()
    assert keys(bucket) == []
    monkeypatch.setattr(journal, "PART_SECONDS", 0.0)
    log.tick()
    log.tick()
    assert keys(bucket) == [["a"]]


def test_a_last_part_that_is_not_taken_at_once_is_written_and_keeps_no_other_from_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CLOSING_S", (0.0, 0.0))
    logs = {stage: Journal(f"{PLACE}/{stage}", 0, 0) for stage in ("never", "late", "at once")}
    tries, write = Counter[str](), files.write

    def refusing(location: str, data: bytes) -> None:
        stage = location.split("/")[-2]
        tries[stage] += 1
        if stage == "never" or (stage == "late" and tries[stage] < 3):
            raise OSError("slow down")
        write(location, data)

    monkeypatch.setattr(files, "write", refusing)
    for stage, log in logs.items():
        log.append(entry(stage))
    with pytest.raises(JournalError, match="never"):
        write_each(log.close for log in logs.values())
    assert sorted(keys(bucket)) == [["at once"], ["late"]]


def test_a_store_that_takes_no_more_is_an_error_and_loses_nothing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CLOSING_S", (0.0, 0.0))
    log = Journal(PLACE, 0, 0)
    log.append(entry("a"))
    bucket.full = True
    with pytest.raises(JournalError):
        log.close()
    bucket.full = False
    log.close()
    assert keys(bucket) == [["a"]]


def test_a_second_attempt_pays_nothing_again(bucket: Bucket, endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    assert run_tasks([made], run(tmp_path, journal=PLACE), 0, 0, tasks(made, 100))["called"] == 100
    assert run_tasks([made], run(tmp_path, journal=PLACE), 0, 1, tasks(made, 110))["known"] == 100
    assert endpoint.counters()["requests"] == 110


def test_a_store_that_takes_no_more_stops_the_worker_within_seconds(
    bucket: Bucket, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PART_SECONDS", 0.2)
    endpoint.control(latency_s=0.2)
    bucket.full = True
    made = spec(url=endpoint.url, max_in_flight=2)
    outcome = run_tasks([made], run(tmp_path, journal=PLACE), 0, 0, tasks(made, 500))
    assert outcome["reason"] == "journal"
    assert endpoint.counters()["requests"] < journal.PART_LINES


def test_the_heartbeat_is_watched_there_too(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "REMOTE_POLL_S", 0.0)
    place = f"{PLACE}/heartbeat.json"
    watch = lease.LeaseWatch(place, HOLDER)
    assert not watch.held()
    files.write(place, state(HOLDER))
    assert watch.held()
    monkeypatch.setattr(lease, "STALE_S", 0.0)
    assert not watch.held()
    monkeypatch.setattr(lease, "STALE_S", 30.0)
    files.write(place, state("another"))
    assert not watch.held()


def test_a_store_out_of_reach_is_a_heartbeat_that_stands_still(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "REMOTE_POLL_S", 0.0)
    place = f"{PLACE}/heartbeat.json"
    files.write(place, state(HOLDER))
    watch = lease.LeaseWatch(place, HOLDER)
    assert watch.held()
    bucket.closed = True
    assert watch.held()
    monkeypatch.setattr(lease, "STALE_S", 0.0)
    assert not watch.held()
