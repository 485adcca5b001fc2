"""The hard budget: the worst case of a call is reserved before it is sent, and settled on what it really cost."""

import asyncio

from udfs.engines import Completion
from udfs.spec import Price

PER = 1_000_000  # prices are per million tokens
OVERHEAD_BYTES = 512  # what a chat template adds around the messages, in tokens at most


class Budget:
    """What this worker may still spend, in US dollars, whatever the stage; None: no cap."""

    def __init__(self, share_usd: float | None) -> None:
        self._left = share_usd
        self._reserved = 0
        self._settled = asyncio.Event()

    async def reserve(self, worst: float | None) -> bool:
        """Set the worst case aside; False where it does not fit even once every call under way is settled."""
        if self._left is None or not worst:  # what costs nothing fits, be the budget overdrawn
            return True
        while worst > self._left:
            if not self._reserved:
                return False
            self._settled.clear()
            await self._settled.wait()
        self._left -= worst
        self._reserved += 1
        return True

    def settle(self, worst: float | None, cost: float | None) -> None:
        """Give back what was reserved and not spent."""
        if self._left is not None and worst:
            self._left += worst - (cost or 0.0)
            self._reserved -= 1
            self._settled.set()


def worst_case(price: Price | None, body_bytes: int, max_tokens: int) -> float | None:
    """Return the most a call can cost, in US dollars: a token is at least one byte, and the answer ends at
    max_tokens. None without a price: then nothing is counted.
    """
    if price is None:
        return None
    highest = max(price.input, price.cached_input)
    return ((body_bytes + OVERHEAD_BYTES) * highest + max_tokens * price.output) / PER


def cost_of(price: Price | None, completion: Completion, worst: float | None) -> float | None:
    """Return what a request cost, in US dollars: by its reported usage; nothing where the server surely did no
    work; else, where it says nothing, the worst case. None without a price.
    """
    if price is None or worst is None:
        return None
    if completion.prompt_tokens is None or completion.completion_tokens is None:
        return worst if completion.billed else 0.0
    cached = min(completion.cached_tokens or 0, completion.prompt_tokens)
    read = (completion.prompt_tokens - cached) * price.input + cached * price.cached_input
    return (read + completion.completion_tokens * price.output) / PER
