"""How bytes leave the server, also in the ways no well-behaved server would send them."""

import os
import socket
import stat
import struct
import threading

from aiohttp import web

from .faults import Reply


def response(reply: Reply) -> web.Response:
    """Return an ordinary HTTP response."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    return web.Response(status=reply.status, body=reply.body, headers=headers)


async def send(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Send a reply the way it says; all ways but `send` end the connection."""
    if reply.way == "send":
        return response(reply)
    answer = web.StreamResponse(headers={"Content-Type": reply.content_type})
    transport = request.transport
    if transport is None:
        return answer
    if reply.way == "half":
        answer.content_length = len(reply.body)
        await answer.prepare(request)
        await answer.write(reply.body[: len(reply.body) // 2])
        transport.close()
    else:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return answer


def exit_with_stdin() -> None:
    """Leave when the pipe on standard input closes, so the server never outlives whoever started it."""
    mode = os.fstat(0).st_mode

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=watch, daemon=True).start()
