"""The journal: every paid answer is on disk before anything else happens to it.

One line per attempt: a CRC-32 in eight hex digits, a space, JSON with the format version, the call_key and the
attempt, and, where the attempt settled its call, the completion. A line that a kill cut short fails its checksum.
"""

import contextlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from udfs import files

VERSION = 1
CLOSING_S = (1.0, 4.0)  # waited for a store between the tries to write the last part: what it holds is paid
PART_LINES, PART_SECONDS = 64, 2.0  # an object store cannot append: a part is closed at the first of the two
Entry = dict[str, Any]


class JournalError(Exception):
    """The journal cannot be written or read: nothing more may be paid."""


def encode(entry: Entry) -> bytes:
    """Return one line with its checksum; ASCII only, so that nothing in a text can end the line."""
    data = json.dumps({"v": VERSION, **entry}, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(data), data)


def decode(line: bytes) -> Entry | None:
    """Return the entry of a line, or None where it was cut short or corrupted.

    Raises:
        JournalError: the line is whole, but of a format this program does not know.
    """
    checksum, _, data = line.rstrip(b"\n").partition(b" ")
    if not data or checksum != b"%08x" % zlib.crc32(data):
        return None
    entry: Entry = json.loads(data)
    if entry.get("v") != VERSION:
        raise JournalError(f"journal format {entry.get('v')} is not format {VERSION}: use the release that wrote it")
    return entry


class Journal:
    """Writes one task attempt's entries to `<folder>/<partition>-<attempt>`, flushed line by line."""

    def __init__(self, folder: str, partition: int, attempt: int) -> None:
        self._name = files.join(folder, f"{partition:05d}-{attempt}")
        self._part, self._lines, self._since = 0, [b""][:0], time.monotonic()
        self._descriptor: int | None = None
        self._open()

    def _open(self) -> None:
        path = files.local(self._name)
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            except OSError as error:
                raise JournalError(f"{path}: {error.strerror}") from error

    def append(self, entry: Entry) -> None:
        """Write one entry; it survives a kill of this process once this returns (local file system).

        Raises:
            JournalError: it could not be written, for example since the disk is full.
        """
        line = encode(entry)
        if self._descriptor is None:
            self._lines.append(line)
            if len(self._lines) >= PART_LINES:
                self.flush()
            return
        self._write(self._descriptor, line)
        if os.fstat(self._descriptor).st_nlink == 0:  # taken over, or replaced, and put away: this answer came later
            gone = self._descriptor
            self._open()
            os.close(gone)
            self._write(self._descriptor, line)

    def _write(self, descriptor: int, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(descriptor, line[written:])
        except OSError as error:
            if written:  # the part of a line would spoil the next one that can be written whole
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
            raise JournalError(f"{self._name}: {error.strerror}") from error

    def tick(self) -> None:
        """Close the open part if it is old enough; called twice a second."""
        if self._lines and time.monotonic() - self._since >= PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Close the open part of an object store's journal."""
        if self._lines:
            try:
                files.write(f"{self._name}-{self._part:06d}", b"".join(self._lines))
            except OSError as error:
                raise JournalError(f"{self._name}: {error}") from error
            self._part, self._lines = self._part + 1, []
        self._since = time.monotonic()

    def close(self) -> None:
        """Flush and close; a store that does not take the last part is asked again.

        Raises:
            JournalError: it does not take it.
        """
        for pause in CLOSING_S:
            try:
                self.flush()
                break
            except JournalError:
                time.sleep(pause)
        self.flush()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def write_each(writes: Iterable[Callable[[], None]]) -> None:
    """Write down what each of some journals still holds; one that cannot be written is told of once all were tried.

    Raises:
        JournalError: the first that could not be written.
    """
    failed: JournalError | None = None
    for write in writes:
        try:
            write()
        except JournalError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def settled(folder: str, partition: int) -> tuple[dict[str, Entry], float]:
    """Return the completions of the calls that earlier attempts of the same task settled, by call_key, and the US
    dollars all their requests cost: Spark retries a task, we neither pay again nor spend its budget twice.
    """
    known, spent = dict[str, Entry](), 0.0
    for name in files.listing(folder):
        if name.rsplit("/", 1)[-1].startswith(f"{partition:05d}-"):
            for entry in entries(files.read(name) or b""):
                spent += (entry.get("attempt") or {}).get("cost_usd") or 0.0
                if entry.get("completion"):
                    known[entry["call_key"]] = entry["completion"]
    return known, spent


def entries(data: bytes) -> Iterator[Entry]:
    """Yield the whole entries of a journal file."""
    for line in data.split(b"\n"):
        entry = decode(line) if line else None
        if entry is not None:
            yield entry
