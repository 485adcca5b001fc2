"""Ingest again and again: what is read, what is noticed, what is removed, and that the states do not depend on how
the same records were dealt out to runs.
"""

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.config import Config
from etl.configfile import load
from etl.errors import ConfigError
from etl.files import unread
from etl.ingest import ingest
from etl.sources import records
from etl.tables import Overlay, Warehouse

Text = Callable[[int], str]
Row = dict[str, Any]


class Crawl:
    """A folder of JSON lines and the warehouse that reads it."""

    def __init__(self, spark: SparkSession, warehouse: Path, folder: Path) -> None:
        self.spark, self.path, self.folder = spark, warehouse, folder
        self.folder.mkdir()

    def config(self, **settings: Any) -> Config:
        source = {"name": "s", "path": str(self.folder), **settings}
        return self.sources(source)

    def sources(self, *sources: dict[str, Any]) -> Config:
        base = load(None, [f"warehouse='{self.path}'"])
        return base.model_copy(update={"sources": Config.model_validate({"sources": sources}).sources})

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse.of(self.spark, self.config())

    def write(self, name: str, *rows: Row) -> Path:
        path = self.folder / name
        path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
        return path

    def ingest(self, config: Config | None = None, **settings: Any) -> int:
        return ingest(self.warehouse, config or self.config(**settings), "run").new

    def states(self) -> dict[str, str]:
        """Return status and reason of the rows by source and the bridge that the text is about."""
        texts = {r["content_hash"]: r["text"] for r in self.warehouse.read("texts").collect()}
        found: dict[str, list[str]] = {}
        for r in self.warehouse.read("documents").collect():
            name = f"{r['source']}/{texts.get(r['content_hash'], '    -')[4:].split(' ')[0]}"
            found.setdefault(name, []).append(" ".join(filter(None, (r["status"], r["reason"]))))
        return {name: ", ".join(sorted(states)) for name, states in found.items()}

    def standing(self) -> list[Row]:
        """Return the active documents with their texts."""
        documents = self.warehouse.read("documents").where("status = 'active'")
        return [r.asDict() for r in documents.join(self.warehouse.read("texts"), on="content_hash").collect()]

    def active(self) -> list[str]:
        return sorted(n.removeprefix("s/") for n, states in self.states().items() if "active" in states)


@pytest.fixture
def crawl(spark: SparkSession, warehouse_path: Path, tmp_path: Path) -> Crawl:
    return Crawl(spark, warehouse_path, tmp_path / "crawl")


def document(name: str, text: str, **fields: Any) -> Row:
    return {"id": name, "text": text, **fields}


