"""The brake: what stops all stages of one worker at once, and why."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stop:
    """Why this worker sends nothing more: an error type, or budget, lease, journal, error_rate."""

    reason: str
    message: str = ""
    stage: str = ""


@dataclass
class Brake:
    """Stops all stages of one worker at once; `pulled` is set within a tick, for those that wait."""

    stop: Stop | None = None
    pulled: asyncio.Event = field(default_factory=asyncio.Event)
