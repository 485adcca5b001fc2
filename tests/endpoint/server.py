"""The server's process: `python -m tests.endpoint.server --port 0 --log FILE [--script FILE]`."""

import argparse
import asyncio
import hashlib
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from .faults import Call, Reply, error_reply, reply_for, waits
from .fields import stage_of
from .state import Counters, Log, Settings, seconds
from .wire import exit_with_stdin, response, send

_HANG_S = 600.0


def request_key(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a request's JSON with sorted keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


class Server:
    """The routes and their state."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.settings = Settings()
        self.counters = Counters()
        self._n = 0

    def _authorized(self, authorization: str) -> bool:
        key = self.settings.required_key
        return key is None or authorization == f"Bearer {key}"

    def _refusal(self, body: Mapping[str, Any], authorization: str) -> Reply | None:
        """Return the error that the settings make of this request, if any."""
        s = self.settings
        if not self._authorized(authorization):
            return error_reply("unauthorized", authorization)
        if s.model is not None and body.get("model") != s.model:
            return error_reply("unknown_model")
        if s.refuse_response_format and "response_format" in body:
            return error_reply("response_format")
        if s.max_completion_tokens_only and "max_tokens" in body:
            return error_reply("max_tokens")
        if s.max_concurrent is not None and self.counters.in_flight > s.max_concurrent:
            return error_reply("429")
        return None

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer one chat request, logged when it came and when it was answered or given up."""
        try:
            body = json.loads(await request.read())
            if not isinstance(body["messages"], list) or body.get("stream"):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            return response(error_reply("bad_request"))
        self._n += 1
        authorization = request.headers.get("Authorization", "")
        call = Call(self._n, request_key(body), stage_of(body), body, authorization)
        self.counters.arrived(call.stage)
        self.log.write(
            "request",
            call.n,
            call.key,
            stage=call.stage,
            in_flight=self.counters.in_flight,
            authorization_ok=self._authorized(authorization),
        )
        try:
            reply = self._refusal(body, authorization) or await self._reply(call)
            if reply.way == "hang":
                await asyncio.sleep(_HANG_S)
        except asyncio.CancelledError:
            self.counters.in_flight -= 1
            self.counters.aborted += 1
            self.log.write("aborted", call.n, call.key)
            raise
        self._answered(call, reply)
        return await send(request, reply)

    async def _reply(self, call: Call) -> Reply:
        settings = self.settings
        rule = (settings.rule_for(call.stage, call.text) if settings.rules else None) or {}
        if rule:
            self.counters.by_fault[str(rule.get("fault"))] += 1
        latency = settings.latency_s if waits(rule.get("fault")) else 0.0
        if wait := seconds(rule.get("latency_s", latency), call.key):
            await asyncio.sleep(wait)
        return reply_for(call, rule, settings.reasoning_tokens)

    def _answered(self, call: Call, reply: Reply) -> None:
        """Count and log a call's end before its bytes go out, so who has the answer finds it logged."""
        c = self.counters
        c.in_flight -= 1
        c.by_status[str(reply.status)] += 1
        c.prompt_tokens += reply.prompt_tokens
        c.completion_tokens += reply.completion_tokens
        c.finished_calls += reply.finished
        self.log.write(
            "response",
            call.n,
            call.key,
            status=reply.status,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
        )

    async def models(self, request: web.Request) -> web.StreamResponse:
        """List the one model."""
        authorization = request.headers.get("Authorization", "")
        if not self._authorized(authorization):
            return response(error_reply("unauthorized", authorization))
        name = self.settings.model or "test-model"
        model = {"id": name, "object": "model", "created": 0, "owned_by": "tests"}
        return web.json_response({"object": "list", "data": [model]})

    async def control(self, request: web.Request) -> web.StreamResponse:
        """POST: change settings (`{"reset": true}`: all back, counters at zero). Both give the counters."""
        if request.method == "POST":
            values = await request.json()
            if values.pop("reset", False):
                self.settings = Settings()
                self.counters = Counters(in_flight=self.counters.in_flight)
            try:
                self.settings.update(values)
            except ValueError as error:
                return web.Response(status=400, text=str(error))
        return web.json_response(vars(self.counters))


async def _serve(args: argparse.Namespace) -> None:
    server = Server(Log(args.log))
    if args.script:
        server.settings.update(json.loads(args.script.read_text("utf-8")))
    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.models)
    app.router.add_get("/control", server.control)
    app.router.add_post("/control", server.control)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", args.port, backlog=4096)
    await site.start()
    print(f"READY {runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until standard input closes or a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    exit_with_stdin()
    asyncio.run(_serve(args))


if __name__ == "__main__":
    main()
