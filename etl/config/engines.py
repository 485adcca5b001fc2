"""[engines.NAME]: who answers the calls, and what it costs."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

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
    """The path of a file with the key, as a worker sees it; read again when the server refuses the key."""
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 64
    """Calls in flight over the whole run."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120
    """From when a request is sent until its whole answer is there."""
    layout: Literal["document_first", "rules_first"] = "document_first"
    """Order inside the messages; no part of what identifies a call. `rules_first` puts the rules of all stages before
    the document: more tokens are sent, and a server with a prefix cache reads far fewer anew. `plan` prices both.
    """
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 6
    """Requests per call, re-asks not counted, before a retryable failure is left to a later run."""
    price: Price | None = None


class VLLMEngine(Part):
    """vLLM in the process that calls, without a server; needs the extra `vllm` where the calls are made."""

    type: Literal["vllm"]
    model: str
    """A name on the Hugging Face hub, or a folder that is there on every machine that calls."""
    revision: str = ""
    """The hub's branch, tag or commit; part of what identifies a call, for a folder too."""
    served_model_name: str | None = None
    """The name under which answers stand in the ledger, part of what identifies a call; `model` where it is not given.
    Change it when `options` change what the model says.
    """
    replicas: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Engines over the whole run, each in a Spark task of its own; more than one only where Spark gives tasks GPUs."""
    tensor_parallel_size: Annotated[int, Field(ge=1, le=1024)] = 1
    """GPUs of one engine."""
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Share of a GPU's memory that an engine may take."""
    max_model_len: Annotated[int, Field(ge=1)] | None = None
    """Tokens of prompt and answer together; what the model was made for where it is not given."""
    dtype: str = "auto"
    """Type of the weights, as vLLM names it."""
    options: dict[str, Any] = Field(default_factory=dict)
    """All other arguments of vLLM's engine, by their names there."""
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Calls in flight over the whole run."""
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = 600
    """From when an engine has the call; loading the model does not count."""
    layout: Literal["document_first", "rules_first"] = "rules_first"
    """Order inside the messages, as for `openai`; what the prefix cache holds costs nothing here."""
    max_attempts: Literal[1] = 1
    price: Price | None = None

    @field_validator("options")
    @classmethod
    def _no_key_twice(cls, options: dict[str, Any]) -> dict[str, Any]:
        for name in sorted(options):
            if name in cls.model_fields:
                raise ValueError(f"options.{name}: is a key of the engine itself; set it there")
        return options


class EmbeddedEngine(Part):
    """The keyless default: extractive, deterministic, in the worker's own process; costs nothing."""

    type: Literal["embedded"]
    max_in_flight: Annotated[int, Field(ge=1, le=1000)] = 16
    """Calls in flight over the whole run."""

    @property
    def model(self) -> str:
        """The name and version under which its answers stand in the ledger."""
        from udfs.engines.embedded import MODEL

        return MODEL

    revision: Literal[""] = ""
    timeout_s: Annotated[float, Field(gt=0)] = 600
    max_attempts: Literal[1] = 1
    price: Price = Price(input=0, cached_input=0, output=0)


Engine = Annotated[OpenAIEngine | VLLMEngine | EmbeddedEngine, Field(discriminator="type")]
