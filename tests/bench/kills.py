"""Kills at seeded points: how many requests are sent twice, and does the end differ from a clean run's?

Run as `python -m tests.bench.kills [KILLS] [SEED]`; writes tests/bench/kills.json. Half of the kills strike while calls
are in flight, at a drawn number of answers; the others at a drawn time after the start. The victim is drawn too:
driver, JVM, the whole process group, or, while calls are in flight, the Python workers.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from etl.session import open_session
from tests.conftest import TEXT, Bench
from tests.endpoint.client import Endpoint
from tests.killing import end, members, paid_twice, start

DOCUMENTS, LONGEST_S, LATENCY_S = 160, 60.0, 1.0  # so many that calls are left to strike at in all runs
VICTIMS = ("driver", "jvm", "group", "worker")
ENDING = VICTIMS[:-1]  # a run outlives workers that had nothing to do, and would make all calls there are to strike at


def texts() -> list[str]:
    """Return distinct documents with facts in them."""
    return [TEXT.format(name=f"Adler-{i}", n=10 + i % 40, m=60 + i % 30, length=400 + 7 * i) for i in range(DOCUMENTS)]


def wait(endpoint: Endpoint, process: subprocess.Popen[bytes], answers: int | None, seconds: float) -> None:
    """Wait for that many more answers, or that many seconds; in any case until the run has ended."""
    before, began = endpoint.counters()["finished_calls"], time.monotonic()
    while process.poll() is None:
        if answers is not None and endpoint.counters()["finished_calls"] - before >= answers:
            return
        if answers is None and time.monotonic() - began >= seconds:
            return
        time.sleep(0.02)


def kill(process: subprocess.Popen[bytes], victim: str) -> None:
    """Kill the victim, and nothing else."""
    if victim == "group":
        os.killpg(process.pid, signal.SIGKILL)
        return
    named = {"jvm": b"java", "worker": b"pyspark.daemon"}
    for pid in [process.pid] if victim == "driver" else members(process, named[victim]):
        os.kill(pid, signal.SIGKILL)


def strike(bench: Bench, endpoint: Endpoint, rng: random.Random, calling: bool) -> dict[str, Any]:
    """Start a run, kill a part of it at a drawn point; return what that may cost and what was sent twice since."""
    victim = rng.choice(VICTIMS if calling else ENDING)
    answers, seconds = (rng.randint(1, 12) if calling else None), rng.uniform(3.0, LONGEST_S)
    before = paid_twice(endpoint)
    process = start(bench)
    wait(endpoint, process, answers, seconds)
    ended = process.poll()
    at_most = 0 if ended is not None else end(endpoint, process, partial(kill, process, victim))
    return {
        "victim": victim, "answers": answers, "seconds": None if calling else round(seconds, 1),
        "ended_before": ended, "at_most": at_most, "sent_twice": paid_twice(endpoint) - before,
    }  # fmt: skip


def main() -> None:
    """Kill and start again, then run to the end, and compare with a clean run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", nargs="?", type=int, default=30, metavar="KILLS")
    parser.add_argument("seed", nargs="?", type=int, default=1, metavar="SEED")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    spark = open_session({"spark.driver.memory": "2g"})
    latency = {"mean": LATENCY_S, "sigma": 0.5, "seed": 3}
    with Endpoint(latency_s=latency) as endpoint, tempfile.TemporaryDirectory() as made:
        bench, clean = (Bench(spark, Path(made) / name, endpoint.url) for name in ("killed", "clean"))
        struck = []
        for folder in (bench, clean):
            folder.folder.mkdir()
            folder.write(*texts())
        for number in range(options.kills):
            struck.append(strike(bench, endpoint, rng, calling=number % 2 == 0))
            print(json.dumps(struck[-1]), flush=True)
        endpoint.control(latency_s=0.0)
        bench.run()
        repeated, at_most = paid_twice(endpoint), sum(s["at_most"] for s in struck)
        clean.run()
        same = {n: sorted(r["qa_id"] or "" for r in bench.table(n)) == sorted(r["qa_id"] or "" for r in clean.table(n))
                for n in ("candidates", "verdicts", "qa")}  # fmt: skip
    result = {"kills": options.kills, "sent_twice": repeated, "at_most": at_most, "same_as_clean": same}
    (Path(__file__).parent / "kills.json").write_text(json.dumps({**result, "struck": struck}, indent=2) + "\n")
    print(json.dumps(result))
    assert repeated <= at_most, result
    assert all(same.values()), result


if __name__ == "__main__":
    main()
