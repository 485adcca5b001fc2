"""Throughput of the engine in the worker's process against the same vLLM engine driven bare, with the same window.

`python -m tests.bench.vllm MODEL` in an environment with vLLM (see tests/vllm/README.md) writes vllm.json.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from etl.configfile import load as configured
from etl.lease import Lease
from etl.specs import call_specs, load_prompts
from udfs.engines import Request
from udfs.engines import vllm as inside
from udfs.engines.chat import chat_body
from udfs.engines.factory import engine_for
from udfs.engines.vllm.model import VLLMModel, load
from udfs.follow import Passage
from udfs.journal import entries
from udfs.messages import render
from udfs.runner import Run, run_tasks
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import Task, calls

PASSAGE = "The bridge number {i} was opened on 12 March 1931 and is {i} metres long, and number {j} is longer. " * 20
ENGINE = (
    "{{type='vllm', model='{model}', served_model_name='tiny', dtype='float32', max_model_len=8192, "
    "max_in_flight={window}, options={{enforce_eager=true, block_size=32, kv_cache_memory_bytes=536870912}}}}"
)
STAGE = "qualify"


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of distinct documents."""
    for i in range(count):
        yield {"doc_id": f"d{i}", "title": None, "passage": PASSAGE.format(i=i, j=i + 1)}


def tasks(spec: CallSpec, count: int) -> Iterator[tuple[dict[str, Any], Task]]:
    """Yield rows with their one call."""
    for row in rows(count):
        [task] = calls(logic(STAGE), spec, row)
        yield row, task


def ours(spec: CallSpec, count: int) -> int:
    """Make the calls through runner, caller, journal and engine; return the tokens that were written."""
    with tempfile.TemporaryDirectory() as folder, Lease(folder, "bench") as lease:
        run = Run("bench", f"{folder}/journal", f"{folder}/progress", lease.location, lease.holder, 1, None, 1.0)
        passages = (Passage([row], frozenset([task.call_key])) for row, task in tasks(spec, count))
        outcome = run_tasks([spec], run, 0, 0, passages)
        assert outcome["called"] == count, outcome
        found = [e for p in Path(folder, "journal").rglob("*-*") if p.is_file() for e in entries(p.read_bytes())]
    return sum(e["attempt"]["completion_tokens"] for e in found)


def bare(model: VLLMModel, spec: CallSpec, count: int) -> int:
    """Add the same requests to the engine as others end, and step it: nothing else happens."""
    schema = logic(STAGE).answer.json_schema()
    asked = (
        chat_body("tiny", Request(STAGE, render(spec, t.inputs), schema, {}, spec.max_tokens, spec.temperature))
        for _, t in tasks(spec, count)
    )
    flying, tokens, number = 0, 0, 0
    more = True
    while more or flying:
        while more and flying < spec.engine.max_in_flight:
            body = next(asked, None)
            if body is None:
                more = False
                break
            model.add(str(number), model.prompt(body))
            flying, number = flying + 1, number + 1
        for _, completion in model.step():
            flying -= 1
            tokens += completion.completion_tokens or 0
    return tokens


def timed(model: VLLMModel, work: Callable[[], int]) -> dict[str, float]:
    """Do the work with an empty prefix cache; return seconds, CPU seconds and tokens a second."""
    model._engine.reset_prefix_cache()
    cpu, started = time.process_time(), time.monotonic()
    tokens = work()
    seconds = time.monotonic() - started
    return {
        "seconds": round(seconds, 2), "cpu": round(time.process_time() - cpu, 2), "tokens": tokens,
        "tokens_per_s": round(tokens / seconds, 1), "tokens_per_cpu_s": round(tokens / (time.process_time() - cpu), 1),
    }  # fmt: skip


def main() -> None:
    """Take turns, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="folder of the model, as tests/vllm/tiny_model.py makes it")
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    engine = ENGINE.format(model=options.model, window=options.window)
    stage = [f"stages.{STAGE}.temperature=1.0", f"stages.{STAGE}.max_tokens=300"]
    config = configured(None, [f"engines.default={engine}", *stage])
    spec = call_specs(config, load_prompts(config), b"bench")[STAGE]
    engine_for(spec.engine)
    driven = load(json.loads(spec.engine.settings))
    ours(spec, options.window)
    bare(driven, spec, options.window)
    within = inside._running[spec.engine.settings]._model.result()
    assert isinstance(within, VLLMModel)
    turns = []
    for n in range(options.turns):
        pair = [("ours", within, partial(ours, spec)), ("bare", driven, partial(bare, driven, spec))]
        turn = {name: timed(m, partial(work, options.calls)) for name, m, work in (pair if n % 2 else pair[::-1])}
        turns.append(turn)
        print(json.dumps(turn))
    ratios = {
        name: round(statistics.median(t["ours"][name] / t["bare"][name] for t in turns), 3)
        for name in ("tokens_per_s", "tokens_per_cpu_s")
    }
    made = {"calls": options.calls, "window": options.window, "ours_of_bare": ratios, "turns": turns}
    (Path(__file__).parent / "vllm.json").write_text(json.dumps(made, indent=2) + "\n")
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
