"""Which engines exist: the one place that turns a specification into an engine."""

import functools

from udfs.engines import Engine
from udfs.spec import EngineSpec


@functools.lru_cache(maxsize=16)
def engine_for(spec: EngineSpec) -> Engine:
    """Return this process's engine for a specification; made once, since clients and models are costly.

    Raises:
        ValueError: no such engine type.
    """
    if spec.type == "openai":
        from udfs.engines.openai_http import OpenAIEngine

        return OpenAIEngine(spec)
    if spec.type == "vllm":
        from udfs.engines.vllm import VLLMEngine

        return VLLMEngine(spec)
    if spec.type == "embedded":
        from udfs.engines.embedded import EmbeddedEngine

        return EmbeddedEngine()
    raise ValueError(f"no engine of type {spec.type!r}")
