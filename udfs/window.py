"""The adaptive window: how many requests may be in flight from this worker, found by trying.

Additive increase (one more per window of successes), multiplicative decrease once per burst of refusals, as in
TCP (Chiu and Jain 1989). The number last refused is remembered: it is come back to slowly, and where it is refused
again, little is given up, as near the last maximum in CUBIC (RFC 9438). All on one event loop; no locks.
"""

import asyncio
import heapq
import itertools
import random
import time

DECREASE = 0.75  # of the window, at the first refusal of a burst
DECREASE_AGAIN = 0.85  # where about as many were refused the last time: the limit is known
KNOWN_WITHIN = 2.0
PROBE = 0.25  # of the usual increase, for the last step up to the number last refused
MAX_PAUSE_S = 120.0  # a server's Retry-After beyond this is not waited for in one piece
IN_VAIN = 2  # windows refused without an answer between: no limit of requests at once, but a quota or an outage
LOOK_S = 1.0  # how often one who waits looks whether the pause is over
QUIET_S, QUIET_MOST_S = 1.0, 30.0  # how long nothing is sent then: doubled each time


class Window:
    """Slots for requests in flight; `most` is this worker's share of the run's `max_in_flight`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.in_flight = 0
        self.answered = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        self._refused_at = 0.0
        self._cut_at = 0.0
        self._open_at = 0.0
        self._in_vain = 0
        self._quiet_s = QUIET_S

    async def acquire(self, order: int = 0) -> float:
        """Wait for a slot and return the time it was given; of those that wait, the lowest order comes first."""
        while True:
            pause = self._open_at - time.monotonic()
            if pause > 0:
                await asyncio.sleep(min(pause, LOOK_S))
                continue
            if self.in_flight < int(self.limit):
                self.in_flight += 1
                return time.monotonic()
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (order, next(self._arrivals), future))
            await future

    def open(self) -> None:
        """End a pause: whoever waits for it is not to send anything any more."""
        self._open_at = 0.0

    def release(self) -> None:
        """Give a slot back and wake who waits."""
        self.in_flight -= 1
        self._wake()

    def succeeded(self) -> None:
        """Widen the window by one over a whole window of successes, by the step to what was refused over four."""
        self.answered += 1
        self._in_vain, self._quiet_s = 0, QUIET_S
        if self.limit < self.most:
            last_step = 0 <= int(self._refused_at) - self.limit <= 1
            self.limit = min(float(self.most), self.limit + (PROBE if last_step else 1.0) / self.limit)
            self._wake()

    def refused(self, sent_at: float, retry_after_s: float | None) -> None:
        """Narrow the window once per burst: requests sent before the last cut tell nothing new. Where nothing passes,
        send nothing for a while, so that calls do not use up their attempts.
        """
        now = time.monotonic()
        self._in_vain += 1
        if retry_after_s:
            self._pause(now, min(retry_after_s, MAX_PAUSE_S))
        if sent_at >= self._cut_at:
            if self._in_vain > IN_VAIN * self.most and not retry_after_s:
                self._pause(now, self._quiet_s)
                self._quiet_s = min(2 * self._quiet_s, QUIET_MOST_S)
            at = min(self.limit, float(self.in_flight + 1))
            again = abs(at - self._refused_at) <= KNOWN_WITHIN
            self.limit = max(1.0, at * (DECREASE_AGAIN if again else DECREASE))
            self._refused_at, self._cut_at = at, now

    def _pause(self, now: float, seconds: float) -> None:
        self._open_at = max(self._open_at, now + seconds * random.uniform(1.0, 1.1))

    def _wake(self) -> None:
        room = int(self.limit) - self.in_flight
        while self._waiting and room > 0:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
                room -= 1
