"""The ledger's look-up beside millions of answers: what a small run's stage waits for before and after its calls.

`python -m tests.bench.ledger [KEYS…]` makes a ledger of so many answers, of 50 runs, asks for 2,000 calls of one stage,
writes ledger.json and prints it. Seconds are of one machine; the ratios are within one run.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl import ledger
from etl.config import Config
from etl.config.stages import STAGE_NAMES
from etl.schema import TABLES
from etl.session import open_session
from etl.specs import call_specs, load_prompts
from etl.tables import Warehouse

RESULTS = Path(__file__).with_suffix(".json")
COUNTS = (100_000, 10_000_000)
RUNS, ASKED, TURNS = 50, 2_000, 3
MAKING = STAGE_NAMES[:4]


def answers(warehouse: Warehouse, run: int, keys: int) -> DataFrame:
    """Return one run's part of a ledger of `keys` answers: rows of `completions`, a quarter of each stage's."""
    each = keys // RUNS
    stages = ", ".join(f"'{name}'" for name in MAKING)
    made = {
        "call_key": "substring(sha2(CAST(id AS STRING), 256), 1, 32)",
        "stage": f"element_at(array({stages}), CAST(id % {len(MAKING)} AS INT) + 1)",
        "params": """'{"max_tokens":512,"temperature":0.0}'""",
        "doc_id": "CAST(id AS STRING)",
        "passage_key": "substring(sha2(CAST(id AS STRING), 256), 33, 32)",
        "text": "concat(sha2(CAST(id AS STRING), 512), reverse(sha2(CAST(id AS STRING), 512)))",
        "run_id": f"'run-{run:05d}'",
        "completed_at": "timestamp '2026-01-01 00:00:00'",
    }
    kinds = dict(column.split(" ")[:2] for column in TABLES["completions"].ddl.split(", "))
    columns = [f"{made.get(n, f'CAST(NULL AS {kind})')} AS {n}" for n, kind in kinds.items()]
    return warehouse.spark.range(run * each, (run + 1) * each).selectExpr(*columns)


def seconds(frame: DataFrame) -> float:
    """Return the least time of some turns that making all of a frame takes."""
    taken = []
    for _ in range(TURNS):
        began = time.perf_counter()
        frame.write.format("noop").mode("overwrite").save()
        taken.append(time.perf_counter() - began)
    return min(taken)


def measured(keys: int) -> dict[str, Any]:
    """Make a ledger, look up calls of the newest run and of all runs; return seconds."""
    spark = open_session({})
    with tempfile.TemporaryDirectory() as folder:
        config = Config.model_validate({"warehouse": f"{folder}/warehouse"})
        warehouse, spec = Warehouse.of(spark, config), call_specs(config, load_prompts(config))["qualify"]
        warehouse.create()
        for run in range(RUNS):
            warehouse.append("completions", answers(warehouse, run, keys))
        stage = warehouse.read("completions").where(F.col("stage") == spec.stage)
        newest = stage.where(F.col("run_id") == f"run-{RUNS - 1:05d}").limit(ASKED)
        found = {"newest": newest, "all": stage.orderBy(F.xxhash64("call_key")).limit(ASKED)}
        out: dict[str, Any] = {"keys": keys, "count_keys_s": seconds(stage.select(F.count("call_key")))}
        for name, rows in found.items():
            asked = warehouse.stage_copy(name, rows.select("call_key"))
            settled = ledger.settled(warehouse, spec, asked)
            assert settled.count() == asked.count() > 0
            out[f"{name}_keys_s"] = seconds(settled.select("call_key"))
            out[f"{name}_texts_s"] = seconds(ledger.settled(warehouse, spec, asked))
    return {name: round(value, 2) for name, value in out.items()}


def main() -> None:
    """Measure for each number of keys, and say how the largest compares with the smallest."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ledger", description=__doc__)
    parser.add_argument("keys", nargs="*", type=int, help=f"answers in the ledger; default {COUNTS}")
    rows = [measured(n) for n in parser.parse_args().keys or COUNTS]
    ratios = {n: round(rows[-1][n] / rows[0][n], 1) for n in rows[0] if n.endswith("_s")}
    result = {"asked": ASKED, "runs": RUNS, "ledgers": rows, "largest_to_smallest": ratios}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
