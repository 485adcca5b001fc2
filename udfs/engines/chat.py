"""Chat completions as OpenAI's API has them: the body of a request, its answer, and the types of what is refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from udfs.engines import Completion, Request
from udfs.text import clean

MOST_TOKENS = 2**31 - 1  # what the ledger holds; more is no count
BROKEN_OFF = ("abort", "error")  # finish reasons of an answer that is a part of what the model would have said

_TOO_LONG = re.compile(
    r"maximum context length|context window|context size|max_model_len|too many tokens|prompt is too long"
    r"|token count\b.{0,40}\bexceeds the maximum",
    re.I,
)
_MODERATED = re.compile(r"\bflagged\b|\bmoderat(?:ed|ion)\b|content polic", re.I)
# servers that say with status 400 what others have a status for
_SETTINGS = {
    "unauthorized": re.compile(
        r"\bapi[ _-]?key\b.{0,40}\b(?:expired|invalid|not valid|missing|incorrect|required)"
        r"|\b(?:expired|invalid|missing|incorrect) api[ _-]?key\b",
        re.I,
    ),
    "quota_exhausted": re.compile(
        r"\bcredit balance is too low\b|\bbilling (?:account|details|hard limit)\b"
        r"|\binsufficient (?:funds|balance|credits?)\b",
        re.I,
    ),
    "unknown_model": re.compile(
        r"\b(?:invalid|unknown|no such) model\b"
        r"|\bmodel:? [`'\"][^`'\"]{1,100}[`'\"] (?:does not exist|not found|is not supported)\b",
        re.I,
    ),
}


def chat_body(
    model: str, request: Request, *, structured: bool = True, limit_field: str = "max_tokens"
) -> dict[str, Any]:
    """Return the body that asks for a request's answer, with its JSON schema where the server takes one."""
    body: dict[str, Any] = {
        "model": model,
        "messages": list(request.messages),
        limit_field: request.max_tokens,
        **({} if request.temperature is None else {"temperature": request.temperature}),
        **request.extra_body,
    }
    if structured and request.schema:
        schema = {"name": request.stage, "schema": request.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def form(request: Request) -> str:
    """Return what a request has beside its messages, by which all calls of a stage are alike: where that is refused, it
    is refused of all.
    """
    return json.dumps([request.stage, request.max_tokens, request.temperature, request.extra_body], default=str)


def is_moderated(message: str) -> bool:
    """Return whether a server says that it turned down what a document says."""
    return _MODERATED.search(message) is not None


def settings_fault(message: str) -> str | None:
    """Return the error type of a request that was turned down for its key, the account or the model's name; None where
    the message names none of them.
    """
    return next((kind for kind, said in _SETTINGS.items() if said.search(message)), None)


def bad_request(code: str, message: str) -> str:
    """Return the error type of a request that was turned down for what it holds."""
    if code == "context_length_exceeded" or _TOO_LONG.search(message):
        return "context_length"
    return "content_filter" if code == "content_filter" or is_moderated(message) else "bad_request"


def read_answer(data: Any) -> Completion:
    """Return the completion of a 200 answer; anything of another shape is a bad response."""
    if isinstance(data, (str, bytes)):
        data = json.loads(data)
    choices = data.get("choices") if isinstance(data, dict) else None
    used = _used(data.get("usage") if isinstance(data, dict) else None)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return replace(used, error_type="bad_response", error_message="the answer has no choices")
    message, reason = as_dict(choices[0].get("message")), choices[0].get("finish_reason")
    text = message.get("content")
    ended = replace(
        used, text=text if isinstance(text, str) else None, finish_reason=None if reason is None else clean(str(reason))
    )
    if fault := _fault(choices[0], message):
        return replace(ended, error_type=fault[0], error_message=fault[1])
    if ended.text is not None or reason == "length":  # all tokens spent on thinking: an answer cut short
        return ended
    if used.prompt_tokens is None:
        return replace(ended, error_type="bad_response", error_message="the answer has no content")
    return replace(ended, text="")  # the model said nothing, and was paid for it: it is asked once more, not six times


def _fault(choice: Mapping[str, Any], message: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the error type and message of a 200 answer that is no whole answer; None where it is one."""
    reason, fault = choice.get("finish_reason"), choice.get("error")
    if message.get("refusal"):
        return "refusal", str(message["refusal"])
    if reason == "content_filter":
        return "content_filter", "the content filter stopped the answer"
    if fault or reason in BROKEN_OFF:  # the model failed at its work, and a gateway had begun to answer
        return "server_error", str(as_dict(fault).get("message") or fault or f"the answer was broken off ({reason})")
    return None


def _used(usage: Any) -> Completion:
    """Return the reported tokens; None where a server does not report both sides, so that silence is no zero.

    Some count what the model thinks in the total alone (xAI; gateways to Gemini), and bill it as written.
    """
    whole = as_dict(usage)
    prompt, written, total = (_count(whole, f"{name}_tokens") for name in ("prompt", "completion", "total"))
    if prompt is not None and total is not None:
        written = max(written or 0, total - prompt)
    if prompt is None or written is None:
        return Completion()
    return Completion(
        prompt_tokens=prompt,
        completion_tokens=written,
        cached_tokens=_count(as_dict(whole.get("prompt_tokens_details")), "cached_tokens") or 0,
        reasoning_tokens=_count(as_dict(whole.get("completion_tokens_details")), "reasoning_tokens") or 0,
    )


def _count(found: Mapping[str, Any], name: str) -> int | None:
    value = found.get(name)
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def as_dict(value: object) -> dict[str, Any]:
    """Return a JSON object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}
