"""Servers that are none: what no endpoint should send still ends in a typed outcome."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from .making import Worker, spec


@contextmanager
def answering(data: bytes) -> Iterator[str]:
    """Send these bytes to whoever asks, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # a client may hang up at any time
                    connection.recv(1 << 20)
                    connection.sendall(data)
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


def called(folder: Path, data: bytes) -> Worker:
    with answering(data) as url:
        made = Worker(spec(url=url, max_attempts=1), folder)
        made.call()
    return made


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
    [(400, "bad_request"), (401, "unauthorized"), (404, "unknown_model"), (429, "rate_limited"), (529, "server_error")],
)
def test_an_error_of_any_shape_is_typed_by_its_status(tmp_path: Path, status: int, error: str, body: bytes) -> None:
    assert called(tmp_path, http(status, body)).errors == [error]
