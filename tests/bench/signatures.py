"""Speed and findings of MinHash signatures, beside datatrove's on the same documents.

`python -m tests.bench.signatures [FOLDER]`: FOLDER as for tests.bench.quality. Writes tests/bench/signatures.json and
prints the table of tests/bench/README.md.
"""

import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any

from tests.bench import datatrove_env
from tests.bench.quality import SAMPLE, folder_parser, pages, synthetic
from udfs.minhash import SHINGLE_WORDS, banding, bands, signature, similarity
from udfs.shingles import ngrams, word_hashes

HERE = Path(__file__).parent
THRESHOLD = 0.8
TURN = 2000  # documents
BESIDE = 10_000  # synthetic documents that both sign; the rest only we do
Pair = tuple[int, int]


def meeting(rows: Sequence[Sequence[Any] | None]) -> set[Pair]:
    """Return the pairs of documents that share a bucket."""
    crowd: dict[Any, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        for place, value in enumerate(row or ()):
            crowd[place, value].append(n)
    return {pair for members in crowd.values() if len(members) < 200 for pair in combinations(members, 2)}


def jaccard(left: str, right: str) -> float:
    """Return the exact similarity of two texts."""
    a, b = (set(ngrams(word_hashes(t), SHINGLE_WORDS).tolist()) for t in (left, right))
    return len(a & b) / max(1, len(a | b))


def compared(texts: list[str]) -> dict[str, Any]:
    """Return both sides' speed by CPU time on one core, in turns, and what each finds."""
    ours: list[Any] = []
    theirs: list[Any] = []
    cpu = {"ours": 0.0, "datatrove": 0.0}
    for at in range(0, len(texts), TURN):
        turn = texts[at : at + TURN]
        started = time.process_time()
        ours += [signature(text) for text in turn]
        cpu["ours"] += time.process_time() - started
        answer = datatrove_env.answer("datatrove_minhash.py", turn)
        cpu["datatrove"] += answer["cpu_s"]
        theirs += answer["buckets"]
    cut = banding(THRESHOLD)
    met = meeting([None if s is None else bands(s[None], cut)[0].tolist() for s in ours])
    kept = {(a, b) for a, b in met if similarity(ours[a], ours[b]) >= THRESHOLD}
    found = {"ours": kept, "ours before the estimate": met, "datatrove": meeting(theirs)}
    exact = {pair: jaccard(texts[pair[0]], texts[pair[1]]) for pair in set().union(*found.values())}
    chars = sum(map(len, texts))
    return {
        "documents": len(texts), "mchar": round(chars / 1e6, 2),
        "times_as_fast": round(cpu["datatrove"] / cpu["ours"], 1),
        **{f"{side}_per_s": round(len(texts) / s, 1) for side, s in cpu.items()},
        **{f"{side}_mchar_per_s": round(chars / s / 1e6, 2) for side, s in cpu.items()},
        "pairs": {
            side: {
                "found": len(pairs),
                "at 0.9": sum(exact[p] >= 0.9 for p in pairs),
                "below 0.5": sum(exact[p] < 0.5 for p in pairs),
            }
            for side, pairs in found.items()
        },
        "pairs at 0.9 that anyone found": sum(score >= 0.9 for score in exact.values()),
        "same_pairs_as_datatrove": round(len(kept & found["datatrove"]) / max(1, len(kept | found["datatrove"])), 3),
    }  # fmt: skip


def peak_mb() -> int:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def alone(texts: list[str], counts: Sequence[int], work: Callable[[str], object]) -> list[dict[str, Any]]:
    """Work on many documents, one after the other, and return speed and peak memory after each count of them."""
    told, started, chars = [], time.process_time(), 0
    endless = (texts[n % len(texts)] + f" {n}" for n in range(max(counts)))
    done = 0
    for count in counts:
        for text in islice(endless, count - done):
            work(text)
            chars += len(text)
        done = count
        spent = time.process_time() - started
        told.append({"documents": count, "per_s": round(count / spent), "mchar_per_s": round(chars / spent / 1e6, 1),
                     "peak_mb": peak_mb()})  # fmt: skip
    return told


def main() -> None:
    """Measure the real pages, then the synthetic ones, and write what was found."""
    sets = pages(folder_parser(__doc__).parse_args().folder or SAMPLE.parent)
    real = [text for texts in sets.values() for text in texts]
    word_hashes("The tables are made before the clock starts.")
    made = synthetic(real, 100_000)
    results = {
        "real": compared(real),
        "synthetic": compared(made[:BESIDE]),
        "alone": alone(made, (10_000, 100_000, 1_000_000), signature),
    }
    (HERE / "signatures.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
