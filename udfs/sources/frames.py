"""WARC records out of a member's content: headers, bodies by their length, and the way back where a length lies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from udfs.sources.found import MAX_BYTES
from udfs.sources.http import Headers, parse_headers
from udfs.sources.members import PIECE, Member, Torn

BEGIN = b"WARC/"
_NEXT = re.compile(rb"\n(?=WARC/[01]\.\d+\r?\n)")
_OVERLAP = 32  # longer than what _NEXT looks at
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_MAX_HEADER = 1 << 16
_DIGITS = 18  # of a length that a file can have


@dataclass(frozen=True)
class Framed:
    """One record: its place, headers, and its body, cut to PIECE bytes where `length` is over MAX_BYTES.

    `problem` says why it cannot be read; the body is then what was seen of it.
    """

    position: str
    headers: Headers = field(default_factory=dict)
    body: bytes = b""
    length: int = 0
    problem: str | None = None


class _Lies(Exception):
    """The record's own header does not fit what follows."""


def framed(member: Member) -> Iterator[Framed]:
    """Yield the records of a member. A record is given on only once what must follow it was seen."""
    content, at, headers, body = _Content(member.pieces), 0, Headers(), b""
    try:
        while content.more():
            at, headers, body = content.at, {}, b""
            try:
                headers = content.header()
                length = content.length(headers)
                body = content.read(min(length, PIECE if length > MAX_BYTES else length))
                content.end(body, length)
            except _Lies as problem:
                yield Framed(member.place(at), headers, body, problem=str(problem))
                continue
            yield Framed(member.place(at), headers, body, length)
    except Torn as problem:
        yield Framed(member.place(at), headers, body, problem=str(problem))


class _Content:
    """The content of a member, taken piece by piece; `at` is the offset of what comes next."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.held, self.at = pieces, b"", 0

    def more(self) -> bool:
        """Pass over blank lines; return whether anything is left."""
        while True:
            rest = self.held.lstrip(b"\r\n")
            self.at += len(self.held) - len(rest)
            self.held = rest or next(self.pieces, b"")
            if rest or not self.held:
                return bool(rest)

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them."""
        while len(self.held) < size and (piece := next(self.pieces, b"")):
            self.held += piece
        return self.held[:size]

    def read(self, size: int) -> bytes:
        """Take the next bytes; fewer only at the end."""
        parts = []
        while size and (self.held or self.peek(1)):
            part = self.held[:size]
            self.held = self.held[size:]
            size -= len(part)
            parts.append(part)
        data = b"".join(parts)
        self.at += len(data)
        return data

    def header(self) -> Headers:
        """Take a record's header."""
        seen = self.peek(len(BEGIN))
        size = PIECE // 16
        while seen == BEGIN:
            window = self.peek(size)
            if end := _END_OF_HEADER.search(window):
                return parse_headers(self.read(end.end()))
            if len(window) < size or size > _MAX_HEADER:
                break
            size *= 2
        self.read(1)
        self.seek()
        raise _Lies("no WARC record begins here" if seen != BEGIN else "the record's header has no end")

    def length(self, headers: Headers) -> int:
        """Return how long the body says it is."""
        given = headers.get("content-length", "")
        if given.isascii() and given.isdigit() and len(given) <= _DIGITS:
            return int(given)
        self.seek()
        raise _Lies(f"Content-Length is {given[:40]!r}" if given else "no Content-Length")

    def end(self, body: bytes, length: int) -> None:
        """Pass over the rest of a long body and see that a record, or the member, ends where its length says."""
        passed = len(body)
        while passed < length and (piece := self.peek(PIECE)):
            if begin := _NEXT.search(piece[: length - passed]):
                self.read(begin.end())
                raise _Lies(f"Content-Length is {length}, but after {passed + begin.start()} bytes the next one begins")
            passed += len(self.read(min(len(piece), max(1, min(len(piece), length - passed) - _OVERLAP))))
        if passed == length and (not self.more() or self.peek(len(BEGIN)) == BEGIN):
            return
        if begin := _NEXT.search(body):
            self.back(body[begin.end() :])
            raise _Lies(f"Content-Length is {length}, but after {begin.start()} bytes the next one begins")
        self.seek()
        follow = f"{passed} bytes follow" if passed < length else "no record ends there"
        raise _Lies(f"Content-Length is {length}, but {follow}")

    def back(self, data: bytes) -> None:
        """Give back what was taken last."""
        self.held = data + self.held
        self.at -= len(data)

    def seek(self) -> None:
        """Pass over everything up to the next record."""
        while window := self.peek(PIECE):
            if begin := _NEXT.search(window):
                self.read(begin.end())
                return
            self.read(max(1, len(window) - _OVERLAP))
