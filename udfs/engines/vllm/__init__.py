"""The engine `vllm`: vLLM in this very process, with no server between; one model per process and settings.

stepping.py   the thread that steps the model, fed by the calls of the event loop
model.py      all that touches vLLM: loading, prompts, steps, and its errors as ours
"""

import json
from functools import partial

from udfs.engines import Completion, Request
from udfs.engines.chat import bad_request, chat_body, form
from udfs.engines.vllm.stepping import EngineError, RefusedError, Stepping
from udfs.spec import EngineSpec

__all__ = ["VLLMEngine"]

_running: dict[str, Stepping] = {}


class VLLMEngine:
    """Answers like a vLLM server that is sent the same chat completion; loads the model at the first call."""

    def __init__(self, spec: EngineSpec) -> None:
        self._spec = spec
        self._answered = set[str]()

    async def complete(self, request: Request) -> Completion:
        """Answer one request; what keeps the model from loading, or ends it, is an error that stops the run."""
        body = chat_body(self._spec.model, request)
        try:
            completion = await _stepping(self._spec.settings).complete(body, self._spec.timeout_s)
            self._answered.add(form(request))
            return completion
        except EngineError as error:
            return Completion(error_type=error.kind, error_message=str(error), billed=False)
        except RefusedError as error:
            kind = bad_request("", str(error))
            if kind == "bad_request" and form(request) not in self._answered:
                kind = "server_error"  # it may be about the settings: that settles no call
            return Completion(error_type=kind, error_message=str(error), billed=False)
        except TimeoutError:
            return Completion(error_type="timeout", error_message=f"no answer within {self._spec.timeout_s:g} s")


def _stepping(settings: str) -> Stepping:
    """Return the process's engine for these settings. One that ended is made anew: what ended it stopped its run,
    and this is another.
    """
    if settings not in _running or _running[settings].ended:
        from udfs.engines.vllm.model import load

        _running[settings] = Stepping(partial(load, json.loads(settings)))
    return _running[settings]
