"""The engine for any OpenAI-compatible endpoint, over the `openai` client's raw post and aiohttp.

Retries are off in the client: retrying belongs to `udfs.caller` alone. Errors are typed by status and code; the
few servers that only speak in messages are matched on them in `udfs.engines.chat`.
"""

import asyncio
import os
import re
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from udfs.engines import Completion, Request
from udfs.engines.chat import as_dict, bad_request, chat_body, form, is_moderated, read_answer, settings_fault
from udfs.spec import EngineSpec

CONNECT_S = 10.0
MAY_HAVE_WORKED = (408, 504, 524)  # a gateway gave up waiting; the server behind it may have answered, and billed
UNREADABLE = (502, 520)  # it could not read what that said, or reach it
AT_WORK_S = 2.0  # who is not there is told of at once
OVERLOADED = (503, 529)
TURNED_DOWN = (400, 413, 422)  # what is about the request; all others are about the way to the server
NOT_THERE = (404, 405)  # the model, or what base_url names; where an answer came, a gateway with no server behind it
KEY = "key"
_SECRET_LIKE = re.compile(r"\b(sk|pk|ghp|hf|xox[abp]|AKIA)[-_]?[A-Za-z0-9_\-]{12,}")
_SCHEMA = re.compile(r"\b(?:response_format|json_schema)\b", re.I)
_SCHEMA_LIKE = re.compile(r"\b(?:guided|x?grammar|structured|json schema)", re.I)  # as servers name what constrains
_STATUS_TYPES = {
    401: "unauthorized",
    402: "quota_exhausted",
    403: "unauthorized",
    404: "unknown_model",
    405: "unknown_model",
    407: "unauthorized",
    408: "timeout",
    429: "rate_limited",
}


