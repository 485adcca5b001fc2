"""Benchmarks: kept by the command line, named by their own ids, and what holds an item leaves `qa` at the next run."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from etl import benchmarks, ingest
from etl.errors import ConfigError
from tests.conftest import Bench
from tests.endpoint.client import Endpoint
from udfs.contamination import Index


def add(bench: Bench, name: str, path: Path, question: str = "question", answer: str | None = None) -> int:
    return benchmarks.add(bench.spark, bench.config(), name, str(path), (question, answer))


def test_an_item_added_later_takes_the_published_pair_out_and_one_replaced_gives_it_back(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str]
) -> None:
    asked = "Which of the two engineers who built the Orla ferry in 1962 is buried beside the chapel of Dorn?"
    bench.write(text(0), text(1), f"{text(2)}\n\nSome riddles of the region. {asked} Nobody has found out so far.")
    bench.run()
    [holder] = [d["doc_id"] for d in bench.table("documents") if d["title"] == "Title 2"]
    published = {r["qa_id"]: r["question"] for r in bench.table("qa")}
    taken, question = next(iter(published.items()))
    whose = {r["qa_id"]: r["doc_id"] for r in bench.table("qa")}
    index = Index([("held-out/q8", question), ("held-out/riddle", asked)])
    alike = {i for i, q in published.items() if index.find(q)}  # one fact, asked anew
    held = {d["doc_id"] for d in bench.table("documents") for t in bench.table("texts")
            if t["content_hash"] == d["content_hash"] and index.find(t["text"], prose=True)}  # fmt: skip
    gone = alike | {i for i, doc in whose.items() if doc in held}
    assert taken in gone < published.keys()
    assert holder in held
    items = bench.folder / "items.jsonl.gz"
    items.write_bytes(gzip.compress(b"".join(
        json.dumps(r).encode() + b"\n"
        for r in ({"id": "q7", "question": "What is nobody asked here?", "answer": "x"},
                  {"id": "q8", "question": question.upper() + " ", "answer": "y"},
                  {"id": "riddle", "question": asked, "answer": "z"},
                  {"id": "q9", "question": " ", "answer": ""})
    )))  # fmt: skip
    assert add(bench, "held-out", items, answer="answer") == 3
    assert [(b["benchmark"], b["items"]) for b in benchmarks.listed(bench.warehouse)] == [("held-out", 3)]
    endpoint.reset()
    bench.run()
    assert endpoint.counters()["requests"] == 0
    now = {r["qa_id"] for r in bench.table("qa")}
    assert published.keys() - gone <= now
    assert not now & gone  # others may be there: those that had stood back for one that is gone
    for verdict in (v for v in bench.table("verdicts") if v["qa_id"] in alike and v["doc_id"] not in held):
        assert (verdict["set_failures"], verdict["matched"]) == (["contaminated"], "held-out/q8")
        assert verdict["passed"]
    [document] = [d for d in bench.table("documents") if d["doc_id"] == holder]
    assert (document["status"], document["reason"]) == ("rejected", "contaminated")
    assert (document["matched"], document["match_score"]) == ("held-out/riddle", 1)
    said = {r["what"]: r["n"] for r in bench.sql("SELECT * FROM contamination WHERE benchmark = 'held-out'")}
    assert said["documents"] == len(held)

    fresh = f"Riddles once more, with other words around them, for the ferry. {asked} " * 3
    bench.write(text(0), text(1), text(2), fresh)
    endpoint.reset()
    bench.run()
    [row] = [d for d in bench.table("documents") if d["title"] == "Title 3"]
    assert (row["reason"], row["matched"]) == ("contaminated", "held-out/riddle")
    assert row["doc_id"] not in {c["doc_id"] for c in bench.table("completions")}  # told before any call

    items.write_bytes(gzip.compress(json.dumps({"question": "Something else entirely, then?"}).encode()))
    assert add(bench, "held-out", items) == 1
    assert [r["item"] for r in bench.table("benchmarks")] == ["0"]
    bench.run()
    kept = {i for i, doc in whose.items() if doc != holder}
    assert {r["qa_id"] for r in bench.table("qa")} >= kept
    assert not [d for d in bench.table("documents") if d["reason"] == "contaminated"]


def test_documents_are_told_by_the_items_of_now_whatever_came_between(
    bench: Bench, text: Callable[[int], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = "Which of the two engineers who built the Orla ferry in 1962 is buried beside the chapel of Dorn?"
    page = {"url": "https://x.example/", "text": f"{text(2)}\n\nSome riddles of the region. {asked} Nobody knows."}
    (items := tmp_path / "items.jsonl").write_text(json.dumps({"question": asked}))
    (others := tmp_path / "others.jsonl").write_text(json.dumps({"question": "Something else entirely, then?"}))

    def reason() -> str | None:
        bench.run()
        [row] = [d for d in bench.table("documents") if d["url"] == page["url"]]
        assert (row["doc_id"] in {p["doc_id"] for p in bench.table("qa")}) == (row["status"] == "active")
        return str(row["reason"]) if row["reason"] else None

    bench.write(text(0), page)
    assert reason() is None
    add(bench, "held-out", items)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            bench.run()
    assert reason() == "contaminated"

    bench.sets = ["quality.blocked_hosts=['x.example']"]
    assert reason() == "blocked"  # a reason of its own comes before
    add(bench, "held-out", others)
    assert reason() == "blocked"
    add(bench, "held-out", items)
    bench.sets = []
    assert reason() == "contaminated"
    bench.sets = ["quality.blocked_hosts=['x.example']"]
    add(bench, "held-out", others)
    assert reason() == "blocked"


def test_every_item_is_kept_and_what_held_one_before_is_not_counted(bench: Bench) -> None:
    items = bench.folder / "items.jsonl"
    items.write_text('{"id": 1, "question": "What is a?"}\n{"id": 1, "question": "What is b?"}\n')
    assert add(bench, "held-out", items) == 2
    assert {r["item"]: r["question"] for r in bench.table("benchmarks")} == {"1": "What is a?", "1#1": "What is b?"}
    held = {"source": "s", "reason": "contaminated", "matched": "held-out/1", "match_score": 1.0}
    states = ("rejected", "superseded", "removed")
    bench.warehouse.append_records("documents", [{**held, "doc_id": s, "content_hash": s, "status": s} for s in states])
    assert [(r["what"], r["n"]) for r in bench.sql("SELECT * FROM contamination")] == [("documents", 1)]


@pytest.mark.parametrize(
    ("ids", "named"),
    [
        ([None, None], ["0", "1"]),
        (["q7", 8, "q9"], ["q7", "8", "q9"]),
        (["q7", "q8", "q7", "q7"], ["q7", "q8", "q7#2", "q7#3"]),
        ([None, 0, 0, "1"], ["0#0", "0", "0#2", "1"]),
        (["a", "a", "a#1"], ["a", "a#1#1", "a#1"]),
    ],
)
def test_no_two_items_have_one_name(ids: list[object], named: list[str]) -> None:
    assert benchmarks.names(dict(enumerate(ids))) == named


@pytest.mark.parametrize(
    ("name", "file", "column", "problem"),
    [
        ("a/b", "items.jsonl", "question", "without a slash"),
        ("a", "items.txt", "question", "must end in jsonl"),
        ("a", "none.jsonl", "question", "none.jsonl"),
        ("a", "items.jsonl", "problem", "no column 'problem'"),
        ("a", "items.jsonl", "id", "has a question in column 'id'"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(bench: Bench, name: str, file: str, column: str, problem: str) -> None:
    (bench.folder / "items.jsonl").write_text('{"question": "What?", "id": null}\n{"question": "Who?", "id": " "}\n')
    with pytest.raises(ConfigError, match=problem):
        add(bench, name, bench.folder / file, column)
