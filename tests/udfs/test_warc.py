"""WARC files as they come: torn, cut off, wrongly counted, oddly encoded. One row for what is broken."""

import gzip
import io
import os
import tracemalloc
import zlib
from collections.abc import Iterable
from pathlib import Path

import brotli
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.udfs.warcs import gz, html, http, pages, record, zst
from udfs.sources import found, frames, members
from udfs.sources.found import Found
from udfs.sources.warc import warc_records


def read(*parts: bytes) -> list[Found]:
    return list(warc_records(io.BytesIO(b"".join(parts))))


def urls(rows: Iterable[Found]) -> list[str]:
    """Return the pages found whole, by the last part of their URL."""
    return [r.fields["url"].rpartition("/")[2] for r in rows if not r.reason and not r.skipped]


def broken(rows: Iterable[Found]) -> list[tuple[str, str]]:
    return [(r.position, r.detail or "") for r in rows if r.reason]


def starts(parts: list[bytes]) -> list[str]:
    """Return where each part of a file begins."""
    return [str(sum(map(len, parts[:i]))) for i in range(len(parts))]


@pytest.mark.parametrize("pack", [gz, zst, lambda *r: list(r)], ids=["gzip", "zstd", "plain"])
def test_every_record_has_its_place_and_its_date(pack) -> None:
    parts = pack(*pages(5))
    rows = read(*parts)
    assert [r.position for r in rows] == starts(parts)
    assert urls(rows) == list("01234")
    first = rows[0].fields
    assert (first["title"], first["fetched_at"]) == ("Page 0", "2024-05-01T10:20:30Z")
    assert first["text"].startswith("Page 0. ")


def test_a_file_of_one_member_is_read_too() -> None:
    rows = read(gzip.compress(b"".join(pages(5))))
    assert urls(rows) == list("01234")
    assert [r.position for r in rows] == ["0", *[f"0+{s}" for s in starts(pages(5))[1:]]]


def test_the_records_are_those_another_reader_finds() -> None:
    data = b"".join(gz(*pages(20), record(http(b"x", "404 Not Found"))))
    theirs = [
        (r.headers["WARC-Target-URI"], r.reader.read())
        for r in ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=False)
    ]
    ours = [
        (r.headers["warc-target-uri"], r.body)
        for m in members.members(io.BytesIO(data), frames.BEGIN)
        for r in frames.framed(m)
    ]
    assert ours == theirs


@pytest.mark.parametrize("pack", [gz, zst], ids=["gzip", "zstd"])
@pytest.mark.parametrize("cut", [1, 30, 200, -1])
def test_bytes_missing_in_the_middle_cost_one_record(pack, cut: int) -> None:
    parts = pack(*pages(6))
    parts[2] = parts[2][:-cut] if cut > 0 else parts[2][:40] + parts[2][60:]
    rows = read(*parts)
    assert urls(rows) == list("01345")
    [(position, why)] = broken(rows)
    assert position == starts(parts)[2]
    assert "broken" in why


@pytest.mark.parametrize("pack", [gz, zst], ids=["gzip", "zstd"])
def test_a_flipped_byte_never_passes_as_a_page(pack) -> None:
    whole = [r.fields["text"] for r in read(*pack(*pages(3)))]
    for at in range(12, len(pack(*pages(3))[1]), 7):
        parts = pack(*pages(3))
        parts[1] = parts[1][:at] + bytes([parts[1][at] ^ 0x10]) + parts[1][at + 1 :]
        rows = read(*parts)
        texts = [r.fields["text"] for r in rows if not r.reason]
        assert texts in ([whole[0], whole[2]], whole), at  # the last bits of packed data may be of no meaning
        assert len(broken(rows)) == 3 - len(texts)


@pytest.mark.parametrize("pack", [gz, zst], ids=["gzip", "zstd"])
@pytest.mark.parametrize("left", [1, 9, 100, -9, -1])
def test_a_file_cut_off_says_so(pack, left: int) -> None:
    parts = pack(*pages(3))
    rows = read(*parts[:2], parts[2][:left])
    assert urls(rows) == ["0", "1"]
    assert [p for p, _ in broken(rows)] == [starts(parts)[2]]