def test_a_file_is_read_once_and_again_when_it_or_the_settings_change(crawl: Crawl, text: Text) -> None:
    odd = crawl.write("a [1]{b}%20 *?.jsonl", document("a", text(0)))
    crawl.write("b.jsonl", document("b", text(1)))
    assert crawl.ingest() == 2
    before, versions = odd.stat(), crawl.warehouse.versions()
    odd.write_text(odd.read_text().replace("Adler", "Feder"), "utf-8")
    os.utime(odd, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert crawl.ingest() == 0, "size and time are the same: it was not opened"
    assert crawl.warehouse.versions() == versions
    os.utime(odd, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    assert crawl.ingest() == 1
    assert crawl.active() == ["Birke-1", "Feder-0"]
    assert crawl.ingest() == 0
    crawl.write("b.jsonl", document("b", text(1)), document("c", text(2)))
    assert crawl.ingest() == 1, "a file that grew is read whole, and only what is new counts"
    assert crawl.ingest(columns={"title": "id"}) == 3, "read with other columns, the documents have a title now"
    assert crawl.ingest(columns={"title": "id"}) == 0
    [mark] = crawl.warehouse.read("files").where("path LIKE '%b.jsonl'").collect()
    assert (mark["source"], mark["size"]) == ("s", (crawl.folder / "b.jsonl").stat().st_size)


def test_what_a_file_said_before_is_no_news_when_it_grows(crawl: Crawl, text: Text) -> None:
    crawl.write("a.jsonl", document("d", text(0)))
    crawl.ingest()
    crawl.write("b.jsonl", document("d", text(1)))
    assert crawl.ingest() == 1
    crawl.write("a.jsonl", document("d", text(0)), document("e", text(2)))
    assert crawl.ingest() == 1
    assert sorted(d["text"] for d in crawl.standing()) == sorted([text(1), text(2)])
    crawl.write("b.jsonl", document("d", text(0)))
    assert crawl.ingest() == 1, "the newer one is taken back where it was said"
    assert sorted(d["text"] for d in crawl.standing()) == sorted([text(0), text(2)])


def test_changed_metadata_over_the_same_text_is_noticed(crawl: Crawl, text: Text) -> None:
    url = "https://example.org/a"
    crawl.write("1.jsonl", {"url": url, "text": text(0), "title": "Old", "fetched_at": "2024-01-01T00:00:00Z"})
    crawl.ingest()
    [first] = crawl.warehouse.read("documents").collect()
    crawl.write(
        "2.jsonl",
        {"url": url + "#top", "text": text(0), "title": "New", "license": "CC0", "fetched_at": "2025-01-01T00:00:00Z"},
    )
    crawl.write("3.jsonl", {"url": url, "text": text(0), "title": "Older", "fetched_at": "2023-01-01T00:00:00Z"})
    assert crawl.ingest() == 1
    [now] = crawl.warehouse.read("documents").collect()
    assert (now["title"], now["license"], now["url"], now["status"]) == ("New", "CC0", url + "#top", "active")
    assert now["fetched_at"].year == 2025
    assert [now[n] for n in ("doc_id", "ingested_at", "seen_at", "file")] == [
        first[n] for n in ("doc_id", "ingested_at", "seen_at", "file")
    ]
    assert crawl.warehouse.read("texts").count() == 1


def test_a_snapshot_retires_what_it_lacks_and_takes_back_what_returns(crawl: Crawl, text: Text) -> None:
    snapshot = {"mode": "snapshot"}
    crawl.write("1.jsonl", document("a", text(0)), document("b", text(1)), document("copy", text(0)))
    crawl.write("2.jsonl", document("c", text(2)), document("b", text(1)))
    crawl.ingest(**snapshot)
    assert crawl.active() == ["Adler-0", "Birke-1", "Corvo-2"]
    (crawl.folder / "1.jsonl").unlink()
    assert crawl.ingest(**snapshot) == 0
    there = {"s/Birke-1": "active", "s/Corvo-2": "active"}
    assert crawl.states() == {"s/Adler-0": "removed, removed", **there}, "b stands in the other file too"
    crawl.write("1.jsonl", document("copy", text(0)), document("a", text(3)))
    assert crawl.ingest(**snapshot) == 2
    assert crawl.active() == ["Adler-0", "Birke-1", "Corvo-2", "Distel-3"], "removed rows win no cluster"
    crawl.write("1.jsonl", document("copy", text(0)), document("a", text(0)))
    crawl.ingest(**snapshot)
    assert crawl.active() == ["Adler-0", "Birke-1", "Corvo-2"]
    versions = crawl.warehouse.versions()
    for file in crawl.folder.iterdir():
        file.write_text("\n")
    with pytest.raises(ConfigError, match=r"^sources\.s: a snapshot without any record would remove all"):
        crawl.ingest(**snapshot)
    for file in crawl.folder.iterdir():
        file.unlink()
    with pytest.raises(ConfigError, match=r"^sources\.s\.path: no file at .*crawl; as a snapshot that would"):
        crawl.ingest(**snapshot)
    assert crawl.warehouse.versions() == versions
    assert crawl.ingest() == 0, "a source that only appends may be empty"


def test_a_snapshot_has_an_older_text_where_the_newer_ones_file_is_gone(crawl: Crawl, text: Text) -> None:
    snapshot = {"mode": "snapshot"}
    crawl.write("a.jsonl", document("d", text(0)))
    crawl.ingest(**snapshot)
    newer = crawl.write("b.jsonl", document("d", text(1)))
    crawl.ingest(**snapshot)
    assert [d["text"] for d in crawl.standing()] == [text(1)]
    newer.unlink()
    crawl.ingest(**snapshot)
    assert [d["text"] for d in crawl.standing()] == [text(0)]


def test_a_document_removed_from_one_source_stands_in_another(crawl: Crawl, text: Text, tmp_path: Path) -> None:
    url = "https://example.org/a"
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"url": url, "text": text(1), "fetched_at": "2024-01-01T00:00:00Z"}) + "\n")
    crawl.write("1.jsonl", {"url": url, "text": text(0), "fetched_at": "2025-01-01T00:00:00Z"})
    crawl.write("2.jsonl", document("x", text(2)))
    config = crawl.sources(
        {"name": "s", "path": str(crawl.folder), "mode": "snapshot"}, {"name": "o", "path": str(other)}
    )
    crawl.ingest(config)
    assert crawl.states()["o/Birke-1"] == "rejected duplicate"
    (crawl.folder / "1.jsonl").unlink()
    crawl.ingest(config)
    assert crawl.states()["o/Birke-1"] == "active"
    assert crawl.states()["s/Adler-0"] == "removed"


