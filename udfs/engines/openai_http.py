"""The engine for any OpenAI-compatible endpoint, over the `openai` client's raw post and aiohttp.

Retries are off in the client: retrying belongs to `udfs.caller` alone. Errors are typed by status and code; the
few servers that only speak in messages are matched on them in `udfs.engines.chat`.
"""

import asyncio
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from udfs.engines import Completion, Request
from udfs.engines.chat import bad_request, chat_body
from udfs.spec import EngineSpec

CONNECT_S = 10.0
MAY_HAVE_WORKED = (408, 504, 524)  # a gateway gave up waiting; the server behind it may have answered, and billed
_SECRET_LIKE = re.compile(r"\b(sk|pk|ghp|hf|xox[abp]|AKIA)[-_]?[A-Za-z0-9_\-]{12,}")
_STATUS_TYPES = {
    401: "unauthorized",
    402: "quota_exhausted",
    403: "unauthorized",
    408: "timeout",
    409: "server_error",
    429: "rate_limited",
}


class OpenAIEngine:
    """One client per worker process. Learns once what the server refuses (response_format, max_tokens)."""

    def __init__(self, spec: EngineSpec) -> None:
        self._spec = spec
        self._client: Any = None
        self._key = ""
        self._structured = True
        self._limit_field = "max_tokens"

    async def complete(self, request: Request) -> Completion:
        """Send one chat completion; what the server refuses of the form is left out and sent again at once."""
        while True:
            structured, limit_field = self._structured, self._limit_field
            completion, refused = await self._post(request, structured, limit_field)
            if not refused:
                return completion
            if (structured, limit_field) == (self._structured, self._limit_field):
                self._learn(refused)

    def _learn(self, refused: str) -> None:
        if refused == "max_tokens":
            self._limit_field = "max_completion_tokens"
        else:
            self._structured = False

    async def _post(self, request: Request, structured: bool, limit_field: str) -> tuple[Completion, str | None]:
        """Return the completion, and the name of a field that the server refuses but the call can do without."""
        import aiohttp
        import openai

        body = chat_body(self._spec.model, request, structured=structured, limit_field=limit_field)
        try:
            self._connected()
        except (OSError, KeyError) as error:
            where = self._spec.api_key_file or f"variable {self._spec.api_key_var}"
            text = f"no key in {where} where the workers run ({type(error).__name__})"
            return Completion(error_type="unauthorized", error_message=text, billed=False), None
        try:
            data = await self._connected().post("/chat/completions", cast_to=object, body=body)
            return _read(data), None
        except openai.APIStatusError as error:
            field = _refused_field(error)
            if (field == "response_format" and structured) or (field == "max_tokens" and limit_field == "max_tokens"):
                return Completion(), field
            return self._status_error(error), None
        except (openai.APIError, aiohttp.ClientError, ValueError, RecursionError, asyncio.IncompleteReadError) as error:
            return self._transport_error(error), None

    def _transport_error(self, error: BaseException) -> Completion:
        """Type an error without an HTTP status: what surely never left is a connection error and costs nothing."""
        import openai

        if _never_sent(error):
            return self._failed("connection", error, billed=False)
        if _broken(error):
            return self._failed("connection", error, billed=True)
        kinds = ((openai.APITimeoutError, "timeout"), (openai.APIConnectionError, "connection"))
        kind = next((name for cls, name in kinds if isinstance(error, cls)), "bad_response")
        return self._failed(kind, error, billed=True)

    def _connected(self) -> Any:
        import openai

        if self._client is None:
            self._key = _key(self._spec)
            self._client = openai.AsyncOpenAI(
                api_key=self._key or "none", base_url=self._spec.base_url, max_retries=0,
                timeout=openai.Timeout(self._spec.timeout_s, connect=min(CONNECT_S, self._spec.timeout_s)),
                http_client=openai.DefaultAioHttpClient(limits=_limits(self._spec.max_in_flight)),
            )  # fmt: skip
        return self._client

    def _status_error(self, error: Any) -> Completion:
        status, code = error.status_code, _code(error)
        message = str(_detail(error).get("message") or error.message)
        if status == 429 and code == "insufficient_quota":
            kind = "quota_exhausted"
        elif status == 404:
            kind = "unknown_model"
        elif status >= 500:
            kind = "server_error"
        else:
            kind = _STATUS_TYPES.get(status) or bad_request(code, message)
        text = self._scrub(f"HTTP {status}: {message}")
        wait = _retry_after(error.response.headers)
        return Completion(error_type=kind, error_message=text, retry_after_s=wait, billed=status in MAY_HAVE_WORKED)

    def _failed(self, kind: str, error: BaseException, *, billed: bool) -> Completion:
        causes = [str(e) for e in _causes(error) if str(e)]
        text = causes[-1] if causes else type(error).__name__
        return Completion(error_type=kind, error_message=self._scrub(text), billed=billed)

    def _scrub(self, text: str) -> str:
        """Return a message without the key, also where the endpoint repeats it, whole or in part."""
        if self._key:
            text = text.replace(self._key, "***")
        return _SECRET_LIKE.sub("***", text)[:500]


