"""Speed and decisions of the quality rules, beside datatrove's filters on the same documents.

`python -m tests.bench.quality [FOLDER]`: FOLDER holds *.jsonl.gz with `text` and *.warc.gz; without one the shipped
sample is used. Writes tests/bench/quality.json and prints the tables of tests/bench/README.md.
"""

import argparse
import gzip
import inspect
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from etl.config.quality import Quality
from tests.bench import datatrove_env
from udfs.passages import count_tokens
from udfs.quality.language import detect
from udfs.quality.masking import mask
from udfs.quality.measures import measure
from udfs.quality.rules import judge

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "etl" / "sample" / "documents.jsonl"
SYNTHETIC = 100_000
BESIDE = 20_000  # synthetic documents that datatrove sees too
MEAN_CHARS = 2000
TURN = 2000  # documents
OURS = Quality().model_dump()
# What datatrove's defaults ask, in our settings: the thresholds as published, and what it leaves to other filters.
PUBLISHED = Quality(
    languages=(), min_language_score=0, min_redirect_tokens=0, min_tokens=0, max_policy_chars=1, max_curly_chars=0,
    min_sentences=5, min_punct_lines=0.12, min_punct_chars=0, max_short_lines=0.67, max_short_chars=1,
    max_dup_lines=0.3, max_dup_line_chars=0.01,
).model_dump()  # fmt: skip


def folder_parser(about: str) -> argparse.ArgumentParser:
    """Return the parser of a program over the pages of a FOLDER, which is None where none is given."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    text = "holds *.jsonl.gz with `text` and *.warc.gz; the shipped sample where none is given"
    parser.add_argument("folder", nargs="?", type=_folder, metavar="FOLDER", help=text)
    return parser


def _folder(path: str) -> Path:
    if not Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"{path}: no such folder")
    return Path(path)


def pages(folder: Path) -> dict[str, list[str]]:
    """Return the English texts of a folder's files by name: datatrove's word lists are for these."""
    found = {}
    for path in sorted(folder.glob("*.jsonl*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            found[path.name] = [text for line in lines if (text := json.loads(line).get("text"))]
    for path in sorted(folder.glob("*.warc.gz")):
        found[path.name] = [text for text in main_texts(path) if text]
    return {name: kept for name, texts in found.items() if (kept := [t for t in texts if detect(t)[0] == "en"])}


def main_texts(path: Path) -> Iterator[str]:
    """Yield the main text of each page of a WARC file."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from trafilatura import extract

    with gzip.open(path) as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            yield extract(record.reader.read(), include_comments=False) or ""


def manual() -> list[str]:
    """Return the documentation of numpy's functions: prose, code, formulas and tables on one page."""
    texts = {inspect.getdoc(getattr(part, n)) or "" for part in (np, np.linalg, np.fft, np.random) for n in dir(part)}
    return sorted(text for text in texts if len(text) > 1500)


