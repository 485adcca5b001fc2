"""Whole runs on real Spark against an endpoint without latency: everything new, nothing new, 1 % new, new prompts.

`python -m tests.bench.whole [FOLDER] [DOCUMENTS…]` mixes the sentences of a folder's pages (without one of the shipped
sample) into documents, with other names, numbers and words in each; it writes whole.json and prints it, and while it
runs, what each step of the pipeline took, slice by slice. What `plan` foretold before the 1 % stands beside what they
took. Seconds are of one machine; the ratios are within one run.
"""

import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from etl import pipeline, runs
from etl.config import Config
from etl.plan import plan
from etl.session import open_session, slots
from etl.tables import Warehouse
from tests.bench.ingest import Memory, each_count, write
from tests.endpoint.client import Endpoint
from tests.etl.test_pipeline import own_prompt

RESULTS = Path(__file__).with_suffix(".json")
COUNTS = (2_000, 20_000, 200_000)
BUMPED_AT_MOST = 20_000  # documents: with more of them, a changed prompt shows nothing new and takes an hour
SENTENCES, LEAST_CHARS = 12, 60  # of a document; of a sentence
REPLACED = 1 / 3  # of the words that are no names
_WORD = re.compile(r"(?<= )[A-Z][a-z]+|\b[a-z]+\b|[1-9]")  # what is drawn anew; a capital that opens a sentence is none
STAGES = ("qualify", "classify", "generate", "check")


def mixed(real: list[str], count: int) -> list[str]:
    """Return documents of sentences drawn from all pages, in each of which the names, the digits and a share of the
    other words are drawn anew from all pages: hardly any document repeats another, or asks what another asks.
    """
    sentences = sorted({s.strip() for text in real for s in text.split(". ") if LEAST_CHARS < len(s.strip()) < 300})
    found = sorted({word for sentence in sentences for word in _WORD.findall(sentence) if word.isalpha()})
    names, words = [w for w in found if w[0].isupper()], [w for w in found if w.islower()]
    draw = random.Random(11)

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if word.isdigit():
            return str(draw.randint(1, 9))
        if word[0].isupper():
            return draw.choice(names)
        return draw.choice(words) if draw.random() < REPLACED else word

    return [". ".join(_WORD.sub(other, s) for s in draw.sample(sentences, SENTENCES)) + "." for _ in range(count)]


@contextmanager
def steps(memory: Memory) -> Iterator[Counter[str]]:
    """Give the seconds that each step of the pipeline took, stages by their names; each is told as it ends, with the
    memory that the processes have then.

    A stage's step has the calls of those behind it in it, where they are made together.
    """
    taken = Counter[str]()

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            started = time.monotonic()
            try:
                return step(*args)
            finally:
                done = args[1].name if name == "advance" else name
                taken[done] += time.monotonic() - started
                print(
                    f"{done} {time.monotonic() - started:.1f} s, MB: {sorted(memory.now())}",
                    file=sys.stderr,
                    flush=True,
                )

        return run

    places = ((pipeline, "ingest"), (pipeline, "advance"), (pipeline, "publish"), (runs, "record"))
    with ExitStack() as patched:
        for module, name in places:
            patched.enter_context(mock.patch.object(module, name, timed(name, getattr(module, name))))
        yield taken


class Runs:
    """One warehouse, one endpoint: runs, and what each took."""

    def __init__(self, folder: Path, endpoint: Endpoint, memory: Memory) -> None:
        self.spark, self.folder, self.endpoint, self.memory = open_session({}), folder, endpoint, memory
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
        """Do something; return its seconds, those by step, and what the endpoint saw: calls by stage, and seconds while
        calls ran.
        """
        self.endpoint.reset()
        started = time.monotonic()
        with steps(self.memory) as taken:
            made()
        seconds = time.monotonic() - started
        at = [e["t"] for e in self.endpoint.events() if e["event"] in ("request", "response")]
        seen = self.endpoint.counters()
        return {
            "seconds": round(seconds, 1), "calling_s": round(max(at) - min(at), 1) if at else 0.0,
            "steps": {name: round(s, 1) for name, s in taken.items()},
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
        bench = Runs(Path(made), endpoint, memory)
        crawl = bench.folder / "crawl"
        write(crawl / "warm.jsonl", ["Only to have the session warm. " * 20], -1)
        bench.run()
        write(crawl / "all.jsonl", texts[:-late], 0)
        found = {"all": bench.run(), "nothing": bench.run()}
        write(crawl / "late.jsonl", texts[-late:], len(texts))
        foretold = plan(bench.spark, bench.config()).stages
        found["one_percent"] = bench.run()
        for stage in ("generate", "classify") if len(texts) <= BUMPED_AT_MOST else ():
            _, _, path = own_prompt(bench.folder, stage, 2, "Be exact.").partition("=")
            bench.sets[stage] = {"prompt": path.strip("'")}
            found[f"{stage}_bumped"] = bench.run()
        funnel = Warehouse.of(bench.spark, bench.config()).read("qa").count()
    cores = slots(bench.spark)
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
