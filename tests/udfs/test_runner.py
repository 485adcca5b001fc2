"""One task's rows through one caller: the window stays full, the counts add up, nothing is paid twice."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.endpoint.asking import until
from tests.endpoint.client import Endpoint
from udfs import runner
from udfs.claim import Claim, SupersededError
from udfs.follow import Passage
from udfs.journal import entries
from udfs.messages import render
from udfs.runner import AHEAD, Run
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import make_results, make_tasks

from .making import HOLDER, PASSAGE, beat, spec, task


def run(folder: Path, **changes: Any) -> Run:
    whole = {"run_id": "run1", "journal": str(folder / "journal"), "progress": str(folder / "progress"),
             "lease": beat(folder),
             "holder": HOLDER, "partitions": 1, "budget_usd": None, "max_error_rate": 1.0}  # fmt: skip
    return Run(**(whole | changes))


def tasks(made: CallSpec, count: int) -> Iterator[Passage]:
    for made_task in (task(made, i) for i in range(count)):
        yield Passage([{"doc_id": made_task.doc_id, **made_task.inputs}], frozenset([made_task.call_key]))


def run_tasks(*args: Any) -> dict[str, Any]:
    """Return a task's outcome without the record of its single calls."""
    outcome = runner.run_tasks(*args)
    del outcome["recent"]
    return outcome


def counts(**named: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("partition", "called", "failed", "deferred", "stopped", "known"), 0)
    return {**nothing, "reason": None, "message": None, "stage": None, **named}


def journal(folder: Path) -> list[dict[str, Any]]:
    return [e for p in sorted((folder / "journal").rglob("*-*")) if p.is_file() for e in entries(p.read_bytes())]


def test_every_row_is_called_and_counted(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    assert run_tasks([made], run(tmp_path), 0, 0, tasks(made, 150)) == counts(called=150)
    assert len({e["call_key"] for e in journal(tmp_path)}) == endpoint.counters()["requests"] == 150
    assert (tmp_path / "journal" / "run1" / "qualify" / "00000-0").exists()


def test_the_window_stays_full_while_rows_are_taken_as_they_are_needed(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s={"mean": 0.3, "sigma": 0.5})  # long beside what a busy machine adds
    made = spec(url=endpoint.url, max_in_flight=16)
    ahead = []

    def counted() -> Iterator[Passage]:
        for i, made_task in enumerate(tasks(made, 160)):
            if i % 20 == 0:
                ahead.append(i - endpoint.counters()["finished_calls"])
            yield made_task

    assert run_tasks([made], run(tmp_path), 0, 0, counted())["called"] == 160
    requests = [e for e in endpoint.log() if e["event"] == "request"]
    assert endpoint.counters()["max_in_flight"] == 16
    assert sum(e["in_flight"] >= 12 for e in requests[16:]) > 0.7 * len(requests[16:])
    assert max(ahead) <= 2 + AHEAD * 16


@pytest.mark.parametrize(("total", "shares"), [(10, [4, 3, 3]), (1, [1, 1, 1]), (9, [3, 3, 3])])
def test_the_partitions_share_the_requests_in_flight(
    endpoint: Endpoint, tmp_path: Path, total: int, shares: list[int]
) -> None:
    endpoint.control(latency_s=0.05)
    made = spec(url=endpoint.url, max_in_flight=total)
    found = []
    for partition in range(3):
        endpoint.reset()
        endpoint.control(latency_s=0.05)
        run_tasks([made], run(tmp_path, partitions=3), partition, 0, tasks(made, 12))
        found.append(endpoint.counters()["max_in_flight"])
    assert found == shares


def test_a_second_attempt_pays_nothing_again(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    run_tasks([made], run(tmp_path), 3, 0, tasks(made, 20))
    assert run_tasks([made], run(tmp_path), 3, 1, tasks(made, 30)) == counts(partition=3, called=10, known=20)
    assert run_tasks([made], run(tmp_path), 4, 2, tasks(made, 5)) == counts(partition=4, called=5)
    assert endpoint.counters()["requests"] == 35


def test_a_second_attempt_tries_again_what_failed(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url, max_attempts=1)
    endpoint.control(rules=[{"fault": "500", "times": 4}])
    assert run_tasks([made], run(tmp_path), 0, 0, tasks(made, 10)) == counts(called=6, failed=4)
    assert run_tasks([made], run(tmp_path), 0, 1, tasks(made, 10)) == counts(called=4, known=6)


KILLED = """
import sys
from pathlib import Path
from tests.udfs.test_runner import run, spec, tasks
from udfs.runner import run_tasks
made = spec(url=sys.argv[1], max_in_flight=4)
run_tasks([made], run(Path(sys.argv[2])), 0, 0, tasks(made, 1000))
"""


def test_a_killed_attempt_loses_only_what_was_in_flight(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=0.05)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, endpoint.url, str(tmp_path)]
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    until(lambda: endpoint.counters()["finished_calls"] >= 12, 30)
    process.kill()
    process.wait(10)
    until(lambda: endpoint.in_flight() == 0)
    before = endpoint.counters()["finished_calls"]
    endpoint.control(latency_s=0.0)
    made = spec(url=endpoint.url, max_in_flight=4)
    outcome = run_tasks([made], run(tmp_path), 0, 1, tasks(made, 1000))
    assert outcome["known"] + outcome["called"] == 1000
    assert before - 4 <= outcome["known"] <= before


def test_an_attempt_ends_where_spark_has_started_a_later_one(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=0.2)
    made = spec(url=endpoint.url, max_in_flight=4)
    ended = list[Any]()

    def first() -> None:
        try:
            ended.append(run_tasks([made], run(tmp_path), 0, 5, tasks(made, 200)))
        except SupersededError as error:
            ended.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    until(lambda: endpoint.counters()["finished_calls"] >= 12, 30)
    outcome = run_tasks([made], run(tmp_path), 0, 6, tasks(made, 60))
    thread.join()
    assert isinstance(ended[0], SupersededError)
    assert outcome["known"] + outcome["called"] == 60
    assert outcome["known"] >= 12
    sent = Counter(e["call_key"] for e in journal(tmp_path))
    assert sum(n - 1 for n in sent.values()) <= 4
    assert len(sent) < 100
    with pytest.raises(SupersededError):
        run_tasks([made], run(tmp_path), 0, 5, tasks(made, 9))


def test_a_claim_that_was_put_away_with_its_journal_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udfs.claim.LOCAL_POLL_S", 0.0)
    place = tmp_path / "claims" / "00000"
    claim = Claim(str(place), 1)
    assert claim.held()
    place.unlink()
    assert not claim.held()


def test_a_task_without_rows_asks_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    assert run_tasks([made], run(tmp_path), 0, 0, iter(())) == counts()
    assert endpoint.counters()["requests"] == 0


def test_a_stop_leaves_the_other_rows_where_they_are(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "quota"}])
    made = spec(url=endpoint.url, max_in_flight=2)
    rows = tasks(made, 500)
    outcome = run_tasks([made], run(tmp_path), 0, 0, rows)
    assert outcome["reason"] == "quota_exhausted"
    assert "exceeded your current quota" in outcome["message"]
    assert outcome["called"] + outcome["failed"] + outcome["deferred"] == 0
    assert outcome["stopped"] + len(list(rows)) == 500
    assert endpoint.counters()["requests"] <= 2


