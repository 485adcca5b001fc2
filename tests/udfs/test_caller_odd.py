"""Servers that are none: what no endpoint should send still ends in a typed outcome."""

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from udfs.engines import openai_http

from .making import PRICE, Worker, spec, task


@contextmanager
def answering(*answers: bytes, pause_s: float = 0.0) -> Iterator[str]:
    """Send these bytes to whoever asks, the last to all that follow, and hang up; with a pause, byte by byte."""
    left = list(answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # a client may hang up at any time
                    connection.recv(1 << 20)
                    data = left.pop(0) if len(left) > 1 else left[0]
                    for part in [data[i : i + 1] for i in range(len(data))] if pause_s else [data]:
                        connection.sendall(part)
                        time.sleep(pause_s)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(1 << 20):
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)


def http(status: int, body: object, *headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(data)}",
             "Connection: close", *headers]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + data


def called(folder: Path, *answers: bytes, **changes: float) -> Worker:
    """Make as many calls as there are answers, one after another."""
    with answering(*answers, **{k: changes.pop(k) for k in set(changes) & {"pause_s"}}) as url:
        made = Worker(spec(url=url, max_attempts=1, **changes), folder, most=1)
        made.call(len(answers))
    return made


def answer(usage: object = None, **choice: object) -> bytes:
    content = json.dumps({"reasoning": "It says much.", "qualified": True, "reason": "informative"})
    message = {"role": "assistant", "content": content}
    return http(200, {"choices": [{"index": 0, "finish_reason": "stop", "message": message, **choice}], "usage": usage})


def refusal(status: int, message: object) -> bytes:
    return http(status, {"error": {"message": message}})


def test_an_answer_that_ended_while_thinking_is_cut_short(tmp_path: Path) -> None:
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": None}}
    usage = {"prompt_tokens": 9, "completion_tokens": 256}
    made = called(tmp_path, http(200, {"choices": [choice], "usage": usage}))
    assert [c["error_type"] for c in made.completions] == ["length_stop"]


def test_an_empty_account_stops_the_worker(tmp_path: Path) -> None:
    made = called(tmp_path, http(402, {"error": {"message": "Insufficient Balance"}}))
    assert made.errors == ["quota_exhausted"]
    assert made.caller.stop is not None
    assert made.caller.stop.reason == "quota_exhausted"


def test_what_a_model_thinks_beside_the_answer_is_paid_for(tmp_path: Path) -> None:
    thought = {"prompt_tokens": 10_120, "completion_tokens": 1_499, "total_tokens": 14_428,
               "completion_tokens_details": {"reasoning_tokens": 2_809}}  # fmt: skip
    (attempt,) = (e["attempt"] for e in called(tmp_path, answer(thought)).entries)
    assert (attempt["completion_tokens"], attempt["reasoning_tokens"]) == (4_308, 2_809)
    assert attempt["cost_usd"] == pytest.approx((10_120 * PRICE.input + 4_308 * PRICE.output) / 1e6)


@pytest.mark.parametrize(
    "usage",
    [{"prompt_tokens": 9}, {"prompt_tokens": 9, "completion_tokens": {}}, {"prompt_tokens": 9, "completion_tokens": -1},
     {"prompt_tokens": 2**40, "completion_tokens": 1}, {"prompt_tokens": True, "completion_tokens": 1}],
)  # fmt: skip
def test_half_a_usage_is_none_and_costs_the_worst_case(tmp_path: Path, usage: object) -> None:
    (attempt,) = (e["attempt"] for e in called(tmp_path, answer(usage)).entries)
    assert attempt["prompt_tokens"] is attempt["completion_tokens"] is None
    assert attempt["cost_usd"] > 256 * PRICE.output / 1e6


def test_a_reason_that_no_table_could_hold_is_cleaned(tmp_path: Path) -> None:
    made = called(tmp_path, answer(finish_reason="\ud800stop"))
    assert made.completions[0]["finish_reason"].encode()


