"""What a reader finds: records with their fields, what it could not decode, and what it passed over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 16 * 1024 * 1024
"""Larger bodies, packed or unpacked, are no document that a stage would read: Common Crawl itself cuts at 5 MiB."""


class Undecodable(Exception):
    """The record cannot be read; the message says why."""


class TooLong(Exception):
    """The record is over MAX_BYTES; the message says how long it is."""


@dataclass(frozen=True)
class Found:
    """One record as it was found.

    `position` tells it apart within its file. `reason` is one of documents' closed set where the reader already knows
    it, `detail` says why. `skipped` is the kind of a record that is no document and is only counted
    (`count` of them).
    """

    position: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    detail: str | None = None
    raw: bytes = b""
    """The bytes that could not be decoded, as far as they are at hand."""
    skipped: str | None = None
    count: int = 1
