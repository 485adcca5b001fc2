"""The claim on a task: of several attempts at it, the one that Spark started last makes the calls.

Where a machine is lost, Spark starts the tasks of a stage again whose inputs went with it, and lets the attempts that
are still at work go on.
"""

import time

from udfs import files
from udfs.journal import PART_SECONDS
from udfs.lease import REMOTE_POLL_S

LOCAL_POLL_S = 0.5


class SupersededError(Exception):
    """A later attempt at this task makes its calls. Nothing is wrong; Spark expects no result of this one."""


class Claim:
    """Stands for one attempt, from when it is made until a later one claims the task."""

    def __init__(self, location: str, attempt: int) -> None:
        """Claim the task. Where an earlier attempt has it, wait until that one can have seen this, and its journal is
        written: then its answers are found there.

        Raises:
            SupersededError: a later attempt has it.
        """
        self._location, self._attempt, self._read_at = location, attempt, time.monotonic()
        self._lost = False
        remote = files.local(location) is None
        self._poll_s = REMOTE_POLL_S if remote else LOCAL_POLL_S
        holder = self._holder()
        if holder is not None and holder > attempt:
            raise SupersededError(f"attempt {holder} has the task")
        files.write(location, str(attempt).encode())
        if holder is not None and holder < attempt:
            time.sleep(2 * self._poll_s + (PART_SECONDS if remote else 0.0))

    def held(self) -> bool:
        """Return whether no later attempt claimed the task, as known within seconds."""
        now = time.monotonic()
        if not self._lost and now - self._read_at >= self._poll_s:
            self._read_at = now
            self._lost = self._superseded()
        return not self._lost

    def _superseded(self) -> bool:
        """Return whether a later attempt has the task, or nobody: then a later one did it, and its calls are in the
        ledger.
        """
        try:
            found = files.read(self._location)
            return found is None or int(found) > self._attempt
        except (OSError, ValueError):  # a store out of reach says nothing
            return False

    def _holder(self) -> int | None:
        try:
            return int(files.read(self._location) or b"")
        except (OSError, ValueError):  # a store out of reach says nothing
            return None