def test_a_plain_file_cut_off_says_so() -> None:
    parts = pages(3)
    rows = read(*parts[:2], parts[2][:-200])
    assert urls(rows) == ["0", "1"]
    assert broken(rows)[0][0] == starts(parts)[2]


def test_a_torn_file_of_one_member_gives_what_came_before() -> None:
    data = gzip.compress(b"".join(pages(300)))
    rows = read(data[: len(data) // 2])
    assert 50 < len(urls(rows)) < 300
    assert len(broken(rows)) == 1


def test_rubbish_between_members_is_passed_over() -> None:
    parts = gz(*pages(3))
    rows = read(parts[0], os.urandom(5000), b"\x1f\x8b\x08 looks like one", parts[1], parts[2], b"\0" * 999)
    assert urls(rows) == ["0", "1", "2"]
    assert len(broken(rows)) == 2


@pytest.mark.parametrize("pack", [gz, lambda *r: list(r)], ids=["gzip", "plain"])
@pytest.mark.parametrize(
    ("length", "why"),
    [
        (10_000, "Content-Length is 10000"), (30, "no record ends there"), ("", "no Content-Length"),
        (-5, "Content-Length is '-5'"), (10**17, "Content-Length is 1000"), ("9" * 30, "Content-Length is '999"),
    ],
)  # fmt: skip
def test_a_wrong_length_costs_one_record(pack, length: int | str, why: str) -> None:
    records = pages(5)
    records[1] = record(http(html(1)), "https://example.org/1", length=length)
    rows = read(*pack(*records))
    assert urls(rows) == ["0", "2", "3", "4"]
    [(position, detail)] = broken(rows)
    assert position == starts(pack(*records))[1]
    assert why in detail


def test_what_is_no_warc_is_one_row() -> None:
    assert [why for _, why in broken(read(b"hello world\r\n" * 100))] == ["no WARC record begins here"]
    assert read(b"") == []
    [(place, why)] = broken(read(b"WARC/1.0\r\n" + b"x: y\r\n" * 100_000))
    assert (place, why) == ("0", "the record's header has no end")


def test_line_feeds_alone_and_blank_lines_between_are_read() -> None:
    lines = [r.replace(b"\r\n", b"\n") for r in pages(3)]
    fixed = [r.replace(b"Content-Length: ", b"X: ").replace(b"\n\n", b"\nContent-Length: %d\n\n" % n, 1)
             for r in lines for n in [len(r) - r.index(b"\n\n") - 4]]  # fmt: skip
    assert urls(read(*fixed, b"\n" * 50)) == ["0", "1", "2"]


def test_what_is_no_page_is_counted_by_kind() -> None:
    rows = read(
        *gz(
            record(b"software: x\r\n", kind="warcinfo"), record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
            record(http(b"gone", "404 Not Found")), record(http(b"", "301 Moved", Location="/x")),
            record(http(b"%PDF", kind="application/pdf")), record(http(b"%PDF", kind="application/pdf; q=1")),
            record(http(b"\x89PNG", kind="bad type!")), record(http(b"%PDF"), more={
                "WARC-Identified-Payload-Type": "application/pdf"}),
            record(http(b"\0" * (found.MAX_BYTES + 9), kind="video/mp4")), *pages(1),
        )
    )  # fmt: skip
    assert {r.skipped: r.count for r in rows if r.skipped} == {
        "record warcinfo": 1, "record request": 1, "status 404": 1, "status 301": 1, "type application/pdf": 2,
        "type unknown": 1, "type video/mp4": 1,
    }  # fmt: skip
    assert len(urls(rows)) == 2  # the server said it is HTML


def test_kinds_are_named_up_to_a_number() -> None:
    rows = read(*[record(http(b"x", kind=f"x/y{i}")) for i in range(500)])
    assert len(rows) == 51
    assert sum(r.count for r in rows) == 500


def test_wet_records_are_texts() -> None:
    text = "Die Brücke wurde 1912 eröffnet.\nSie ist lang."
    rows = read(*zst(record(text.encode(), kind="conversion"), record(b"caf\xe9", kind="conversion")))
    assert rows[0].fields["text"] == text
    assert broken(rows)[0][1] == "not UTF-8 at byte 3"


BODY = html(7)
CHUNKED = b"".join(b"%x;q=1\r\n%s\r\n" % (len(BODY[i : i + 99]), BODY[i : i + 99]) for i in range(0, len(BODY), 99))
RAW_DEFLATE = zlib.compressobj(wbits=-15)
DEFLATED = RAW_DEFLATE.compress(BODY) + RAW_DEFLATE.flush()
ENCODED = [
    (CHUNKED + b"0\r\n\r\n", {"Transfer_Encoding": "chunked"}),
    (BODY, {"Transfer_Encoding": "chunked"}),
    (gzip.compress(BODY), {"Content_Encoding": "gzip"}),
    (BODY, {"Content_Encoding": "gzip", "Content_Length": "17"}),
    (zlib.compress(BODY), {"Content_Encoding": "deflate"}),
    (DEFLATED, {"Content_Encoding": "deflate"}),
    (brotli.compress(BODY), {"Content_Encoding": "br"}),
    (BODY, {"Content_Encoding": "br"}),
    (zstandard.compress(BODY), {"Content_Encoding": "zstd"}),
    (gzip.compress(zlib.compress(BODY)), {"Content_Encoding": "deflate, gzip"}),
]


@pytest.mark.parametrize(("stored", "headers"), ENCODED)
def test_encodings_are_undone_where_they_are_there(stored: bytes, headers: dict[str, str]) -> None:
    [row] = read(record(http(stored, **headers)))
    assert (row.reason, row.fields.get("title")) == (None, "Page 7")


@pytest.mark.parametrize(
    ("stored", "headers"),
    [(s[:-25], h) for s, h in ENCODED if not s.startswith(b"<")] + [(BODY[:-50], {"Content_Length": str(len(BODY))})],
)
def test_half_a_page_never_passes_as_a_page(stored: bytes, headers: dict[str, str]) -> None:
    [row] = read(record(http(stored, **headers)))
    assert row.reason == "undecodable"
    assert row.fields["url"]


def test_a_page_cut_off_by_the_crawler_is_no_page() -> None:
    [row] = read(record(http(BODY), more={"WARC-Truncated": "length"}))
    assert (row.reason, row.detail) == ("undecodable", "cut off by the crawler: length")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_is_too_long(coding: str) -> None:
    bomb = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}[coding](b" " * 200_000_000)
    tracemalloc.start()
    [row] = read(record(http(bomb, Content_Encoding=coding)))
    assert row.reason == "too_long"
    assert tracemalloc.get_traced_memory()[1] < 6 * found.MAX_BYTES
    tracemalloc.stop()


@pytest.mark.parametrize("pack", [gz, zst, lambda *r: list(r)], ids=["gzip", "zstd", "plain"])
def test_a_record_of_50_mb_costs_no_memory(pack, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"".join(pack(*pages(2), record(http(b"<p>" + b"word " * 10_000_000)), *pages(2))))
    tracemalloc.start()
    with path.open("rb") as stream:
        rows = list(warc_records(stream))
    assert tracemalloc.get_traced_memory()[1] < 40_000_000  # a step of a zstd frame is up to 32 MB
    tracemalloc.stop()
    assert [r.reason for r in rows] == [None, None, "too_long", None, None]


def test_members_carry_a_dictionary(tmp_path: Path) -> None:
    shared = zstandard.train_dictionary(4096, pages(200))
    packer = zstandard.ZstdCompressor(dict_data=shared)
    for inner in (shared.as_bytes(), zstandard.compress(shared.as_bytes())):
        head = members.DICTIONARY + len(inner).to_bytes(4, "little") + inner
        assert urls(read(head, *[packer.compress(r) for r in pages(3)])) == ["0", "1", "2"]
