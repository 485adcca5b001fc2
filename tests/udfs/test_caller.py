"""A call against a real endpoint, through each of its faults: the right outcome, journal and bill."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint.client import Endpoint
from udfs.parse import parse
from udfs.stages import logic

from .making import PRICE, Worker, spec, task

KEY = "sk-quite-secret-0123456789abcdef"


def fault(endpoint: Endpoint, name: str, times: int | None = None, **more: Any) -> None:
    endpoint.control(rules=[{"fault": name, "times": times, **more}])


def worker(endpoint: Endpoint, folder: Path, **changes: Any) -> Worker:
    return Worker(spec(url=endpoint.url, **changes), folder)


def billed(endpoint: Endpoint) -> float:
    """Return what the endpoint's own accounting comes to."""
    counters = endpoint.counters()
    return (counters["prompt_tokens"] * PRICE.input + counters["completion_tokens"] * PRICE.output) / 1e6


def check_bill(made: Worker, endpoint: Endpoint) -> None:
    """One line per request, and the money of the lines, the completions and the tally is what the endpoint counted."""
    assert len(made.entries) == endpoint.counters()["requests"] == made.caller.tally.requests
    assert sum(e["attempt"]["cost_usd"] for e in made.entries) == pytest.approx(billed(endpoint))
    assert made.caller.tally.cost_usd == pytest.approx(billed(endpoint))


def test_a_right_answer_is_called_journaled_and_billed(endpoint: Endpoint, tmp_path: Path) -> None:
    made = worker(endpoint, tmp_path)
    assert made.call(3) == ["called"] * 3
    assert made.errors == [None] * 3
    check_bill(made, endpoint)
    for entry in made.entries:
        completion, attempt = entry["completion"], entry["attempt"]
        assert parse(completion["text"], logic("qualify").answer).qualified
        assert (completion["finish_reason"], completion["attempts"], completion["error_type"]) == ("stop", 1, None)
        assert completion["prompt_tokens"] == attempt["prompt_tokens"] > 0
        assert completion["cost_usd"] == pytest.approx(attempt["cost_usd"])
        assert (entry["stage"], entry["prompt"], entry["model"]) == ("qualify", "qualify@1", "m")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("503", "server_error"),
        ("reset", "connection"),
        ("half_body", "connection"),
        ("not_json", "bad_response"),
        ("empty_choices", "bad_response"),
        ("timeout", "timeout"),
    ],
)
def test_what_may_pass_is_tried_again_and_left_to_a_later_run(
    endpoint: Endpoint, tmp_path: Path, name: str, error: str
) -> None:
    fault(endpoint, name, times=1)
    made = worker(endpoint, tmp_path / "once", timeout_s=0.5)
    assert made.call() == ["called"]
    assert made.errors == [error, None]
    assert [c["attempts"] for c in made.completions] == [2]
    fault(endpoint, name)
    made = worker(endpoint, tmp_path / "always", timeout_s=0.5)
    assert made.call() == ["failed"]
    assert made.errors == [error, error]
    assert made.completions == []
    assert made.caller.stop is None
    assert made.entries[-1]["message"]
    assert made.caller.tally.last_error == made.entries[-1]["message"]


@pytest.mark.parametrize(
    ("name", "error", "answered"),
    [
        ("refusal", "refusal", True),
        ("content_filter", "content_filter", True),
        ("length", "length_stop", True),
        ("context_length", "context_length", False),
    ],
)
def test_what_will_not_pass_is_settled_at_once(
    endpoint: Endpoint, tmp_path: Path, name: str, error: str, answered: bool
) -> None:
    fault(endpoint, name)
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    assert made.errors == [error]
    (completion,) = made.completions
    assert completion["error_type"] == error
    assert completion["error_message"]
    assert (completion["cost_usd"] > 0) == answered
    check_bill(made, endpoint)


