"""Whole runs on real Spark against an endpoint without latency: everything new, nothing new, 1 % new, new prompts.

`python -m tests.bench.whole [FOLDER] [DOCUMENTS…]` mixes the sentences of a folder's pages (without one of the shipped
sample) into documents of which none repeats another; it writes whole.json and prints it. What `plan` foretold before
the 1 % stands beside what they took. Seconds are of one machine; the ratios are within one run.
"""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etl import pipeline
from etl.config import Config
from etl.plan import plan
from etl.session import open_session, slots
from etl.tables import Warehouse
from tests.bench.ingest import Memory, each_count, write
from tests.endpoint.client import Endpoint
from tests.etl.test_pipeline import own_prompt

RESULTS = Path(__file__).with_suffix(".json")
COUNTS = (2_000, 20_000)
SENTENCES, LEAST_CHARS = 12, 60  # of a document; of a sentence
STAGES = ("qualify", "classify", "generate", "check")


def mixed(real: list[str], count: int) -> list[str]:
    """Return documents of sentences drawn from all pages, none like another."""
    sentences = sorted({s.strip() for text in real for s in text.split(". ") if LEAST_CHARS < len(s.strip()) < 300})
    draw = random.Random(11)
    return [". ".join(draw.sample(sentences, SENTENCES)) + "." for _ in range(count)]


class Runs:
    """One warehouse, one endpoint: runs, and what each took."""

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        self.spark, self.folder, self.endpoint = open_session({}), folder, endpoint
        (folder / "crawl").mkdir()
        self.sets: dict[str, Any] = {}

    def config(self) -> Config:
        """Return the configuration as it is now."""
        engine = {"type": "openai", "base_url": self.endpoint.url, "model": "m", "price": {"input": 1, "output": 4}}
        return Config.model_validate({
            "warehouse": str(self.folder / "warehouse"), "tracking": {"uri": ""}, "engines": {"default": engine},
            "sources": [{"name": "s", "path": str(self.folder / "crawl")}], "stages": self.sets,
        })  # fmt: skip

    def take(self, made: Callable[[], object]) -> dict[str, Any]:
        """Do something; return its seconds, and what the endpoint saw: calls by stage, and seconds while calls ran."""
        self.endpoint.reset()
        started = time.monotonic()
        made()
        seconds = time.monotonic() - started
        at = [e["t"] for e in self.endpoint.log() if e["event"] in ("request", "response")]
        seen = self.endpoint.counters()
        return {
            "seconds": round(seconds, 1), "calling_s": round(max(at) - min(at), 1) if at else 0.0,
            "calls": {s: seen["by_stage"].get(s, 0) for s in STAGES},
            "tokens": [seen["prompt_tokens"], seen["completion_tokens"]],
        }  # fmt: skip

    def run(self) -> dict[str, Any]:
        """Run the pipeline."""
        return self.take(lambda: pipeline.run(self.spark, self.config(), pipeline.Options(quiet=True)))


def measured(texts: list[str]) -> dict[str, Any]:
    """Run all but the last hundredth of the texts, then nothing, this hundredth, and two changed prompts."""
    late = len(texts) // 101
    with tempfile.TemporaryDirectory() as made, Endpoint() as endpoint, Memory() as memory:
        runs = Runs(Path(made), endpoint)
        crawl = runs.folder / "crawl"
        write(crawl / "warm.jsonl", ["Only to have the session warm. " * 20], -1)
        runs.run()
        write(crawl / "all.jsonl", texts[:-late], 0)
        found = {"all": runs.run(), "nothing": runs.run()}
        write(crawl / "late.jsonl", texts[-late:], len(texts))
        foretold = plan(runs.spark, runs.config()).stages
        found["one_percent"] = runs.run()
        for stage in ("generate", "classify"):
            _, _, path = own_prompt(runs.folder, stage, 2, "Be exact.").partition("=")
            runs.sets[stage] = {"prompt": path.strip("'")}
            found[f"{stage}_bumped"] = runs.run()
        funnel = Warehouse.of(runs.spark, runs.config()).read("qa").count()
    cores = slots(runs.spark)
    return {
        "documents": len(texts), "accepted": funnel, "runs": found,
        "plan": {
            "calls": {p.stage: p.calls + p.expected for p in foretold},
            "tokens": [sum(p.input_tokens for p in foretold), sum(p.output_tokens for p in foretold)],
        },
        "documents_per_s_and_core": round(len(texts) / found["all"]["seconds"] / cores, 1),
        "peak_mb": memory.peaks,
    }  # fmt: skip


if __name__ == "__main__":
    each_count(__doc__, RESULTS, COUNTS, mixed, measured)