def test_a_task_tells_how_the_last_calls_of_each_stage_fared(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(rules=[{"fault": "500", "times": 3}])
    made = spec(url=endpoint.url, max_attempts=1, max_in_flight=1)
    [(failed, last)] = json.loads(runner.run_tasks([made], run(tmp_path), 0, 0, tasks(made, 5))["recent"]).values()
    assert failed == [True, True, True, False, False]
    assert "HTTP 500" in last


def test_a_run_without_the_lease_asks_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    assert run_tasks([made], run(tmp_path, holder="another"), 0, 0, tasks(made, 9))["reason"] == "lease"
    assert endpoint.counters()["requests"] == 0


def test_a_journal_that_cannot_be_made_stops_before_anything_is_paid(endpoint: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file")
    made = spec(url=endpoint.url)
    assert run_tasks([made], run(tmp_path), 0, 0, tasks(made, 9))["reason"] == "journal"
    assert endpoint.counters()["requests"] == 0


def test_a_crash_among_the_rows_sends_nothing_more(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.control(latency_s=3.0)  # longer than the crash can take on a starved machine
    made = spec(url=endpoint.url, max_in_flight=2)

    def broken() -> Iterator[Passage]:
        yield from tasks(made, 3)
        until(lambda: endpoint.in_flight() == 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_tasks([made], run(tmp_path), 0, 0, broken())
    until(lambda: len(journal(tmp_path)) == 2)
    time.sleep(0.5)
    assert endpoint.counters()["requests"] == 2


def test_a_key_that_is_not_there_stops_the_run_and_says_where(endpoint: Endpoint, tmp_path: Path) -> None:
    for place in ({"api_key_file": str(tmp_path / "none")}, {"api_key_var": "NO_SUCH_KEY_HERE"}):
        made = spec(url=endpoint.url, **place)
        outcome = run_tasks([made], run(tmp_path), 0, 0, tasks(made, 3))
        assert outcome["reason"] == "unauthorized"
        assert next(iter(place.values())) in outcome["message"]
    assert endpoint.counters()["requests"] == 0


def test_a_task_that_is_tried_again_has_what_the_first_try_left_of_its_budget(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    made = spec(url=endpoint.url)
    for attempt in range(3):
        run_tasks([made], run(tmp_path, budget_usd=0.01), 0, attempt, tasks(made, 60))
    assert 0 < sum(e["attempt"]["cost_usd"] for e in journal(tmp_path)) <= 0.01


def test_a_partition_spends_its_share_of_the_budget(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    outcome = run_tasks([made], run(tmp_path, partitions=4, budget_usd=0.01), 0, 0, tasks(made, 60))
    assert outcome["called"] > 0
    assert outcome["called"] + outcome["deferred"] == 60
    assert sum(e["attempt"]["cost_usd"] for e in journal(tmp_path)) <= 0.0025


def test_progress_is_written_and_failing_to_do_so_stops_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url)
    run_tasks([made], run(tmp_path), 2, 0, tasks(made, 7))
    state = json.loads((tmp_path / "progress" / "run1" / "qualify-2.json").read_text())
    assert (state["done"], state["errors"], state["requests"], state["in_flight"]) == (7, 0, 7, 0)
    assert abs(state["at"] - time.time()) < 60
    (tmp_path / "none").write_text("a file")
    assert run_tasks([made], run(tmp_path, progress=str(tmp_path / "none")), 3, 0, tasks(made, 7))["called"] == 7


def batches(rows: list[dict[str, Any]], schema: Any = None) -> Iterator[Any]:
    yield pa.RecordBatch.from_pylist(rows, schema=schema)


def test_tasks_show_their_inputs_in_the_stages_order() -> None:
    made = spec("check")
    pair = {"question": "How high is the Halden tower?", "answer": "1204", "aliases": ["1,204"], "unit": "feet",
            "answer_type": "integer", "evidence": "The tower has a height of 1,204 feet"}  # fmt: skip
    ask = {"part": 0, "persona": None, "qa_id": "q", "inputs_sha": None, "payload": json.dumps(pair)}
    document = {"doc_id": "d", "content_hash": "h", "title": "T", "text": PASSAGE, "asks": [ask]}
    ((row,),) = (b.to_pylist() for b in make_tasks(batches([document]), made))
    assert row["call_key"]
    text = render(made, logic(made.stage).inputs(json.loads(row["row"]))[0])[1]["content"]
    places = [text.index(f'field="{n}"') for n in ("question", "answer", "aliases", "answer_type", "unit", "evidence")]
    assert places == sorted(places)


def test_documents_become_tasks_calls_and_rows(endpoint: Endpoint, tmp_path: Path) -> None:
    made = spec(url=endpoint.url, max_passage_tokens=100)
    text = " ".join(f"word{i}" for i in range(400))
    ask = {"part": None, "persona": None, "qa_id": None, "inputs_sha": None, "payload": "{}"}
    document = {"doc_id": "d", "content_hash": "h", "title": "T", "text": text, "asks": [ask]}
    asked = [r for b in make_tasks(batches([document]), made) for r in b.to_pylist()]
    assert [r["part"] for r in asked] == list(range(len(asked)))
    assert len({r["call_key"] for r in asked}) == len(asked) > 5
    rows = (Passage([json.loads(r["row"])], frozenset([r["call_key"]])) for r in asked)
    assert run_tasks([made], run(tmp_path), 0, 0, rows)["called"] == len(asked)
    texts = {e["call_key"]: e["completion"]["text"] for e in journal(tmp_path)}
    known = [
        {**r, "outcomes": [{"call_key": r["call_key"], "text": texts[r["call_key"]], "error_type": None,
                            "failure": None}]}
        for r in asked
    ]  # fmt: skip
    known[-1]["outcomes"][0]["text"], known[-2]["outcomes"][0]["failure"] = "no answer", "timeout"
    ddl = "doc_id string, part int, parts int, qualified boolean, reason string, error_type string, call_key string"
    made_rows = [r for b in make_results(batches(known), made, ddl) for r in b.to_pylist()]
    assert [r["error_type"] for r in made_rows] == [*[None] * (len(asked) - 2), "timeout", "invalid_answer"]
    assert all(r["qualified"] is not None and r["parts"] == len(asked) for r in made_rows[:-2])
    assert made_rows[-1]["qualified"] is None