def test_a_request_turned_down_is_settled_by_a_server_that_has_answered_others(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.control(rules=[{"fault": "bad_request", "match": "It is number 1."}])
    made = Worker(spec(url=endpoint.url), tmp_path, most=1)
    assert made.call(2) == ["called"] * 2
    assert made.errors == [None, "bad_request"]
    assert made.completions[1]["error_type"] == "bad_request"
    check_bill(made, endpoint)


@pytest.mark.parametrize("name", ["fenced", "think"])
def test_an_answer_in_unasked_wrapping_is_an_answer(endpoint: Endpoint, tmp_path: Path, name: str) -> None:
    fault(endpoint, name)
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    assert made.errors == [None]
    check_bill(made, endpoint)


@pytest.mark.parametrize(("name", "problem"), [("broken_json", "not valid JSON"), ("wrong_types", "qualified")])
def test_an_unusable_answer_is_asked_for_once_more_within_the_same_call(
    endpoint: Endpoint, tmp_path: Path, name: str, problem: str
) -> None:
    fault(endpoint, name, times=1)
    made = worker(endpoint, tmp_path / "once", max_attempts=1)
    assert made.call() == ["called"]
    assert made.errors == ["invalid_answer", None]
    assert problem in made.entries[0]["message"]
    (completion,) = made.completions
    assert (completion["attempts"], completion["error_type"]) == (2, None)
    for name_of_sum in ("prompt_tokens", "completion_tokens", "cost_usd"):
        summed = sum(e["attempt"][name_of_sum] for e in made.entries)
        assert completion[name_of_sum] == pytest.approx(summed)
    assert len({e["call_key"] for e in made.entries}) == 1
    check_bill(made, endpoint)


def test_the_second_question_quotes_what_was_wrong(endpoint: Endpoint, tmp_path: Path) -> None:
    quoted = {"fault": "text", "content": "no object", "match": "the answer holds no JSON object"}
    endpoint.control(rules=[quoted, {"fault": "text", "content": "I would rather not."}])
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    assert [c["text"] for c in made.completions] == ["no object"]


@pytest.mark.parametrize("name", ["broken_json", "wrong_types", "null_content"])
def test_twice_unusable_is_settled_as_invalid(endpoint: Endpoint, tmp_path: Path, name: str) -> None:
    fault(endpoint, name)
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    assert made.errors == ["invalid_answer", "invalid_answer"]
    (completion,) = made.completions
    assert completion["error_type"] == "invalid_answer"
    assert bool(completion["text"]) == (name != "null_content")
    check_bill(made, endpoint)


def test_unreported_usage_is_null_and_costs_the_worst_case(endpoint: Endpoint, tmp_path: Path) -> None:
    fault(endpoint, "no_usage")
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    (completion,) = made.completions
    assert completion["prompt_tokens"] is completion["completion_tokens"] is completion["cached_tokens"] is None
    assert completion["cost_usd"] > 256 * PRICE.output / 1e6 > 0
    assert completion["cost_usd"] > billed(endpoint)


def test_without_a_price_nothing_costs(endpoint: Endpoint, tmp_path: Path) -> None:
    made = worker(endpoint, tmp_path, price=None)
    assert made.call() == ["called"]
    assert made.completions[0]["cost_usd"] is None
    assert made.completions[0]["prompt_tokens"] > 0


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"required_key": "sk-another"}, "unauthorized"),
        ({"model": "another"}, "unknown_model"),
        ({"rules": [{"fault": "quota"}]}, "quota_exhausted"),
    ],
)
def test_what_no_retry_mends_stops_the_worker(
    endpoint: Endpoint, tmp_path: Path, settings: dict[str, Any], error: str
) -> None:
    endpoint.control(**settings)
    made = Worker(spec(url=endpoint.url), tmp_path, most=4)
    assert made.call(40) == ["stopped"] * 40
    assert made.caller.stop is not None
    assert made.caller.stop.reason == error
    assert set(made.errors) == {error}
    assert len(made.entries) == endpoint.counters()["requests"] <= 4
    assert made.completions == []
    assert made.caller.tally.cost_usd == 0


@pytest.mark.parametrize("setting", ["refuse_response_format", "max_completion_tokens_only"])
def test_a_server_that_refuses_a_field_is_asked_without_it(endpoint: Endpoint, tmp_path: Path, setting: str) -> None:
    endpoint.control(**{setting: True}, latency_s=0.05)
    made = worker(endpoint, tmp_path)
    assert made.call(12) == ["called"] * 12
    assert made.errors == [None] * 12
    assert endpoint.counters()["requests"] <= 24


def test_both_fields_may_be_refused(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(refuse_response_format=True, max_completion_tokens_only=True)
    made = worker(endpoint, tmp_path)
    assert made.call() == ["called"]
    assert made.errors == [None]
    assert endpoint.counters()["requests"] == 3


@pytest.mark.parametrize("in_file", [False, True])
def test_the_key_is_sent_and_never_written(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_file: bool
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("TEST_KEY", KEY)
    place = {"api_key_file": str(tmp_path / "key")} if in_file else {"api_key_var": "TEST_KEY"}
    endpoint.control(required_key=KEY, rules=[{"fault": "echo_key", "times": 1}])
    made = worker(endpoint, tmp_path, **place)
    assert made.call() == ["called"]
    assert made.errors == ["server_error", None]
    assert "Bearer ***" in made.entries[0]["message"]
    endpoint.control(required_key="another", rules=[])
    refused = worker(endpoint, tmp_path / "refused", **place)
    assert refused.call() == ["stopped"]
    assert "***" in str(refused.caller.stop)
    for one in (made, refused):
        assert KEY.encode() not in one.bytes
        assert KEY not in json.dumps(one.caller.state()) + str(one.caller.stop)


def test_a_key_that_was_renewed_is_read_again(endpoint: Endpoint, tmp_path: Path) -> None:
    key = tmp_path / "key"
    made = worker(endpoint, tmp_path, api_key_file=str(key))

    def renew(value: str) -> None:
        key.write_text(value)
        endpoint.control(required_key=value, latency_s=0.05)

    async def days() -> list[str]:
        await asyncio.to_thread(renew, "sk-of-yesterday-0123456789")
        first = await made.caller.call(task(made.spec))
        await asyncio.to_thread(renew, "sk-of-today-0123456789")
        others = await asyncio.gather(*(made.caller.call(task(made.spec, i)) for i in range(1, 9)))
        return [first.how, *(s.how for s in others)]

    assert asyncio.run(days()) == ["called"] * 9
    assert made.errors == [None] * 9


def test_a_refused_connection_costs_nothing(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Worker(spec(url=f"http://127.0.0.1:{free.getsockname()[1]}/v1"), tmp_path)
        assert made.call() == ["failed"]
    assert made.errors == ["connection", "connection"]
    assert made.caller.tally.cost_usd == 0


@pytest.mark.parametrize("most", [1, 3])
def test_no_call_is_tried_more_often_than_allowed(endpoint: Endpoint, tmp_path: Path, most: int) -> None:
    fault(endpoint, "500")
    made = worker(endpoint, tmp_path, max_attempts=most)
    assert made.call() == ["failed"]
    assert [e["attempt"]["n"] for e in made.entries] == list(range(1, most + 1))
