"""The engine in the worker's own process, without vLLM: the rolling window over a stand-in model, and the errors."""

import asyncio
import importlib.util
import threading
import time
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from udfs.engines import Completion, Request
from udfs.engines.factory import engine_for
from udfs.engines.vllm import VLLMEngine
from udfs.engines.vllm.model import load, start_error
from udfs.engines.vllm.stepping import EngineError, RefusedError, Stepping
from udfs.errors import FATAL

from .making import Worker, spec


class Model:
    """Ends each request after so many steps as its body says, and tells what happened."""

    def __init__(self, least: int = 1) -> None:
        self.least = least  # requests that must have come before the first step
        self.left: dict[str, int] = {}
        self.aborted: list[str] = []
        self.together = 0
        self.threads: set[str] = set()

    def prompt(self, body: Mapping[str, Any]) -> int:
        if body["steps"] < 0:
            raise RefusedError("prompt is too long")
        return int(body["steps"])

    def add(self, name: str, prompt: int) -> None:
        if prompt == 0:
            raise RefusedError("no such grammar")
        self.threads.add(threading.current_thread().name)
        self.left[name] = prompt

    def abort(self, names: Iterable[str]) -> None:
        for name in names:
            self.aborted.append(name)
            del self.left[name]

    def step(self) -> list[tuple[str, Completion]]:
        self.threads.add(threading.current_thread().name)
        if len(self.left) < self.least:
            time.sleep(0.001)
            return []
        self.least = 1
        self.together = max(self.together, len(self.left))
        time.sleep(0.002)
        if 666 in self.left.values():
            raise RuntimeError("device-side assert")
        self.left = {name: steps - 1 for name, steps in self.left.items()}
        ended = [name for name, steps in self.left.items() if not steps]
        for name in ended:
            del self.left[name]
        return [(name, Completion(text=name)) for name in ended]


def ask(stepping: Stepping, *steps: int, timeout_s: float = 5.0) -> list[Completion | BaseException]:
    async def all_of_them() -> list[Completion | BaseException]:
        calls = [stepping.complete({"steps": n}, timeout_s) for n in steps]
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(all_of_them())


def test_calls_enter_and_leave_while_others_run_all_in_one_thread() -> None:
    model = Model(least=100)
    stepping = Stepping(lambda: model)
    answers = ask(stepping, *[n % 40 + 1 for n in range(400)], timeout_s=60.0)
    assert len({a.text for a in answers if isinstance(a, Completion)}) == 400
    assert model.together >= 100
    assert model.threads == {"vllm"}
    assert isinstance(ask(stepping, 3)[0], Completion), "an idle engine wakes up"


def test_what_is_refused_is_refused_alone() -> None:
    refused, unknown, good = ask(Stepping(Model), -1, 0, 2)
    assert isinstance(refused, RefusedError)
    assert isinstance(unknown, RefusedError)
    assert isinstance(good, Completion)


def test_a_call_that_takes_too_long_is_taken_out_of_the_engine() -> None:
    model = Model()
    slow, good = ask(Stepping(lambda: model), 1_000_000, 3, timeout_s=2.0)
    assert isinstance(slow, TimeoutError)
    assert isinstance(good, Completion)
    ask(Stepping(lambda: model), 1)
    until = time.monotonic() + 5
    while not model.aborted and time.monotonic() < until:
        time.sleep(0.01)
    assert model.aborted == ["0"]


def test_an_engine_that_dies_tells_all_who_wait_and_all_who_come() -> None:
    stepping = Stepping(Model)
    for found in (ask(stepping, 666, 5000, 5000), ask(stepping, 5)):
        assert {getattr(e, "kind", None) for e in found} == {"engine_died"}
    assert stepping.ended


def test_a_load_that_would_end_the_process_ends_no_loop() -> None:
    def load() -> Model:
        raise SystemExit(1)

    (failed,) = ask(Stepping(load), 1)
    assert isinstance(failed, EngineError)
    assert failed.kind in FATAL


