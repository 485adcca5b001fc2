"""WARC and WET files: pages and texts with their places; what is broken costs one record, the rest of the file goes on.

Web archives come torn, cut off and counted wrongly, and a half page must never pass as a page: see `frames`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from udfs.sources.found import MAX_BYTES, Found, TooLong, Undecodable
from udfs.sources.frames import BEGIN, Framed, framed
from udfs.sources.html import page
from udfs.sources.http import HTML_TYPES, body_of, head_of, media_type
from udfs.sources.members import members

_KINDS = 50  # kinds named in the counts of one file; the rest are counted together


class _Skipped(Exception):
    """The record is no document; the message names its kind."""


def warc_records(stream: BinaryIO) -> Iterator[Found]:
    """Yield the pages (of responses and resources) and plain texts (of conversions) of a WARC or WET file.

    The position is the byte offset of the record in the file; in a packed file that of its gzip member or zstd frame,
    then `+` the offset in its content where that is not 0. What is no page is counted by kind; the counts come last.
    """
    skipped: Counter[str] = Counter()
    for member in members(stream, BEGIN):
        for record in framed(member):
            try:
                yield Found(record.position, {**_about(record), **_content(record)})
            except _Skipped as passed:
                name = str(passed)
                skipped[name if name in skipped or len(skipped) < _KINDS else "other"] += 1
            except Undecodable as problem:
                yield Found(record.position, _about(record), "undecodable", str(problem), record.body)
            except TooLong as problem:
                yield Found(record.position, _about(record), "too_long", str(problem), record.body)
    for name, count in sorted(skipped.items()):
        yield Found("", skipped=name, count=count)


def _about(record: Framed) -> dict[str, Any]:
    given = record.headers.get
    address = given("warc-target-uri", "").removeprefix("<").removesuffix(">")  # old wget writes it in brackets
    return {"url": address, "id": given("warc-record-id"), "fetched_at": given("warc-date")}


def _content(record: Framed) -> Mapping[str, Any]:
    """Return the fields that a record's content gives.

    Raises:
        Undecodable, TooLong, _Skipped: there is none.
    """
    if record.problem is not None:
        raise Undecodable(record.problem)
    headers, body = record.headers, record.body
    kind = headers.get("warc-type", "").lower()
    http = kind == "response" and media_type(headers.get("content-type")) in ("application/http", "")
    if not http and kind not in ("resource", "conversion"):
        raise _Skipped(f"record {kind[:40] or 'without type'}")
    if http:
        status, headers, body = head_of(body)
        if status != 200:
            raise _Skipped(f"status {status}")
    declared = media_type(headers.get("content-type"))
    named = media_type(record.headers.get("warc-identified-payload-type")) or declared
    text = kind == "conversion" and named == "text/plain"
    if not text and not {named, declared} & HTML_TYPES and (named or body.lstrip()[:1] != b"<"):
        raise _Skipped(f"type {named or 'unknown'}")
    if cut := record.headers.get("warc-truncated"):
        raise Undecodable(f"cut off by the crawler: {cut}")
    if record.length > MAX_BYTES:
        raise TooLong(f"{record.length} bytes > {MAX_BYTES}")
    if text:
        return {"text": _utf8(body), "language": record.headers.get("warc-identified-content-language")}
    return page(body_of(headers, body) if http else body, headers)


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Undecodable(f"not UTF-8 at byte {error.start}") from None
