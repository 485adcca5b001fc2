"""A model in vLLM: loaded into this process, asked as its server is asked, and its errors in our types."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from udfs.engines import Completion
from udfs.engines.vllm.stepping import EngineError, RefusedError

# One process per engine, so that it lives and dies with the worker; nothing is reported to vLLM's makers.
ENVIRONMENT = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}
# The guidance grammar keeps every escape (quotes, LaTeX); xgrammar, vLLM's default, cannot write some.
DEFAULTS: dict[str, Any] = {
    "enable_prefix_caching": True,
    "structured_outputs_config": {"backend": "guidance", "disable_any_whitespace": True},
    "use_tqdm_on_load": False,
}
MISSING = "vLLM is not installed where the engine runs; install it there: pip install 'webscale-rl[vllm]'"
_MEMORY = re.compile(r"out of memory|less than desired GPU memory|for the cache blocks|KV cache is needed", re.I)
_NO_MODEL = re.compile(
    r"not a valid model identifier|Invalid repository ID|no file named|does not appear to have", re.I
)
# A model whose chat template takes no such messages would turn every call down.
PROBE = {"messages": [{"role": r, "content": "?"} for r in ("system", "user")], "max_tokens": 1}
_HUB = re.compile(r"^[\w.-]+(/[\w.-]+)?$")
_NO_SUCH_MODEL = ("RepositoryNotFoundError", "GatedRepoError", "RevisionNotFoundError", "LocalEntryNotFoundError")


@dataclass(frozen=True)
class Prompt:
    """A request as vLLM's engine takes it."""

    tokens: Any
    params: Any


def load(settings: Mapping[str, Any]) -> "VLLMModel":
    """Load a model with these arguments of vLLM's engine.

    Raises:
        EngineError: vLLM is not installed, or does not know the model, or an argument, or has not the memory.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    model = str(settings["model"])
    if not os.path.isdir(model) and not _HUB.match(model):
        raise EngineError("unknown_model", f"there is no folder {model} where the engine runs")
    try:
        import vllm

        loaded = VLLMModel(vllm.LLM(**{**DEFAULTS, **settings}))
        loaded.prompt(PROBE)
    except Exception as error:
        raise start_error(error) from error
    return loaded


def start_error(error: BaseException) -> EngineError:
    """Return why a model did not load, as an error that stops the run with one line."""
    text = _line(error)
    if isinstance(error, ModuleNotFoundError) and error.name == "vllm":
        return EngineError("engine_start", MISSING)
    if isinstance(error, MemoryError) or _MEMORY.search(text):
        mend = "see gpu_memory_utilization, max_model_len, tensor_parallel_size, and what else uses the memory"
        return EngineError("engine_start", f"not enough memory: {text}; {mend}")
    if type(error).__name__ in _NO_SUCH_MODEL or (isinstance(error, (OSError, ValueError)) and _NO_MODEL.search(text)):
        return EngineError("unknown_model", text)
    unknown = re.search(r"unexpected keyword argument '(\w+)'", text)
    if isinstance(error, TypeError) and unknown:
        return EngineError("engine_start", f"options.{unknown[1]}: vLLM has no such argument")
    return EngineError("engine_start", text)


def _line(error: BaseException) -> str:
    """Return what an error says in one line: of a list of invalid values the first, without its lead."""
    listed = getattr(error, "errors", None)
    if callable(listed) and listed():
        first = listed()[0]
        names = [str(part) for part in first["loc"][:1]]
        return " ".join(": ".join([*names, first["msg"].removeprefix("Value error, ")]).split())
    return " ".join(str(error).split()) or type(error).__name__


class VLLMModel:
    """A loaded model. `prompt` has a thread of its own; vLLM gives each thread a tokenizer."""

    def __init__(self, llm: Any) -> None:
        from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest
        from vllm.exceptions import VLLMClientError
        from vllm.utils.mistral import is_mistral_tokenizer

        self._engine, self._config = llm.llm_engine, llm.model_config
        self._defaults = llm.model_config.get_diff_sampling_param()
        self._request, self._refusals = ChatCompletionRequest, (VLLMClientError, ValueError)
        self._whole = {"tokenize": is_mistral_tokenizer(self._engine.renderer.tokenizer)}

    def prompt(self, body: Mapping[str, Any]) -> Prompt:
        """Return a chat completion's tokens and parameters, made as vLLM's server makes them.

        Raises:
            RefusedError: the server would answer with status 400.
        """
        try:
            request = self._request(**body)
            chat = request.build_chat_params(None, "auto").with_defaults(self._whole)
            tokens = request.build_tok_params(self._config)
            _, [prompt] = self._engine.renderer.render_chat([request.messages], chat, tokens)
            return Prompt(prompt, request.to_sampling_params(int(body["max_tokens"]), self._defaults))
        except self._refusals as error:
            raise RefusedError(_line(error)) from error

    def add(self, name: str, prompt: Prompt) -> None:
        """Begin a request.

        Raises:
            RefusedError: vLLM does not take its parameters or schema.
        """
        try:
            self._engine.add_request(name, prompt.tokens, prompt.params)
        except self._refusals as error:
            raise RefusedError(_line(error)) from error

    def abort(self, names: Iterable[str]) -> None:
        """Forget requests."""
        self._engine.abort_request([*names])

    def step(self) -> Iterator[tuple[str, Completion]]:
        """Take one step with all requests; yield those that ended."""
        for output in self._engine.step():
            if output.finished:
                yield output.request_id, _completion(output)


def _completion(output: Any) -> Completion:
    [said] = output.outputs
    used = Completion(
        prompt_tokens=len(output.prompt_token_ids), cached_tokens=output.num_cached_tokens or 0,
        completion_tokens=len(said.token_ids), reasoning_tokens=0,
    )  # fmt: skip
    if said.finish_reason in ("error", "abort"):
        return replace(used, error_type="server_error", error_message=f"vLLM ended the request: {said.finish_reason}")
    return replace(used, text=said.text, finish_reason=said.finish_reason)