def test_a_delta_table_by_version_and_by_its_feed(crawl: Crawl, text: Text, tmp_path: Path) -> None:
    table, spark = str(tmp_path / "table"), crawl.spark

    def put(*rows: tuple[str, str]) -> None:
        frame = spark.createDataFrame(list(rows), "id string, text string")
        frame.write.format("delta").mode("append").save(table)

    put(("a", text(0)), ("b", text(1)))
    source = {"path": table, "format": "delta"}
    feed = {**source, "changes": True}
    assert crawl.ingest(**source, version=0) == 2
    with pytest.raises(ConfigError, match=r"^sources\.s\.path: no Delta table"):
        crawl.ingest(path=str(tmp_path / "none"), format="delta")
    assert crawl.ingest(**feed) == 0
    put(("c", text(2)))
    with pytest.raises(ConfigError, match=r"^sources\.s\.changes: .*delta.enableChangeDataFeed"):
        crawl.ingest(**feed)
    spark.sql(f"ALTER TABLE delta.`{table}` SET TBLPROPERTIES (delta.enableChangeDataFeed = true)")
    assert crawl.ingest(**source) == 1, "read whole without the feed"
    assert crawl.ingest(**feed) == 0
    spark.sql(f"DELETE FROM delta.`{table}` WHERE id = 'a'")
    spark.sql(f"UPDATE delta.`{table}` SET text = '{text(3)}' WHERE id = 'b'")
    spark.sql(f"UPDATE delta.`{table}` SET id = 'd' WHERE id = 'c'")
    put(("e", text(4)), ("f", text(5)))
    spark.sql(f"DELETE FROM delta.`{table}` WHERE id = 'e'")
    assert crawl.ingest(**feed) == 3
    assert crawl.states() == {
        "s/Adler-0": "removed", "s/Birke-1": "superseded", "s/Distel-3": "active",
        "s/Corvo-2": "active, removed", "s/Falke-5": "active",
    }  # fmt: skip
    versions = crawl.warehouse.versions()
    assert crawl.ingest(**feed) == 0
    assert crawl.warehouse.versions() == versions
    put(("f", f"{text(6)} Told twice."))
    assert crawl.ingest(**feed) == 1
    spark.sql(f"DELETE FROM delta.`{table}` WHERE id = 'f' AND text LIKE '%twice.'")
    crawl.ingest(**feed)
    now = crawl.states()
    assert (now["s/Falke-5"], now["s/Ginster-6"]) == ("active", "superseded"), "the other row is what the table has"
    spark.sql(f"DELETE FROM delta.`{table}` WHERE id = 'd'")
    crawl.ingest(**feed, columns={"title": "id"})
    assert crawl.states()["s/Corvo-2"] == "removed, removed", "read whole, and it is not there"


