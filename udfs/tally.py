"""What one worker did so far in one stage, as the progress files show it."""

from dataclasses import dataclass, field


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
