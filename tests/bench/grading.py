"""CPU time of the grader per pair, on the labelled pairs of its tests and on an output of a megabyte.

Writes tests/bench/grading.json and prints the table of tests/bench/README.md.
"""

import json
import statistics
import time
from pathlib import Path

from udfs.reward import grade

PAIRS = Path(__file__).resolve().parents[1] / "udfs" / "grading"
REPEATS = 5
LONG = "Let me think about this once more, step by step. " * 20_000


def pairs() -> list[dict]:
    return [json.loads(line) for path in sorted(PAIRS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]


def seconds(row: dict, text: str) -> float:
    extra = {k: row[k] for k in ("question", "answer_type", "unit", "aliases")}
    started = time.thread_time()
    grade("bench", text, row["ground_truth"], extra)
    return time.thread_time() - started


def main() -> None:
    """Grade every pair several times and write the quantiles of its fastest time."""
    results: dict[str, dict[str, float]] = {}
    taken: dict[str, list[float]] = {}
    for row in pairs():
        best = 1000 * min(seconds(row, row["solution"]) for _ in range(REPEATS))
        for kind in ("all types", row["answer_type"]):
            taken.setdefault(kind, []).append(best)
    for kind, times in taken.items():
        cuts = statistics.quantiles(times, n=100)
        results[kind] = {"pairs": len(times), "median_ms": round(cuts[49], 3), "p95_ms": round(cuts[94], 3)}
    long = [1000 * seconds(row, LONG + row["solution"]) for row in pairs()[::10]]
    cuts = statistics.quantiles(long, n=100)
    results["a megabyte before the answer"] = {
        "pairs": len(long), "median_ms": round(cuts[49], 3), "p95_ms": round(cuts[94], 3)
    }  # fmt: skip
    (Path(__file__).parent / "grading.json").write_text(json.dumps(results, indent=2) + "\n")
    print("| answer type | pairs | median ms | p95 ms |\n|---|---|---|---|")
    for kind, row in results.items():
        print(f"| {kind} | {row['pairs']} | {row['median_ms']} | {row['p95_ms']} |")


if __name__ == "__main__":
    main()
