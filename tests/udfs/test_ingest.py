"""Records become documents; what cannot be decoded becomes a row that says why."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.udfs.bucket import Bucket
from tests.udfs.warcs import gz, pages
from udfs.arrow import arrow_schema
from udfs.ingest import BATCH, RECORD_DDL, Rules, file_documents, json_documents, named, named_by_text
from udfs.keys import doc_id
from udfs.suppress import DOC_ID, digest, suppress

FIELDS = ("id", "url", "title", "text", "language", "license", "robots", "fetched_at")
RULES = Rules("web", {f: f for f in FIELDS}, ("email",))
TEXT = "The bridge was opened in 1912 and carries two tracks."


def read(lines: Sequence[bytes | None], rules: Rules = RULES, block: int | None = 0) -> list[Any]:
    schema = pa.schema([("value", pa.binary()), ("file", pa.string()), ("block", pa.int64())])
    rows = [{"value": line, "file": "f.jsonl", "block": block} for line in lines]
    batches = [pa.RecordBatch.from_pylist(rows[i : i + 2], schema=schema) for i in range(0, len(rows), 2)]
    return [row for batch in json_documents(iter(batches), rules) for row in batch.to_pylist()]


def one(**record: Any) -> dict[str, Any]:
    (row,) = read([json.dumps({"text": TEXT, **record}).encode()])
    return dict(row)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"text": "caf\xe9"}', "not UTF-8 at byte 13"),
        (b'\xff\xfe{\x00"\x00', "not UTF-8 at byte 0"),
        (b'{"text": "cut', "not JSON"),
        (b"plain text", "not JSON"),
        (b'{"text": "a"} {"text": "b"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'["text"]', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"text": 7}', "the text is a int, not a string"),
        (b'{"text": ["a"]}', "the text is a list, not a string"),
    ],
)
def test_what_cannot_be_decoded_says_why(line: bytes, why: str) -> None:
    (row,) = read([line])
    assert (row["reason"], row["n_tokens"], row["text"], row["source"]) == ("undecodable", 0, None, "web")
    assert row["reject_detail"].startswith(why)
    assert len(row["reject_detail"]) <= 300
    assert (row["file"], row["position"]) == ("f.jsonl", "1")


def test_undecodable_records_are_told_apart_by_their_place() -> None:
    rows = read([b"x", b"x", b"y"])
    assert len({r["doc_id"] for r in rows}) == 3
    assert len({r["content_hash"] for r in rows}) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"url": " https://X.org/a#b", "id": "7"},
        {"url": "no address", "id": " a \x00 b"},
        {"id": 7},
        {"id": "", "text": f" {TEXT}\n\nBy jane@acme.io"},
        {"text": None},
    ],
)
def test_a_row_is_named_as_its_document_however_it_is_written(fields: dict[str, Any]) -> None:
    told = [None if fields.get(n) is None else str(fields[n]) for n in ("url", "id")]
    by_text = named_by_text(RULES, fields.get("text", TEXT) or "")
    assert (named(RULES, *told) or by_text) == one(**fields)["doc_id"]


def test_a_torn_record_of_a_forgotten_address_tells_nothing() -> None:
    torn = {"source": "web", "doc_id": "its place", "reason": "undecodable", "file": "f"}
    rows = [{**torn, "url": "https://x.org/a?utm_source=b"}, {**torn, "url": "https://x.org/b"}, torn]
    batch = pa.RecordBatch.from_pylist(rows, schema=arrow_schema(RECORD_DDL))
    known = frozenset([digest(b"s", DOC_ID, doc_id("", "https://x.org/a", None, ""))])
    made = [r for b in suppress(iter([batch]), b"s", known, RECORD_DDL) for r in b.to_pylist()]
    assert [(r["url"], r["reason"]) for r in made] == [
        (None, "suppressed"), ("https://x.org/b", "undecodable"), (None, "undecodable")
    ]  # fmt: skip


@pytest.mark.parametrize("text", [None, "", " \n\t\u3000", "\0\x01\ud800"])
def test_a_record_without_text_is_empty(text: str | None) -> None:
    row = one(text=text)
    assert (row["reason"], row["reject_detail"], row["n_tokens"]) == ("empty", None, 0)


def test_a_record_without_the_key_of_the_text_is_empty() -> None:
    assert read([b'{"body": "x"}'])[0]["reason"] == "empty"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("#REDIRECT [[Orla]]", "[[Orla]]"),
        (" \nredirect: Orla \n\n", "Orla"),
        ("The bridge\n\n#REDIRECT\nOrla  bridge", "Orla bridge"),
        ("REDIRECT\nOrla", "Orla"),
        ("x" * 300 + "\nREDIRECT Orla", "Orla"),
        ("x" * 301 + "\nREDIRECT Orla", None),
        ("#REDIRECT Orla\n\nThe bridge", None),
        ("The bridge\nof Orla\nREDIRECT Orla", None),
        ("The bridge REDIRECT Orla", None),
        (f"{' ' * 299}\n" * 1000 + "x", None),
        (" \n" * 150_000 + "x", None),
        (f"#REDIRECT a{' ' * 300_000}b\nc", None),
        (f"x\n{' ' * 300_000}REDIRECT", None),
    ],
    ids=lambda value: (value or "no")[:20],
)
def test_a_text_that_only_sends_on_says_where(text: str, target: str | None) -> None:
    row = one(text=text)
    assert row["reject_detail"] == (target and f"to {target}")


def test_a_text_is_measured_and_what_is_asked_for_is_masked_before_it_is_hashed() -> None:
    row = one(text=f"{TEXT} Write to jane@acme.io.", title="By jane@acme.io", language="fr", robots="noai")
    measures = dict(row["measures"])
    assert (row["text"], row["title"]) == (f"{TEXT} Write to [EMAIL].", "By [EMAIL]")
    assert row["content_hash"] == one(text=row["text"])["content_hash"]
    assert (row["reason"], row["language"], row["robots"]) == (None, "en", "noai")
    assert (measures["masked_email"], measures["tokens"], measures["sentences"]) == (1.0, row["n_tokens"], 2.0)
    assert one(text="1931 1932", language="fr")["language"] == "fr"  # nothing to tell it by: as the source says


def test_blank_lines_are_no_records_but_count_as_lines() -> None:
    good = json.dumps({"text": TEXT}).encode()
    rows = read([b"", good, b"  \r", None, good + b"\r", b"\xef\xbb\xbf" + good])
    assert [r["position"] for r in rows] == ["2", "5", "6"]
    assert all(r["reason"] is None for r in rows)


def test_a_line_in_a_later_part_of_a_file_is_placed_by_the_part() -> None:
    rows = read([b"x", b"y"], block=1 << 27)
    assert [r["position"] for r in rows] == ["134217728+1", "134217728+2"]


def test_numbers_run_on_over_batches() -> None:
    rows = read([json.dumps({"id": i, "text": TEXT}).encode() for i in range(BATCH + 3)])
    assert [r["position"] for r in rows] == [str(i + 1) for i in range(BATCH + 3)]


def test_text_is_kept_but_for_what_no_table_can_hold() -> None:
    text = " \tThe b\u0301ridge \U0001f309\u200b\r\nwas\0 op\ud800ened\x1b\x85 in\u2028 1912. {x} %s \\n </s>\n\n"
    assert (
        one(text=text)["text"] == " \tThe b\u0301ridge \U0001f309\u200b\nwas opened in\u2028 1912. {x} %s \\n </s>\n\n"
    )


def test_short_fields_are_one_clean_line() -> None:
    row = one(title=" The\n bridge\0 \ud800of\tOrla ", language="en\n", license={"a": 1}, url=None, id=None)
    assert (row["title"], row["language"], row["license"]) == ("The bridge of Orla", "en", None)
    assert len(one(title="x" * 9000)["title"]) == 4000
    assert (one(title=12)["title"], one(title=True)["title"], one(title="  ")["title"]) == ("12", None, None)


def test_a_document_is_its_url_else_its_id_else_its_content() -> None:
    by_url = one(url="HTTP://Example.org:80/a#b", id=1)
    assert (by_url["url"], by_url["host"]) == ("HTTP://Example.org:80/a#b", "example.org")
    assert by_url["doc_id"] == doc_id("web", "http://example.org/a", None, "")
    by_id = one(url=None, id=7)
    assert by_id["doc_id"] == one(url="no url", id="7", text=f"{TEXT} More.")["doc_id"] == doc_id("web", None, "7", "")
    assert (by_id["url"], by_id["host"]) == (None, None)
    by_content = one(url=None, id=None)
    assert by_content["doc_id"] == one(url="", id=" ", text=TEXT.replace(" ", "  "))["doc_id"]
    assert by_content["doc_id"] == doc_id("web", None, None, by_content["content_hash"])


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("2024-05-01T10:20:30Z", datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)),
        ("2024-05-01T10:20:30+02:00", datetime(2024, 5, 1, 8, 20, 30, tzinfo=UTC)),
        ("2024-05-01 10:20:30.123456", datetime(2024, 5, 1, 10, 20, 30, 123456, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("20240501T102030Z", datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)),
        ("May 1, 2024", None),
        ("", None),
        (1714558830, None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-10:00", None),
    ],
)
def test_the_time_of_the_fetch(given: object, taken: datetime | None) -> None:
    assert one(fetched_at=given)["fetched_at"] == taken


def test_fields_are_read_by_their_configured_names() -> None:
    rules = Rules("s", {"text": "body", "url": None, "title": "name", "id": "uid"})
    (row,) = read([json.dumps({"body": "Some text.", "name": "N", "url": "https://h.org", "uid": "u"}).encode()], rules)
    assert (row["text"], row["title"], row["url"]) == ("Some text.", "N", None)
    assert row["doc_id"] == doc_id("s", None, "u", "")


@pytest.mark.parametrize(("format_", "name"), [("warc", "crawl/1.warc.gz"), ("html", "pages/ä b/[1] 50%#?.html")])
def test_a_crawl_in_a_bucket_is_read_as_on_disk(bucket: Bucket, tmp_path: Path, format_: str, name: str) -> None:
    data = b"".join(gz(*pages(3))) if format_ == "warc" else b"<html><body><p>" + b"A page of some text. " * 20
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(data)
    bucket.objects[name] = data

    def rows(root: str) -> list[dict[str, Any]]:
        batch = pa.RecordBatch.from_pylist([{"path": f"{root}/{name}", "file": name}])
        made = file_documents(iter([batch]), RULES, format_, [root])
        return [row for found in made for row in found.to_pylist()]

    assert rows("s3a://bucket") == rows(f"file:{tmp_path}")
    assert len(rows("s3a://bucket")) == (3 if format_ == "warc" else 1)
