"""Throughput of one worker's calls against the best that any client with as many slots could do, and how close it
comes to a limit of the server that nobody told it.

Writes tests/bench/results.json and prints the table of tests/bench/README.md.
"""

import asyncio
import heapq
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import openai

from etl.configfile import load
from etl.lease import Lease
from etl.specs import call_specs, load_prompts
from tests.bench import grading
from tests.endpoint.client import Endpoint
from udfs.engines import Request
from udfs.engines.chat import chat_body
from udfs.follow import Passage
from udfs.messages import render
from udfs.runner import Run, run_tasks
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import calls

CALLS, SLOTS = 2000, 64
LIMIT, LIFTED, LATENCY_S = 16, 1500, 0.2
LEARNING = 200  # requests before the limit is known
PASSAGE = "The bridge number {i} was opened on 12 March 1931 and is {i} metres long. " * 20


def ideal(latencies: list[float], slots: int) -> float:
    """Return the seconds of list scheduling: each next call starts on the slot that is free first."""
    free = [0.0] * slots
    for latency in latencies:
        heapq.heapreplace(free, free[0] + latency)
    return max(free)


def call(endpoint: Endpoint, slots: int, count: int = CALLS) -> tuple[float, float]:
    """Make so many calls with so many slots, as one worker does; return seconds, by the clock and of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        spec = asking(endpoint, slots)
        inputs = ({"title": None, "passage": PASSAGE.format(i=i)} for i in range(count))
        rows = ({"doc_id": f"d{i}", **x} for i, x in enumerate(inputs))
        tasks = (Passage([row], frozenset(t.call_key for t in calls(logic(spec.stage), spec, row))) for row in rows)
        with Lease(folder, "bench") as lease:
            run = Run("bench", f"{folder}/journal", f"{folder}/progress", lease.location, lease.holder, 1, None, 1.0)
            cpu, started = time.process_time(), time.monotonic()
            outcome = run_tasks([spec], run, 0, 0, tasks)
            cpu, wall = time.process_time() - cpu, time.monotonic() - started
    assert outcome["called"] == count, outcome
    return wall, cpu


def asking(endpoint: Endpoint, slots: int) -> CallSpec:
    """Return the constant part of the calls made here."""
    config = load(
        None, [f"engines.default={{type='openai', base_url='{endpoint.url}', model='m', max_in_flight={slots}}}"]
    )
    return call_specs(config, load_prompts(config), b"bench")["qualify"]


def bare(endpoint: Endpoint, slots: int, count: int = CALLS) -> float:
    """Send as many such requests by nothing but the `openai` client's raw post; return seconds of CPU."""
    spec = asking(endpoint, slots)
    schema = logic(spec.stage).answer.json_schema()
    messages = (render(spec, {"title": None, "passage": PASSAGE.format(i=i)}) for i in range(count))
    bodies = [
        chat_body("m", Request(spec.stage, m, schema, {}, spec.max_tokens, spec.temperature_of(0))) for m in messages
    ]

    async def sending(left: Iterator[dict[str, Any]]) -> None:
        limits = httpx2.Limits(max_connections=slots, max_keepalive_connections=slots)
        transport = openai.DefaultAioHttpClient(limits=limits)
        async with openai.AsyncOpenAI(api_key="k", base_url=endpoint.url, http_client=transport) as client:

            async def slot() -> None:
                for body in left:
                    await client.post("/chat/completions", cast_to=object, body=body)

            await asyncio.gather(*(slot() for _ in range(slots)))

    cpu = time.process_time()
    asyncio.run(sending(iter(bodies)))
    return time.process_time() - cpu


def throughput(latency: dict[str, float] | float) -> dict[str, Any]:
    """Make CALLS calls with SLOTS in flight; return rate, ratio to the ideal, CPU per call, and what of it the bare
    client takes.
    """
    with Endpoint(latency_s=latency) as endpoint:
        wall, cpu = call(endpoint, SLOTS)
        log = endpoint.log()
        highest = endpoint.counters()["max_in_flight"]
        least = bare(endpoint, SLOTS)
    begun = {e["n"]: e["t"] for e in log if e["event"] == "request"}
    ended = {e["n"]: e["t"] for e in log if e["event"] == "response"}
    span = max(ended.values()) - min(begun.values())
    best = ideal([ended[n] - begun[n] for n in sorted(begun)], SLOTS)
    return {
        "calls": CALLS, "slots": SLOTS, "highest_in_flight": highest, "seconds": round(wall, 2),
        "of_ideal": round(best / span, 3) if latency else None, "cpu_ms_per_call": round(cpu / CALLS * 1000, 2),
        "bare_client_ms": round(least / CALLS * 1000, 2),
    }  # fmt: skip


def limited() -> dict[str, Any]:
    """Call a server that refuses more than LIMIT requests at once, until it has answered LIFTED of them.

    Return the rate of answers up to there, once the first requests have shown the limit, as a share of what a client
    with exactly LIMIT slots gets; the share refused of these requests; and how many the last ones had in flight.
    """
    with Endpoint(latency_s=LATENCY_S) as endpoint, ThreadPoolExecutor(1) as beside:
        call(endpoint, LIMIT, LIFTED)
        best = rate([e["t"] for e in endpoint.log() if e["event"] == "response"])
        endpoint.reset()
        endpoint.control(max_concurrent=LIMIT)
        lifting = beside.submit(lift, endpoint)
        call(endpoint, SLOTS, 3 * LIFTED)
        lifted, log = lifting.result(), endpoint.log()
    begun = [e for e in log if e["event"] == "request"]
    shown = {e["n"] for e in begun[LEARNING:] if e["t"] < lifted}
    ended = [e for e in log if e["event"] == "response" and e["n"] in shown]
    answered = [e["t"] for e in ended if e["status"] == 200]
    return {
        "limit": LIMIT, "slots": SLOTS, "of_limit": round(rate(answered) / best, 3),
        "refused": round(1 - len(answered) / len(ended), 4),
        "in_flight_after": max(e["in_flight"] for e in begun[-2 * SLOTS : -SLOTS]),
    }  # fmt: skip


def lift(endpoint: Endpoint) -> float:
    """Lift the limit once LIFTED calls are answered; return when."""
    while endpoint.counters()["by_status"].get("200", 0) < LIFTED:
        time.sleep(0.05)
    at = time.time()
    endpoint.control(max_concurrent=None)
    return at


def rate(times: list[float]) -> float:
    """Return events per second."""
    return (len(times) - 1) / (max(times) - min(times))


def main() -> None:
    """Run the benchmarks and write the results."""
    results = {
        "lognormal latency, mean 1 s": throughput({"mean": 1.0, "sigma": 0.5, "seed": 1}),
        "zero latency": throughput(0.0),
    }
    found = {"throughput": results, "limited server": {"16 at once, then no limit": limited()}}
    (Path(__file__).parent / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    for table in found.values():
        names = list(next(iter(table.values())))
        print("\n| case | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
        for case, row in table.items():
            print(f"| {case} | " + " | ".join(str(row[n]) for n in names) + " |")
    print()
    grading.main()


if __name__ == "__main__":
    main()
