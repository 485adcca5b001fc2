"""Records of a source -> documents: decode, clean, mask, identify and measure; what they are worth is judged later."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from udfs import arrow, files
from udfs.keys import canonical_url, content_hash, doc_id, key, named_id
from udfs.passages import count_tokens
from udfs.quality.masking import mask
from udfs.quality.measures import measure
from udfs.sources import READERS
from udfs.sources.found import Found, Undecodable
from udfs.text import clean, fold_space

if TYPE_CHECKING:
    import pyarrow as pa

RECORD_DDL = (
    "source string, doc_id string, content_hash string, url string, host string, title string, n_tokens int, "
    "language string, license string, file string, position string, fetched_at timestamp, reason string, "
    "reject_detail string, robots string, measures map<string,double>, skipped string, skipped_count long, text string"
)
"""What readers find. A row with `skipped` is no document: it says how many records of that kind a file has."""
READING = "3"  # bumped by hand when the same bytes of a source are read otherwise: every file is then read again
BATCH = 64
Record = dict[str, Any]
Verdict = tuple[str | None, str | None]
SOUND: Verdict = (None, None)
# MediaWiki's page that only sends on, below its title or not.
_STUB = re.compile(r"(?:[^\n]{1,300}+\n\s*+)?#?+(?:REDIRECT|redirect)\b:?\s*+(\S[^\n]*+)")


@dataclass(frozen=True)
class Rules:
    """How records are read: source name, columns (field -> key or column), what is masked in their texts."""

    source: str
    columns: Mapping[str, str | None]
    mask: tuple[str, ...] = ()


def json_documents(batches: "Iterator[pa.RecordBatch]", rules: Rules) -> "Iterator[pa.RecordBatch]":
    """Read JSON lines: columns value (bytes), file, block (byte offset of the split) in; RECORD_DDL out.

    The position is the line's number within its file, after `block+` where a file was split among tasks. Blank
    lines are no records.
    """
    numbers: dict[tuple[str, int], int] = {}
    yield from arrow.batches(_lines(batches, rules, numbers), RECORD_DDL, BATCH)


def _lines(batches: "Iterator[pa.RecordBatch]", rules: Rules, numbers: dict[tuple[str, int], int]) -> Iterator[Record]:
    for batch in batches:
        for row in batch.to_pylist():
            place = (row["file"], row["block"] or 0)
            numbers[place] = numbers.get(place, 0) + 1
            line = row["value"] or b""
            if line.strip():
                position = f"{place[1]}+{numbers[place]}" if place[1] else str(numbers[place])
                yield _document(rules, row["file"], position, line)


def file_documents(
    batches: "Iterator[pa.RecordBatch]", rules: Rules, format_: str, roots: Sequence[str]
) -> "Iterator[pa.RecordBatch]":
    """Read whole files: columns path (to open), file (to name it by) in; RECORD_DDL out, the files as streams.

    `roots` are the folders that a source was given as: a file's name below one identifies a page or text of its own.
    """
    yield from arrow.batches(_in_files(batches, rules, format_, roots), RECORD_DDL, BATCH)


def _in_files(
    batches: "Iterator[pa.RecordBatch]", rules: Rules, format_: str, roots: Sequence[str]
) -> Iterator[Record]:
    for batch in batches:
        for row in batch.to_pylist():
            with files.stream(row["path"]) as stream:
                for found in READERS[format_](stream, files.below(row["path"], roots)):
                    yield _found(rules, row["file"], found)


def _found(rules: Rules, file: str, found: Found) -> Record:
    """Return one row of RECORD_DDL for what a reader found."""
    if found.skipped is not None:
        counted = {"skipped": found.skipped, "skipped_count": found.count}
        return {"source": rules.source, "file": file, "position": found.position, **counted}
    if found.reason == "undecodable":
        return {**_undecodable(rules, file, found.position, found.detail or "", found.raw), **_address(found.fields)}
    return _identified(rules, file, found.position, found.fields, (found.reason, found.detail))


def column_documents(batches: "Iterator[pa.RecordBatch]", rules: Rules) -> "Iterator[pa.RecordBatch]":
    """Read rows whose columns are already mapped: the fields of `Rules.columns`, file, position in; RECORD_DDL out."""
    rows = (row for batch in batches for row in batch.to_pylist())
    yield from arrow.batches((_document(rules, r["file"], str(r["position"]), r) for r in rows), RECORD_DDL, BATCH)


def _document(rules: Rules, file: str, position: str, record: bytes | Record) -> Record:
    """Return one row of RECORD_DDL; what cannot be decoded is one too."""
    try:
        fields = _decoded(record, rules) if isinstance(record, bytes) else record
        return _identified(rules, file, position, fields)
    except Undecodable as problem:
        raw = record if isinstance(record, bytes) else repr(record).encode("utf-8", "replace")
        return _undecodable(rules, file, position, str(problem), raw)


def _undecodable(rules: Rules, file: str, position: str, detail: str, raw: bytes) -> Record:
    return {
        "source": rules.source, "doc_id": key("undecodable", file, position),
        "content_hash": key("raw", raw.decode("utf-8", "replace")), "n_tokens": 0, "file": file, "position": position,
        "reason": "undecodable", "reject_detail": detail[:300],
    }  # fmt: skip


def _decoded(line: bytes, rules: Rules) -> Record:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Undecodable(f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Undecodable("not a JSON object")
    return {field: value.get(name) for field, name in rules.columns.items() if name}


def _identified(rules: Rules, file: str, position: str, fields: Mapping[str, Any], known: Verdict = SOUND) -> Record:
    """Return the row of a record that was read; `known` is what its reader already holds against it."""
    text = fields.get("text")
    if text is not None and not isinstance(text, str):
        raise Undecodable(f"the text is a {type(text).__name__}, not a string")
    text, masked = mask(clean(text or ""), rules.mask)
    hashed = content_hash(text)
    address = _address(fields)
    title = _line(fields.get("title"))
    target = _target(text, fields.get("redirect"))
    n_tokens = count_tokens([text])[0] if text.strip() else 0
    language, measures = measure(text, n_tokens)
    measures |= {f"masked_{kind}": float(n) for kind, n in masked.items()}
    if target:
        measures["redirect_tokens"] = float(n_tokens)
        known = (known[0], known[1] or f"to {fold_space(target)[:200]}")
    elif not text.strip() and not known[0]:
        known = ("empty", None)
    return {
        "source": rules.source, "doc_id": doc_id(rules.source, address["url"], _line(fields.get("id")), hashed),
        "content_hash": hashed, **address, "title": title and mask(title, rules.mask)[0], "n_tokens": n_tokens,
        "language": language or _line(fields.get("language")), "license": _line(fields.get("license")), "file": file,
        "position": position, "fetched_at": _time(fields.get("fetched_at")), "reason": known[0],
        "reject_detail": known[1], "robots": _line(fields.get("robots")),
        "measures": None if known[0] else list(measures.items()), "text": text,
    }  # fmt: skip


def named(rules: Rules, url: str | None, source_id: str | None) -> str | None:
    """Return the doc_id that a record has by these fields as they stand in its source; None where it has it by its
    text.
    """
    return named_id(rules.source, _line(url), _line(source_id))


def named_by_text(rules: Rules, text: str) -> str:
    """Return the doc_id of a record that has neither an address nor an id."""
    return doc_id(rules.source, None, None, content_hash(mask(clean(text), rules.mask)[0]))


def _address(fields: Mapping[str, Any]) -> dict[str, str | None]:
    address = _line(fields.get("url"))
    canonical = canonical_url(address) if address else None
    return {"url": address, "host": urlsplit(canonical).hostname if canonical else None}


def _target(text: str, redirect: str | None) -> str | None:
    """Return where a page says that it sends on to."""
    stub = _STUB.fullmatch(text.strip())
    return redirect or (stub[1] if stub else None)


def _line(value: object) -> str | None:
    """Return a short field as one clean line; numbers as their digits, anything else as nothing."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    return (fold_space(clean(value))[:4000] or None) if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(parsed, datetime):
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where the year 1 or 9999 is left on the way to UTC
        return None
