"""A crawl's pages to text: pages per second of one core, against bare calls of the libraries on the same bytes.

`python -m tests.bench.reading FILE.warc.gz` prints the table of tests/bench/README.md.
"""

import argparse
import io
import logging
import time
from collections.abc import Callable
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType
from trafilatura import extract

from udfs.sources.frames import BEGIN, framed
from udfs.sources.members import members
from udfs.sources.warc import warc_records

ROUNDS = 3


def bare_records(data: bytes) -> int:
    """Read every response."""
    rows = ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=True)
    return sum(1 for row in rows if row.reader.read())


def own_records(data: bytes) -> int:
    """Read every response, with ends seen and checksums held."""
    rows = (row for member in members(io.BytesIO(data), BEGIN) for row in framed(member))
    return sum(row.headers.get("warc-type") == "response" for row in rows)


def bare_text(data: bytes) -> int:
    """Read every response and take its main text as markdown."""
    rows = ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=True)
    options = {"include_comments": False, "output_format": "markdown"}
    return sum(1 for row in rows if extract(row.reader.read(), **options) is not None)


def own_text(data: bytes) -> int:
    """Read every page as the program does: encoding, formulas, code, main text, title, licence, robots."""
    return sum(bool(row.fields.get("text")) for row in warc_records(io.BytesIO(data)))


def main() -> None:
    """Time each in turn, several times over, and print the fastest of each."""
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, metavar="FILE.warc.gz")
    data = parser.parse_args().file.read_bytes()
    cases: list[Callable[[bytes], int]] = [bare_records, own_records, bare_text, own_text]
    best, found = dict.fromkeys(cases, float("inf")), dict.fromkeys(cases, 0)
    for _ in range(ROUNDS):
        for case in cases:
            began = time.process_time()
            found[case] = case(data)
            best[case] = min(best[case], time.process_time() - began)
    print("| what | pages | ms a page | pages a second | of the bare call |\n|---|---|---|---|---|")
    for case, bare in zip(cases, [bare_records, bare_records, bare_text, bare_text], strict=True):
        ms, share = best[case] / found[case] * 1000, best[bare] / best[case]
        print(f"| {case.__name__} | {found[case]} | {ms:.2f} | {1000 / ms:.0f} | {share:.2f} |")


if __name__ == "__main__":
    main()
