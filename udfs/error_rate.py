"""The error rate: how the last settled calls of a stage fared, and when too many of them failed."""

from typing import NamedTuple

RECENT, RECENT_AT_LEAST = 200, 50  # settled calls over which the error rate is taken, and from how many on
RECENT_OF_WORKER = 20  # of one worker at least: its share of 50 may be one call, which says nothing


class Recent(NamedTuple):
    """How the last settled calls of a stage fared in one worker: of each, whether it failed, and the last error."""

    failed: list[bool]
    last_error: str | None


def too_many(recent: Recent, least: int, rate: float) -> str | None:
    """Return what to tell of calls of which a greater share than `rate` failed, or None; of fewer than `least` nothing
    is said.
    """
    failed, settled = sum(recent.failed), len(recent.failed)
    if settled < least or failed <= rate * settled:
        return None
    return f"{failed} of the last {settled} calls failed; the last: {recent.last_error}"
