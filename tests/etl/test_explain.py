"""`explain` shows the whole lineage of a pair: of one that is published, and of those that are not, with why."""

import json
from collections.abc import Callable

import pytest

from etl import cli, explain
from etl.audit import sample
from etl.errors import ConfigError
from tests.conftest import Bench
from tests.endpoint.client import Endpoint

LEAK = {"answerable": True, "question": "What is it with the 777 metres long Leak bridge?", "answer": "777 metres",
        "aliases": [], "answer_type": "phrase", "unit": None, "evidence": "It is 777 metres long"}  # fmt: skip
WRONG = {
    "reasoning": "The passage says otherwise.",
    "has_context": True,
    "answer_correct": False,
    "leaks_answer": False,
}


def test_the_lineage_of_pairs_published_and_not(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str], capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.control(
        rules=[
            {"stage": "generate", "match": "Leak-1", "fault": "text", "content": json.dumps(LEAK)},
            {"stage": "check", "match": "Wrong-2", "fault": "text", "content": json.dumps(WRONG)},
        ]
    )
    leaking = text(1).replace("Birke-1", "Leak-1").replace("407", "777")
    bench.write(text(0), leaking, text(2).replace("Corvo-2", "Wrong-2"))
    run_id = bench.run()
    [good] = {q["qa_id"] for q in bench.table("qa")} & {c["qa_id"] for c in bench.table("candidates")}
    verdicts = {v["qa_id"]: v for v in bench.table("verdicts")}
    leak = next(q for q, v in verdicts.items() if v["failures"] == ["leak"])
    wrong = next(q for q, v in verdicts.items() if v["failures"] == ["check_incorrect"])

    def shown(qa_id: str) -> str:
        return "\n".join(explain.lines(explain.lineage(bench.warehouse, bench.config(), qa_id)))

    pair = next(q for q in bench.table("qa") if q["qa_id"] == good)
    said = shown(good)
    assert said.startswith(f"{good}: published in {pair['domain']}, split {pair['split']}")
    for value in (pair["question"], pair["answer"], pair["doc_id"], f"»{pair['evidence']}«", "documents.jsonl"):
        assert value in said
    for stage in ("qualify", "classify", "generate", "check"):
        assert f"\n{stage}: accepted\n  {stage}@1, m, run {run_id}" in said
    calls = {c["call_key"]: c for c in bench.table("completions") if c["doc_id"] == pair["doc_id"]}
    chain = [k for k, c in calls.items() if f"call {k}, paid by run {run_id}" in said]
    assert {calls[k]["stage"] for k in chain} == {"qualify", "classify", "generate", "check"}
    assert sum(calls[k]["cost_usd"] for k in chain) == pytest.approx(pair["cost_usd"])
    for key in chain:
        call = calls[key]
        assert f"answer: {call['text']}" in said
        assert f"{call['prompt_tokens']} tokens in" in said
        assert f"${call['cost_usd']:.6f}, {call['latency_ms']} ms, 1 attempt" in said
    assert "leak                 ok" in said

    said = shown(leak)
    assert said.startswith(f"{leak}: not published: check rejected: leak")
    assert "leak                 FAILED" in said
    assert "unsupported_answer   ok" in said
    assert "decided without a call" in said
    assert "the call             not made" in said
    said = shown(wrong)
    assert said.startswith(f"{wrong}: not published: check rejected: check_incorrect")
    assert "the call             FAILED check_incorrect" in said
    assert WRONG["reasoning"] in said

    turned_down = sample.draw(bench.warehouse, "rejected", None, 9, "s")  # the same two are what people can judge
    assert {p["qa_id"]: (p["failures"], p["measured"]) for p in turned_down["pairs"]} == {
        leak: (["leak"], verdicts[leak]["measured"]), wrong: (["check_incorrect"], {})
    }  # fmt: skip
    assert verdicts[leak]["measured"]["leak"]
    for p in turned_down["pairs"]:
        assert (p["run_id"], p["prompts"].keys()) == (run_id, {"qualify", "classify", "generate", "check"})

    for wanted, why in (
        (good[::-1], "no pair has this id"),
        ("xyz", "not an id"),
        ("%", "not an id"),
        ("", "not an id"),
    ):
        with pytest.raises(ConfigError, match=why) as refused:
            explain.lineage(bench.warehouse, bench.config(), wanted)
        assert refused.value.status == 2
    bench.warehouse.append_records("candidates", [{"qa_id": f"{leak[:31]}{d}", "part": 0} for d in "gh"])
    with pytest.raises(ConfigError, match="3 pairs begin so"):
        explain.lineage(bench.warehouse, bench.config(), leak[:31])

    capsys.readouterr()  # as the command line shows it, and with another passage size: published still, but outdated
    sets = (f"warehouse='{bench.folder / 'warehouse'}'", "max_passage_tokens=300")
    cli.main(["explain", *[word for s in sets for word in ("--set", s)], good[:12].upper()])
    said = capsys.readouterr().out
    assert said.startswith(f"{good}: published in")
    assert "\nqualify: pending" in said