def test_loading_is_waited_for_by_all_and_its_failure_reaches_all() -> None:
    gate = threading.Event()

    def slowly() -> Model:
        gate.wait(5)
        raise EngineError("engine_start", "no memory")

    threading.Timer(0.1, gate.set).start()
    found = ask(Stepping(slowly), 1, 2, 3, timeout_s=0.01)
    assert [str(e) for e in found] == ["no memory"] * 3


class Given(BaseModel):
    dtype: int


def invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Given(dtype="float33")  # type: ignore[arg-type]
    return caught.value


class RepositoryNotFoundError(Exception):
    """Named as the hub's."""


# The texts are vLLM 0.32's own.
STARTS = [
    (ModuleNotFoundError("No module named 'vllm'", name="vllm"), "engine_start", "pip install 'webscale-rl[vllm]'"),
    (ModuleNotFoundError("No module named 'torch._x'", name="torch._x"), "engine_start", "No module named 'torch._x'"),
    (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "engine_start", "not enough memory: CUDA out of"),
    (
        ValueError("Free memory on device (1.2/79.1 GiB) is less than desired GPU memory utilization (0.9, 71.2 GiB)."),
        "engine_start",
        "not enough memory: Free memory",
    ),
    (MemoryError(), "engine_start", "not enough memory: MemoryError; see gpu_memory_utilization"),
    (TypeError("EngineArgs.__init__() got an unexpected keyword argument 'foo'"), "engine_start", "options.foo: vLLM"),
    (invalid(), "engine_start", "dtype: Input should be a valid integer"),
    (OSError("a/b is not a valid model identifier"), "unknown_model", "a/b is not"),
    (RepositoryNotFoundError("404 for a/b"), "unknown_model", "404 for a/b"),
    (ValueError("No common block size for 7\n(CPU_ATTN)"), "engine_start", "No common block size for 7 (CPU_ATTN)"),
]


@pytest.mark.parametrize(("error", "kind", "text"), STARTS)
def test_why_a_model_does_not_load_is_one_typed_line(error: Exception, kind: str, text: str) -> None:
    found = start_error(error)
    assert found.kind == kind
    assert found.kind in FATAL
    assert text in str(found)
    assert "\n" not in str(found)


def test_a_folder_that_is_not_there_is_an_unknown_model() -> None:
    with pytest.raises(EngineError, match="there is no folder /no/such/model") as caught:
        load({"model": "/no/such/model"})
    assert caught.value.kind == "unknown_model"


def test_what_is_refused_before_any_answer_settles_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Completion | Exception] = [RefusedError("no priorities"), Completion(text="{}"), RefusedError("no")]

    async def complete(_body: object, _timeout_s: float) -> Completion:
        got = said.pop(0)
        if isinstance(got, Exception):
            raise got
        return got

    monkeypatch.setattr("udfs.engines.vllm._stepping", lambda _: SimpleNamespace(complete=complete))
    engine = VLLMEngine(spec(type="vllm", settings="{}").engine)
    got = [asyncio.run(engine.complete(Request("qualify", (), {}, {}, 10))).error_type for _ in range(3)]
    assert got == ["server_error", None, "bad_request"]


@pytest.mark.skipif(bool(importlib.util.find_spec("vllm")), reason="vLLM is installed")
def test_without_vllm_the_worker_stops_and_says_what_to_install(tmp_path: Any) -> None:
    made = spec(type="vllm", settings='{"model":"a/b"}', max_attempts=1)
    engine = engine_for(made.engine)
    [got] = [asyncio.run(engine.complete(Request("qualify", (), {}, {}, 10)))]
    assert (got.error_type, got.billed) == ("engine_start", False)
    worker = Worker(made, tmp_path)
    worker.caller.engine = engine
    assert set(worker.call(30)) == {"stopped"}
    stop = worker.caller.stop
    assert stop
    assert stop.reason == "engine_start"
    assert "pip install 'webscale-rl[vllm]'" in stop.message
