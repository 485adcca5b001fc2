import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from .asking import ask, in_background, until
from .client import Endpoint


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(server: Endpoint) -> Endpoint:
    server.reset()
    return server


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("429", openai.RateLimitError, "rate_limit_exceeded"),
        ("quota", openai.RateLimitError, "insufficient_quota"),
        ("503", openai.InternalServerError, None),
        ("context_length", openai.BadRequestError, "context_length_exceeded"),
        ("reset", openai.APIConnectionError, None),
        ("half_body", openai.APIConnectionError, None),
    ],
)
def test_a_rule_holds_for_its_times(endpoint: Endpoint, fault: str, error: type[Exception], code: str) -> None:
    endpoint.control(rules=[{"stage": "generate", "fault": fault, "times": 1, "retry_after": 3}])
    ask(endpoint, "qualify")
    with pytest.raises(error) as raised:
        ask(endpoint)
    assert getattr(raised.value, "code", None) == code
    if fault == "429":
        assert raised.value.response.headers["retry-after"] == "3"  # type: ignore[attr-defined]
    ask(endpoint)
    counters = endpoint.counters()
    assert (counters["requests"], counters["finished_calls"]) == (3, 2)
    assert counters["by_fault"] == {fault: 1}


def test_the_answer_of_a_stage_parses(endpoint: Endpoint) -> None:
    completion = ask(endpoint, "qualify")
    assert json.loads(completion.choices[0].message.content)["reason"] == "informative"
    assert completion.usage.prompt_tokens_details.cached_tokens == 0
    assert endpoint.counters()["by_stage"] == {"qualify": 1}


def test_contents_go_wrong(endpoint: Endpoint) -> None:
    right = ask(endpoint).choices[0].message.content

    def choice(fault: str, **more: Any) -> Any:
        endpoint.control(rules=[{"match": "Halden", "fault": fault, **more}])
        return ask(endpoint).choices[0]

    for fault in ("fenced", "think"):
        content = choice(fault).message.content
        assert right in content
        assert content != right
    for fault in ("broken_json", "latex", "length"):
        with pytest.raises(ValueError, match=r"line 1"):
            json.loads(choice(fault).message.content)
    assert choice("length").finish_reason == "length"
    assert choice("content_filter").finish_reason == "content_filter"
    assert choice("refusal").message.refusal
    assert choice("null_content").message.content is None
    assert choice("text", content="as told").message.content == "as told"
    assert json.loads(choice("wrong_types").message.content)["answerable"] == 7
    endpoint.control(rules=[{"fault": "no_usage"}])
    assert ask(endpoint).usage is None
    endpoint.control(rules=[{"fault": "empty_choices"}])
    assert ask(endpoint).choices == []


def test_settings_of_the_server(endpoint: Endpoint) -> None:
    endpoint.control(required_key="sk-right")
    with pytest.raises(openai.AuthenticationError, match="sk-wrong"):
        ask(endpoint, key="sk-wrong")
    endpoint.control(model="other")
    with pytest.raises(openai.NotFoundError) as missing:
        ask(endpoint)
    assert missing.value.code == "model_not_found"
    endpoint.control(model=None, max_completion_tokens_only=True, reasoning_tokens=50)
    with pytest.raises(openai.BadRequestError) as unsupported:
        ask(endpoint, max_tokens=5)
    assert (unsupported.value.code, unsupported.value.param) == ("unsupported_parameter", "max_tokens")
    usage = ask(endpoint, max_completion_tokens=5).usage
    assert usage.completion_tokens_details.reasoning_tokens == 50
    endpoint.control(refuse_response_format=True)
    with pytest.raises(openai.BadRequestError, match="response_format"):
        ask(endpoint)
    with pytest.raises(ValueError, match="unknown fault"):
        endpoint.control(rules=[{"fault": "no such"}])
    with pytest.raises(ValueError, match="unknown settings"):
        endpoint.control(latency=1)


def test_the_log_tells_what_was_asked_and_finished(endpoint: Endpoint) -> None:
    usage = ask(endpoint).usage
    asked, finished = endpoint.log()
    assert (asked["event"], asked["stage"], asked["in_flight"]) == ("request", "generate", 1)
    assert (finished["event"], finished["status"]) == ("response", 200)
    assert finished["key"] == asked["key"]
    assert len(asked["key"]) == 64
    assert (finished["prompt_tokens"], finished["completion_tokens"]) == (
        usage.prompt_tokens,
        usage.completion_tokens,
    )


def test_a_client_that_gives_up_is_logged(endpoint: Endpoint) -> None:
    endpoint.control(rules=[{"fault": "timeout"}])
    with pytest.raises(openai.APITimeoutError):
        ask(endpoint, timeout=0.2)
    until(lambda: endpoint.counters()["aborted"] == 1)
    assert [e["event"] for e in endpoint.log()] == ["request", "aborted"]
    assert endpoint.in_flight() == 0


def test_above_the_limit_comes_429(endpoint: Endpoint) -> None:
    endpoint.control(max_concurrent=2, latency_s={"mean": 0.5, "sigma": 0.1, "seed": 1})
    threads = [in_background(lambda: ask(endpoint)) for _ in range(2)]
    until(lambda: endpoint.in_flight() == 2)
    with pytest.raises(openai.RateLimitError):
        ask(endpoint)
    for thread in threads:
        thread.join()
    assert endpoint.counters()["by_status"] == {"200": 2, "429": 1}


def test_it_comes_back_on_its_port_after_a_kill() -> None:
    with Endpoint(latency_s=30) as endpoint:
        thread = in_background(lambda: ask(endpoint))
        until(lambda: endpoint.in_flight() == 1)
        endpoint.kill()
        thread.join()
        endpoint.start()
        endpoint.control(latency_s=0)
        ask(endpoint)
        assert [e["event"] for e in endpoint.log()] == ["request", "request", "response"]


def test_it_dies_with_whoever_started_it() -> None:
    program = (
        "import time; from tests.endpoint.client import Endpoint\n"
        "with Endpoint() as e: print(e._process.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root)
    assert starter.stdout
    with starter, starter.stdout:
        pid = int(starter.stdout.readline())
        os.kill(pid, 0)
        starter.send_signal(signal.SIGKILL)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat") as stat:  # an orphan may stay as a zombie where nothing reaps it
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"

    until(gone)