class OpenAIEngine:
    """One client per worker process. Learns once what the server refuses (response_format, max_tokens), and reads the
    key again where it is refused: one in a file may have been renewed.
    """

    def __init__(self, spec: EngineSpec) -> None:
        self._spec = spec
        self._client: Any = None
        self._key = ""
        self._structured = True
        self._limit_field = "max_tokens"
        self._answered = set[str]()
        """The forms of the requests that were answered."""

    async def complete(self, request: Request) -> Completion:
        """Send one chat completion; what the server refuses of the form is left out and sent again at once."""
        while True:
            structured, limit_field = self._structured, self._limit_field
            completion, refused = await self._post(request, structured, limit_field)
            if not refused:
                return completion
            if refused != KEY and (structured, limit_field) == (self._structured, self._limit_field):
                self._learn(refused)

    def _learn(self, refused: str) -> None:
        if refused == "max_tokens":
            self._limit_field = "max_completion_tokens"
        else:
            self._structured = False

    async def _post(self, request: Request, structured: bool, limit_field: str) -> tuple[Completion, str | None]:
        """Return the completion, and where the same call may pass at once what was in its way: a field that the server
        refuses but the call can do without, or a key that is another by now.
        """
        import aiohttp
        import openai

        body = chat_body(self._spec.model, request, structured=structured, limit_field=limit_field)
        try:
            client, key = self._connected(), self._key
        except (OSError, KeyError) as error:
            where = self._spec.api_key_file or f"variable {self._spec.api_key_var}"
            text = f"no key in {where} where the workers run ({type(error).__name__})"
            return Completion(error_type="unauthorized", error_message=text, billed=False), None
        sent = time.monotonic()
        try:
            async with asyncio.timeout(self._spec.timeout_s):  # the client's own starts again with every byte
                data = await client.post("/chat/completions", cast_to=object, body=body)
            self._answered.add(form(request))
            return read_answer(data), None
        except openai.APIStatusError as error:
            if error.status_code == 401 and self._renewed(key):
                return Completion(), KEY
            field = _refused_field(error, form(request) in self._answered)
            if (field == "response_format" and structured) or (field == "max_tokens" and limit_field == "max_tokens"):
                return Completion(), field
            return self._status_error(error, time.monotonic() - sent, form(request) in self._answered), None
        except (
            openai.APIError, aiohttp.ClientError, TimeoutError, ValueError, RecursionError, asyncio.IncompleteReadError
        ) as error:  # fmt: skip
            return self._transport_error(error), None

    def _transport_error(self, error: BaseException) -> Completion:
        """Type an error without an HTTP status: what surely never left is a connection error and costs nothing."""
        import openai

        if _never_sent(error):
            return self._failed("connection", error, billed=False)
        if _broken(error):
            return self._failed("connection", error, billed=True)
        kinds = (
            (TimeoutError, "timeout"),
            (openai.APITimeoutError, "timeout"),
            (openai.APIConnectionError, "connection"),
        )
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

    def _renewed(self, key: str) -> bool:
        """Return whether the key is another than this by now; the next request takes that one."""
        try:
            fresh = _key(self._spec)
        except (OSError, KeyError):
            return False
        if fresh not in (key, self._key):
            self._client = None
        return fresh != key

    def _status_error(self, error: Any, seconds: float, answered: bool) -> Completion:
        status, message = error.status_code, _said(error)
        wait = _retry_after(error.response.headers)
        if status in OVERLOADED and wait is None:
            wait = 0.0
        return Completion(
            error_type=self._kind(status, _code(error), message, answered),
            error_message=self._scrub(f"HTTP {status}: {message}"),
            retry_after_s=wait,
            billed=status in MAY_HAVE_WORKED or (status in UNREADABLE and seconds >= AT_WORK_S),
        )

    def _kind(self, status: int, code: str, message: str, answered: bool) -> str:
        """Return the error type. What may be said of the settings or of a document is said of the settings until a
        request of this form was `answered`, and settles no call; afterwards of the document, which may stop no run.
        """
        if status == 429 and code == "insufficient_quota":
            return "quota_exhausted"
        if status == 403 and is_moderated(message):
            return "content_filter"
        if status == 403 or (status in NOT_THERE and not self._lacks_model(code, message)):
            return "server_error" if self._answered else _STATUS_TYPES[status]
        if status not in TURNED_DOWN:
            return _STATUS_TYPES.get(status, "server_error")
        kind, fault = bad_request(code, message), settings_fault(message) if status == 400 else None
        if kind != "bad_request" or (answered and not fault):
            return kind
        return fault if fault and not self._answered else "server_error"

    def _lacks_model(self, code: str, message: str) -> bool:
        """Return whether a server says that it is the model which is not there."""
        named = re.search(rf"(?<!\w){re.escape(self._spec.model)}(?!\w)", message)
        return code == "model_not_found" or named is not None

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


def _detail(error: Any) -> dict[str, Any]:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _code(error: Any) -> str:
    return str(_detail(error).get("code") or _detail(error).get("type") or "")


def _said(error: Any) -> str:
    """Return what the server says is wrong. FastAPI lists faults, and repeats what was sent: that is left out."""
    detail = _detail(error)
    faults = detail.get("detail")
    if isinstance(faults, list):
        return "; ".join(f"{as_dict(f).get('loc')}: {as_dict(f).get('msg')}" for f in faults)
    return str(detail.get("message") or faults or error.message)


def _refused_field(error: Any, answered: bool) -> str | None:
    """Return the request field that a 400 or 422 complains about, where the server names it; what only sounds like it
    may be about a document, once a request of the same form was `answered`.
    """
    if error.status_code not in (400, 422) or bad_request(_code(error), _said(error)) != "bad_request":
        return None
    said = f"{_detail(error).get('param') or ''} {_said(error)}"
    if "max_completion_tokens" in said and "max_tokens" in said:
        return "max_tokens"
    return "response_format" if _SCHEMA.search(said) or (not answered and _SCHEMA_LIKE.search(said)) else None


def _retry_after(headers: Any) -> float | None:
    try:
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    except ValueError:
        pass
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        until, now = _moment(said), _moment(headers.get("date", ""))
    if until is None:
        return None
    return max(0.0, until - (time.time() if now is None else now))  # by the server's own clock, where it says it


def _moment(date: str) -> float | None:
    """Return the seconds since 1970 of a date as HTTP writes it."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
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
