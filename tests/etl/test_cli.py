"""The command line: exit statuses, one line per mistake, output formats. Real processes where they are quick."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from py4j.protocol import Py4JNetworkError

from etl import cli, pipeline, session, show
from etl.configfile import load
from etl.errors import BudgetStop
from tests.conftest import Bench
from tests.udfs.bucket import Bucket

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
        (["run", "--set", "quality.min_token=1", "--input", "x"], "did you mean 'min_tokens'"),
        (["run", "--set", "sources=[{name='s', path='x', columns={txt='y'}}]"], "sources.0.columns.txt: unknown key"),
        (["run", "--input", "a.html", "--input", "b.txt"], "not html and text"),
        (["run", "--set", "stages.generate.temperature=7", "--input", "x"], "stages.generate.temperature"),
        (["run", "--set", "budget.usd"], "key=value"),
        (
            ["run", "--input", "x", "--set", "stages.check={votes=3, extra_body={seed=1}}"],
            "stages.check.extra_body: one seed makes all votes the same",
        ),
        (["run"], "sources"),
        (["plan"], "sources: nothing to read"),
        (["plan", "--only", "guess"], "no such stage"),
        (["run", "--set", 'stages."check".vote=3', "--input", "x"], "did you mean 'votes'"),
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
    own = bench.folder / "generate@1.md"
    own.write_text("# Task: generate\n\nAsk something.")
    with pytest.raises(ConfigError, match="generate@3"):
        bench.run(f"stages.generate.prompt='{own}'")  # generate@2 is shipped


def test_the_format_of_an_input_goes_by_the_ending_or_by_what_a_folder_holds(tmp_path: Path) -> None:
    for name in ("pages/below/a.HTML", "pages/style.css", "table/part-0.snappy.parquet", "table/_SUCCESS", "odd"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    wanted = {
        "pages": "html", "pages/*": "html", "table": "parquet", "odd": "jsonl", "b.JSONL.gz": "jsonl",
        "none-*.WARC.gz": "warc",
    }  # fmt: skip
    found = {name: load(None, ["sources=['odd']"], [str(tmp_path / name)]).sources[0].format for name in wanted}
    assert found == wanted


def raises(error: BaseException | None) -> Callable[..., None]:
    """Return a function that raises an error, or does nothing."""

    def does(*_: object) -> None:
        if error is not None:
            raise error

    return does


GONE = Py4JNetworkError("Answer from Java side is empty")


@pytest.mark.parametrize(
    ("stopped", "shown", "status", "says"),
    [
        (BudgetStop("the budget is used up"), GONE, 3, "the budget is used up"),
        (PermissionError(13, "Permission denied", "/w"), None, 1, "[Errno 13] Permission denied: '/w'"),
        (KeyboardInterrupt(), GONE, 130, "interrupted"),
        (None, GONE, 1, "Answer from Java side is empty"),
    ],
)
def test_what_stops_a_run_is_told_in_one_line_whatever_fails_behind_it(
    stopped: BaseException | None,
    shown: BaseException | None,
    status: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "open_session", raises(None))
    monkeypatch.setattr(pipeline, "run", raises(stopped))
    monkeypatch.setattr(show, "last_run", raises(shown))
    ended, text = fails(capsys, "run", "--rebuild")
    assert (ended, len(text.splitlines())) == (status, 1)
    assert text.startswith(f"webscale-rl: {says}")


def test_a_mistake_of_the_program_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "open_session", raises(TypeError("no such thing")))
    with pytest.raises(TypeError):
        cli.main(["status"])


def test_a_store_that_refuses_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bucket() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        bucket.closed = True
        status, text = fails(capsys, "status", "--watch", "--set", "warehouse='s3a://bucket/warehouse'")
    assert (status, len(text.splitlines())) == (1, 1)
    assert "bucket" in text


def test_sql_reads_in_three_formats_and_writes_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    common = ["--set", f"warehouse='{bench.folder / 'warehouse'}'"]
    query = "SELECT stage, rows_in FROM funnel ORDER BY stage LIMIT 1"
    cli.main(["sql", *common, query, "--format", "json"])
    assert json.loads(capsys.readouterr().out) == [{"stage": "check", "rows_in": 0}]
    cli.main(["sql", *common, f"-- a file's\n/* first\nlines */ {query}; ", "--format", "csv"])
    assert capsys.readouterr().out.splitlines() == ["stage,rows_in", "check,0"]
    cli.main(["sql", *common, query])
    assert "check" in capsys.readouterr().out
    values = "SELECT 0.12345678901D AS share, TIMESTAMP '2024-05-01 10:20:30Z' AS at"
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    cli.main(["sql", *common, values, "--format", "csv"])
    assert capsys.readouterr().out.splitlines() == ["share,at", "0.12345678901,2024-05-01 10:20:30"]
    cli.main(["sql", *common, values])
    assert "0.123457" in capsys.readouterr().out
    cli.main(["sql", *common, "SELECT 1 AS a, 2 AS a", "--format", "csv"])
    assert capsys.readouterr().out.splitlines() == ["a,a", "1,2"]
    status, told = fails(capsys, "sql", *common, "SELECT 1 AS a, 2 AS a", "--format", "json")
    assert (status, "several columns have the name 'a'" in told) == (2, True)
    cli.main(["sql", *common, "SELECT map(DATE '2024-05-01', struct(1 AS n)) AS m", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == [{"m": {"2024-05-01": {"n": 1}}}]
    for failing in ("SELECT 1 / 0", "SELECT raise_error(run_id) FROM VALUES ('one') AS t(run_id)"):
        status, told = fails(capsys, "sql", *common, failing)
        assert (status, told[:17], len(told.splitlines())) == (2, "webscale-rl: sql:", 1)
    hidden = ("-- SELECT\nDELETE FROM qa", "WITH x AS (SELECT 1) INSERT INTO qa SELECT * FROM x")
    for writing in ("DELETE FROM qa", *hidden, "DROP VIEW qa", "SELEC 1"):
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


@pytest.mark.parametrize("key", ["spark.driver.memory", 'spark."spark.driver.memory"', '"spark"."spark.driver.memory"'])
def test_a_setting_of_spark_may_be_written_either_way(key: str) -> None:
    label = "spark.kubernetes.driver.label.app.kubernetes.io/name"
    assert load(None, [f"{key}=8g", "spark.sql.ansi.enabled='false'", f"{label}=x"]).spark == {
        "spark.driver.memory": "8g", "spark.sql.ansi.enabled": "false", label: "x"
    }  # fmt: skip


def test_help_and_usage_need_no_spark() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "etl", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "plan" in done.stdout
    assert (
        subprocess.run([sys.executable, "-m", "etl", "fly"], cwd=ROOT, capture_output=True, check=False).returncode == 2
    )
