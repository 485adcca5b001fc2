"""A passage is followed through the stages: nothing known or unneeded is asked, and who began first goes first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint.client import Endpoint
from udfs.brake import Brake
from udfs.budget import Budget, worst_case
from udfs.caller import Caller, Means, Settled
from udfs.engines.openai_http import OpenAIEngine
from udfs.follow import Passage, follow
from udfs.journal import Entry, Journal, entries
from udfs.lease import LeaseWatch
from udfs.messages import render
from udfs.stages import logic
from udfs.tasks import calls
from udfs.window import Window

from .making import HOLDER, PASSAGE, PRICE, beat, spec

STAGES = ("qualify", "classify", "generate", "check")
SPECS = {name: spec(name) for name in STAGES}


class Chain:
    """The callers of four stages with one window, one budget and one brake."""

    def __init__(self, folder: Path, url: str, most: int = 8, usd: float | None = None, **changes: Any) -> None:
        self.folder = folder
        lease, window, budget, brake = LeaseWatch(beat(folder), HOLDER), Window(most), Budget(usd), Brake()
        engine = OpenAIEngine(spec(url=url, **changes).engine)
        self.callers = [
            Caller(
                spec(name, url=url, **changes),
                engine,
                logic(name).answer,
                Means(Journal(str(folder / "journal" / name), 0, 0), window, budget, lease, brake),
            )
            for name in STAGES
        ]

    def follow(self, *passages: Passage, start: int = 0) -> list[list[Settled]]:
        """Follow these passages at once, the first given first."""

        async def together() -> list[list[Settled]]:
            made = (follow(self.callers[start:], p, order) for order, p in enumerate(passages))
            return list(await asyncio.gather(*made))

        return asyncio.run(together())

    def settled(self, stage: str) -> dict[str, Entry]:
        """The completions of a stage by call_key, as the journal has them."""
        data = b"".join(p.read_bytes() for p in (self.folder / "journal" / stage).iterdir())
        return {e["call_key"]: e["completion"] for e in entries(data) if e["completion"]}


def row(number: int = 0) -> dict[str, Any]:
    return {"doc_id": f"d{number}", "title": f"T{number}", "passage": PASSAGE, "part": 0, "parts": 1, "start": 0,
            "content_hash": "h", "persona": None}  # fmt: skip


def passage(number: int = 0, known: dict[str, Settled] | None = None) -> Passage:
    made = row(number)
    return Passage([made], frozenset(t.call_key for t in calls(logic("qualify"), SPECS["qualify"], made)), known or {})


def asked(endpoint: Endpoint) -> dict[str, int]:
    return dict(endpoint.counters()["by_stage"])


def test_one_passage_goes_through_all_stages(endpoint: Endpoint, tmp_path: Path) -> None:
    chain = Chain(tmp_path, endpoint.url)
    [[first]] = chain.follow(passage())
    assert (first.how, first.error_type) == ("called", None)
    made = asked(endpoint)
    assert made["qualify"] == made["classify"] == 1
    assert 1 <= made["check"] <= made["generate"] <= 3
    for stage in STAGES:
        found = chain.settled(stage)
        assert len(found) == made[stage]
        assert {c["doc_id"] for c in found.values()} == {"d0"}
        assert len({c["passage_key"] for c in found.values()}) == 1


def test_what_is_known_of_a_passage_is_not_asked_again(endpoint: Endpoint, tmp_path: Path) -> None:
    before = Chain(tmp_path, endpoint.url)
    before.follow(passage())
    known = {k: Settled("known", c["text"], None) for s in STAGES[1:3] for k, c in before.settled(s).items()}
    endpoint.reset()
    (tmp_path / "again").mkdir()
    again = Chain(tmp_path / "again", endpoint.url)
    again.follow(passage(known=known))
    assert asked(endpoint) == {"qualify": 1, "check": len(before.settled("check"))}
    assert again.settled("check").keys() == before.settled("check").keys()


def test_a_call_that_another_document_stands_for_is_left_to_it(endpoint: Endpoint, tmp_path: Path) -> None:
    chain = Chain(tmp_path, endpoint.url)
    assert chain.follow(Passage([row()], frozenset())) == [[]]
    assert endpoint.counters()["requests"] == 0


def test_of_equal_pairs_of_two_personas_one_is_checked(endpoint: Endpoint, tmp_path: Path) -> None:
    chain = Chain(tmp_path, endpoint.url)
    rows = [{**row(), "domain": "math", "persona": p} for p in ("a reader", "another reader")]
    wanted = frozenset(t.call_key for r in rows for t in calls(logic("generate"), SPECS["generate"], r))
    pair = (
        '{"answerable": true, "question": "Who built the Halden lighthouse?", "answer": "Maria Lindqvist", '
        '"aliases": [], "answer_type": "name", "unit": null, "evidence": "It was built by Maria Lindqvist"}'
    )
    known = {key: Settled("known", pair, None) for key in wanted}
    chain.follow(Passage(rows, wanted, known), start=2)
    assert asked(endpoint) == {"check": 1}


@pytest.mark.parametrize(("fault", "how"), [("500", "failed"), ("refusal", "called")])
def test_what_has_no_answer_leads_nowhere(endpoint: Endpoint, tmp_path: Path, fault: str, how: str) -> None:
    endpoint.control(rules=[{"fault": fault, "stage": "classify"}])
    chain = Chain(tmp_path, endpoint.url, max_attempts=1)
    [[first]] = chain.follow(passage())
    assert first.how == "called"
    assert asked(endpoint) == {"qualify": 1, "classify": 1}
    assert chain.callers[1].tally.errors == (how == "failed")


def test_a_used_up_budget_ends_the_way(endpoint: Endpoint, tmp_path: Path) -> None:
    made = SPECS["qualify"]
    [task] = calls(logic("qualify"), made, row())
    size = sum(len(m["content"]) for m in render(made, task.inputs)) + len(str(logic("qualify").answer.json_schema()))
    worst = worst_case(PRICE, size + len("{}"), made.max_tokens)
    assert worst is not None
    chain = Chain(tmp_path, endpoint.url, usd=worst)
    chain.follow(passage())
    assert asked(endpoint) == {"qualify": 1}
    assert chain.callers[1].tally.deferred == 1


def test_one_stages_stop_stops_all(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "quota", "stage": "classify"}])
    chain = Chain(tmp_path, endpoint.url, most=1)
    chain.follow(*(passage(i) for i in range(20)))
    assert {(c.stop.reason, c.stop.stage) for c in chain.callers if c.stop} == {("quota_exhausted", "classify")}
    assert endpoint.counters()["requests"] < 20


def test_the_passage_that_began_first_is_done_first(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=0.02)
    Chain(tmp_path, endpoint.url, most=2).follow(*(passage(i) for i in range(12)))
    requests = [e["stage"] for e in endpoint.log() if e["event"] == "request"]
    assert requests.index("check") < 16
    assert requests.index("check") < max(i for i, s in enumerate(requests) if s == "qualify")
