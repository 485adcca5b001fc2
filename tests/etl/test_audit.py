"""Samples are fair, judgements come in once and as they were made, and precision is what statistics say it is."""

import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from etl import cli
from etl.audit import load, page, sample
from etl.errors import ConfigError
from tests.conftest import Bench
from udfs.keys import key, qa_id


def test_every_stratum_gets_a_pair_and_rare_ones_more_than_their_part() -> None:
    sizes = {"common": 900, "rare": 90, "single": 1, "few": 3}
    shares = sample.allocate(sizes, 40)
    assert sum(shares.values()) == 40
    assert shares["single"] == 1
    assert shares["few"] >= 1
    assert shares["rare"] / 90 > shares["common"] / 900
    assert shares["common"] > shares["rare"]
    assert sample.allocate(sizes, 10_000) == sizes
    ratio = sample.allocate({"a": 40_000, "b": 10_000}, 300)
    assert ratio == {"a": 200, "b": 100}  # as 2 to 1, the square roots


def test_more_strata_than_pairs_are_pooled_but_for_the_largest() -> None:
    sizes = {f"persona {i:03d}": 1 + (i < 5) * 10 for i in range(300)}
    strata = sample.pooled(sizes, 25)
    assert Counter(strata.values())[sample.REST] == 296
    assert sample.pooled(sizes, 300) == {v: v for v in sizes}
    assert set(sample.pooled(sizes, 3).values()) == {sample.REST}


TEXT = "Before it, a line. The {n} bridge is {n} metres long. After it, more."


def fill(bench: Bench, domains: dict[str, int], failed: dict[str, int]) -> None:
    """Write pairs as the stages leave them: published ones, so many of each domain, and so many that fail a check."""
    kinds = [(d, None) for d, count in domains.items() for _ in range(count)]
    kinds += [("math", check) for check, count in failed.items() for _ in range(count)]
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for n, (domain, check) in enumerate(kinds):
        text, doc = TEXT.format(n=n), key("doc", str(n))
        shared = {"doc_id": doc, "content_hash": key("text", str(n)), "part": 0, "call_keys": []}
        question, evidence = f"How long is bridge {n} in metres?", f"The {n} bridge is {n} metres long."
        start = None if check == "ungrounded_evidence" else text.index(evidence)
        about = {"title": f"Bridge {n}", "source": "s"}
        pair = {
            **shared, "qa_id": qa_id(doc, question, str(n)), "domain": domain, "question": question, "answer": str(n),
            "aliases": [], "answer_type": "integer", "evidence": evidence, "evidence_start": start,
            "evidence_end": None if start is None else start + len(evidence), "persona": "an engineer",
        }  # fmt: skip
        failures = {check: str(n), "type_mismatch": None} if check else {}
        said = {
            "reasoning": "It says so.", "has_context": True, "passed": not failures, "prompt": "check@2",
            "failures": list(failures), "measured": {k: v for k, v in failures.items() if v},
        }  # fmt: skip
        tables["documents"].append({**shared, **about, "status": "active"})
        tables["texts"].append({**shared, "text": text})
        tables["verdicts"].append({**shared, "qa_id": pair["qa_id"], **said})
        if check is None:
            made = {"prompts": {"generate": "generate@1", "check": "check@2"}, "models": {"generate": "m"}}
            tables["qa"].append({**pair, **about, **made, "run_id": "r"})
            continue
        tables["qualifications"].append({**shared, "qualified": True})
        tables["classifications"].append({**shared, "domain": domain, "personas": ["an engineer"]})
        tables["candidates"].append({**pair, "prompt": "generate@1", "model": "m"})
    for name, rows in tables.items():
        bench.warehouse.append_records(name, rows)


def saved(drawn: dict[str, Any], folder: Path, auditor: str, *said: tuple[int, str, str | None, str]) -> str:
    """Write the file that the page saves for (number, verdict, reason, time); return its path."""
    shown = [{k: v for k, v in p.items() if k not in ("checks", "context")} for p in drawn["pairs"]]
    judgements = [
        {"verdict": verdict, "reason": reason, "note": None, "judged_at": f"2025-03-0{at}Z", "pair": shown[number]}
        for number, verdict, reason, at in said
    ]
    about = {k: v for k, v in drawn.items() if k != "pairs"}
    path = folder / f"{auditor}-{len(list(folder.glob('*.json')))}.json"
    path.write_text(json.dumps({**about, "auditor": auditor, "judgements": judgements}), "utf-8")
    return str(path)


