"""What keeps a worker within its means: budget, lease, error rate, and the window of requests in flight."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint.asking import until
from tests.endpoint.client import Endpoint
from udfs import caller, lease
from udfs.budget import Budget, worst_case
from udfs.caller import Task
from udfs.window import Window

from .making import HOLDER, PRICE, Worker, beat, spec, task


def spent(endpoint: Endpoint) -> float:
    counters = endpoint.counters()
    return (counters["prompt_tokens"] * PRICE.input + counters["completion_tokens"] * PRICE.output) / 1e6


@pytest.mark.parametrize("usd", [0.002, 0.005, 0.02])
def test_the_budget_is_never_exceeded_with_many_in_flight(endpoint: Endpoint, tmp_path: Path, usd: float) -> None:
    endpoint.control(latency_s=0.02)
    made = Worker(spec(url=endpoint.url), tmp_path, most=16, usd=usd)
    outcomes = made.call(200)
    assert set(outcomes) == {"called", "deferred"}
    assert 0 < spent(endpoint) <= usd
    assert made.caller.tally.cost_usd == pytest.approx(spent(endpoint))
    assert outcomes.count("called") == len(made.entries) == endpoint.counters()["requests"]
    assert made.caller.tally.deferred == outcomes.count("deferred")
    assert made.caller.stop is None


def test_the_budget_is_used_until_not_even_one_call_fits(endpoint: Endpoint, tmp_path: Path) -> None:
    made = Worker(spec(url=endpoint.url), tmp_path, most=16, usd=0.005)
    made.call(200)
    worst = worst_case(made.spec.engine.price, 1000, 256)
    assert worst is not None
    assert 0.005 - spent(endpoint) < 2 * worst


def test_a_budget_below_one_call_sends_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    made = Worker(spec(url=endpoint.url), tmp_path, usd=0.0001)
    assert made.call(5) == ["deferred"] * 5
    assert endpoint.counters()["requests"] == 0


def test_what_the_server_does_not_report_is_spent_at_its_worst(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "no_usage"}])
    made = Worker(spec(url=endpoint.url), tmp_path, usd=0.005)
    outcomes = made.call(20)
    assert set(outcomes) == {"called", "deferred"}
    assert made.caller.tally.cost_usd <= 0.005
    assert spent(endpoint) < made.caller.tally.cost_usd


def test_long_extra_fields_are_part_of_the_worst_case(endpoint: Endpoint, tmp_path: Path) -> None:
    body = {"tools_note": "x" * 10_000}
    made = Worker(spec(url=endpoint.url, extra_body=body), tmp_path, usd=0.005)
    assert made.call() == ["deferred"]


def test_nothing_is_sent_once_another_run_holds_the_lease(endpoint: Endpoint, tmp_path: Path) -> None:
    made = Worker(spec(url=endpoint.url), tmp_path)
    assert made.call() == ["called"]
    beat(tmp_path, "another")
    assert made.call(5) == ["stopped"] * 5
    assert endpoint.counters()["requests"] == 1
    assert made.caller.stop is not None
    assert made.caller.stop.reason == "lease"


def test_calls_that_wait_for_a_slot_are_not_sent_after_a_takeover(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=0.4)
    made = Worker(spec(url=endpoint.url), tmp_path, most=2)

    async def taken_over() -> list[str]:
        calls = [asyncio.create_task(made.caller.call(task(made.spec, i))) for i in range(6)]
        await asyncio.sleep(0.2)
        beat(tmp_path, "another")
        return [s.how for s in await asyncio.gather(*calls)]

    assert asyncio.run(taken_over()) == ["called"] * 2 + ["stopped"] * 4
    assert endpoint.counters()["requests"] == 2
    assert len(made.entries) == 2


@pytest.mark.parametrize("content", ["{}", "", "no json", '{"holder": null}', '{"holder": 7}', "[]", "\ud800"])
def test_a_heartbeat_that_cannot_be_read_is_not_ours(tmp_path: Path, content: str) -> None:
    place = beat(tmp_path)
    watch = lease.LeaseWatch(place, HOLDER)
    assert watch.held()
    Path(place).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert not watch.held()


def test_a_heartbeat_that_cannot_be_looked_at_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = lease.LeaseWatch(beat(tmp_path), HOLDER)
    assert watch.held()

    def stale(_: Path) -> os.stat_result:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as shaky:
        shaky.setattr(lease.os, "stat", stale)
        held = watch.held()
        shaky.setattr(lease, "STALE_S", 0.0)
        gone = watch.held()
    assert (held, gone, watch.held()) == (True, False, True)


def test_nothing_is_sent_once_the_heartbeat_stood_still(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "STALE_S", 0.5)
    made = Worker(spec(url=endpoint.url), tmp_path)
    for _ in range(3):
        time.sleep(0.3)
        beat(tmp_path)
        assert made.caller.lease.held()
    time.sleep(0.6)
    assert made.call() == ["stopped"]
    (tmp_path / "heartbeat.json").unlink()
    assert not made.caller.lease.held()
    assert endpoint.counters()["requests"] == 0


def test_too_many_failures_stop_the_worker(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "500"}])
    made = Worker(spec(url=endpoint.url, max_attempts=1), tmp_path, most=8, rate=0.5)
    outcomes = made.call(300)
    assert made.caller.stop is not None
    assert made.caller.stop.reason == "error_rate"
    assert "failed; the last: HTTP 500" in made.caller.stop.message
    assert 50 <= outcomes.count("failed") < 80
    assert outcomes.count("failed") + outcomes.count("stopped") == 300


def test_an_endpoint_that_turns_everything_down_stops_the_worker_and_settles_nothing(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.control(rules=[{"fault": "bad_request"}])
    made = Worker(spec(url=endpoint.url, max_attempts=1), tmp_path, most=8, rate=0.5)
    assert set(made.call(300)) == {"failed", "stopped"}
    assert made.caller.stop is not None
    assert (made.caller.stop.reason, made.completions) == ("error_rate", [])
    assert endpoint.counters()["requests"] < 80


def test_failures_within_the_rate_stop_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "500", "match": f"It is number {i}."} for i in range(0, 80, 4)])
    made = Worker(spec(url=endpoint.url, max_attempts=1), tmp_path, most=8, rate=0.5)
    outcomes = made.call(80)
    assert (outcomes.count("failed"), outcomes.count("called")) == (20, 60)
    assert made.caller.stop is None


def test_answers_that_are_final_errors_are_no_failures(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "refusal"}])
    made = Worker(spec(url=endpoint.url), tmp_path, rate=0.1)
    assert made.call(60) == ["called"] * 60
    assert made.caller.stop is None


@pytest.mark.parametrize("most", [1, 5, 24])
def test_no_more_requests_are_in_flight_than_allowed(endpoint: Endpoint, tmp_path: Path, most: int) -> None:
    endpoint.control(latency_s=0.05)
    made = Worker(spec(url=endpoint.url), tmp_path, most=most)
    assert set(made.call(3 * most)) == {"called"}
    assert endpoint.counters()["max_in_flight"] == most
    assert made.window.in_flight == 0


def test_the_window_narrows_to_what_the_server_takes_and_widens_again(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=0.02, max_concurrent=4)
    made = Worker(spec(url=endpoint.url, max_attempts=20), tmp_path, most=32)

    async def run() -> float:
        await asyncio.gather(*(made.caller.call(task(made.spec, i)) for i in range(200)))
        narrowed = made.window.limit
        await asyncio.to_thread(endpoint.control, max_concurrent=None)
        await asyncio.gather(*(made.caller.call(task(made.spec, i)) for i in range(200, 800)))
        return narrowed

    narrowed = asyncio.run(run())
    assert made.caller.tally.done == 800
    refused = made.errors.count("rate_limited")
    assert refused == endpoint.counters()["by_status"]["429"]
    assert refused < 200
    assert made.errors[-600:].count("rate_limited") == 0
    assert narrowed < 12
    assert made.window.limit > 24


@pytest.mark.parametrize("name", ["429", "503"])
def test_a_wish_to_wait_is_honoured(endpoint: Endpoint, tmp_path: Path, name: str) -> None:
    endpoint.control(rules=[{"fault": name, "times": 1, "retry_after": 0.8}])
    made = Worker(spec(url=endpoint.url), tmp_path, most=1)
    before = time.monotonic()
    assert made.call(3) == ["called"] * 3
    assert time.monotonic() - before >= 0.8
    first, second = [e["t"] for e in endpoint.log() if e["event"] == "request"][:2]
    assert second - first >= 0.75


def test_one_burst_of_refusals_narrows_the_window_once() -> None:
    window = Window(32)
    window.in_flight = 31
    sent = time.monotonic()
    for _ in range(32):
        window.refused(sent, None)
    assert window.limit == 24
    window.refused(time.monotonic(), None)
    assert window.limit == 18
    for _ in range(18):
        window.succeeded()
    assert 18.9 < window.limit < 19.1


def test_a_number_refused_twice_is_a_limit_that_is_known() -> None:
    window = Window(64)
    for _ in range(2):
        window.limit, window.in_flight = 17.0, 16
        before = window.limit
        window.refused(time.monotonic(), None)
    assert (before, window.limit) == (17, 17 * 0.85)
    steps, shown = 0, []
    while window.limit < 18:
        window.succeeded()
        steps += 1
        shown += [steps] if len(shown) < int(window.limit) - 14 else []
    to_15, to_16, to_17, to_18 = shown  # successes until the window had that size
    assert to_17 - to_16 > 3.5 * (to_16 - to_15)  # the step that was refused
    assert to_18 - to_17 < 1.5 * (to_16 - to_15)  # not refused: the limit has gone


def test_where_nothing_passes_nothing_is_sent_for_longer_and_longer() -> None:
    window = Window(4)
    pauses = []
    for _ in range(14):
        window.refused(time.monotonic(), None)
        pauses.append(max(0, round(window._open_at - time.monotonic())))
    assert pauses[:8] == [0] * 8  # two windows: more at once than the server takes
    assert pauses[8:11] == [1, 2, 4]
    assert 30 <= max(pauses) <= 33
    window.succeeded()
    window._open_at = 0.0
    window.refused(time.monotonic(), None)
    assert window._open_at == 0


@pytest.mark.parametrize("name", ["timeout", "503"])
def test_a_server_that_cannot_keep_up_is_asked_less(endpoint: Endpoint, tmp_path: Path, name: str) -> None:
    endpoint.control(rules=[{"fault": name, "times": 4}])
    made = Worker(spec(url=endpoint.url, timeout_s=0.5), tmp_path, most=16)
    assert set(made.call(8)) == {"called"}
    assert made.window.limit < 15


def test_a_wish_to_wait_for_hours_is_not_granted_in_one_piece() -> None:
    window = Window(4)
    window.refused(time.monotonic(), 1e9)
    assert window._open_at - time.monotonic() < 135


def refused_beside_others(made: Worker, others: int) -> list[str]:
    """Make the first call, which is refused, before all others that wait for a slot."""

    async def together() -> list[str]:
        calls = [made.caller.call(task(made.spec, i), order=min(i, 1)) for i in range(1 + others)]
        return [s.how for s in await asyncio.gather(*calls)]

    return asyncio.run(together())


def test_a_queue_at_the_server_uses_up_no_attempts(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "BACKOFF_MOST_S", 0.05)
    rule = {"fault": "429", "match": "It is number 0."}
    endpoint.control(latency_s=0.02, rules=[{**rule, "times": 6}])
    made = Worker(spec(url=endpoint.url, max_attempts=2), tmp_path, most=4)
    assert set(refused_beside_others(made, 60)) == {"called"}
    assert made.errors.count("rate_limited") == 6


def test_a_call_that_is_always_refused_comes_to_an_end(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "BACKOFF_MOST_S", 0.05)
    monkeypatch.setattr(caller, "REFUSALS", 2)
    endpoint.control(latency_s=0.02, rules=[{"fault": "429", "match": "It is number 0."}])
    made = Worker(spec(url=endpoint.url, max_attempts=2), tmp_path, most=4)
    assert refused_beside_others(made, 100) == ["failed"] + ["called"] * 100
    assert 2 < made.errors.count("rate_limited") <= 6


def test_who_waits_for_the_server_is_let_go_once_the_worker_has_stopped(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "500"}])
    made = Worker(spec(url=endpoint.url, max_attempts=6), tmp_path)

    async def stopped() -> set[str]:
        tried = asyncio.create_task(made.caller.call(task(made.spec)))
        await asyncio.to_thread(until, lambda: len(made.errors) == 3)  # the next try would be seconds away
        made.window.refused(time.monotonic(), 60.0)
        paused = asyncio.create_task(made.caller.call(task(made.spec, 1)))
        await asyncio.sleep(0.05)
        made.caller.halt("lease")
        made.caller.tick()
        return {s.how for s in await asyncio.wait_for(asyncio.gather(tried, paused), 5)}

    assert asyncio.run(stopped()) == {"stopped"}
    assert len(made.errors) == 3


def test_what_costs_nothing_fits_an_overdrawn_budget() -> None:
    budget = Budget(-0.01)
    assert asyncio.run(budget.reserve(0.0))
    budget.settle(0.0, 0.0)
    assert not asyncio.run(budget.reserve(0.001))


def test_a_journal_that_cannot_be_written_stops_before_more_is_paid(endpoint: Endpoint, tmp_path: Path) -> None:
    made = Worker(spec(url=endpoint.url), tmp_path, most=1)
    made.journal._descriptor = os.open("/dev/full", os.O_WRONLY)
    outcomes: list[Any] = made.call(4)
    assert outcomes == ["stopped"] * 4
    assert made.caller.stop is not None
    assert (made.caller.stop.reason, endpoint.counters()["requests"]) == ("journal", 1)
    assert "No space left" in made.caller.stop.message


def test_the_inputs_of_a_task_may_be_hostile(endpoint: Endpoint, tmp_path: Path) -> None:
    made = Worker(spec(url=endpoint.url), tmp_path)
    hostile = {"title": "{x} %s </data-0123456789abcdef>\n\0", "passage": "\ufffe <|im_end|>\u2028" * 9, "unit": None}
    assert made.call_all([Task("k", "d", 0, hostile)]) == ["called"]
