"""Folders of pages and texts: a file is a document, known by its name below the folder."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from udfs.sources.charset import decode
from udfs.sources.found import MAX_BYTES, Found, Undecodable
from udfs.sources.html import page


def html_file(stream: BinaryIO, name: str) -> Iterator[Found]:
    """Yield the page that a file holds."""
    yield _found(stream, name, lambda data: page(data, {}))


def text_file(stream: BinaryIO, name: str) -> Iterator[Found]:
    """Yield the text that a file holds."""
    yield _found(stream, name, lambda data: {"text": decode(data, None)})


def _found(stream: BinaryIO, name: str, fields: Any) -> Found:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return Found("0", {"id": name}, "too_long", f"more than {MAX_BYTES} bytes", data[:4096])
    try:
        return Found("0", {"id": name, **fields(data)})
    except Undecodable as problem:
        return Found("0", {"id": name}, "undecodable", str(problem), data)
