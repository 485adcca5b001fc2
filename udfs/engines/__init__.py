"""The engine protocol: one request in, one completion (text or a typed error) out.

Engines know nothing of Spark, Delta, budgets or retries. `engine_for` is the only place that knows which exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Request:
    """One model call. `inputs` carries what the messages were made from, so an engine without a language
    model (embedded) answers the same request through the same path.

    `inputs` has `title`, `passage`; in generate also `domain`, `persona`; in check also `question`, `answer`,
    `aliases`, `answer_type`, `unit`, `evidence`; in difficulty `question`, alone or behind the first two; in judge
    the pair without evidence, and `responses`, numbered, one a line. An empty `schema` asks for free text. Values are
    str, None or list of str.
    """

    stage: str
    messages: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any]
    inputs: Mapping[str, Any]
    max_tokens: int
    temperature: float | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Completion:
    """What one request came to: `text` and a finish reason, or an `error_type` of `udfs.errors`.

    Token counts are None where the server reports none; `retry_after_s` is the server's own wish, in seconds.
    `billed` is False only where the server surely did no paid work (it refused, or was never reached).
    """

    text: str | None = None
    finish_reason: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    retry_after_s: float | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    billed: bool = True


class Engine(Protocol):
    """What `udfs.caller` calls. One instance per worker process and engine configuration."""

    async def complete(self, request: Request) -> Completion:
        """Answer one request. Never raises for anything the server or the document did."""
        ...
