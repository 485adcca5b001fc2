"""Every format of whole files through one ingest, by folder, glob and file, packed and plain, with what is broken."""

from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession

from etl.ingest import ingest
from etl.tables import Warehouse
from tests.etl.test_ingest import config
from tests.udfs.warcs import gz, html, http, pages, record, zst
from udfs.keys import doc_id


def test_two_files_of_one_name_that_are_given_are_two_documents(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Callable[[int], str]
) -> None:
    for year in (2023, 2024):
        (tmp_path / str(year)).mkdir()
        (report := tmp_path / str(year) / "report.txt").write_text(text(year))
        settings = config(warehouse_path, input={"path": report, "format": "text"})
        assert ingest(Warehouse.of(spark, settings), settings, "run").new == 1
    states = [r["status"] for r in Warehouse.of(spark, settings).read("documents").collect()]
    assert states == ["active", "active"]


def test_every_format_is_read_and_what_is_broken_costs_one_row(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Callable[[int], str]
) -> None:
    crawl = tmp_path / "crawl 2024"
    crawl.mkdir()
    records = gz(*pages(6))
    records[2] = records[2][:-99]
    stub = (
        b"<html><head><meta http-equiv=refresh content='0;url=https://new.org/'></head><body><a>Go on</a></body></html>"
    )
    gone = gz(record(http(b"", "404 Not Found")), record(http(stub), "https://example.org/stub"))
    (crawl / "a b.warc.gz").write_bytes(b"".join([*records, *gone]))
    (crawl / "empty.warc.gz").write_bytes(b"")
    plain = [record(text(i).encode(), f"https://wet.org/{i}", "conversion") for i in range(3)]
    (tmp_path / "x.warc.wet.zst").write_bytes(b"".join(zst(*plain)))
    (tmp_path / "site" / "deep er").mkdir(parents=True)
    (tmp_path / "site" / "deep er" / "page[1].html").write_bytes(
        html(99).replace(b"<head>", b"<head><meta name=robots content=noai>")
    )
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "ü.txt").write_text(text(7), "utf-8")
    (tmp_path / "texts" / "noise.txt").write_bytes(bytes(range(128, 256)) * 9)
    settings = config(
        warehouse_path,
        crawl={"path": crawl / "*.gz", "format": "warc"},
        wet={"path": tmp_path / "x.warc.wet.zst", "format": "wet"},
        site={"path": tmp_path / "site", "format": "html"},
        texts={"path": tmp_path / "texts", "format": "text"},
    )  # fmt: skip
    warehouse = Warehouse.of(spark, settings)
    ingested = ingest(warehouse, settings, "run")
    assert (ingested.new, ingested.skipped) == (13, {"status 404": 1})
    rows = [r.asDict() for r in warehouse.read("documents").collect()]
    by_source = {s.name: [r for r in rows if r["source"] == s.name] for s in settings.sources}
    crawled = {r["url"].rpartition("/")[2]: r for r in by_source["crawl"] if r["url"]}
    assert {k for k, r in crawled.items() if r["status"] == "active"} == set("01345")
    assert crawled["stub"]["reason"] == "redirect"
    assert (crawled["0"]["title"], crawled["0"]["host"], crawled["0"]["position"]) == ("Page 0", "example.org", "0")
    assert str(crawled["0"]["fetched_at"]) == "2024-05-01 10:20:30"
    [torn] = [r for r in by_source["crawl"] if r["reason"] == "undecodable"]
    assert torn["file"].endswith("a%20b.warc.gz")
    assert torn["position"] == str(len(records[0]) + len(records[1]))
    assert "broken gzip member" in torn["reject_detail"]
    assert len(by_source["crawl"]) == 7
    assert [r["status"] for r in by_source["wet"]] == ["active"] * 3
    [site] = by_source["site"]
    assert site["doc_id"] == doc_id("site", None, "deep er/page[1].html", "")
    assert (site["robots"], site["url"]) == ("noai", None)
    states = {r["doc_id"]: r["reason"] for r in by_source["texts"]}
    assert states[doc_id("texts", None, "ü.txt", "")] is None
    assert sorted(states.values(), key=str) == [None, "undecodable"]
    texts = {t["content_hash"]: t["text"] for t in warehouse.read("texts").collect()}
    assert text(7) in texts.values()
    assert texts[site["content_hash"]].startswith("Page 99. ")
