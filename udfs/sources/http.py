"""HTTP responses as crawlers store them: status, headers, and the body as the server meant it."""

import re
import zlib
from typing import Any

from udfs.sources.found import MAX_BYTES, TooLong, Undecodable

Headers = dict[str, str]
HTML_TYPES = {"text/html", "application/xhtml+xml"}
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b[^\n]*\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n")
_STEP = 1 << 10  # what 1 KB of a bomb unpacks to fits in memory
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


def parse_headers(block: bytes) -> Headers:
    """Return header lines by lower-case name, the first line left out; of a name that stands twice, the first."""
    found: Headers = {}
    for line in block.decode("utf-8", "replace").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def media_type(value: str | None) -> str:
    """Return a Content-Type without parameters, in lower case; what is no media type as nothing."""
    kind = (value or "").partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""


def head_of(record: bytes) -> tuple[int, Headers, bytes]:
    """Return status, headers and the rest of a stored response.

    Raises:
        Undecodable: it does not begin with a status line.
    """
    status = _STATUS.match(record)
    if not status:
        raise Undecodable("no HTTP status line")
    end = _HEAD_END.search(record, status.end() - 2)
    if not end:
        return int(status[1]), parse_headers(record), b""
    return int(status[1]), parse_headers(record[: end.start()]), record[end.end() :]


def body_of(headers: Headers, body: bytes) -> bytes:
    """Undo chunks and compression. Crawlers often store a body already undone under its old headers: what does not
    look like what a header says is left as it is.

    Raises:
        Undecodable: the body is cut off or broken.
        TooLong: it unpacks to more than MAX_BYTES.
    """
    length = headers.get("content-length", "")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        if _CHUNK.match(body):
            body = _dechunked(body)
    elif length.isascii() and length.isdigit() and len(body) < int(length[:18]):
        raise Undecodable(f"the response says {length} bytes and has {len(body)}")
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body = _unpacked(coding.strip(), body)
    if len(body) > MAX_BYTES:
        raise TooLong(f"{len(body)} bytes > {MAX_BYTES}")
    return body


def _dechunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        line = _CHUNK.match(body, at)
        if not line:
            raise Undecodable(f"the response is cut off between chunks, at byte {at}")
        size = int(line[1], 16)
        if not size:
            return b"".join(parts)
        part = body[line.end() : line.end() + size]
        if len(part) < size:
            raise Undecodable(f"the response is cut off in a chunk of {size} bytes, at byte {at}")
        parts.append(part)
        at = line.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"


def _unpacked(coding: str, body: bytes) -> bytes:
    if not body or body.lstrip()[:1] == b"<":
        return body
    if coding in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
        return _inflated(zlib.decompressobj(zlib.MAX_WBITS | 16), body)
    if coding == "deflate":  # with zlib's frame, as the standard says, or without, as some servers do
        framed = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        return _inflated(zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS), body)
    if coding == "br":
        return _unbrotli(body)
    if coding == "zstd" and body.startswith(b"\x28\xb5\x2f\xfd"):
        return _unzstd(body)
    return body


def _inflated(unpacker: Any, body: bytes) -> bytes:
    try:
        data = unpacker.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise Undecodable(f"broken content encoding: {error}") from None
    return _whole(data, unpacker.eof)


def _unbrotli(body: bytes) -> bytes:
    import brotli

    unpacker, parts, size = brotli.Decompressor(), [], 0
    try:
        for start in range(0, len(body), _STEP):
            part = unpacker.process(body[start : start + _STEP], output_buffer_limit=MAX_BYTES)
            while part and size <= MAX_BYTES:
                parts.append(part)
                size += len(part)
                part = b"" if unpacker.can_accept_more_data() else unpacker.process(b"", output_buffer_limit=MAX_BYTES)
    except brotli.error as error:
        raise Undecodable(f"broken content encoding: {error}") from None
    return _whole(b"".join(parts), unpacker.is_finished())


def _unzstd(body: bytes) -> bytes:
    import zstandard

    unpacker, data = zstandard.ZstdDecompressor().decompressobj(), bytearray()
    try:
        for start in range(0, len(body), _STEP):
            data += unpacker.decompress(body[start : start + _STEP])
            if unpacker.eof or len(data) > MAX_BYTES:
                break
    except zstandard.ZstdError as error:
        raise Undecodable(f"broken content encoding: {error}") from None
    return _whole(bytes(data), unpacker.eof)


def _whole(data: bytes, ended: bool) -> bytes:
    if len(data) > MAX_BYTES:
        raise TooLong(f"unpacks to more than {MAX_BYTES} bytes")
    if not ended:
        raise Undecodable("the response is cut off inside its content encoding")
    return data