def _limits(max_in_flight: int) -> Any:
    import httpx2

    return httpx2.Limits(max_connections=max_in_flight + 8, max_keepalive_connections=max_in_flight + 8)


def _key(spec: EngineSpec) -> str:
    """Read the key where it is used; it never travels with the job."""
    if spec.api_key_file:
        return Path(spec.api_key_file).read_text("utf-8").strip()
    return os.environ[spec.api_key_var].strip() if spec.api_key_var else ""


def _read(data: Any) -> Completion:
    """Return the completion of a 200 answer; anything of another shape is a bad response."""
    if isinstance(data, (str, bytes)):
        data = json.loads(data)
    choices = data.get("choices") if isinstance(data, dict) else None
    used = _used(data.get("usage") if isinstance(data, dict) else None)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return replace(used, error_type="bad_response", error_message="the answer has no choices")
    message, reason = _dict(choices[0].get("message")), choices[0].get("finish_reason")
    text = message.get("content")
    ended = replace(
        used, text=text if isinstance(text, str) else None, finish_reason=None if reason is None else str(reason)
    )
    if message.get("refusal"):
        return replace(ended, error_type="refusal", error_message=str(message["refusal"]))
    if reason == "content_filter":
        return replace(ended, error_type="content_filter", error_message="the content filter stopped the answer")
    if ended.text is None and reason != "length":  # all tokens spent on thinking: an answer cut short
        return replace(ended, error_type="bad_response", error_message="the answer has no content")
    return ended


def _used(usage: Any) -> Completion:
    """Return the reported tokens; None where a server reports none, so that nobody takes silence for zero."""
    if not isinstance(usage, dict) or not isinstance(usage.get("prompt_tokens"), int):
        return Completion()
    read, written = _dict(usage.get("prompt_tokens_details")), _dict(usage.get("completion_tokens_details"))
    return Completion(
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=int(usage.get("completion_tokens") or 0),
        cached_tokens=int(read.get("cached_tokens") or 0),
        reasoning_tokens=int(written.get("reasoning_tokens") or 0),
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _detail(error: Any) -> dict[str, Any]:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _code(error: Any) -> str:
    return str(_detail(error).get("code") or _detail(error).get("type") or "")


def _refused_field(error: Any) -> str | None:
    """Return the request field that a 400 or 422 complains about, where the server says it or the text shows it."""
    if error.status_code not in (400, 422):
        return None
    detail = _detail(error)
    said = f"{detail.get('param') or ''} {detail.get('message') or error.message}".lower()
    if "max_completion_tokens" in said and "max_tokens" in said:
        return "max_tokens"
    structured = ("response_format", "json_schema", "guided", "grammar", "structured")
    return "response_format" if any(word in said for word in structured) else None


def _retry_after(headers: Any) -> float | None:
    try:
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    except ValueError:
        pass
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _never_sent(error: BaseException) -> bool:
    """Return whether the connection was never made: the aiohttp transport reports a refused one as a time-out."""
    import aiohttp

    never = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ConnectionRefusedError)
    return any(isinstance(e, never) for e in _causes(error))


def _broken(error: BaseException) -> bool:
    """Return whether the connection broke under way: the aiohttp transport reports that as a time-out too."""
    import aiohttp

    causes = _causes(error)
    return any(isinstance(e, aiohttp.ClientConnectionError) and not isinstance(e, TimeoutError) for e in causes)
