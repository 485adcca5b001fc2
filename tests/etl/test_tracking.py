"""MLflow on a real local store: metrics, artifacts, prompt versions once; and MLflow being down stops nothing."""

import time
from pathlib import Path
from typing import Any

import mlflow
import pytest

from etl.configfile import load
from etl.specs import load_prompts
from etl.tracking import PATIENCE_S, Tracker

STAGE = {
    "stage": "generate", "rows_in": 4, "accepted": 3, "rejected": 1, "errors": 0, "pending": 0, "calls": 4,
    "requests": 5,
    "prompt_tokens": 400, "cached_tokens": 0, "completion_tokens": 40, "cost_usd": 0.5,
}  # fmt: skip
RECORD: dict[str, Any] = {"status": "done", "documents_new": 2, "stages": [STAGE], "extra": {"qa.math": 3}}


def track(uri: str, run_id: str) -> tuple[float, str | None]:
    """Track one run; return the seconds it took, and its id in MLflow."""
    config = load(None, [f"tracking.uri='{uri}'", "tracking.experiment='tests'"])
    started = time.monotonic()
    with Tracker(config, run_id, load_prompts(config).values()) as tracker:
        found = tracker.mlflow_run_id()
        tracker.record = RECORD
    return time.monotonic() - started, found


def test_a_run_has_parameters_metrics_artifacts_and_its_prompt_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.tracking.PATIENCE_S", 300.0)  # on a starved machine, too
    uri = f"sqlite:///{tmp_path}/deep/mlflow.db"
    ids = {track(uri, name)[1] for name in ("first", "second")}
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("tests")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert {r.info.run_name for r in runs} == {"first", "second"}
    assert {r.info.run_id for r in runs} == ids
    for run in runs:
        assert run.info.status == "FINISHED"
        assert run.data.metrics["generate.yield"] == 0.75
        assert run.data.metrics["generate.cost_usd"] == 0.5
        assert run.data.metrics["qa.math"] == 3
        assert run.data.params["stages.generate.prompt"] == "generate@1"
        assert '"webscale-rl-generate", "version": "1"' in run.data.tags["mlflow.linkedPrompts"]
        assert {a.path for a in client.list_artifacts(run.info.run_id)} == {"config.json", "funnel.json"}
    assert [v.version for v in client.search_prompt_versions("webscale-rl-generate")] == [1], "same text, one version"


def test_mlflow_being_down_is_said_once_and_stops_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    seconds, found = track("http://127.0.0.1:9", "lost")
    assert (found, seconds < PATIENCE_S + 10) == (None, True)
    assert capsys.readouterr().err.count("not tracked by MLflow") == 1
