"""Near-duplicate documents: the same clusters in any order and in any batches; the first stays, the next returns."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.config import Config
from etl.duplicates import settled, sign
from etl.forget import forget, target
from etl.ingest import ingest
from etl.schema import TABLES
from etl.tables import Overlay, Warehouse
from tests.conftest import Bench

THRESHOLD = 0.8
DAY = datetime(2026, 1, 1, tzinfo=UTC)
State = dict[str, dict[str, Any]]


def text(seed: int, words: int = 300) -> list[str]:
    rng = random.Random(seed)
    return [f"w{rng.randrange(10_000)}" for _ in range(words)]


def changed(base: list[str], start: int, count: int = 5) -> list[str]:
    """Return the words with some neighbours replaced: `count` + 4 shingles of some 300 differ."""
    return [*base[:start], *[f"new{start}x{i}" for i in range(count)], *base[start + count :]]


BASE = text(1)
STEP = changed(BASE, 0, 20)  # like BASE, and like FAR, which is not like BASE
FAR = changed(STEP, 100, 20)
TEXTS = {
    "a1": BASE, "a2": changed(BASE, 50), "a3": changed(BASE, 200), "a4": STEP, "a5": FAR,
    "b1": text(2), "b2": changed(text(2), 10), "c1": text(3), "d1": text(4), "d2": [*text(4), "more"],
    "short": ["four", "words", "are", "few"],
}  # fmt: skip
CLUSTERS = [{"a1", "a2", "a3", "a4", "a5"}, {"b1", "b2"}, {"c1"}, {"d1", "d2"}, {"short"}]


class World:
    """Documents and signatures as they stand, with arrivals and departures as `etl.resolve` would leave them."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.state, self.past, self.days = spark, State(), list[dict[str, Any]](), 0
        self.warehouse = Warehouse.of(spark, Config(warehouse=str(folder)))
        warehouse = Overlay.over(self.warehouse, {"signatures": self.empty()})
        texts = [{"content_hash": f"text of {n}", "text": " ".join(w)} for n, w in TEXTS.items()]
        self.signatures = sign(warehouse, spark.createDataFrame(texts), THRESHOLD).cache()

    def empty(self) -> Any:
        return self.spark.createDataFrame([], TABLES["signatures"].ddl)

    def frame(self, rows: list[dict[str, Any]]) -> Any:
        return self.spark.createDataFrame(rows, TABLES["documents"].ddl)

    def change(self, arriving: list[str], leaving: tuple[str, ...] = (), texts: dict[str, str] | None = None) -> None:
        """Let documents arrive, leave, or change (document -> whose text it has now)."""
        self.days += 1
        before, rows = [*self.state.values(), *self.past], []
        for name in arriving:
            shown = (texts or {}).get(name, name)
            old = self.state.pop(name, None)
            if old and old["content_hash"] != f"text of {shown}":
                rows.append({**old, "status": "superseded", "reason": None, "matched": None, "match_score": None})
            rows.append({
                **dict.fromkeys(n.split(" ")[0] for n in TABLES["documents"].ddl.split(", ")),
                "source": "s", "doc_id": name, "content_hash": f"text of {shown}", "status": "active", "file": "f",
                "position": str(sorted(TEXTS).index(name)), "ingested_at": DAY + timedelta(days=self.days),
                "cluster": old and old["cluster"],
            })  # fmt: skip
        for name in leaving:
            gone = {"status": "removed", "reason": None, "matched": None, "match_score": None}
            rows.append({**self.state[name], **gone})
        tables = {"documents": self.frame(before), "signatures": self.signatures}
        overlay = Overlay.over(self.warehouse, tables)
        for row in settled(overlay, self.frame(rows), THRESHOLD).collect():
            if row["status"] == "removed":
                del self.state[row["doc_id"]]
            if row["status"] in ("superseded", "removed"):
                self.past.append(row.asDict())
            else:
                self.state[row["doc_id"]] = row.asDict()

    def clusters(self) -> list[set[str]]:
        found: dict[str, set[str]] = {}
        for name, row in self.state.items():
            found.setdefault(row["matched"] or name, set()).add(name)
        return sorted(found.values(), key=min)

    def active(self) -> set[str]:
        return {n for n, r in self.state.items() if r["status"] == "active"}


@pytest.fixture
def world(spark: SparkSession, tmp_path: Path) -> World:
    return World(spark, tmp_path)


