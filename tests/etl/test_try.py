"""`try` shows all of one document's way through the stages, pays through the ledger, and writes nothing else."""

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from etl import configfile, onefile, try_
from etl.errors import BudgetStop, ConfigError, EndpointStop, RunError, WarehouseBusy
from etl.lease import Lease
from tests.conftest import Bench
from tests.endpoint.client import Endpoint

Text = Callable[[int], str]


def attempt(bench: Bench, where: str | Path, *sets: str) -> str:
    return "\n".join(try_.attempt(bench.spark, bench.config(*sets), str(where)))


def test_what_was_tried_is_shown_whole_and_paid_once(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    bench.write(text(0))
    record = bench.folder / "one.json"
    record.write_text(bench.documents.read_text("utf-8"), "utf-8")
    versions = bench.warehouse.versions()
    said = attempt(bench, record)
    asked = endpoint.counters()["by_stage"]
    after = bench.warehouse.versions()
    assert {n for n in versions if versions[n] != after[n]} == {"completions", "attempts"}
    assert text(0) in said  # the message
    completions = bench.table("completions")
    assert {c["stage"] for c in completions} == {"qualify", "classify", "generate", "check"}
    assert sum(asked.values()) == len(completions) == len(bench.table("attempts"))
    for call in completions:
        assert f"Call {call['call_key']} (paid now)" in said
        assert f"answer: {call['text']}" in said
        assert call["run_id"].startswith("try-")
    assert "leak                 ok" in said
    assert "the call             ok" in said
    usd = sum(c["cost_usd"] for c in completions)
    assert f"{len(completions)} requests now" in said
    assert f"${usd:.6f}; " in said

    endpoint.reset()
    again = attempt(bench, record)
    assert endpoint.counters()["requests"] == 0
    assert "(paid before, by run try-" in again
    assert "0 requests now" in again
    assert not list((bench.folder / "warehouse" / "_staging").glob("*"))
    bench.run()  # nor does a run pay what was tried
    assert endpoint.counters()["requests"] == 0
    assert all(f"  {q['question']} {q['answer']}" in said for q in bench.table("qa"))
    assert len(bench.table("qa")) >= 1

    with Lease(bench.warehouse.root, "other-run"), pytest.raises(WarehouseBusy, match="other-run"):
        attempt(bench, record)
    other = bench.folder / "other.txt"
    other.write_text(text(1), "utf-8")
    with pytest.raises(BudgetStop, match=r"budget\.usd"):
        attempt(bench, other, "budget.usd=0.0001")
    assert endpoint.counters()["requests"] == 0
    endpoint.control(rules=[{"stage": "classify", "fault": "500"}])
    with pytest.raises(EndpointStop, match="server_error"):
        attempt(bench, other)
    failed = [a for a in bench.table("attempts") if a["error_type"]]
    assert [a["error_type"] for a in failed] == ["server_error"] * 2  # max_attempts
    short = bench.folder / "short.txt"
    short.write_text("Too short.")
    assert "too_short" in attempt(bench, short)


def test_one_call_is_paid_once_in_a_document_too(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    record = bench.folder / "one.json"
    record.write_text(json.dumps({"text": "\n\n".join([f"{text(0)} {text(1)}"] * 3)}), "utf-8")
    rules = [*(f"max_top_{n}gram" for n in (2, 3, 4)), *(f"max_dup_{w}" for w in ("paragraphs", "paragraph_chars"))]
    repeats = [f"quality.{rule}=1" for rule in (*rules, "max_dup_line_chars")]
    said = attempt(bench, record, "max_passage_tokens=260", *repeats)
    asked = [e["key"] for e in endpoint.log() if e["event"] == "request"]
    assert "Passage 3 of 3" in said
    assert len(asked) == len(set(asked))
    assert "(paid before, by run try-" in said


def test_a_journal_that_cannot_be_written_is_told_in_one_line(bench: Bench, text: Text) -> None:
    other = bench.folder / "other.txt"
    other.write_text(text(1), "utf-8")
    place = bench.folder / "no-folder"
    place.write_text("")
    with pytest.raises(RunError, match=r"^journal: .*Not a directory"):
        attempt(bench, other, f"journal='{place}'")


def test_what_stands_in_the_file_decides_how_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: Text
) -> None:
    config = configfile.load(None, ["sources=[{name='web', path='x', columns={text='body', title='head'}}]"])
    file = tmp_path / "a"

    def read(data: str | bytes) -> dict[str, object]:
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return onefile.read(config, str(file))

    page = text(0)
    record = {"body": page, "head": "Head", "url": "https://a.example/x?utm_source=y"}
    for data in (json.dumps(record), json.dumps(record, indent=2), json.dumps(record) + "\n"):
        found = read(data)
        assert (found["text"], found["title"], found["source"], found["reason"]) == (page, "Head", "web", None)
    plain = read(page)
    assert (plain["text"], plain["title"], plain["reason"]) == (page, None, None)
    assert read("{this is no JSON} " + page)["text"] == "{this is no JSON} " + page
    assert read("")["reason"] == "empty"
    assert str(read("<!-- a -->" * 300 + "<p>plain")["text"]).endswith("<p>plain")  # comments alone make no page
    assert read("Wörter. ".encode("latin-1") * 60)["text"] == "Wörter. " * 60
    head = "<html lang='en'><head><title>A page's title</title></head>"
    html = read(f"\ufeff<!-- x -->\n<!DOCTYPE html>{head}<body><article><p>{page}</p></article></body></html>")
    assert (html["title"], html["language"], html["reason"]) == ("A page's title", "en", None)
    assert page.strip() in str(html["text"])
    assert "<" not in str(html["text"])
    with pytest.raises(ConfigError, match="2 records"):
        read(json.dumps(record) + "\n" + json.dumps(record))
    with pytest.raises(ConfigError, match="cannot be read"):
        read(gzip.compress(page.encode())[:10] + b"\xff" * 40)
    with pytest.raises(ConfigError, match="No such file"):
        onefile.read(config, str(tmp_path / "nowhere"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(page.encode())))
    assert onefile.read(config, "-")["text"] == page