def test_documents_that_other_settings_name_otherwise_are_not_there_twice(crawl: Crawl, text: Text) -> None:
    rows = [{"text": f"{text(i)} Write to a{i}@ferry-orla.eu.", "link": f"https://x.org/{i}"} for i in range(3)]
    masked = crawl.config()
    config = masked.model_copy(update={"quality": masked.quality.model_copy(update={"mask": ()})})
    for there in (2, 3):  # the file grows: when it is read last, two are known
        crawl.write("1.jsonl", *rows[:there])
        crawl.ingest(config)
    assert len(crawl.standing()) == 3
    assert crawl.ingest(masked) == 3
    assert not [t for t in crawl.standing() if "@" in t["text"]]
    assert len(crawl.standing()) == 3
    addressed = crawl.config(columns={"url": "link"}).sources
    assert crawl.ingest(masked.model_copy(update={"sources": addressed})) == 3
    assert {d["url"] for d in crawl.standing()} == {f"https://x.org/{i}" for i in range(3)}
    assert crawl.ingest(config) == 3, "and back"
    assert len(crawl.standing()) == 3


def test_a_row_whose_address_is_written_otherwise_keeps_its_document(crawl: Crawl, text: Text, tmp_path: Path) -> None:
    table, spark = str(tmp_path / "table"), crawl.spark
    spark.sql(
        f"CREATE TABLE delta.`{table}` (url string, text string, fetched_at string) USING DELTA "
        "TBLPROPERTIES (delta.enableChangeDataFeed = true)"
    )

    def put(*rows: tuple[str, str, str | None]) -> None:
        frame = spark.createDataFrame(list(rows), "url string, text string, fetched_at string")
        frame.write.format("delta").mode("append").save(table)

    feed = {"path": table, "format": "delta", "changes": True}
    put(("https://x.org/a", text(0), "2020-01-01"), ("https://x.org/a#more", text(1), "2024-01-01"))
    crawl.ingest(**feed)
    assert [d["text"] for d in crawl.standing()] == [text(1)]
    put(("https://X.org/a", text(2), "2030-01-01"))  # and away again, before it is read
    spark.sql(f"DELETE FROM delta.`{table}` WHERE url = 'https://X.org/a'")
    crawl.ingest(**feed)
    assert [d["text"] for d in crawl.standing()] == [text(1)]
    spark.sql(f"DELETE FROM delta.`{table}` WHERE url = 'https://x.org/a#more'")
    crawl.ingest(**feed)
    assert [d["text"] for d in crawl.standing()] == [text(0)], "older, but what the table has"
    put(("https://x.org/a#now", text(3), None))
    crawl.ingest(**feed)
    assert [d["text"] for d in crawl.standing()] == [text(3)], "fetched when it was seen"
    spark.sql(f"DELETE FROM delta.`{table}` WHERE url = 'https://x.org/a#now'")
    crawl.ingest(**feed)
    assert [d["text"] for d in crawl.standing()] == [text(0)]
    spark.sql(f"DELETE FROM delta.`{table}`")
    crawl.ingest(**feed)
    assert crawl.standing() == []


class Killed(Exception):
    """Stands for a kill."""


def test_a_run_killed_at_any_write_is_mended_by_the_next(crawl: Crawl, text: Text) -> None:
    config = crawl.config(mode="snapshot")
    crawl.write("1.jsonl", document("a", text(0)), document("b", text(1)), document("c", text(2)))
    crawl.ingest(config)
    crawl.write("1.jsonl", document("a", text(4)), document("b", text(1), title="B"), document("d", text(0)))
    kills = 0
    for at in range(1, 20):
        writes = iter(range(1, at + 1))

        def guard(writes: Any = writes, at: int = at) -> None:
            if next(writes) == at:
                raise Killed

        try:
            ingest(replace(crawl.warehouse, guard=guard), config, "run")
            break
        except Killed:
            kills += 1
    assert kills == 4, "signatures, texts, documents and files are written one after another"
    assert crawl.states() == {
        "s/Adler-0": "active, superseded", "s/Birke-1": "active", "s/Corvo-2": "removed", "s/Erle-4": "active",
    }  # fmt: skip
    assert crawl.ingest(config) == 0


