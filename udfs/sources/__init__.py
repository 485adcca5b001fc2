"""Readers of whole files, by format: an open file and its name -> what is found in it, one by one, as a stream."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from udfs.sources.found import Found


def _warc(stream: BinaryIO, _name: str) -> Iterator[Found]:
    from udfs.sources.warc import warc_records

    return warc_records(stream)


def _html(stream: BinaryIO, name: str) -> Iterator[Found]:
    from udfs.sources.folder import html_file

    return html_file(stream, name)


def _text(stream: BinaryIO, name: str) -> Iterator[Found]:
    from udfs.sources.folder import text_file

    return text_file(stream, name)


READERS: dict[str, Callable[[BinaryIO, str], Iterator[Found]]] = {
    "warc": _warc, "wet": _warc, "html": _html, "text": _text,
}  # fmt: skip
