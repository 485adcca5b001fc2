"""Makes the reply to one call: the right answer, or one of the ways in which a real server goes wrong."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .answers import right_answer
from .fields import content_text, fenced_fields, user_text


@dataclass
class Call:
    """One chat request as it arrived; fields and answer are worked out only when something needs them."""

    n: int
    key: str
    stage: str
    body: Mapping[str, Any]
    authorization: str

    @cached_property
    def text(self) -> str:
        """All the messages' texts."""
        return "\n".join(content_text(m) for m in self.body["messages"])

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The right answer."""
        return right_answer(self.stage, fenced_fields(user_text(self.body)))


@dataclass
class Reply:
    """What goes back. `way` says how: sent, reset (no answer), hang (never), half (the connection breaks)."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    way: str = "send"
    finished: bool = False


# name: status, type, code, param, message
_ERRORS: dict[str, tuple[int, str, str | None, str | None, str]] = {
    "429": (429, "requests", "rate_limit_exceeded", None, "Rate limit reached for requests"),
    "quota": (429, "insufficient_quota", "insufficient_quota", None, "You exceeded your current quota"),
    "500": (500, "server_error", None, None, "The server had an error while processing your request"),
    "503": (503, "server_error", None, None, "The engine is currently overloaded"),
    "bad_request": (400, "invalid_request_error", "invalid_value", "messages", "Invalid value"),
    "context_length": (
        400, "invalid_request_error", "context_length_exceeded", "messages", "Above the context length"
    ),
    "echo_key": (500, "server_error", None, None, "Upstream refused Authorization: {authorization}"),
    "unauthorized": (401, "invalid_request_error", "invalid_api_key", None, "Incorrect key: {authorization}"),
    "unknown_model": (404, "invalid_request_error", "model_not_found", None, "The model does not exist"),
    "response_format": (
        400, "invalid_request_error", None, "response_format", "'response_format' is not supported"
    ),
    "max_tokens": (
        400, "invalid_request_error", "unsupported_parameter", "max_tokens", "Use 'max_completion_tokens'"
    ),
}  # fmt: skip
_CUT = 0.6
_LATEX = r" where $\frac{1}{2} \leq \alpha \times \beta$"


def _wrong(value: object) -> object:
    if isinstance(value, bool | list):
        return 7
    return {"value": value}


def _with_latex(answer: dict[str, Any]) -> str:
    changed = dict(answer)
    for name in ("reasoning", "question"):
        if changed.get(name):
            changed[name] += _LATEX
    if "personas" in changed:
        changed["personas"] = [p + _LATEX for p in changed["personas"]]
    return json.dumps(changed, ensure_ascii=False).replace("\\\\", "\\")


def _cut(text: str) -> str:
    return text[: int(len(text) * _CUT)]


# name: (answer, right text, rule) -> what replaces parts of the choice
_CONTENTS: dict[str | None, Callable[[dict[str, Any], str, Mapping[str, Any]], dict[str, Any]]] = {
    None: lambda a, t, r: {},
    "no_usage": lambda a, t, r: {},
    "half_body": lambda a, t, r: {},
    "empty_choices": lambda a, t, r: {},
    "fenced": lambda a, t, r: {"content": f"Here it is:\n\n```json\n{t}\n```\n\nI hope {{this}} helps."},
    "think": lambda a, t, r: {"content": f'<think>\nMaybe {{"qualified": null}}? No.\n</think>\n\n{t}'},
    "broken_json": lambda a, t, r: {"content": _cut(t)},
    "wrong_types": lambda a, t, r: {"content": json.dumps({k: _wrong(v) for k, v in a.items()})},
    "refusal": lambda a, t, r: {"content": None, "refusal": "I'm sorry, I cannot help with that."},
    "content_filter": lambda a, t, r: {"content": "", "finish_reason": "content_filter"},
    "length": lambda a, t, r: {"content": _cut(t), "finish_reason": "length"},
    "null_content": lambda a, t, r: {"content": None},
    "text": lambda a, t, r: {"content": r.get("content", "")},
    "latex": lambda a, t, r: {"content": _with_latex(a)},
}
_AT_ONCE = frozenset({"429", "quota", "500", "503", "bad_request", "context_length", "echo_key"})
FAULTS = frozenset(_CONTENTS) | _AT_ONCE | {"reset", "timeout", "not_json"}


def waits(fault: str | None) -> bool:
    """Tell whether the server's latency stands before this fault; errors by status come at once."""
    return fault not in _AT_ONCE


def error_reply(name: str, authorization: str = "", retry_after: float | None = None) -> Reply:
    """Return the error `name` as the API words it."""
    status, kind, code, param, message = _ERRORS[name]
    message = message.replace("{authorization}", authorization)
    error = {"message": message, "type": kind, "param": param, "code": code}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status, json.dumps({"error": error}).encode(), headers=headers)


def reply_for(call: Call, rule: Mapping[str, Any], reasoning_tokens: int) -> Reply:
    """Return what `rule` (empty: nothing special) makes of `call`."""
    fault = rule.get("fault")
    if fault in _AT_ONCE:
        return error_reply(str(fault), call.authorization, rule.get("retry_after"))
    if fault in ("reset", "timeout"):
        return Reply(0, way="reset" if fault == "reset" else "hang")
    if fault == "not_json":
        return Reply(200, b"<html><body><h1>It works!</h1></body></html>", content_type="text/html")
    return _completion(call, rule, fault, reasoning_tokens)


def _completion(call: Call, rule: Mapping[str, Any], fault: str | None, reasoning_tokens: int) -> Reply:
    free = "response_format" not in call.body and list(call.answer) == ["text"]
    right = call.answer["text"] if free else json.dumps(call.answer, ensure_ascii=False)
    made = {"content": right, "refusal": None, "finish_reason": "stop"}
    made.update(_CONTENTS[fault](call.answer, right, rule))
    prompt_tokens = len(call.text) // 4
    completion_tokens = len(made["content"] or "") // 4 + reasoning_tokens
    message = {"role": "assistant", "content": made["content"], "refusal": made["refusal"]}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": made["finish_reason"]}
    answer: dict[str, Any] = {
        "id": f"chatcmpl-{call.n}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": call.body.get("model"),
        "choices": [] if fault == "empty_choices" else [choice],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning_tokens},
        },
    }
    if fault == "no_usage":
        del answer["usage"]
    return Reply(
        200,
        json.dumps(answer).encode(),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        way="half" if fault == "half_body" else "send",
        finished=fault != "half_body",
    )