def test_one_batch(world: World) -> None:
    world.change(list(TEXTS))
    assert world.clusters() == CLUSTERS
    assert world.active() == {"a1", "b1", "c1", "d1", "short"}
    a2, a5 = world.state["a2"], world.state["a5"]
    assert (a2["status"], a2["reason"], a2["matched"]) == ("rejected", "near_duplicate", "a1")
    assert 0.8 <= a2["match_score"] < 1
    assert a5["match_score"] < 0.8  # like the first of its cluster only through another
    assert {r["cluster"] for n, r in world.state.items() if n.startswith("a")} == {"a1"}
    assert world.state["a1"]["match_score"] is None


def test_any_batches(world: World) -> None:
    names = random.Random(7).sample(sorted(TEXTS), len(TEXTS))
    for start in range(0, len(names), 3):
        world.change(names[start : start + 3])
    assert world.clusters() == CLUSTERS
    first = {next(n for n in names if n in cluster) for cluster in CLUSTERS}
    early = {min(c, key=lambda n: (names.index(n) // 3, sorted(TEXTS).index(n))) for c in CLUSTERS}
    assert len(first) == len(early) == 5
    assert world.active() == early
    again = dict(world.state)
    world.change([])
    assert world.state == again


def test_the_next_returns_in_the_split_of_the_first(world: World) -> None:
    world.change(["a1", "a2", "a3", "a4", "a5", "c1"])
    world.change([], leaving=("a1",))
    assert world.active() == {"a2", "c1"}
    assert world.state["a3"]["matched"] == "a2"
    assert world.state["a2"]["cluster"] == "a1"
    world.change([], leaving=("a4",))  # what only it held together falls apart
    assert world.active() == {"a2", "a5", "c1"}
    assert world.state["a5"]["cluster"] == "a1"
    assert world.state["a5"]["matched"] is None
    world.change(["a4"])  # and is joined again
    assert world.active() == {"a2", "c1"}
    assert world.state["a4"]["cluster"] == "a1"


def test_an_edited_page_is_no_duplicate_of_itself_and_stays_first(world: World) -> None:
    world.change(["a1", "b1"])
    world.change(["a2"])
    world.change(["a1"], texts={"a1": "a3"})
    assert world.active() == {"a1", "b1"}
    assert world.state["a2"]["matched"] == "a1"
    world.change(["a1"], texts={"a1": "c1"})
    assert world.active() == {"a1", "a2", "b1"}


def test_ingest(bench: Bench, text: Callable[[int], str]) -> None:
    long = "\n\n".join(text(i) for i in range(5))
    copy = long.replace("two railway tracks over the river Orla", "two railway tracks across the Orla", 1)
    bench.write(long, text(7))
    assert ingest(bench.warehouse, bench.config(), "r1").new == 2
    with bench.documents.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "copy", "text": copy}) + "\n")
    assert ingest(bench.warehouse, bench.config(), "r2").new == 1
    rows = bench.table("documents")
    [near] = [r for r in rows if r["reason"] == "near_duplicate"]
    [first] = [r for r in rows if r["doc_id"] == near["matched"]]
    assert (near["status"], first["status"]) == ("rejected", "active")
    assert near["cluster"] == first["cluster"] == first["doc_id"]
    assert 0.8 <= near["match_score"] < 1
    before = bench.warehouse.versions()
    assert ingest(bench.warehouse, bench.config(), "r3").new == 0
    assert bench.warehouse.versions() == before

    other = bench.config("duplicates.documents=1")  # told anew from the texts, without reading the source
    assert ingest(bench.warehouse, other, "r4").new == 0
    rows = bench.table("documents")
    assert {r["status"] for r in rows} == {"active"}
    assert len({r["cluster"] for r in rows}) == 2
    assert {r["threshold"] for r in bench.table("signatures")} == {1.0}

    for at in (2, 3):  # killed on the way back to 0.8, and then it is 1 again
        writes = iter(range(1, at + 1))

        def guard(writes: Any = writes, at: int = at) -> None:
            if next(writes) == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ingest(replace(bench.warehouse, guard=guard), bench.config(), "killed")
        ingest(bench.warehouse, other, "r5")
        assert {r["status"] for r in bench.table("documents")} == {"active"}

    [apart] = [r["doc_id"] for r in rows if r["doc_id"] not in (near["doc_id"], first["doc_id"])]
    forget(bench.spark, bench.config(), target(None, None, apart))  # tells by its own settings
    assert [r["reason"] for r in bench.table("documents") if r["status"] == "rejected"] == ["near_duplicate"]
    assert {r["threshold"] for r in bench.table("signatures")} == {0.8}