def test_from_a_sample_to_the_table(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.folder)
    conf = ["--set", f"warehouse='{bench.folder / 'warehouse'}'"]
    with pytest.raises(SystemExit, match="2"):
        cli.main(["audit", "sample", *conf])
    assert "no pair is published" in capsys.readouterr().err
    fill(bench, {"math": 30, "coding": 5, "education": 1}, {})
    with pytest.raises(ConfigError, match="no pair failed a check"):
        sample.draw(bench.warehouse, "rejected", None, 12, "x")
    for wrong in (["--by", "answer"], ["--n", "0"]):
        with pytest.raises(SystemExit, match="2"):
            cli.main(["audit", "sample", *conf, *wrong])
        assert wrong[0] in capsys.readouterr().err

    drawn = sample.draw(bench.warehouse, "published", None, 12, "x")
    counts = Counter(p["domain"] for p in drawn["pairs"])
    assert counts == {"math": 8, "coding": 3, "education": 1}
    assert sum(p["weight"] for p in drawn["pairs"]) == pytest.approx(36)
    for pair in drawn["pairs"]:
        shown = pair["context"]
        assert shown["before"] + shown["evidence"] + shown["after"] == TEXT.format(n=pair["answer"])
        assert shown["evidence"] == pair["evidence"]
        assert pair["checks"]["reasoning"] == "It says so."
    again = sample.draw(bench.warehouse, "published", "domain", 12, "x")
    assert {**again, "made_at": ""} == {**drawn, "made_at": ""}
    cli.main(["audit", "sample", *conf, "--by", "prompt", "--n", "4", "--out", "a.html"])
    assert "4 published pairs by prompt" in (said := capsys.readouterr().out)
    assert "generate@1 4 of 36" in said
    assert page.render(drawn).count(drawn["pairs"][0]["qa_id"]) == 1
    _loads(bench, drawn, conf, capsys)


