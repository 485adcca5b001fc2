"""What was forgotten does not come back: records are known by keyed hashes, which tell nothing without the key."""

import hmac
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from udfs import arrow
from udfs.keys import address_id

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 64
DOC_ID, HOST = "doc_id", "host"  # what a document can be forgotten by


def digest(secret: bytes, kind: str, value: str) -> str:
    """Return the first 32 hex digits of the HMAC of a value of a kind (DOC_ID, HOST) with the warehouse's secret."""
    return hmac.new(secret, f"{kind}:{value}".encode(), "sha256").hexdigest()[:32]


def suppress(
    batches: "Iterator[pa.RecordBatch]", secret: bytes, digests: frozenset[str], ddl: str
) -> "Iterator[pa.RecordBatch]":
    """Pass records on (columns of `ddl`), but for suppressed ones: of these a row stays that says only that.

    Its source, and its document as a keyed hash, so that each is counted once however often it is crawled.
    """
    for batch in batches:
        ids, hosts, urls = (batch.column(name).to_pylist() for name in ("doc_id", "host", "url"))
        # a record that cannot be read is known by its place, but may say its address
        named = [address_id(url) or i or "" for i, url in zip(ids, urls, strict=True)]
        own = [digest(secret, DOC_ID, i or "") for i in ids]
        hit = [
            bool(digests & {d, digest(secret, DOC_ID, n), digest(secret, HOST, h or "")})
            for d, n, h in zip(own, named, hosts, strict=True)
        ]
        if any(hit):
            rows = zip(batch.to_pylist(), own, hit, strict=True)
            yield from arrow.batches((_nothing(r, d) if h else r for r, d, h in rows), ddl, BATCH)
        else:
            yield batch


def _nothing(record: dict[str, Any], mark: str) -> dict[str, Any]:
    said = {"source": record["source"], "doc_id": mark, "content_hash": mark, "n_tokens": 0, "reason": "suppressed"}
    return {**dict.fromkeys(record), **said}
