"""WARC files made byte by byte, so that they can be wrong in any way."""

import gzip
import random
from collections.abc import Mapping

import zstandard

SENTENCE = "The bridge over the river was opened in 1912 and carries two railway tracks and a footpath."


def html(n: int, sentences: int = 12) -> bytes:
    """Return a page whose text differs with `n`."""
    chosen, words = random.Random(n), SENTENCE.split()
    body = "".join(f"<p>Page {n}. {' '.join(chosen.sample(words, len(words)))} {i}.</p>" for i in range(sentences))
    return f"<html><head><title>Page {n}</title></head><body><article>{body}</article></body></html>".encode()


def http(body: bytes, status: str = "200 OK", kind: str = "text/html", **headers: str) -> bytes:
    """Return a response as a crawler stores it."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        *[f"{k.replace('_', '-')}: {v}" for k, v in headers.items()],
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes, url: str = "https://example.org/", kind: str = "response", length: int | str | None = None,
    more: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """Return a WARC record; `length` is what it says of itself."""
    type_ = {"response": "application/http; msgtype=response", "conversion": "text/plain"}.get(kind, "text/html")
    lines = [
        "WARC/1.0", f"WARC-Type: {kind}", "WARC-Date: 2024-05-01T10:20:30Z", f"WARC-Record-ID: <urn:uuid:{url}>",
        f"WARC-Target-URI: {url}", f"Content-Type: {type_}", *[f"{k}: {v}" for k, v in (more or {}).items()],
        f"Content-Length: {len(block) if length is None else length}",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def pages(count: int) -> list[bytes]:
    """Return records of pages that all differ."""
    return [record(http(html(i)), f"https://example.org/{i}") for i in range(count)]


def gz(*records: bytes) -> list[bytes]:
    """Return each record as a gzip member."""
    return [gzip.compress(r) for r in records]


def zst(*records: bytes) -> list[bytes]:
    """Return each record as a zstd frame."""
    packer = zstandard.ZstdCompressor(write_checksum=True)
    return [packer.compress(r) for r in records]
