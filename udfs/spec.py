"""The constant part of a stage's calls: what rides in the UDF's closure while rows carry only variable fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from udfs.answers import Answer
from udfs.keys import RENDERER, canonical_json, key

# of extra_body, what cannot change an answer: how it is billed, cached, queued or traced
NO_ANSWER = frozenset(
    {"service_tier", "user", "metadata", "store", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
     "priority", "cache_salt", "request_id"}
)  # fmt: skip


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    cached_input: float
    output: float


@dataclass(frozen=True)
class EngineSpec:
    """Which engine answers and how to reach it; plain data, so that it travels to the workers."""

    type: str
    model: str
    revision: str = ""
    base_url: str = ""
    api_key_var: str | None = None
    api_key_file: str | None = None
    timeout_s: float = 120
    max_attempts: int = 6
    max_in_flight: int = 64
    price: Price | None = None
    layout: str = "document_first"
    settings: str = ""
    """What an engine in this very process is made with, as canonical JSON."""


@dataclass(frozen=True)
class CallSpec:
    """All calls of one stage in one run have this in common."""

    stage: str
    prompt: str
    prompt_sha: str
    system: str
    template: str
    few_shots: Mapping[str, str]
    engine: EngineSpec
    temperature: float | None
    max_tokens: int
    logic: int
    max_passage_tokens: int
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    secret: bytes = b""
    all_rules: tuple[str, ...] = ()
    """The rules of all stages, as the layout rules_first shows them."""
    samples: tuple[int, ...] = (1,)
    """How often each of the stage's questions is asked (see `udfs.stages.Logic.inputs`)."""
    later_temperature: float | None = None
    """Temperature of every sample but the first, which has `temperature`."""
    closing: str = Answer.closing

    @property
    def layout(self) -> str:
        """The order inside the messages (see `udfs.messages.render`); it is no part of what identifies a call."""
        return self.engine.layout

    def temperature_of(self, sample: int) -> float | None:
        """Return the temperature at which a sample is asked; None leaves the parameter out."""
        return self.later_temperature if sample else self.temperature

    def identity(self, sample: int) -> dict[str, Any]:
        """Return what of this can change a sample's answer, hence is part of its `call_key`. How many samples there
        are is no part of it: one more pays for itself alone.
        """
        return {
            "prompt_sha": self.prompt_sha,
            "model": self.engine.model,
            "revision": self.engine.revision,
            "temperature": self.temperature_of(sample),
            "extra_body": {k: v for k, v in self.extra_body.items() if k not in NO_ANSWER},
        }

    def params(self, sample: int) -> str:
        """Return a sample's parameters as JSON, as `completions` stores them."""
        asked = {k: v for k, v in self.identity(sample).items() if k not in ("prompt_sha", "model")}
        return canonical_json({**asked, "max_tokens": self.max_tokens})

    @property
    def fingerprint(self) -> str:
        """Tells whether a stage's row was made the way the configuration now asks for."""
        made = {
            **self.identity(0), "max_tokens": self.max_tokens, "passage": self.max_passage_tokens,
            "samples": self.samples,
            **({"later_temperature": self.later_temperature} if max(self.samples) > 1 else {}),
        }  # fmt: skip
        return key("fingerprint", self.stage, canonical_json(made), RENDERER, str(self.logic))
