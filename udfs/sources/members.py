"""A packed file as a row of members (gzip members, zstd frames), read in small pieces, a broken one left behind.

A reader gets each member's place and its content piece by piece; where a member is broken it gets `Torn`, and goes on
with the next. Memory is bounded by REACH and PIECE whatever the file's size and however far it unpacks.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

PIECE = 1 << 16
REACH = 1 << 21
"""Bytes of a broken member that are searched again for the start of the next; deflate notices a tear within KBs."""
GZIP, ZSTD, DICTIONARY = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18"
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a zstd frame without content, such as a seek table
_STEP = 1 << 10  # a zstd block of 4 bytes unpacks to 128 KB, so 1 KB in is at most 32 MB out


class Torn(Exception):
    """The member is broken; the message says how."""


@dataclass(frozen=True)
class Member:
    """One member: its byte offset in the file, and its content; the pieces raise `Torn` where it is broken."""

    offset: int
    pieces: Iterator[bytes]
    packed: bool = True

    def place(self, at: int) -> str:
        """Return the place of a byte of the content: in a packed file the member's offset, then `+` that inside."""
        if not self.packed:
            return str(self.offset + at)
        return f"{self.offset}+{at}" if at else str(self.offset)


class _Bytes:
    """The file's bytes ahead, and enough of those behind to go back to the start of a broken member."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.kept, self.first, self.at = stream, bytearray(), 0, 0

    def take(self) -> bytes:
        """Return the next bytes, at most PIECE; none at the end."""
        behind = self.at - self.first
        ahead = bytes(self.kept[behind : behind + PIECE])
        if not ahead:
            ahead = self.stream.read(PIECE)
            self.kept += ahead
            if (surplus := len(self.kept) - REACH) > REACH:
                del self.kept[:surplus]
                self.first += surplus
        self.at += len(ahead)
        return ahead

    def back(self, position: int) -> None:
        """Go back to a position, or as near to it as is kept."""
        self.at = max(position, self.first)

    def find(self, magic: bytes, fits: Callable[[bytes], bool]) -> bool:
        """Go to the next place where a member starts; return whether there is one."""
        before = b""
        while piece := self.take():
            window, start = before + piece, self.at - len(piece) - len(before)
            found = window.find(magic)
            while found >= 0:
                self.back(start + found)
                if fits(self.take()):
                    self.back(start + found)
                    return True
                found = window.find(magic, found + 1)
            self.back(start + len(window))
            before = window[-len(magic) + 1 :]
        return False


def members(stream: BinaryIO, begins: bytes) -> Iterator[Member]:
    """Yield the members of a file; a file that is not packed is one. All of them begin with `begins`, unpacked.

    A member's pieces must be taken before the next member is asked for; what is left of them is passed over.
    """
    data = _Bytes(stream)
    head = data.take()
    data.back(0)
    if head.startswith(GZIP):
        yield from _packed(data, GZIP, _gunzip, begins)
    elif head.startswith((ZSTD, DICTIONARY)):
        yield from _packed(data, ZSTD, _unzstd(_dictionary(data) if head.startswith(DICTIONARY) else None), begins)
    elif head:
        yield Member(0, iter(data.take, b""), packed=False)


Unpack = Callable[[_Bytes], Iterator[bytes]]


def _packed(data: _Bytes, magic: bytes, unpack: Unpack, begins: bytes) -> Iterator[Member]:
    def fits(head: bytes) -> bool:
        """Three magic bytes stand in packed data by chance: what follows must unpack to the start of a member."""
        try:
            return head.startswith(magic) and next(unpack(_Bytes(BytesIO(head))), b"").startswith(begins)
        except Torn:
            return False

    while head := data.take():
        start = data.at - len(head)
        data.back(start)
        broken: list[bool] = []
        pieces = _watched(unpack(data), broken)
        if head.startswith(magic) or (magic == ZSTD and _SKIPPABLE.match(head)):
            yield Member(start, pieces)
            with suppress(Torn):
                for _ in pieces:
                    pass
        else:
            yield Member(start, _nothing(broken))
        if broken:
            data.back(start + 1)
            if not data.find(magic, fits):
                return


def _watched(pieces: Iterator[bytes], broken: list[bool]) -> Iterator[bytes]:
    try:
        yield from pieces
    except Torn:
        broken.append(True)
        raise


def _nothing(broken: list[bool]) -> Iterator[bytes]:
    broken.append(True)
    raise Torn("no packed data begins here")
    yield


def _gunzip(data: _Bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or data.take()
            if not packed:
                raise Torn("the file ends inside a gzip member")
            if piece := unpacker.decompress(packed, PIECE):
                yield piece
    except zlib.error as error:
        raise Torn(f"broken gzip member: {error}") from None
    data.back(data.at - len(unpacker.unused_data))


def _unzstd(dictionary: bytes | None) -> Unpack:
    import zstandard

    known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    frames = zstandard.ZstdDecompressor(dict_data=known)

    def unpack(data: _Bytes) -> Iterator[bytes]:
        unpacker = frames.decompressobj()
        try:
            while True:
                packed = data.take()
                if not packed:
                    raise Torn("the file ends inside a zstd frame")
                begin = data.at - len(packed)
                for start in range(0, len(packed), _STEP):
                    step = packed[start : start + _STEP]
                    if piece := unpacker.decompress(step):
                        yield piece
                    if unpacker.eof:
                        data.back(begin + start + len(step) - len(unpacker.unused_data))
                        return
        except zstandard.ZstdError as error:
            raise Torn(f"broken zstd frame: {error}") from None

    return unpack


def _dictionary(data: _Bytes) -> bytes:
    """Return the dictionary that a .warc.zst may carry in a first, skippable frame; itself packed or not."""
    import zstandard

    head = b""
    while len(head) < 8 or len(head) < 8 + int.from_bytes(head[4:8], "little"):
        if not (piece := data.take()):
            break
        head += piece
    end = 8 + int.from_bytes(head[4:8], "little")
    data.back(end)
    found = head[8:end]
    return zstandard.ZstdDecompressor().decompressobj().decompress(found) if found.startswith(ZSTD) else found
