"""The worker's view of the lease: no call is sent once the run no longer holds the warehouse."""

import json
import os
import time
from typing import Any

from udfs import files

STALE_S = 30.0  # a heartbeat that stood still this long: the driver is dead or stalled, another may take over
REMOTE_POLL_S = 2.0


class LeaseWatch:
    """Watches the heartbeat file by its change on this machine's own monotonic clock, so clocks may differ. One that
    cannot be looked at stands still.
    """

    def __init__(self, location: str, holder: str) -> None:
        self._location, self._holder = location, holder
        self._path = files.local(location)
        self._mark: Any = None
        self._changed = self._read_at = time.monotonic()
        self._ours = True

    def held(self) -> bool:
        """Return whether the run still holds the warehouse and its driver is alive."""
        now = time.monotonic()
        if self._path is not None:
            try:
                stat = os.stat(self._path)
                mark = (stat.st_mtime_ns, stat.st_ino)
                if mark != self._mark:
                    self._see(mark, files.read(self._location), now)
            except FileNotFoundError:
                return False
            except OSError:
                pass
        elif now - self._read_at >= REMOTE_POLL_S or self._mark is None:
            self._read_at = now
            try:
                data = files.read(self._location)
                if data is None or data != self._mark:
                    self._see(data, data, now)
            except OSError:
                pass
        return self._ours and now - self._changed < STALE_S

    def _see(self, mark: Any, data: bytes | None, now: float) -> None:
        """Take in another heartbeat."""
        self._mark, self._changed = mark, now
        try:
            state = json.loads(data or b"{}")
            self._ours = state.get("holder") == self._holder and not state.get("released")
        except (ValueError, AttributeError):  # no JSON, or not of the shape
            self._ours = False
