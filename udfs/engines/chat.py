"""Chat completions as OpenAI's API has them: the body of a request, and the types of what is refused."""

import re
from typing import Any

from udfs.engines import Request

_TOO_LONG = re.compile(r"maximum context length|context window|max_model_len|too many tokens|prompt is too long", re.I)


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


def bad_request(code: str, message: str) -> str:
    """Return the error type of a request that was turned down for what it holds."""
    if code == "context_length_exceeded" or _TOO_LONG.search(message):
        return "context_length"
    return "content_filter" if code == "content_filter" else "bad_request"
