"""MLflow: one run per run, with the prompts it used. Whatever fails here is said once and stops nothing.

All of it happens in one thread beside the run, and its end is waited for a bounded time: the numbers are in the
tables anyway.
"""

import json
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from etl.config import Config
from etl.prompts import Prompt
from etl.runs import config_json

PATIENCE_S = 20.0  # how long the end of a run waits for MLflow, all in all
COUNTS = ("rows_in", "accepted", "rejected", "errors", "pending", "calls", "requests")
METRICS = (*COUNTS, "prompt_tokens", "cached_tokens", "completion_tokens", "cost_usd")


class Tracker:
    """Tracks one run; `record` is set to the run's row of `runs` before the end."""

    def __init__(self, config: Config, run_id: str, prompts: Iterable[Prompt]) -> None:
        self._config, self._run_id, self._prompts = config, run_id, list(prompts)
        self._ended, self._begun = threading.Event(), threading.Event()
        self._mlflow_run_id: str | None = None
        self._waits_until = 0.0
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self.record: dict[str, Any] | None = None

    def __enter__(self) -> Self:
        if self._config.tracking.uri:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._config.tracking.uri:
            self._thread.join(self._patience())
            if self._thread.is_alive():
                _say(f"MLflow at {self._config.tracking.uri} is slow; this run may be missing there")

    def mlflow_run_id(self) -> str | None:
        """Return the name of this run in MLflow, None where it is not tracked; waits for it a bounded time."""
        if self._config.tracking.uri:
            self._begun.wait(self._patience())
        return self._mlflow_run_id

    def _patience(self) -> float:
        """Return how long to wait yet, from the first time that this is asked on."""
        self._waits_until = self._waits_until or time.monotonic() + PATIENCE_S
        return max(0.0, self._waits_until - time.monotonic())

    def _work(self) -> None:
        # an MLflow server that is down would be retried for minutes
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
        try:
            self._track()
        except Exception as error:  # noqa: BLE001  tracking of any kind must never stop a run
            _say(f"not tracked by MLflow at {self._config.tracking.uri}: {type(error).__name__}: {error}"[:300])
        finally:
            self._begun.set()

    def _track(self) -> None:
        import logging

        import mlflow

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        name, folder = self._config.tracking.experiment, _beside(self._config.tracking.uri)
        mlflow.set_tracking_uri(self._config.tracking.uri)  # linking a prompt looks there, whatever the client's own
        client = mlflow.MlflowClient()
        found = client.get_experiment_by_name(name)
        experiment = found.experiment_id if found else client.create_experiment(name, artifact_location=folder)
        run = client.create_run(experiment, run_name=self._run_id).info.run_id
        self._mlflow_run_id = run
        self._begun.set()
        status = "FAILED"
        try:
            for key, value in _flat(json.loads(config_json(self._config))):
                client.log_param(run, key, value[:500])
            client.log_text(run, config_json(self._config), "config.json")
            for prompt in self._prompts:
                client.link_prompt_version_to_run(run, _registered(client, prompt))
            self._ended.wait()
            if self.record is not None:
                self._log(client, run, self.record)
                status = "FINISHED" if self.record["status"] == "done" else "FAILED"
        finally:
            client.set_terminated(run, status)

    def _log(self, client: Any, run: str, record: dict[str, Any]) -> None:
        client.set_tag(run, "webscale_rl.run_id", self._run_id)
        client.set_tag(run, "webscale_rl.status", record["status"])
        client.log_metric(run, "documents_new", record["documents_new"])
        for stage in record["stages"]:
            for name in METRICS:
                if stage[name] is not None:
                    client.log_metric(run, f"{stage['stage']}.{name}", stage[name])
            judged = stage["accepted"] + stage["rejected"]
            if judged:
                client.log_metric(run, f"{stage['stage']}.yield", stage["accepted"] / judged)
        for name, value in record["extra"].items():
            client.log_metric(run, name, value)
        client.log_text(run, json.dumps(record["stages"], indent=2), "funnel.json")


def _registered(client: Any, prompt: Prompt) -> Any:
    """Return the registered version with exactly this text, registering it if there is none.

    Registering the same text again would make a new version, so versions are found by their hash.
    """
    name = f"webscale-rl-{prompt.stage}"
    if client.get_prompt(name) is not None:
        for version in client.search_prompt_versions(name):
            if version.tags.get("sha") == prompt.sha:
                return version
    return client.register_prompt(
        name=name, template=prompt.template, commit_message=prompt.name, tags={"sha": prompt.sha, "name": prompt.name}
    )


def _beside(uri: str) -> str | None:
    """Return where artifacts go: beside a local database, not in whatever folder the run was started in."""
    if not uri.startswith("sqlite:///"):
        return None
    folder = Path(uri.removeprefix("sqlite:///")).absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "mlruns").as_uri()


def _flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as (dotted key, text)."""
    if isinstance(value, dict) and value:
        return [pair for k, v in value.items() for pair in _flat(v, f"{prefix}.{k}" if prefix else str(k))]
    return [(prefix.replace('"', ""), json.dumps(value) if not isinstance(value, str) else value)]


def _say(text: str) -> None:
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)