def test_a_server_that_keeps_the_line_alive_is_waited_for_no_longer(tmp_path: Path) -> None:
    assert called(tmp_path, answer(), pause_s=0.02, timeout_s=0.5).errors == ["timeout"]


REFUSED = {
    "an expired key": (400, "API key expired. Please renew the API key.", "unauthorized"),
    "no money": (400, "Your credit balance is too low to access the API.", "quota_exhausted"),
    "no such model": (400, "Invalid model name passed in model=m", "unknown_model"),
    "forbidden": (403, "forbidden", "unauthorized"),
    "a wrong address": (405, "Method Not Allowed", "unknown_model"),
    "a proxy": (407, "Proxy Authentication Required", "unauthorized"),
}


@pytest.mark.parametrize(("status", "message", "error"), REFUSED.values(), ids=REFUSED)
def test_a_fault_of_the_settings_stops_the_worker_and_settles_nothing(
    tmp_path: Path, status: int, message: str, error: str
) -> None:
    made = called(tmp_path, refusal(status, message))
    assert made.errors == [error]
    assert made.caller.stop is not None
    assert (made.caller.stop.reason, made.completions) == (error, [])


LATER = {
    "a page on keys": (400, "Invalid API key in field messages", "server_error"),
    "another moderator": (400, "The content was flagged by our moderation", "content_filter"),
    "a field": (400, "Invalid value", "bad_request"),
    "a firewall": (403, "<html>Request blocked</html>", "server_error"),
    "a gateway without a server": (404, "no healthy upstream", "server_error"),
    "a moderator": (403, "Your input was flagged: violence", "content_filter"),
    "a page too long for a proxy": (413, "Request Entity Too Large", "bad_request"),
    "a proxy's own": (499, "client closed request", "server_error"),
    "too long, by another name": (400, "the request exceeds the available context size", "context_length"),
}


@pytest.mark.parametrize(("status", "message", "error"), LATER.values(), ids=LATER)
def test_a_document_stops_no_worker_whose_endpoint_has_answered(
    tmp_path: Path, status: int, message: str, error: str
) -> None:
    made = called(tmp_path, answer(), refusal(status, message))
    assert made.errors == [None, error]
    assert made.caller.stop is None


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_server_that_has_answered_nothing_settles_nothing(tmp_path: Path, status: int) -> None:
    made = called(tmp_path, refusal(status, "Unrecognized request argument supplied: verbosity"))
    assert (made.errors, made.completions) == (["server_error"], [])


def test_a_setting_of_another_stage_that_is_refused_settles_nothing(tmp_path: Path) -> None:
    with answering(answer(), refusal(400, "max_tokens is too large: 100000")) as url:
        made = [Worker(spec(url=url, max_attempts=1, max_tokens=n), tmp_path, most=1) for n in (256, 100_000)]
        made[1].caller.engine = made[0].caller.engine  # one client serves all stages

        async def one_after_another() -> list[str]:
            return [(await w.caller.call(task(w.spec))).how for w in made]

        assert asyncio.run(one_after_another()) == ["called", "failed"]
    assert (made[0].errors, len(made[0].completions)) == ([None, "server_error"], 1)


@pytest.mark.parametrize("billed", [False, True])
def test_a_gateway_that_took_its_time_may_have_had_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, billed: bool
) -> None:
    monkeypatch.setattr(openai_http, "AT_WORK_S", 0.5 if billed else 60.0)
    made = called(tmp_path, refusal(502, "Bad Gateway"), pause_s=0.01)
    assert made.errors == ["server_error"]
    assert (made.caller.tally.cost_usd > 0) == billed


