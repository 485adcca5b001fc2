"""What one worker did so far in one stage, as the progress files show it, and the sum over workers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Tally:
    """Calls by how they fared, requests, tokens, US dollars."""

    done: int = 0
    errors: int = 0
    deferred: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    in_flight: int = 0
    last_error: str = ""
    types: dict[str, int] = field(default_factory=dict)
    """Failed requests by error type."""


def summed(states: Sequence[Mapping[str, Any]]) -> Tally:
    """Return the sum of tallies as progress files hold them; of the last errors, the first."""
    numbers = {f.name: sum(s.get(f.name, 0) for s in states) for f in fields(Tally) if f.type in (int, float)}
    types = sum((Counter(s.get("types", {})) for s in states), Counter[str]())
    last = next((s["last_error"] for s in states if s.get("last_error")), "")
    return Tally(**numbers, types=dict(types), last_error=last)
