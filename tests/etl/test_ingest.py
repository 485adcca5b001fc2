"""Ingest alone, without a call: sources, columns, versions, duplicates, and that reading again adds nothing."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl import ingest as module
from etl.config import Config
from etl.configfile import load
from etl.errors import ConfigError
from etl.ingest import ingest
from etl.tables import Warehouse

Text = Callable[[int], str]


def config(warehouse: Path, **sources: Any) -> Config:
    """Return a configuration with sources given as name={path, format, columns}."""
    listed = [
        {"name": name, **{k: str(v) if isinstance(v, Path) else v for k, v in s.items()}} for name, s in sources.items()
    ]
    return load(None, [f"warehouse='{warehouse}'"]).model_copy(
        update={"sources": Config.model_validate({"sources": listed}).sources}
    )


def jsonl(path: Path, *records: dict[str, Any]) -> Path:
    """Write records as JSON lines, compressed if the name says so."""
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(spark: SparkSession, settings: Config) -> dict[str, dict[str, Any]]:
    """Ingest and return the rows of documents by source and file position, `source:position:first words`."""
    warehouse = Warehouse.of(spark, settings)
    ingest(warehouse, settings, "run")
    texts = {t["content_hash"]: t["text"] for t in warehouse.read("texts").collect()}
    rows = [r.asDict() for r in warehouse.read("documents").collect()]
    return {f"{r['source']} {texts.get(r['content_hash'], '')[:9]}".strip(): r for r in rows}


def test_parquet_with_mapped_columns_and_compressed_json_lines(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    rows = [("http://Example.org:80/a?utm_source=x#top", text(0), 7, "en"), ("http://example.org/b", None, 8, "en")]
    frame = spark.createDataFrame(rows, "link string, body string, n int, lang string")
    frame.write.partitionBy("lang").parquet(str(tmp_path / "p"))
    lines = jsonl(tmp_path / "l.jsonl.gz", {"id": 5, "text": text(1), "title": " A\ttitle ", "language": "en"})
    columns = {"text": "body", "url": "link", "id": "n", "language": "lang"}
    settings = config(
        warehouse_path,
        crawl={"path": tmp_path / "p", "format": "parquet", "columns": columns},
        lines={"path": lines},
    )
    found = read(spark, settings)
    crawled = found["crawl The Adler"]
    assert (crawled["status"], crawled["host"], crawled["language"]) == ("active", "example.org", "en")
    assert crawled["url"] == rows[0][0]
    assert found["crawl"]["reason"] == "empty"
    line = found["lines The Birke"]
    assert (line["title"], line["language"], line["position"]) == ("A title", "en", "1")
    assert line["n_tokens"] > 50
    versions = Warehouse.of(spark, settings).versions()
    read(spark, settings)
    assert Warehouse.of(spark, settings).versions() == versions


def test_a_column_that_some_files_lack_is_read_from_the_others(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    first, second = tmp_path / "p" / "part=1", tmp_path / "p" / "part=2"
    spark.createDataFrame([("a", text(0))], "id string, text string").write.parquet(str(first))
    spark.createDataFrame([("b", text(1), "A name")], "id string, text string, title string").write.parquet(str(second))
    settings = config(warehouse_path, s={"path": tmp_path / "p", "format": "parquet"})
    found = read(spark, settings)
    assert {k: r["title"] for k, r in found.items()} == {"s The Adler": None, "s The Birke": "A name"}
    spark.createDataFrame([([1], text(2))], "id array<int>, text string").write.parquet(str(tmp_path / "p" / "part=3"))
    with pytest.raises(ConfigError, match=r"^sources\.t: cannot be read: .*\"STRING\" and \"ARRAY<INT>\""):
        read(spark, config(warehouse_path, t={"path": tmp_path / "p", "format": "parquet"}))


def test_a_copy_returns_when_the_first_goes(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    path = tmp_path / "d.jsonl"
    settings = config(warehouse_path, s={"path": path})
    jsonl(path, {"id": "one", "text": text(0)})
    read(spark, settings)
    jsonl(path, {"id": "one", "text": text(0)}, {"id": "two", "text": "  " + text(0).replace(" ", "\n", 3)})
    read(spark, settings)
    warehouse = Warehouse.of(spark, settings)
    rows = [r.asDict() for r in warehouse.read("documents").collect()]
    [first] = [r for r in rows if r["status"] == "active"]
    [copy] = [r for r in rows if r["status"] == "rejected"]
    assert (copy["reason"], copy["matched"], copy["match_score"]) == ("duplicate", first["doc_id"], 1.0)
    assert warehouse.read("texts").count() == 1
    jsonl(path, {"id": "one", "text": text(1)}, {"id": "two", "text": text(0)})
    read(spark, settings)
    rows = [r.asDict() for r in warehouse.read("documents").collect()]
    assert {r["doc_id"] for r in rows if r["status"] == "active"} == {first["doc_id"], copy["doc_id"]}
    assert [r["status"] for r in rows].count("superseded") == 1


def test_of_one_url_in_two_sources_the_newest_fetch_counts(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    url = "https://example.org/page"
    old = jsonl(tmp_path / "old.jsonl", {"url": url, "text": text(0), "fetched_at": "2024-01-01T00:00:00Z"})
    new = jsonl(tmp_path / "new.jsonl", {"url": url + "#x", "text": text(1), "fetched_at": "2025-01-01T00:00:00Z"})
    found = read(spark, config(warehouse_path, a={"path": new}, b={"path": old}))
    assert found["a The Birke"]["status"] == "active"
    assert (found["b The Adler"]["status"], found["b The Adler"]["reason"]) == ("rejected", "duplicate")
    assert found["b The Adler"]["matched"] == found["a The Birke"]["doc_id"]


def test_the_last_of_several_versions_in_one_file_is_the_current_one(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    records = [{"id": "x", "text": text(i)} for i in range(12)]
    settings = config(warehouse_path, s={"path": jsonl(tmp_path / "d.jsonl", *records)})
    for _ in range(2):  # reading the same file again flips nothing
        found = read(spark, settings)
        assert [k for k, r in found.items() if r["status"] == "active"] == ["s The Birke"]
        assert found["s The Birke"]["position"] == "12"


def test_what_is_read_later_is_newer_though_the_clock_was_set_back(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        back = timedelta()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - cls.back

    monkeypatch.setattr(module, "datetime", Clock)
    settings = config(warehouse_path, a={"path": tmp_path / "*.jsonl"})
    url = "https://example.org/a"
    for number in range(3):
        Clock.back = timedelta(hours=number)
        jsonl(tmp_path / f"{number}.jsonl", {"url": url, "text": text(number)})
        found = read(spark, settings)
    assert sorted(r["status"] for r in found.values()) == ["active", "superseded", "superseded"]
    active = next(r for r in found.values() if r["status"] == "active")
    assert active["file"].endswith("2.jsonl")
