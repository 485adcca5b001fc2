"""The lease: one run per warehouse, by a lock the kernel frees, with an epoch and a heartbeat that workers watch."""

import fcntl
import json
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from etl.errors import WarehouseBusy
from udfs import files
from udfs.lease import STALE_S

HEARTBEAT_S = 5.0
TAKEOVER_S = 2 * STALE_S  # the stalled run's workers have stopped by half of that
SETTLE_S = 2.0  # where there are no locks: of those who took it at the same moment, who wrote last has it


class Lease:
    """Holds the warehouse from `with` to its end. `epoch` grows by one with every holder; `holder` is one's own.

    On a local file system each epoch has a lock file of its own: a dead holder's lock is free at once, a stalled
    one's (SIGSTOP) is not, and is passed over once its heartbeat stood still for TAKEOVER_S. On an object store
    there is no lock: the heartbeat alone decides, looked at again a moment after it was written.
    """

    def __init__(self, root: str, run_id: str) -> None:
        self.location = files.join(root, "_lease", "heartbeat.json")
        self.epoch, self.holder = 0, secrets.token_hex(8)
        self.lost = threading.Event()
        self._run_id, self._root = run_id, root
        self._lock: IO[bytes] | None = None
        self._ended = threading.Event()
        self._beat = 0
        self._beating = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        current = files.read_state(self.location)
        last = int(current.get("epoch", 0))
        if not self._free(last, current):
            raise WarehouseBusy(
                f"run {current.get('run_id')} on {current.get('host')} (process {current.get('pid')}) holds the "
                "warehouse; wait for it to end, or stop it"
            )
        self.epoch = last + 1
        locks = files.local(self._root) is not None
        taken = self._take(self.epoch) if locks else True
        if taken:
            self._write()
        if not locks:
            time.sleep(SETTLE_S)
            taken = self._is_held()
        if not taken:
            raise WarehouseBusy("another run took the warehouse at the same moment; start again")
        self._beating.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._beating.join(HEARTBEAT_S)  # a beat under way would be written over the release
        with suppress(OSError):  # what the run came to is what is told; a lease that is not given back goes stale
            if not self.lost.is_set() and self._is_held():
                self._write(released=True)
        if self._lock is not None:
            self._lock.close()

    def check(self) -> None:
        """Raise WarehouseBusy if another run took the warehouse over, or this one gave it back; called before every
        commit.
        """
        if self._ended.is_set():
            raise WarehouseBusy("this run has given the warehouse back")
        if self.lost.is_set() or not self._is_held():
            self.lost.set()
            raise WarehouseBusy("another run took the warehouse over while this one was stalled")

    def _is_held(self) -> bool:
        return bool(files.read_state(self.location).get("holder") == self.holder)

    def _free(self, epoch: int, current: dict[str, Any]) -> bool:
        """Return whether nobody holds the warehouse. Clocks, which may be set, only say how long a look it takes."""
        if not current or current.get("released") or self._take(epoch):
            return True
        age = time.time() - float(current.get("at", 0))
        if 0 <= age <= TAKEOVER_S:
            return False
        enough = HEARTBEAT_S * 2 if age > TAKEOVER_S else TAKEOVER_S  # a beat from the future says nothing
        first, since = files.read(self.location), time.monotonic()
        while time.monotonic() - since < enough:
            if files.read(self.location) != first:
                return False
            time.sleep(0.5)
        return True

    def _take(self, epoch: int) -> bool:
        """Lock the file of an epoch; False where another process holds it, or where there are no locks."""
        path = files.local(files.join(self._root, "_lease", f"epoch-{epoch}.lock"))
        if path is None:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        if self._lock is not None:
            self._lock.close()
        self._lock = lock
        for old in path.parent.glob("epoch-*.lock"):
            if old != path and int(old.stem.split("-")[1]) < epoch - 1:
                old.unlink(missing_ok=True)
        return True

    def _keep(self) -> None:
        while not self._ended.wait(HEARTBEAT_S):
            try:
                if not self._is_held():
                    self.lost.set()
                    return
                self._write()
            except OSError:  # a store out of reach for a moment; the workers' own watch decides how long is too long
                continue

    def _write(self, released: bool = False) -> None:
        self._beat += 1
        state = {
            "epoch": self.epoch, "holder": self.holder, "run_id": self._run_id, "pid": os.getpid(),
            "host": socket.gethostname(), "beat": self._beat, "at": time.time(), "released": released,
        }  # fmt: skip
        files.write(self.location, json.dumps(state).encode())


def secret(root: str) -> bytes:
    """Return the warehouse's secret for the fences, made at its first use."""
    location = files.join(root, "_secret")
    found = files.read(location)
    if not found:
        files.write(location, secrets.token_hex(32).encode())
        found = files.read(location) or b""
    return found
