"""The worker's view of the lease: no call is sent once the run no longer holds the warehouse."""

import json
import os
import time
from typing import Any

from udfs import files

STALE_S = 30.0  # a heartbeat that stood still this long: the driver is dead or stalled, another may take over
REMOTE_POLL_S = 2.0


class LeaseWatch:
    """Watches the heartbeat file by its change on this machine's own monotonic clock, so clocks may differ."""

    def __init__(self, location: str, epoch: int) -> None:
        self._location, self._epoch = location, epoch
        self._path = files.local(location)
        self._mark: Any = None
        self._changed = self._read_at = time.monotonic()
        self._holder: int | None = epoch

    def held(self) -> bool:
        """Return whether the run still holds the warehouse and its driver is alive."""
        now = time.monotonic()
        if self._path is not None:
            try:
                stat = os.stat(self._path)
                mark = (stat.st_mtime_ns, stat.st_ino)
            except FileNotFoundError:
                return False
            if mark != self._mark:
                self._mark, self._changed, self._holder = mark, now, self._read_epoch()
        elif now - self._read_at >= REMOTE_POLL_S or self._mark is None:
            self._read_at = now
            try:
                data = files.read(self._location)
            except OSError:  # a store out of reach: the heartbeat counts as one that stands still
                data = self._mark
            if data is None:
                self._mark = self._holder = None
            elif data != self._mark:
                self._mark, self._changed, self._holder = data, now, self._read_epoch(data)
        return self._holder == self._epoch and now - self._changed < STALE_S

    def _read_epoch(self, data: bytes | None = None) -> int | None:
        data = data if data is not None else files.read(self._location)
        try:
            state = json.loads(data or b"{}")
            return -1 if state.get("released") else int(state.get("epoch", -1))
        except (ValueError, TypeError, AttributeError):  # no JSON, or not of the shape
            return None