def test_a_server_that_repeats_the_request_has_not_refused_its_form(tmp_path: Path) -> None:
    fault = {"loc": ["body", "messages"], "msg": "too many", "input": {"response_format": {"type": "json_schema"}}}
    made = called(tmp_path, answer(), http(422, {"detail": [fault]}))
    assert made.errors == [None, "bad_request"]
    assert "too many" in made.entries[1]["message"]
    assert made.caller.engine._structured  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("content_filter", "The input holds unstructured hate speech"),
        (None, "An answer about structured settlements and English grammar cannot be given"),
    ],
)
def test_what_is_said_of_a_document_leaves_the_schema_on(tmp_path: Path, code: str | None, said: str) -> None:
    refused = http(400, {"error": {"message": said, "code": code}})
    made = called(tmp_path, answer(), refused, answer())
    assert made.errors == [None, code or "bad_request", None]
    assert made.caller.engine._structured  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "said",
    [
        "guided_json is not supported",
        "StructuredOutputsParams need another backend",
        "The provided JSON schema contains features not supported by xgrammar.",
    ],
)
def test_a_server_that_knows_no_schema_is_asked_without(tmp_path: Path, said: str) -> None:
    made = called(tmp_path, http(400, {"error": {"message": said}}), answer())
    assert made.errors == [None, None]
    assert not made.caller.engine._structured  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "more", [{"finish_reason": "abort"}, {"finish_reason": "error"}, {"error": {"message": "upstream is gone"}}]
)
def test_an_answer_that_the_server_broke_off_is_asked_for_again(tmp_path: Path, more: dict[str, object]) -> None:
    choice = {"message": {"content": "The tower is 1,2"}, "finish_reason": "stop", **more}
    usage = {"prompt_tokens": 9, "completion_tokens": 3}
    made = called(tmp_path, http(200, {"choices": [choice], "usage": usage}))
    assert (made.errors, made.completions) == (["server_error"], [])
    assert made.caller.tally.cost_usd > 0


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Mon, 30 Nov 2026 10:00:30 GMT", "date": "Mon, 30 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Mon, 30 Nov 2020 10:00:30 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, 0.0),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_in_seconds_or_as_a_date(headers: dict[str, str], waits: float | None) -> None:
    assert openai_http._retry_after(headers) == waits


ODD = [
    [],
    "text",
    7,
    None,
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    {"choices": [7]},
    {"choices": {"a": 1}},
    {"choices": [{"message": "x"}]},
    {"choices": [{"message": {"content": 7}}]},
    {"choices": [{"message": {"content": ["{}"]}, "finish_reason": {"a": 1}}], "usage": {"prompt_tokens": "x"}},
    {"choices": [{"message": {}}], "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": "many"}}},
    {"choices": [{"message": {}}], "usage": {"prompt_tokens": 1, "completion_tokens_details": [1]}},
]


@pytest.mark.parametrize("body", ODD, ids=[str(i) for i in range(len(ODD))])
def test_json_of_any_other_shape_is_a_bad_response(tmp_path: Path, body: object) -> None:
    made = called(tmp_path, http(200, body))
    assert made.errors == ["bad_response"]
    assert made.caller.tally.errors == 1


NO_HTTP = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a bad header": b"HTTP/1.1 200 OK\r\n\x00bad\r\n\r\n",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no gzip": http(200, b"plain", "Content-Encoding: gzip"),
    "half a gzip": http(200, gzip.compress(b"{}" * 999)[:20], "Content-Encoding: gzip"),
    "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "a redirect in a circle": http(307, b"", "Location: /v1/chat/completions"),
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_raises_nothing(tmp_path: Path, data: bytes) -> None:
    made = called(tmp_path, data)
    assert len(made.errors) == 1
    assert made.errors[0] in ("connection", "bad_response")
    assert made.caller.tally.errors == 1


@pytest.mark.parametrize("body", [b"<html>no</html>", b"", b"null", b'{"error": {"message": 7, "code": [1]}}'])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "server_error"),
        (401, "unauthorized"),
        (404, "unknown_model"),
        (429, "rate_limited"),
        (529, "server_error"),
    ],
)
def test_an_error_of_any_shape_is_typed_by_its_status(tmp_path: Path, status: int, error: str, body: bytes) -> None:
    assert called(tmp_path, http(status, body)).errors == [error]