def _loads(bench: Bench, drawn: dict[str, Any], conf: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def loads(*paths: str) -> str:
        cli.main(["audit", "load", *conf, *paths])
        out = capsys.readouterr()
        return out.out + out.err

    first = saved(drawn, bench.folder, "ada", (0, "accept", None, "1T10:00"), (1, "reject", "leak", "1T10:01"))
    assert loads(first).startswith("2 judgements new, 0 changed, 0 known")
    versions = bench.warehouse.versions()
    assert loads(first, first).startswith("0 judgements new, 0 changed, 2 known")
    assert bench.warehouse.versions() == versions
    later = saved(drawn, bench.folder, "ada", (0, "reject", "other", "2T10:00"), (2, "skip", None, "2T10:00"))
    assert loads(later).startswith("1 judgements new, 1 changed, 0 known")
    assert loads(first).startswith("0 judgements new, 0 changed, 2 known")  # the later word stands

    drawn["pairs"][3]["answer"] = "altered"
    other = drawn["pairs"][4]
    other["doc_id"] = key("doc", "of another warehouse")
    other["qa_id"] = qa_id(other["doc_id"], other["question"], other["answer"])
    odd = saved(drawn, bench.folder, "bob", *[(i, "accept", None, "3T10:00") for i in (0, 3, 4)])
    said = loads(odd)
    assert said.startswith("1 judgements new")
    assert f"1 rejected as altered_pair: {drawn['pairs'][3]['qa_id']}" in said
    assert f"1 rejected as unknown_pair: {other['qa_id']}" in said

    rows = {(r["auditor"], r["qa_id"]): r for r in bench.table("audits")}
    assert len(rows) == 4
    kept = rows["ada", drawn["pairs"][0]["qa_id"]]
    assert (kept["verdict"], kept["reason"], kept["judged_at"].isoformat()) == (
        "reject",
        "other",
        "2025-03-02T10:00:00",
    )
    assert kept["population"] == "published"
    for name in (*sample.PAIR, "failures", "measured", "stratum", "stratum_size", "weight"):
        assert kept[name] == drawn["pairs"][0][name]
    bench.warehouse.clear("qa")  # what was judged stays what it was
    assert bench.table("audits")[0]["question"]
    [shown] = bench.sql("SELECT * FROM audit_precision WHERE dimension = 'all'")
    assert (shown["judged"], shown["disputed"]) == (2, 1)  # one that two people see differently, one reject
    sizes = [p["stratum_size"] for p in drawn["pairs"][:2]]
    stands = sizes[0] / sum(sizes) if drawn["pairs"][0]["stratum"] != drawn["pairs"][1]["stratum"] else 0.5
    assert shown["precision"] == pytest.approx(stands / 2, abs=1e-4)


def test_pairs_that_a_check_turned_down_are_judged_apart(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.folder)
    fill(bench, {"math": 3}, {"ungrounded_evidence": 2, "leak": 9})
    drawn = sample.draw(bench.warehouse, "rejected", None, 5, "x")
    assert (drawn["population"], drawn["by"]) == ("rejected", "check")
    assert Counter(p["stratum"] for p in drawn["pairs"]) == {"ungrounded_evidence": 1, "leak": 4}
    for pair in drawn["pairs"]:
        assert pair["failures"] == [pair["stratum"], "type_mismatch"]
        assert pair["measured"] == {pair["stratum"]: pair["answer"]}
        assert (pair["title"], pair["persona"], pair["domain"]) == (f"Bridge {pair['answer']}", "an engineer", "math")
        assert (pair["prompts"], pair["models"]) == ({"generate": "generate@1", "check": "check@2"}, {"generate": "m"})
        shown = pair["context"]
        assert shown["before"] + shown["evidence"] + shown["after"] == TEXT.format(n=pair["answer"])
        assert (shown["evidence"] == "") == (pair["stratum"] == "ungrounded_evidence")
    said = [(i, "accept", None, "1T10:00") if p["stratum"] == "leak" else (i, "reject", "ungrounded", "1T10:00")
            for i, p in enumerate(drawn["pairs"])]  # fmt: skip
    file = saved(drawn, bench.folder, "ada", *said)
    cli.main(["audit", "load", "--set", f"warehouse='{bench.folder / 'warehouse'}'", file])
    assert capsys.readouterr().out.startswith("5 judgements new")
    found = {r["value"]: r for r in bench.sql("SELECT * FROM audit_false_alarms")}
    assert {v: (found[v]["accepted"], found[v]["rejected"]) for v in ("leak", "ungrounded_evidence", "all")} == {
        "leak": (4, 0), "ungrounded_evidence": (0, 1), "all": (4, 1)
    }  # fmt: skip
    assert found["all"]["false_alarms"] == found["type_mismatch"]["false_alarms"] == pytest.approx(9 / 11, abs=1e-4)
    assert bench.sql("SELECT * FROM audit_precision") == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.update(format="other/1"), "format"),
        (lambda f: f.update(auditor=""), "auditor"),
        (lambda f: f.update(population="all"), "population"),
        (lambda f: f["judgements"][1].update(verdict="maybe"), "judgements.1.verdict"),
        (lambda f: f["judgements"][0].update(reason="leak"), "a reject has a reason"),
        (lambda f: f["judgements"][1].update(reason="dislike"), "none of wrong_answer"),
        (lambda f: f["judgements"][1].update(judged_at="2025-03-01T10:00"), "judged_at"),
        (lambda f: f["judgements"][0]["pair"].pop("question"), "judgements.0.pair.question"),
        (lambda f: f["judgements"][0]["pair"].update(weight=math.inf), "weight"),
        (lambda f: f["judgements"][0]["pair"].update(qa_id="x'; DROP TABLE qa"), "qa_id"),
        (lambda f: f.update(judgements={}), "judgements"),
    ],
)
def test_a_file_of_another_shape_is_refused_in_one_line(change: Any, says: str, tmp_path: Path) -> None:
    texts = dict.fromkeys(("domain", "persona", "question", "answer", "answer_type", "unit", "evidence", "title"), "t")
    ids = dict.fromkeys(("qa_id", "doc_id", "content_hash"), key("x"))
    pair = {**texts, **ids, "aliases": [], "url": None, "source": None, "prompts": {}, "models": {}, "run_id": None,
            "failures": [], "measured": {}, "stratum": "s", "stratum_size": 1, "weight": 1}  # fmt: skip
    about = {"format": sample.FORMAT, "sample_id": key("x")[:16], "population": "published", "by": "domain"}
    drawn = {**about, "pairs": [pair, pair]}
    path = Path(saved(drawn, tmp_path, "ada", (0, "accept", None, "1T10:00"), (1, "reject", "leak", "1T10:00")))
    assert len(load.read(str(path)).judgements) == 2
    file = json.loads(path.read_text())
    change(file)
    path.write_text(json.dumps(file))
    with pytest.raises(ConfigError) as refused:
        load.read(str(path))
    assert says in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    for text in ("", "[1]", "{", '{"a": ' + "[" * 100_000):
        path.write_text(text)
        with pytest.raises(ConfigError, match="audit load"):
            load.read(str(path))


