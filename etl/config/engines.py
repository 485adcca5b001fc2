"""[engines.NAME]: who answers the calls, and what it costs."""

from typing import Annotated, Literal

from pydantic import Field

from etl.config.part import Part


class Price(Part):
    """US dollars per million tokens."""

    input: Annotated[float, Field(ge=0)]
    cached_input: Annotated[float, Field(ge=0)] | None = None
    """Price of input tokens read from the server's prefix cache; the input price where it is not given."""
    output: Annotated[float, Field(ge=0)]


class OpenAIEngine(Part):
    """Any OpenAI-compatible endpoint: OpenAI, a vLLM server, Ollama, LiteLLM."""

    type: Literal["openai"]
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s?@]+$")] = "https://api.openai.com/v1"
    model: str
    revision: str = ""
    """Tells apart models served under one name; part of what identifies a call."""
    api_key_var: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """The NAME of the variable that holds the key, read in the worker at call time."""
    api_key_file: str | None = None
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 64
    """Calls in flight over the whole run."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120
    layout: Literal["document_first", "rules_first"] = "document_first"
    """Order inside the messages; no part of what identifies a call. `rules_first` puts the rules of all stages before
    the document: more tokens are sent, and a server with a prefix cache reads far fewer anew; `plan` prices both.
    """
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 6
    """Requests per call, re-asks not counted, before a retryable failure is left to a later run."""
    price: Price | None = None


class EmbeddedEngine(Part):
    """The keyless default: extractive, deterministic, in the worker's own process; costs nothing."""

    type: Literal["embedded"]
    max_in_flight: Annotated[int, Field(ge=1, le=1000)] = 16

    @property
    def model(self) -> str:
        """The name and version under which its answers stand in the ledger."""
        from udfs.engines.embedded import MODEL

        return MODEL

    revision: Literal[""] = ""
    timeout_s: Annotated[float, Field(gt=0)] = 600
    max_attempts: Literal[1] = 1
    price: Price = Price(input=0, cached_input=0, output=0)


Engine = Annotated[OpenAIEngine | EmbeddedEngine, Field(discriminator="type")]
