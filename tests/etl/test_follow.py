"""A run follows each document through the stages: in workers or on the driver, no call too many and none too few."""

from collections.abc import Callable

import pytest

from tests.conftest import Bench
from tests.endpoint.client import Endpoint

TABLES = ("qualifications", "classifications", "candidates", "verdicts")


@pytest.mark.parametrize("runner", ["workers", "driver"])
def test_the_calls_made_on_the_way_are_those_that_the_tables_need(
    bench: Bench, endpoint: Endpoint, text: Callable[[int], str], runner: str
) -> None:
    endpoint.control(latency_s=0.02)
    bench.write(*[text(i) for i in range(30)])
    bench.run(f"runner='{runner}'")
    requests = [e["stage"] for e in endpoint.log() if e["event"] == "request"]
    assert requests.index("check") < max(i for i, stage in enumerate(requests) if stage == "qualify")
    asked = {c["call_key"] for c in bench.table("completions")}
    assert asked == {key for table in TABLES for row in bench.table(table) for key in row["call_keys"] or []}
    assert len(requests) == len(asked)
    assert {c["passage_key"] for c in bench.table("completions") if c["stage"] == "check"} <= {
        c["passage_key"] for c in bench.table("completions") if c["stage"] == "qualify"
    }
    assert bench.table("qa")
    assert not any((bench.folder / "warehouse" / "_journal").rglob("*-0"))
