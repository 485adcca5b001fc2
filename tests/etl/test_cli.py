"""The command line: exit statuses, one line per mistake, output formats. Real processes where they are quick."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from etl import cli
from tests.conftest import Bench

ROOT = Path(__file__).parents[2]


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command line in this process; return the exit status and what stood on stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--conf", "nowhere.toml"], "nowhere.toml: no such file"),
        (["run", "--set", "warehose=x", "--input", "x"], "did you mean 'warehouse'"),
        (["run", "--set", "stages.generate.temperatur=1", "--input", "x"], "temperature"),
        (["run", "--set", "stages.generate.temperature=7", "--input", "x"], "stages.generate.temperature"),
        (["run", "--set", "budget.usd"], "key=value"),
        (
            ["run", "--input", "x", "--set", "stages.check={votes=3, extra_body={seed=1}}"],
            "stages.check.extra_body: one seed makes all votes the same",
        ),
        (["run"], "sources"),
        (["run", "--only", "guess"], "no such stage"),
        (["run", "--limit", "0", "--input", "x"], "--limit"),
        (["run", "--rebuild", "--limit", "3"], "--rebuild"),
        (["run", "--input", "x", "--set", "stages.check.engine=fast"], "no [engines.fast]"),
        (
            ["run", "--input", "x", "--set", "budget.usd=1", "--set", "engines.default={type='openai', model='m'}"],
            "engines.default.price",
        ),
        (["plan", "--input", "x", "--set", "catalog=main"], "schema"),
    ],
)
def test_a_mistake_ends_with_status_2_and_one_helpful_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = fails(capsys, *arguments)
    assert status == 2
    assert says in text
    assert len(text.strip().splitlines()) == 1
    assert "Traceback" not in text


def test_a_missing_prompt_and_a_missing_input_are_configuration_errors(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = f"warehouse='{bench.folder / 'warehouse'}'"
    common = ["--set", warehouse, "--set", "tracking.uri=''"]
    assert fails(capsys, "run", *common, "--input", str(bench.folder / "nothing-*.jsonl"))[0] == 2
    status, text = fails(capsys, "run", *common, "--input", "x", "--set", "stages.check.prompt='check@9'")
    assert status == 2
    assert "check.v1.md" in text


def test_a_prompt_changed_under_its_old_name_is_refused(bench: Bench) -> None:
    from etl.errors import ConfigError

    prompt = bench.folder / "qualify@7.md"
    prompt.write_text("# Task: qualify\n\nSay whether the passage is any good.")
    bench.write("short")
    bench.run(f"stages.qualify.prompt='{prompt}'")
    prompt.write_text("# Task: qualify\n\nSay whether the passage is really any good.")
    with pytest.raises(ConfigError, match="qualify@8"):
        bench.run(f"stages.qualify.prompt='{prompt}'")


def test_sql_reads_in_three_formats_and_writes_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--set", f"warehouse='{bench.folder / 'warehouse'}'"]
    query = "SELECT stage, rows_in FROM funnel ORDER BY stage LIMIT 1"
    cli.main(["sql", *common, query, "--format", "json"])
    assert json.loads(capsys.readouterr().out) == [{"stage": "check", "rows_in": 0}]
    cli.main(["sql", *common, query, "--format", "csv"])
    assert capsys.readouterr().out.splitlines() == ["stage,rows_in", "check,0"]
    cli.main(["sql", *common, query])
    assert "check" in capsys.readouterr().out
    for writing in ("DELETE FROM qa", "WITH x AS (SELECT 1) INSERT INTO qa SELECT * FROM x", "DROP VIEW qa", "SELEC 1"):
        assert fails(capsys, "sql", *common, writing)[0] == 2


def test_a_column_that_is_not_there_is_told_in_one_line(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("sql", "--set", f"warehouse='{bench.folder / 'warehouse'}'", "SELECT nowhere FROM qa")
    status, told = fails(capsys, *wrong)
    assert (status, len(told.splitlines())) == (2, 1)
    assert "nowhere" in told


def test_the_plan_counts_calls_before_any_is_made(
    bench: Bench, endpoint: object, capsys: pytest.CaptureFixture[str]
) -> None:
    from etl import show
    from etl.plan import plan, totals

    bench.write("A page of some fifty tokens and more. " * 12, "tiny")
    versions = bench.warehouse.versions()
    priced = "engines.default.price={input=1.0, cached_input=0.1, output=2.0}"
    found = plan(bench.spark, bench.config(priced))
    stages = {s.stage: s for s in found.stages}
    assert (stages["qualify"].pending, stages["qualify"].calls, stages["qualify"].paid) == (1, 1, 0)
    assert stages["generate"].expected >= 1
    assert totals(list(stages.values()))["usd"] > 0
    [engine] = found.layouts
    sent, wide = (c.input_tokens for c in engine.costs)
    assert sent == pytest.approx(totals(found.stages)["input_tokens"], abs=4)  # of the layout in use, but for rounding
    assert wide > 1.5 * sent  # each call shows the rules of all four stages
    rules_first = plan(bench.spark, bench.config("engines.default.layout='rules_first'")).stages[0]
    assert rules_first.input_tokens > 2 * stages["qualify"].input_tokens
    assert engine.verdict.startswith("default: document_first (in use) is the cheaper layout by $0.00")
    assert bench.warehouse.versions() == versions
    bench.run()
    done = plan(bench.spark, bench.config())
    assert all(s.calls == 0 and s.expected == 0 for s in done.stages)
    assert done.layouts == []

    bench.write("Another page of some fifty tokens and more. " * 12)  # half of what was read came from a cache
    bench.spark.sql(f"UPDATE delta.`{bench.warehouse.root}/completions` SET cached_tokens = prompt_tokens / 2")
    found = plan(bench.spark, bench.config(priced))
    first = found.stages[0]
    assert (first.calls, first.basis) == (1, "measured")
    assert first.usd == pytest.approx(
        (first.input_tokens * (1.0 + 0.1) / 2 + first.output_tokens * 2.0) / 1e6, rel=0.01
    )
    show.plan(found, bench.config(priced))
    assert found.layouts[0].verdict in capsys.readouterr().out


def test_help_and_usage_need_no_spark() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "etl", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "plan" in done.stdout
    assert (
        subprocess.run([sys.executable, "-m", "etl", "fly"], cwd=ROOT, capture_output=True, check=False).returncode == 2
    )
