"""Real kills: the same command afterwards loses nothing and pays nothing twice but the calls in flight."""

import os
import signal
from collections.abc import Callable
from functools import partial

import pytest

from tests.conftest import Bench
from tests.endpoint.client import Endpoint
from tests.etl.test_pipeline import tables
from tests.killing import end, members, paid_twice, start, wait_for

Text = Callable[[int], str]


@pytest.mark.slow
def test_killed_in_every_stage_it_goes_on_and_ends_as_a_clean_run(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    endpoint.control(latency_s={"mean": 0.25, "sigma": 0.5, "seed": 3})
    bench.write(*[text(i) for i in range(24)])
    at_most = 0
    for stage, finished in (("qualify", 7), ("classify", 3), ("generate", 9), ("check", 4)):
        since = len(endpoint.log())
        process = start(bench)
        wait_for(endpoint, stage, finished, process, since)
        # the driver alone: its JVM and workers have to notice
        at_most += end(endpoint, process, partial(os.kill, process.pid, signal.SIGKILL))
        assert paid_twice(endpoint) <= at_most
    endpoint.control(latency_s=0.0)
    bench.run()
    assert paid_twice(endpoint) <= at_most
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())
    assert len({c["call_key"] for c in bench.table("completions")}) == len(bench.table("completions"))
    finished_calls = tables(bench)

    endpoint.reset()
    bench.run(rebuild=True)
    assert endpoint.counters()["requests"] == 0
    assert tables(bench) == finished_calls

    endpoint.reset()
    clean = Bench(bench.spark, bench.folder / "clean", bench.url)
    clean.folder.mkdir()
    clean.write(*[text(i) for i in range(24)])
    clean.run()
    for name in ("candidates", "qa"):
        assert len(clean.table(name)) == len(bench.table(name))
    assert {q["qa_id"] for q in clean.table("qa")} == {q["qa_id"] for q in bench.table("qa")}


@pytest.mark.slow
def test_the_whole_process_group_and_a_worker_can_be_killed(bench: Bench, endpoint: Endpoint, text: Text) -> None:
    endpoint.control(latency_s=1.0)  # so that the workers surely have calls under way when they are killed
    bench.write(*[text(i) for i in range(24)])
    process = start(bench)
    wait_for(endpoint, "qualify", 6, process)
    workers = members(process, b"pyspark.daemon")
    assert workers
    at_most = end(endpoint, process, lambda: [os.kill(worker, signal.SIGKILL) for worker in workers])
    assert process.returncode == 1
    endpoint.control(latency_s=0.2)
    since = len(endpoint.log())
    process = start(bench)
    wait_for(endpoint, "generate", 5, process, since)
    at_most += end(endpoint, process, partial(os.killpg, process.pid, signal.SIGKILL))
    endpoint.control(latency_s=0.0)
    bench.run()
    assert paid_twice(endpoint) <= at_most
    assert all(row["pending"] == 0 and row["errors"] == 0 for row in bench.conserved().values())


def test_a_second_run_beside_one_that_holds_the_warehouse_is_refused(bench: Bench) -> None:
    from etl.errors import WarehouseBusy
    from etl.lease import Lease

    bench.write("A text that nobody reads.")
    with Lease(bench.warehouse.root, "first"), pytest.raises(WarehouseBusy, match="first"):
        bench.run()
    bench.run()