def synthetic(real: list[str], count: int) -> list[str]:
    """Return documents cut from real ones, each third one spoilt in one of the ways that the rules look for."""
    draw = random.Random(7)
    paged = [lines for text in real if len(lines := text.split("\n")) > 2]
    spoilt = (
        lambda lines: lines + lines[: len(lines) // 2],
        lambda lines: [line[:25] for line in lines],
        lambda lines: [f"- {line.rstrip('.!?')}" for line in lines],
        lambda lines: [f"{line[:80]}…" for line in lines],
        lambda lines: [*lines, *["Home", "About us", "Log in", "Our privacy policy", "This site uses cookies"] * 4],
        lambda lines: [" ".join(f"#{word}" if i % 5 == 0 else word for i, word in enumerate(x.split())) for x in lines],
    )
    made = []
    for n in range(count):
        lines, wanted, taken = draw.choice(paged), draw.expovariate(1 / MEAN_CHARS), []
        at = draw.randrange(1 + len(lines) // 2)
        while sum(map(len, taken)) < wanted and at + len(taken) < len(lines):
            taken.append(lines[at + len(taken)])
        made.append("\n".join(draw.choice(spoilt)(taken) if n % 3 == 0 else taken))
    return [text for text in made if text.strip()]


def compared(texts: list[str]) -> Iterator[dict[str, Any]]:
    """Yield both sides' documents per second and decisions on the same texts, one core each, by CPU time.

    The two take turns, so that both meet the same neighbours on the machine; what is known is told after each turn.
    """
    cpu, chars, done = Counter[str](), 0, 0
    counts = {n: Counter[str]() for n in ("ours", "as_published", "datatrove", "only_datatrove", "only_as_published")}
    for at in range(0, len(texts), TURN):
        turn = texts[at : at + TURN]
        tokens = count_tokens(turn)
        started = time.process_time()
        found = [measure(text, n) for text, n in zip(turn, tokens, strict=True)]
        verdicts = [judge(language, measures, OURS) for language, measures in found]
        cpu["ours"] += time.process_time() - started
        theirs = datatrove_env.answer("datatrove_filters.py", turn)
        cpu["datatrove"] += theirs["cpu_s"]
        for verdict, (language, measures), other in zip(verdicts, found, theirs["rejected"], strict=True):
            strict = judge(language, measures, PUBLISHED)
            counts["ours"].update([verdict.rule] if verdict else [])
            counts["as_published"].update([strict.rule] if strict else [])
            counts["datatrove"].update([other] if other else [])
            counts["only_datatrove"].update([other] if other and not strict else [])
            counts["only_as_published"].update([strict.rule] if strict and not other else [])
        chars, done = chars + sum(map(len, turn)), done + len(turn)
        apart = counts["only_datatrove"].total() + counts["only_as_published"].total()
        yield {
            "documents": done, "chars": chars, "times_as_fast": round(cpu["datatrove"] / cpu["ours"], 1),
            **{f"{side}_per_s": round(done / cpu[side], 1) for side in ("ours", "datatrove")},
            **{f"{side}_mchar_per_s": round(chars / cpu[side] / 1e6, 2) for side in ("ours", "datatrove")},
            "agreement_as_published": round(1 - apart / done, 4),
            **{f"rejected_{n}": {"all": c.total(), **dict(c.most_common(8))} for n, c in counts.items()},
        }  # fmt: skip


def mask_cost(texts: list[str]) -> float:
    """Return the CPU milliseconds per document that masking takes."""
    kinds, started = Quality().mask, time.process_time()
    for text in texts:
        mask(text, kinds)
    return round(1000 * (time.process_time() - started) / len(texts), 3)


def alone(texts: list[str]) -> dict[str, Any]:
    """Return our documents per second over all texts, by CPU time, and the most memory after some, more and all.

    What is measured is not kept, as in a stream.
    """
    peak, started = {}, time.process_time()
    for done, text in enumerate(texts, 1):
        judge(*measure(text, 0), OURS)
        if done in (1000, 10_000, len(texts)):
            peak[done] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cpu = time.process_time() - started
    return {"documents": len(texts), "per_s": round(len(texts) / cpu, 1), "peak_mb": peak}


def main() -> None:
    """Measure the real pages, then the synthetic ones, and write what is known after each turn."""
    sets = pages(folder_parser(__doc__).parse_args().folder or SAMPLE.parent)
    real = [text for texts in sets.values() for text in texts]
    sets["numpy's manual"] = manual()
    results: dict[str, Any] = {}
    measure("The model is loaded before the clock starts.", 0)
    for name, texts in sets.items():
        keep(results, name, texts)
    made = synthetic(real, SYNTHETIC)
    results["synthetic, ours alone"] = alone(made)
    keep(results, "synthetic", made[:BESIDE])


def keep(results: dict[str, Any], name: str, texts: list[str]) -> None:
    """Compare on one set of texts, writing the results down as they come."""
    masking = mask_cost(texts[:TURN])
    for result in compared(texts):
        results[name] = result | {"mask_ms": masking}
        (HERE / "quality.json").write_text(json.dumps(results, indent=2) + "\n")
        print(name, json.dumps(results[name]), flush=True)


if __name__ == "__main__":
    main()
