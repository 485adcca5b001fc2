"""What an ingest costs on real Spark: everything new, one document in a hundred new, nothing new; and its memory.

`python -m tests.bench.ingest [FOLDER] [DOCUMENTS…]` takes synthetic documents cut from a folder's pages (without one
from the shipped sample), writes ingest.json and prints it. Seconds are of one machine; the ratios are within one run.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from etl.config import Config
from etl.ingest import ingest
from etl.session import open_session, slots
from etl.tables import Warehouse
from tests.bench.quality import SAMPLE, folder_parser, pages, synthetic

RESULTS = Path(__file__).with_suffix(".json")
COUNTS = (10_000, 100_000)
Measure = Callable[[list[str]], dict[str, Any]]


class Memory:
    """The most resident memory that this process and each kind below it have had, in MB, looked at each second."""

    def __init__(self) -> None:
        self.peaks: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            for kind, mb in self.now():
                self.peaks[kind] = max(mb, self.peaks.get(kind, 0))

    def now(self) -> Iterator[tuple[str, int]]:
        """Yield the kind and the resident memory of each process there is, in MB."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                command = (status.parent / "cmdline").read_text()
            except (OSError, ValueError):
                continue  # it has just ended
            kind = "jvm" if "SparkSubmit" in command else "worker" if "pyspark.daemon" in command else None
            kind = "driver" if status.parent.name == str(os.getpid()) else kind
            if kind and "VmRSS" in fields:
                yield kind, int(fields["VmRSS"].split()[0]) // 1024


def write(path: Path, texts: Sequence[str], first: int) -> None:
    """Write documents as JSON lines, numbered from `first`."""
    rows = ({"url": f"https://example.org/{first + n}", "text": text} for n, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def measured(texts: list[str]) -> dict[str, Any]:
    """Ingest all but the last hundredth of the texts, then this, then nothing; return seconds, states and memory."""
    spark, late = open_session({}), len(texts) // 101
    with tempfile.TemporaryDirectory() as folder, Memory() as memory:
        source = {"name": "s", "path": f"{folder}/crawl"}
        config = Config.model_validate({"warehouse": f"{folder}/warehouse", "sources": [source]})
        warehouse = Warehouse.of(spark, config)
        warehouse.create()
        (crawl := Path(folder) / "crawl").mkdir()
        write(crawl / "warm.jsonl", ["Only to have the session warm. " * 20], -1)
        ingest(warehouse, config, "warm")
        seconds = {}
        for name, part in (("all", texts[:-late]), ("one_percent", texts[-late:]), ("nothing", [])):
            if part:
                write(crawl / f"{name}.jsonl", part, len(texts) if name == "one_percent" else 0)
            started = time.monotonic()
            ingest(warehouse, config, name)
            seconds[name] = round(time.monotonic() - started, 1)
        states = warehouse.read("documents").selectExpr("coalesce(reason, status) AS state").groupBy("state").count()
        found = {r["state"]: r["count"] for r in states.collect()}
    per_core = len(texts[:-late]) / seconds["all"] / slots(spark)
    return {"documents": len(texts), "seconds": seconds, "per_s_and_core": round(per_core, 1),
            "states": dict(sorted(found.items())), "peak_mb": memory.peaks}  # fmt: skip


def each_count(
    about: str, results: Path, counts: Sequence[int], made: Callable[[list[str], int], list[str]], measured: Measure
) -> None:
    """Measure as many documents as the command line says, else `counts`, `made` from a folder's pages; write what is
    known after each.
    """
    parser = folder_parser(about)
    parser.add_argument("documents", nargs="*", type=int, metavar="DOCUMENTS", help="how many; each count is measured")
    options = parser.parse_args()
    sets, counts = pages(options.folder or SAMPLE.parent), options.documents or counts
    texts = made([t for texts in sets.values() for t in texts], max(counts))
    found = []
    for count in counts:
        found.append(measured(texts[:count]))
        print(json.dumps(found[-1]), flush=True)
        results.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    each_count(__doc__, RESULTS, COUNTS, synthetic, measured)
