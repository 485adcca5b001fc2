"""The journal holds every paid answer, through kills, full disks and flipped bits."""

import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from udfs import files, journal
from udfs.journal import Journal, JournalError, decode, encode, entries, settled
from udfs.ledger import is_corrupt

HOSTILE = [
    "line\nfeed\r\n",
    "\0\x1b",
    "\u2028\u2029\x85",
    "\ud800",
    '"quotes" \\ \\n',
    "中文 \U0001f309",
    "",
    "0badcafe {}",
]


def entry(key: str = "k", text: str | None = None) -> dict[str, Any]:
    return {"call_key": key, "attempt": {"n": 1}, "completion": None if text is None else {"text": text}}


def written(folder: Path, *made: dict[str, Any], partition: int = 0, attempt: int = 0) -> Path:
    log = Journal(str(folder), partition, attempt)
    for e in made:
        log.append(e)
    log.close()
    return folder / f"{partition:05d}-{attempt}"


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_makes_the_round_trip_on_one_line(tmp_path: Path, text: str) -> None:
    data = written(tmp_path, entry("a", text), entry("b", text)).read_bytes()
    assert data.count(b"\n") == 2
    assert data.isascii()
    assert [(e["call_key"], e["completion"]["text"]) for e in entries(data)] == [("a", text), ("b", text)]
    assert not is_corrupt(data)


def test_an_entry_is_on_disk_once_append_returns(tmp_path: Path) -> None:
    log = Journal(str(tmp_path), 3, 9)
    log.append(entry("a", "x"))
    assert [e["call_key"] for e in entries((tmp_path / "00003-9").read_bytes())] == ["a"]
    log.close()


def test_an_answer_that_comes_after_the_journal_was_put_away_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "qualify"
    log = Journal(str(folder), 3, 9)
    log.append(entry("a", "x"))
    files.remove(str(tmp_path / "run"))
    log.append(entry("b", "y"))
    log.append(entry("c", "z"))
    log.close()
    assert [e["call_key"] for e in entries((folder / "00003-9").read_bytes())] == ["b", "c"]


def test_a_journal_that_cannot_be_opened_again_touches_no_other_file(tmp_path: Path) -> None:
    log = Journal(str(tmp_path / "run" / "qualify"), 3, 9)
    files.remove(str(tmp_path / "run"))
    (tmp_path / "run").write_text("")
    for key in "ab":
        with pytest.raises(JournalError), (tmp_path / key).open("wb"):
            log.append(entry(key))
    log.close()
    assert [(tmp_path / key).read_bytes() for key in "ab"] == [b"", b""]


def test_files_and_folders_are_for_the_owner_only(tmp_path: Path) -> None:
    path = written(tmp_path / "run" / "qualify", entry())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("cut", [1, 9, 10, 30, -2, -1])
def test_a_torn_last_line_is_dropped_and_is_no_corruption(tmp_path: Path, cut: int) -> None:
    data = written(tmp_path, entry("a", "x")).read_bytes()
    torn = data + encode(entry("b", "y"))[:-1][: cut if cut > 0 else None][: None if cut > 0 else cut]
    assert [e["call_key"] for e in entries(torn)] == ["a"]
    assert not is_corrupt(torn)


def test_a_last_line_that_lacks_only_its_end_counts() -> None:
    assert [e["call_key"] for e in entries(encode(entry("a"))[:-1])] == ["a"]


def test_any_flipped_byte_is_dropped_and_noticed(tmp_path: Path) -> None:
    first, second = encode(entry("a", "x")), encode(entry("b", "y"))
    for at in range(len(first) - 1):
        flipped = bytearray(first + second)
        flipped[at] ^= 1
        assert [e["call_key"] for e in entries(bytes(flipped))] == ["b"], at
        assert is_corrupt(bytes(flipped))


def test_a_format_of_another_release_is_an_error() -> None:
    data = json.dumps({"v": journal.VERSION + 1, "call_key": "a"}).encode()
    with pytest.raises(JournalError, match="format 2 is not format 1"):
        list(entries(b"%08x %s\n" % (zlib.crc32(data), data)))


@pytest.mark.parametrize(
    "line", [b"", b" ", b"00000000", b"00000000 ", b"xxxxxxxx {}", b"{}", b"\xff" * 20, b"0" * 1000]
)
def test_other_bytes_are_no_entry(line: bytes) -> None:
    assert decode(line) is None


FULL = """
import resource, signal, sys
from udfs.journal import Journal, JournalError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Journal(sys.argv[1], 0, 0)
log.append({"call_key": "a", "completion": {"text": "x" * 500}})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    log.append({"call_key": "b", "completion": {"text": "x" * 500}})
except JournalError as error:
    print("stopped", error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append({"call_key": "c", "completion": {"text": "x"}})
"""


def test_a_full_disk_is_an_error_and_spoils_no_other_line(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("stopped ")
    assert "File too large" in done.stdout
    data = (tmp_path / "00000-0").read_bytes()
    assert [e["call_key"] for e in entries(data)] == ["a", "c"]
    assert not is_corrupt(data)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        Journal(str(tmp_path / "file" / "run"), 0, 0)


def test_a_task_knows_what_its_own_earlier_attempts_settled(tmp_path: Path) -> None:
    written(tmp_path, entry("a", "x"), entry("b"), partition=1, attempt=0)
    written(tmp_path, entry("c", "x"), entry("b"), partition=1, attempt=12)
    written(tmp_path, entry("d", "x"), partition=11)
    written(tmp_path, entry("e", "x"), partition=10001)
    assert set(settled(str(tmp_path), 1)[0]) == {"a", "c"}
    assert set(settled(str(tmp_path), 2)[0]) == set()
    assert set(settled(str(tmp_path / "none"), 1)[0]) == set()


def test_a_torn_line_hides_no_settled_call(tmp_path: Path) -> None:
    path = written(tmp_path, entry("a", "x"))
    path.write_bytes(path.read_bytes() + encode(entry("b", "x"))[:40])
    assert set(settled(str(tmp_path), 0)[0]) == {"a"}


@pytest.mark.parametrize("start", ["", "file:", "file://"])
def test_a_location_may_be_a_path_or_a_file_uri(tmp_path: Path, start: str) -> None:
    place = f"{start}{tmp_path}/deep/journal"
    log = Journal(place, 0, 0)
    log.append(entry("a", "x"))
    log.close()
    assert set(settled(place, 0)[0]) == {"a"}
    assert (tmp_path / "deep" / "journal" / "00000-0").exists()
    files.remove(place)
    files.remove(place)
    assert files.listing(place) == []
    assert files.read(f"{place}/00000-0") is None
