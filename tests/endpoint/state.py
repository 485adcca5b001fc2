"""What the server keeps: settings that tests switch while it runs, counters, and the log."""

import json
import math
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .faults import FAULTS


@dataclass
class Settings:
    """The server's behaviour; a control request replaces the values that it names."""

    rules: list[dict[str, Any]] = field(default_factory=list)
    latency_s: float | dict[str, float] = 0.0
    max_concurrent: int | None = None
    required_key: str | None = None
    refuse_response_format: bool = False
    max_completion_tokens_only: bool = False
    model: str | None = None
    reasoning_tokens: int = 0

    def update(self, values: dict[str, Any]) -> None:
        """Take over `values`; a name or a fault that does not exist is an error and changes nothing."""
        unknown = set(values) - {f.name for f in fields(self)}
        if unknown:
            raise ValueError(f"unknown settings: {sorted(unknown)}")
        for rule in values.get("rules", ()):
            if rule.get("fault") not in FAULTS:
                raise ValueError(f"unknown fault {rule.get('fault')!r}; there are {sorted(map(str, FAULTS))}")
        for name, value in values.items():
            setattr(self, name, value)
        if "rules" in values:
            self.rules = [dict(rule) for rule in values["rules"]]

    def rule_for(self, stage: str, text: str) -> dict[str, Any] | None:
        """Return the first rule that applies, and use up one of its times."""
        for rule in self.rules:
            if rule.get("stage") not in (None, stage) or rule.get("times") == 0:
                continue
            if rule.get("match") and rule["match"] not in text:
                continue
            if rule.get("times") is not None:
                rule["times"] -= 1
            return rule
        return None


def seconds(latency: float | dict[str, float], key: str) -> float:
    """Return how long the request `key` takes: a constant, or its own draw of a log-normal distribution."""
    if not isinstance(latency, dict):
        return latency
    sigma = latency.get("sigma", 0.5)
    if latency["mean"] <= 0:
        return 0.0
    mu = math.log(latency["mean"]) - sigma * sigma / 2
    return random.Random(f"{latency.get('seed', 0)}-{key}").lognormvariate(mu, sigma)


@dataclass
class Counters:
    """What happened since the last reset; `in_flight` survives a reset."""

    requests: int = 0
    finished_calls: int = 0
    aborted: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_stage: Counter[str] = field(default_factory=Counter)
    by_fault: Counter[str] = field(default_factory=Counter)

    def arrived(self, stage: str) -> None:
        """Count a request in."""
        self.requests += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self.by_stage[stage] += 1


class Log:
    """An append-only file of JSON lines, each written whole by one system call."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, event: str, n: int, key: str, **values: Any) -> None:
        """Append one event."""
        line = {"event": event, "n": n, "t": time.time(), "key": key, **values}
        os.write(self._fd, (json.dumps(line) + "\n").encode())