def judged(stratum: str, size: int, accepted: int, rejected: int, **columns: Any) -> list[dict[str, Any]]:
    from datetime import UTC, datetime

    shared = {"sample_id": "s", "population": "published", "auditor": "ada", "stratum": stratum, "stratum_size": size,
              "domain": stratum, "judged_at": datetime(2025, 1, 1, tzinfo=UTC), "failures": [],
              "prompts": {"generate": "generate@1"}}  # fmt: skip
    verdicts = ["accept"] * accepted + ["reject"] * rejected
    return [{**shared, "qa_id": f"{stratum}-{i}", "verdict": v, **columns} for i, v in enumerate(verdicts)]


def test_precision_and_its_interval(bench: Bench) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3: the score interval without correction
    published = {"a": (81, 263, 0.2553, 0.3662), "b": (15, 148, 0.0624, 0.1605), "c": (0, 20, 0.0, 0.1611),
                 "d": (1, 29, 0.0061, 0.1718)}  # fmt: skip
    rows = [row for s, (x, n, *_) in published.items() for row in judged(s, 1000, x, n - x)]
    rows += judged("a", 1000, 5, 0, sample_id="t", verdict="skip", auditor="bob")
    # the same pairs, had a check turned them down: told apart by nothing but the population
    rows += judged("a", 1000, 1, 28, sample_id="u", population="rejected", failures=["leak"])
    bench.warehouse.append_records("audits", rows)
    found = {(r["dimension"], r["value"]): r for r in bench.sql("SELECT * FROM audit_precision")}
    for stratum, (accepted, n, low, high) in published.items():
        row = found["domain", stratum]
        assert (row["judged"], row["accepted"], row["rejected"]) == (n, accepted, n - accepted)
        assert (row["low"], row["high"]) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
        assert row["effective"] == n
    # over strata of equal size, each counts alike however many of it were judged
    mean = sum(x / n for x, n, *_ in published.values()) / 4
    for group in (("all", "all"), ("prompt of generate", "generate@1")):
        assert found[group]["precision"] == pytest.approx(mean, abs=1e-4)
        assert found[group]["judged"] == 460
        assert found[group]["effective"] == pytest.approx(16 / sum(1 / n for _, n, *_ in published.values()), abs=0.1)
        assert found[group]["low"] < mean < found[group]["high"]
    alarms = {(r["dimension"], r["value"]): r for r in bench.sql("SELECT * FROM audit_false_alarms")}
    assert set(alarms) == {("all", "all"), ("check", "leak"), ("domain", "a"), ("answer_type", None),
                           ("prompt of generate", "generate@1")}  # fmt: skip
    leak = alarms["check", "leak"]
    assert (leak["judged"], leak["accepted"], leak["false_alarms"]) == (29, 1, pytest.approx(1 / 29, abs=1e-4))
    assert (leak["low"], leak["high"]) == (pytest.approx(0.0061, abs=1e-4), pytest.approx(0.1718, abs=1e-4))
