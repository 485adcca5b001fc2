"""Speed and findings of the search for benchmark items, beside datatrove's n-gram decontamination.

`python -m tests.bench.contamination [FOLDER]`: FOLDER as for tests.bench.quality, with *.jsonl.gz that have `question`
for the items; without any, those of the shipped examples. Writes tests/bench/contamination.json, the figures of
tests/bench/README.md.
"""

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from tests.bench import datatrove_env
from tests.bench.quality import SAMPLE, folder_parser, pages, synthetic
from tests.bench.signatures import alone
from udfs.answers import DOMAINS
from udfs.contamination import Index, searched

HERE = Path(__file__).parent
FEWSHOT = HERE.parents[1] / "etl" / "fewshot"
TURN = 2000  # documents
BATCH = 1000  # documents of an Arrow batch
BESIDE = 20_000  # synthetic documents that both search


class Planted(NamedTuple):
    """A document, the kind of item that it holds and the item's name; both empty if it holds none."""

    text: str
    kind: str
    item: str


def questions(folder: Path | None) -> list[tuple[str, str]]:
    """Return the items of a folder's files, named; those of the shipped examples where there are none."""
    found = []
    for path in sorted(folder.glob("*.jsonl.gz")) if folder else ():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        found += [(f"{path.name}/{n}", row["question"]) for n, row in enumerate(rows) if row.get("question")]
    if found:
        return found
    shipped = [json.loads(x) for d in DOMAINS for x in (FEWSHOT / f"{d}.jsonl").read_text("utf-8").splitlines() if x]
    return [(f"shipped/{n}", row["answer"]["question"]) for n, row in enumerate(shipped) if row["answer"]["answerable"]]


def edited(text: str, spread: int, draw: random.Random, plain: bool = True) -> str:
    """Return the text with one word in `spread` replaced, dropped or followed by another; of its plain words, if
    wanted, which are neither numbers nor names.
    """
    words = text.split()
    may = [at for at, word in enumerate(words) if not plain or (word.isalpha() and word.islower())]
    for at in sorted(draw.sample(may, min(len(may), max(1, len(words) // spread))), reverse=True):
        words[at : at + 1] = draw.choice(([], ["something"], [words[at], "really"]))
    return " ".join(words)


def other_numbers(text: str, draw: random.Random) -> str:
    """Return the text with all its numbers changed: worded the same, another question."""
    return re.sub(r"\d+", lambda found: str(int(found[0]) + draw.randrange(1, 10)), text)


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "verbatim": lambda text, _: text,
    "one word in 15 edited": lambda text, draw: edited(text, 15, draw),
    "one word in 8 edited": lambda text, draw: edited(text, 8, draw),
    "one in 15, numbers and names too": lambda text, draw: edited(text, 15, draw, plain=False),
    "other numbers": other_numbers,
}


def planted(texts: list[str], items: list[tuple[str, str]], share: float) -> list[Planted]:
    """Return the documents, a share of them with an item of each kind as a line of its own."""
    draw = random.Random(11)
    made = []
    for text in texts:
        [kind] = draw.choices([*KINDS, ""], [share] * len(KINDS) + [1 - share * len(KINDS)])
        if not kind:
            made.append(Planted(text, "", ""))
            continue
        name, question = draw.choice(items)
        item, lines = KINDS[kind](question, draw), text.split("\n")
        lines.insert(draw.randrange(len(lines) + 1), item)
        made.append(Planted("\n".join(lines), "verbatim" if item == question else kind, name))
    return made


def timed(texts: Sequence[str], index: Index) -> tuple[list[str | None], float]:
    """Return the item found in each text, and the CPU seconds it took."""
    table = pa.table({"key": list(map(str, range(len(texts)))), "text": texts})
    batches = table.to_batches(BATCH)
    started = time.process_time()
    found = list(searched(iter(batches), index, prose=True))
    spent = time.process_time() - started
    return pa.Table.from_batches(found)["matched"].to_pylist(), spent


def compared(documents: list[Planted], items: list[tuple[str, str]], index: Index) -> dict[str, Any]:
    """Return both sides' speed by CPU time on one core, in turns, and what each finds."""
    cpu = {"ours": 0.0, "datatrove": 0.0}
    counts = {kind or "nothing": Counter[str]() for kind in (*KINDS, "")}
    for at in range(0, len(documents), TURN):
        turn = documents[at : at + TURN]
        texts = [d.text for d in turn]
        ours, spent = timed(texts, index)
        theirs = datatrove_env.answer("datatrove_contamination.py", texts, [question for _, question in items])
        cpu["ours"] += spent
        cpu["datatrove"] += theirs["cpu_s"]
        for document, mine, other in zip(turn, ours, theirs["found"], strict=True):
            counts[document.kind or "nothing"].update(
                {
                    "documents": 1, "ours": mine is not None, "datatrove": other,
                    "ours, by name": bool(mine) and mine == document.item, "same": (mine is not None) == other,
                }
            )  # fmt: skip
    chars = sum(len(d.text) for d in documents)
    return {
        "documents": len(documents), "mchar": round(chars / 1e6, 2), "items": len(items),
        "times_as_fast": round(cpu["datatrove"] / cpu["ours"], 1),
        **{f"{side}_per_s": round(len(documents) / s, 1) for side, s in cpu.items()},
        **{f"{side}_mchar_per_s": round(chars / s / 1e6, 2) for side, s in cpu.items()},
        "agreement": round(sum(c["same"] for c in counts.values()) / len(documents), 4),
        "found by what was planted": counts,
    }  # fmt: skip


def main() -> None:
    """Search synthetic documents alone, then the real pages and some of those beside datatrove; write what is found."""
    folder = folder_parser(__doc__).parse_args().folder
    items = questions(folder)
    index = Index(items)
    real = [text for texts in pages(folder or SAMPLE.parent).values() for text in texts]
    made = planted(synthetic(real, 100_000), items, 0.04)
    find = partial(index.find, prose=True)
    find("The tables are made before the clock starts.")
    results: dict[str, Any] = {
        "alone": alone([d.text for d in made], (1000, 10_000, 100_000, 1_000_000), find),
        "real": compared(planted(real, items, 0.12), items, index),
        "synthetic": compared(made[:BESIDE], items, index),
    }
    (HERE / "contamination.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
