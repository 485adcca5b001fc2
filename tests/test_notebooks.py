"""The notebooks run as they are, one after the other, and show what the tables hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import Bench

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


class Widgets:
    """The part of `dbutils.widgets` that notebooks use: a parameter given from outside wins over its default."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given, self._defaults = given, dict[str, str]()

    def text(self, name: str, default: str) -> None:
        self._defaults[name] = default

    def get(self, name: str) -> str:
        return {**self._defaults, **self._given}[name]


class Dbutils:
    """Stands in for what Databricks puts into every notebook."""

    def __init__(self, given: dict[str, str]) -> None:
        self.widgets = Widgets(given)


def shown(name: str, bench: Bench, given: dict[str, str]) -> list[list[dict[str, Any]]]:
    """Execute a notebook and return the rows of each frame that it displayed."""
    frames: list[list[dict[str, Any]]] = []

    def display(frame: Any) -> None:
        frames.append([row.asDict() for row in frame.collect()])

    path = NOTEBOOKS / f"{name}.py"
    names = {"spark": bench.spark, "dbutils": Dbutils(given), "display": display}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
    return frames


def test_notebooks_run_and_show_the_run(bench: Bench, text: Callable[[int], str]) -> None:
    bench.write(*[text(i) for i in range(4)], "Too short.")
    conf = bench.folder / "conf.toml"
    path = json.dumps(str(bench.documents))
    conf.write_text(f'tracking.uri = ""\n[[sources]]\nname = "crawl"\npath = {path}\n', "utf-8")
    engine = f"{{type='openai', base_url='{bench.url}', model='m', max_in_flight=8, price={{input=1.0, output=2.0}}}}"
    overrides = f"warehouse='{bench.folder / 'warehouse'}'\n\nengines.default={engine}\n"
    given = {"conf": str(conf), "overrides": overrides}

    (funnel,) = shown("run_pipeline", bench, given)
    rows = {row["stage"]: row for row in funnel}
    assert list(rows) == ["ingest", "qualify", "classify", "generate", "check", "publish"]
    for row in funnel:
        assert row["rows_in"] == row["accepted"] + row["rejected"] + row["errors"] + row["pending"], row
        assert row["errors"] == row["pending"] == 0, row
    assert (rows["ingest"]["accepted"], rows["ingest"]["rejected"]) == (4, 1)

    pairs, yields, rejections, costs = shown("explore_qa", bench, given)
    assert len(pairs) == rows["publish"]["accepted"] > 0
    assert all(pair["question"] and pair["answer"] and pair["evidence"] for pair in pairs)
    assert {row["stage"] for row in yields} == {"qualify", "classify", "generate", "check"}
    assert sum(row["accepted"] for row in yields if row["stage"] == "check") == rows["check"]["accepted"]
    assert ("ingest", "too_short", 1) in [(row["stage"], row["reason"], row["n"]) for row in rejections]
    whole = next(row for row in costs if row["stage"] == "all")
    assert whole["accepted_pairs"] == len(pairs)
    assert whole["cost_usd"] > 0
