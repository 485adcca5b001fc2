"""The thread that loads a model and steps it: calls enter as they come and leave as they end, a rolling window.

A model's steps must not wait for prompts to be made, nor prompts hold up the event loop: those have a thread, too.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any, Protocol

from udfs.engines import Completion


class EngineError(Exception):
    """Why there is no engine, or no longer one: `kind` is one of the FATAL types of `udfs.errors`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class RefusedError(Exception):
    """The engine turns this one request down; others may pass."""


class Model(Protocol):
    """What is stepped. `prompt` is called in one thread, all else in another."""

    def prompt(self, body: Mapping[str, Any]) -> Any:
        """Return what `add` takes. Raises RefusedError."""
        ...

    def add(self, name: str, prompt: Any) -> None:
        """Begin a request. Raises RefusedError."""
        ...

    def abort(self, names: Iterable[str]) -> None:
        """Forget requests that nobody waits for any more."""
        ...

    def step(self) -> Iterable[tuple[str, Completion]]:
        """Take one step with all requests; return those that ended."""
        ...


_Asked = tuple[str, Any, "Future[Completion]"]


class Stepping:
    """A model at work in this process."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self.ended = False
        self._load, self._names = load, count()
        self._model: Future[Model] = Future()
        self._inbox: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        self._waiting: dict[str, Future[Completion]] = {}
        self._prompts = ThreadPoolExecutor(1, "prompts")
        threading.Thread(target=self._run, name="vllm", daemon=True).start()

    async def complete(self, body: Mapping[str, Any], timeout_s: float) -> Completion:
        """Answer one request.

        Raises:
            EngineError: the model did not load, or ended.
            RefusedError: the engine turns this request down.
            TimeoutError: it took longer than `timeout_s` once the model was there.
        """
        model = await asyncio.shield(asyncio.wrap_future(self._model))
        prompt = await asyncio.get_running_loop().run_in_executor(self._prompts, model.prompt, body)
        answer: Future[Completion] = Future()
        self._inbox.put((str(next(self._names)), prompt, answer))
        if self.ended:  # the thread may have looked into the inbox for the last time before
            self._refuse_inbox(EngineError("engine_died", "the engine has ended"))
        return await asyncio.wait_for(asyncio.wrap_future(answer), timeout_s)

    def _run(self) -> None:
        try:
            model = self._load()
        except BaseException as error:  # noqa: BLE001  whatever it was, those who wait must hear of it
            self.ended = True
            if not isinstance(error, Exception):  # SystemExit, raised where they wait, would end the event loop
                error = EngineError("engine_start", f"the engine ended: {error!r}")
            self._model.set_exception(error)
            return
        self._model.set_result(model)
        try:
            while True:
                self._turn(model)
        except BaseException as error:  # noqa: BLE001  likewise
            self.ended = True
            died = EngineError("engine_died", f"{type(error).__name__}: {error}")
            for answer in self._waiting.values():
                _settle(answer, died)
            self._refuse_inbox(died)

    def _turn(self, model: Model) -> None:
        """Let in what came, leave what nobody waits for, take one step."""
        idle = not self._waiting
        while idle or not self._inbox.empty():
            name, prompt, answer = self._inbox.get()
            idle = False
            self._waiting[name] = answer
            try:
                model.add(name, prompt)
            except RefusedError as refused:
                _settle(self._waiting.pop(name), refused)
        left = [name for name, answer in self._waiting.items() if answer.cancelled()]
        if left:
            model.abort(left)
            for name in left:
                del self._waiting[name]
        if self._waiting:
            for name, completion in model.step():
                _settle(self._waiting.pop(name), completion)

    def _refuse_inbox(self, error: EngineError) -> None:
        while True:
            try:
                _settle(self._inbox.get_nowait()[2], error)
            except queue.Empty:
                return


def _settle(answer: "Future[Completion]", came: Completion | Exception) -> None:
    """Give an answer to who waits for it, if anyone still does."""
    if not answer.set_running_or_notify_cancel():
        return
    if isinstance(came, Exception):
        answer.set_exception(came)
    else:
        answer.set_result(came)