def dealt(text: Text, files: int) -> dict[str, list[Row]]:
    """Return records by file: documents that change, return and share texts, some in two sources, some dated."""
    dice = random.Random(7)
    days = list(range(1000))
    dice.shuffle(days)

    def record(source: str) -> Row:
        number = dice.randrange(12)
        kind = ("both", source, "dated")[number % 3]
        date = {"fetched_at": f"{1000 + days.pop()}-01-01T00:00:00Z"} if kind == "dated" else {}
        words = dice.choice([text(dice.randrange(6)), "short"])
        return {"url": f"https://{kind}/{number}", "text": words, "title": dice.choice("xy"), **date}

    return {f"{n}{source}.jsonl": [record(source) for _ in range(12)] for n in range(files) for source in "ab"}


def test_many_runs_leave_the_states_of_one(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    """The runs take the sources in turn, as the one run does: of undated records the later counts."""
    shutil.copytree(warehouse_path, tmp_path / "second")
    one, many = (Crawl(spark, path, tmp_path / path.name[:3]) for path in (warehouse_path, tmp_path / "second"))
    files = dealt(text, 2)
    for name, rows in files.items():
        one.write(name, *rows)
    one.ingest(one.sources(*[{"name": n, "path": f"{one.folder}/*{n}.jsonl"} for n in "ab"]))
    for source in "ab":
        for n in range(2):
            name = f"{n}{source}.jsonl"
            many.write(name, *files[name])
            many.ingest(many.sources({"name": source, "path": f"{many.folder}/*{source}.jsonl"}))

    def documents(crawl: Crawl) -> list[tuple[Any, ...]]:
        names = ("source", "doc_id", "content_hash", "status", "reason", "matched", "title", "url", "fetched_at")
        return sorted(tuple(str(r[n]) for n in names) for r in crawl.warehouse.read("documents").collect())

    assert documents(many) == documents(one)
    assert {r[3] for r in documents(one)} == {"active", "rejected", "superseded"}
    texts = [sorted(r["text"] for r in c.warehouse.read("texts").collect()) for c in (one, many)]
    assert texts[0] == texts[1]


def test_an_overlay_is_what_the_ingest_then_writes_and_what_comes_later_waits(crawl: Crawl, text: Text) -> None:
    crawl.write("1.jsonl", document("a", text(0)), document("b", text(0)), document("c", text(2)))
    part = unread(replace(crawl.warehouse, scratch="x"), crawl.config().sources[0], crawl.config().quality.mask)
    assert part is not None
    crawl.write("2.jsonl", document("a", text(1)), document("d", text(2)), document("e", text(5)))
    crawl.write("3.jsonl", document("f", text(5) + " And so it stands."))
    assert records(crawl.warehouse, crawl.config(), part).count() == 3, "the listing is the run's set of files"
    later = [crawl.folder / "2.jsonl", crawl.folder / "3.jsonl"]
    for path in later:
        path.rename(path.with_name(f"_{path.name}"))
    crawl.ingest()
    for path in later:
        path.with_name(f"_{path.name}").rename(path)
    crawl.warehouse.drop_copies()
    before, files = crawl.warehouse.versions(), sorted(crawl.path.rglob("*"))
    names = ("doc_id", "content_hash", "status", "reason", "matched", "cluster")
    there = Overlay.over(replace(crawl.warehouse, scratch="plan"), {})
    assert ingest(there, crawl.config(), "plan").new == 4
    seen = {t: sorted(tuple(str(r[n]) for n in c) for r in there.read(t).collect())
            for t, c in (("documents", names), ("texts", ("content_hash", "text")))}  # fmt: skip
    assert "near_duplicate" in {r[3] for r in seen["documents"]}
    there.drop_copies()
    assert (crawl.warehouse.versions(), sorted(crawl.path.rglob("*"))) == (before, files)
    assert crawl.ingest() == 4
    for table, columns in (("documents", names), ("texts", ("content_hash", "text"))):
        assert sorted(tuple(str(r[n]) for n in columns) for r in crawl.warehouse.read(table).collect()) == seen[table]
    again = Overlay.over(crawl.warehouse, {})
    assert ingest(again, crawl.config(), "plan").new == 0
    assert again.frames == {}
