"""The pipeline end to end on a real endpoint: counts, pay once, incremental changes, prompts, rebuild."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import etl.prompts
from etl import runs
from tests.conftest import Bench
from tests.endpoint.client import Endpoint

Text = Callable[[int], str]
STAGE_TABLES = ("qualifications", "classifications", "candidates", "verdicts", "qa")


def stable(rows: list[dict[str, Any]]) -> list[str]:
    """Rows without what says when and by which run they were written."""
    return sorted(repr({k: v for k, v in r.items() if k not in ("run_id", "updated_at")}) for r in rows)


def tables(bench: Bench) -> dict[str, list[str]]:
    """All tables behind the ledger, comparable between runs."""
    return {name: stable(bench.table(name)) for name in STAGE_TABLES}


def calls(endpoint: Endpoint) -> dict[str, int]:
    """Requests per stage since the last reset."""
    return dict(endpoint.counters()["by_stage"])


def own_prompt(folder: Path, stage: str, number: int, note: str) -> str:
    """Write a changed prompt as a user would, and return the override that names it."""
    shipped = Path(etl.prompts.__file__).parent / f"{stage}.v1.md"
    path = folder / f"{stage}@{number}.md"
    path.write_text(shipped.read_text("utf-8") + f"\n\n{note}\n", "utf-8")
    return f"stages.{stage}.prompt='{path}'"


def test_every_document_is_accounted_for_and_a_second_run_does_nothing(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    bench.write(*[text(i) for i in range(4)], "Too short.", "", text(0))
    with bench.documents.open("ab") as file:
        file.write(b'{"text": "\xff\xfe"}\n{"text": \n')
    bench.run()
    funnel = bench.conserved()
    assert funnel["ingest"]["accepted"] == 4
    assert funnel["qualify"]["rows_in"] == 4
    assert funnel["publish"]["accepted"] == len(bench.table("qa")) > 0
    rejected = [d for d in bench.table("documents") if d["status"] == "rejected"]
    assert sorted(d["reason"] for d in rejected) == ["duplicate", "empty", "too_short", "undecodable", "undecodable"]
    assert {d["position"] for d in rejected if d["reason"] == "undecodable"} == {"8", "9"}
    assert all(d["file"].endswith("documents.jsonl") for d in rejected)
    [copy] = [d for d in rejected if d["reason"] == "duplicate"]
    assert copy["matched"] in {d["doc_id"] for d in bench.table("documents") if d["status"] == "active"}
    _check_pairs(bench)

    endpoint.reset()
    versions = bench.warehouse.versions()
    with mock.patch.object(runs, "_funnel", side_effect=AssertionError("counted again what nothing changed")):
        bench.run()
    after = bench.warehouse.versions()
    assert endpoint.counters()["requests"] == 0
    assert {n for n in versions if versions[n] != after[n]} == {"runs"}


def _check_pairs(bench: Bench) -> None:
    texts = {t["content_hash"]: t["text"] for t in bench.table("texts")}
    for pair in bench.table("qa"):
        assert texts[pair["content_hash"]][pair["evidence_start"] : pair["evidence_end"]] == pair["evidence"]
        assert set(pair["prompts"]) == {"qualify", "classify", "generate", "check"}
        assert pair["models"]["check"] == "m"
        assert pair["cost_usd"] > 0
        assert pair["split"] in ("train", "validation", "test")


def test_edits_reverts_and_prompt_changes_reach_only_what_changed_and_a_rebuild_finds_the_same(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    bench.write(text(0), text(1))
    bench.run()
    first, pairs = tables(bench), stable(bench.table("qa"))

    endpoint.reset()  # one document edited, one under a new title, one new
    edit = text(1).replace("two railway tracks", "three railway tracks")
    bench.write({"id": "d0", "text": text(0), "title": "Another title"}, edit, text(2))
    bench.run()
    assert calls(endpoint)["qualify"] == 3
    assert {r["pending"] for r in bench.conserved().values()} == {0}
    assert sorted(d["status"] for d in bench.table("documents")) == ["active", "active", "active", "superseded"]
    assert {q["doc_id"] for q in bench.table("qa")} <= {d["doc_id"] for d in bench.table("documents")}
    edited = tables(bench)

    endpoint.reset()  # both are taken back: nothing is paid again
    bench.write(text(0), text(1))
    bench.run()
    assert calls(endpoint) == {}
    now = {d["content_hash"] for d in bench.table("documents") if d["status"] == "active"}
    assert len(now) == 3  # an append source does not retire what it no longer lists
    assert set(pairs) <= set(stable(bench.table("qa")))
    reverted = tables(bench)
    assert reverted != edited

    endpoint.reset()  # a new generate prompt: qualify and classify are not asked
    bump = own_prompt(bench.folder, "generate", 2, "Prefer dates.")
    bench.run(bump)
    assert set(calls(endpoint)) <= {"generate", "check"}
    assert calls(endpoint)["generate"] == len(bench.table("candidates"))
    assert {c["prompt"] for c in bench.table("candidates")} == {"generate@2"}

    endpoint.reset()  # and back: from the ledger
    bench.run()
    assert calls(endpoint) == {}
    assert tables(bench) == reverted

    endpoint.reset()  # a new classify prompt that yields the same classes: nothing behind it is asked
    bench.run(own_prompt(bench.folder, "classify", 2, "Be exact."))
    assert calls(endpoint) == {"classify": 3}

    endpoint.reset()
    bench.run()
    before = tables(bench)
    bench.run(rebuild=True)
    assert calls(endpoint) == {}
    assert tables(bench) == before
    assert before["qualifications"][0] in first["qualifications"] + reverted["qualifications"]


def test_hosts_that_are_listed_beside_new_documents_leave_qa_in_the_same_run(
    bench: Bench, text: Text, tmp_path: Path
) -> None:
    (hosts := tmp_path / "hosts.txt").write_text("")
    bench.sets = [f"quality.blocked_hosts_file='{hosts}'"]
    records: list[dict[str, Any]] = [{"id": f"d{i}", "url": f"https://{i}.example/", "text": text(i)} for i in range(4)]
    bench.write(*records[:3])
    bench.run()
    assert "https://1.example/" in {pair["url"] for pair in bench.table("qa")}

    hosts.write_text("1.example\n")
    bench.write(*records)
    bench.run()
    assert "https://1.example/" not in {pair["url"] for pair in bench.table("qa")}
    left = tables(bench)
    bench.write(*records, {"id": "d4", "url": "https://4.example/", "text": text(4)})
    bench.run(rebuild=True)
    assert bench.conserved()["qualify"]["pending"] == 1, "without a call"
    now = tables(bench)
    assert all(row in now[name] for name, rows in left.items() for row in rows)


def test_what_no_stage_asks_for_is_published_anew_beyond_one_slice(bench: Bench, text: Text) -> None:
    records: list[dict[str, Any]] = [
        {"id": f"d{i}", "text": text(i), "license": "MIT", "fetched_at": "2024-01-01T00:00:00Z"} for i in range(5)
    ]
    bench.sets = ["slice_documents=2"]
    bench.write(*records)
    bench.run()
    assert {pair["license"] for pair in bench.table("qa")} == {"MIT"}
    bench.write(*[{**r, "license": "CC0-1.0", "fetched_at": "2025-01-01T00:00:00Z"} for r in records])
    bench.run()
    assert {pair["license"] for pair in bench.table("qa")} == {"CC0-1.0"}
    bench.write(*[{**r, "license": "0BSD", "fetched_at": "2026-01-01T00:00:00Z"} for r in records])
    bench.run(limit=1)
    assert {pair["license"] for pair in bench.table("qa")} == {"0BSD"}
    left = tables(bench)
    bench.run(rebuild=True)
    assert tables(bench) == left


def test_a_document_of_which_a_part_is_outdated_is_not_done(bench: Bench, text: Text) -> None:
    bench.write("\n\n".join(text(i) for i in range(20)))
    bench.run("max_passage_tokens=600")
    assert len(bench.table("qualifications")) > 2
    for outdated in ("part = 0", "part <> 0"):  # as a run leaves it that was stopped on its way
        rows = bench.warehouse.identifier("qualifications")
        bench.spark.sql(f"UPDATE {rows} SET inputs_sha = 'x' WHERE {outdated}")
        bench.run("max_passage_tokens=600")
        assert "x" not in {q["inputs_sha"] for q in bench.table("qualifications")}


def test_a_long_article_yields_many_pairs_and_an_edit_pays_for_its_part_only(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    paragraphs = [text(i) for i in range(60)]
    bench.write("\n\n".join(paragraphs))
    bench.run("max_passage_tokens=600")
    parts = bench.table("qualifications")
    assert len(parts) == parts[0]["parts"] > 8
    assert len(bench.table("qa")) > 3
    _check_pairs(bench)

    endpoint.reset()
    paragraphs[30] = paragraphs[30].replace("two railway tracks", "four railway tracks")
    bench.write("\n\n".join(paragraphs))
    bench.run("max_passage_tokens=600")
    assert 1 <= calls(endpoint)["qualify"] <= 3

    endpoint.reset()  # cut otherwise: the rows of the old cut leave
    bench.run("max_passage_tokens=20000")
    [whole] = bench.table("qualifications")
    assert (whole["part"], whole["parts"]) == (0, 1)


def test_slices_limit_and_only_do_a_part_and_the_next_run_the_rest(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    bench.write(*[text(i) for i in range(5)])
    bench.run(limit=2)
    assert calls(endpoint)["qualify"] == 2
    assert bench.conserved()["qualify"]["pending"] == 3
    bench.run(only=("qualify",))
    assert calls(endpoint)["qualify"] == 5
    assert bench.conserved()["classify"]["pending"] == bench.conserved()["classify"]["rows_in"] - 2
    bench.run("slice_documents=2")
    funnel = bench.conserved()
    assert all(row["pending"] == 0 for row in funnel.values())
    assert endpoint.counters()["by_stage"]["qualify"] == 5


def test_equal_questions_keep_one_pair_and_conflicting_answers_none(
    bench: Bench, endpoint: Endpoint, text: Text
) -> None:
    def pair(answer: str, evidence: str) -> dict[str, Any]:
        content = (
            f'{{"answerable": true, "question": "How long is the Orla bridge in metres?", "answer": "{answer}", '
            f'"aliases": [], "answer_type": "integer", "unit": null, "evidence": "{evidence}"}}'
        )
        return {"stage": "generate", "match": evidence, "fault": "text", "content": content}

    one, same, other = "The Orla bridge is 500 metres.", "It measures 500 metres.", "Its length is 510 metres."
    endpoint.control(rules=[pair("500", one), pair("500", same), pair("510", other)])
    bench.write(f"{text(0)} {one}", f"{text(1)} {same}")
    bench.run()
    assert len(bench.table("qa")) == 1
    [loser] = [v for v in bench.table("verdicts") if v["set_failures"]]
    assert loser["set_failures"] == ["duplicate_question"]
    assert loser["matched"] == bench.table("qa")[0]["qa_id"]

    bench.write(f"{text(0)} {one}", f"{text(1)} {same}", f"{text(2)} {other}")
    bench.run()
    assert bench.table("qa") == []
    assert {v["set_failures"][0] for v in bench.table("verdicts")} == {"conflicting_answers"}

    bench.write(f"{text(0)} {one}", f"{text(1)} {same}", "Gone.")  # d2 is edited away: the two agree again
    bench.run()
    assert len(bench.table("qa")) == 1
    shutil.rmtree(bench.folder / "warehouse" / "_staging", ignore_errors=True)
