"""One document from one file or stdin: plain text, an HTML page, or one JSON record."""

import gzip
import io
import json
import re
import sys
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.config import Config
from etl.config.sources import GIVEN, Source
from etl.errors import ConfigError
from etl.sources import FIELDS
from udfs.ingest import Rules, column_documents, json_documents
from udfs.quality.rules import judge
from udfs.sources import READERS

_PAGE = re.compile(rb"\s*+(?:<\?xml[^>]*+>\s*+|(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_HEAD = 4096  # bytes within which a page says that it is one


def read(config: Config, where: str) -> dict[str, Any]:
    """Return the document of a file (`-`: stdin) as ingest makes it of a record, its text included.

    A JSON object is read by the columns of the first configured source, a page as ingest reads pages; everything
    else is the text.

    Raises:
        ConfigError: there is no such file, or it holds several records.
    """
    data = _bytes(where)
    source = config.sources[0] if config.sources else Source(name=GIVEN, path=where)
    rules = Rules(source.name, {f: getattr(source.columns, f) for f in FIELDS}, config.quality.mask)
    place = {"file": "stdin" if where == "-" else str(Path(where).absolute()), "position": "1"}
    record = _record(data, where)
    if record is not None:
        batch = pa.RecordBatch.from_pylist([{"value": record, "file": place["file"], "block": 0}])
        found = json_documents(iter([batch]), rules)
    else:
        page = _PAGE.match(data[:_HEAD].removeprefix(b"\xef\xbb\xbf"))
        read_as = next(READERS["html" if page else "text"](io.BytesIO(data), place["file"]))
        if read_as.reason:
            return {**place, "reason": read_as.reason, "reject_detail": read_as.detail}
        fields = {**dict.fromkeys(FIELDS), **read_as.fields, **place}
        found = column_documents(iter([pa.RecordBatch.from_pylist([fields])]), rules)
    return _judged(config, next(row for batch in found for row in batch.to_pylist()))


def _judged(config: Config, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with what the rules over its measures say; hosts, licences and robots are left to ingest."""
    verdict = row["measures"] and judge(row["language"], dict(row["measures"]), config.quality.model_dump())
    if not verdict:
        return row
    return {**row, "reason": verdict.reason, "reject_detail": f"quality.{verdict.rule}: {verdict.measured:g}"}


def _bytes(where: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if where == "-" else Path(where).read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"try {where}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _record(data: bytes, where: str) -> bytes | None:
    """Return the one JSON object of the data on one line, or None where the data is text."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        return json.dumps(json.loads(data)).encode()
    except (ValueError, RecursionError):
        lines = data.split(b"\n")
    try:
        json.loads(lines[0])
    except (ValueError, RecursionError):
        return None
    count = sum(bool(line.strip()) for line in lines)
    raise ConfigError(f"try {where}: {count} records, and one is tried at a time: head -1 FILE | webscale-rl try -")
