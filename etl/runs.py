"""What a run came to: its row in `runs`, with counts, tokens and cost per stage."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import functions as F  # noqa: N812

from etl.complete import counted
from etl.config import Config
from etl.errors import RunError
from etl.ingest import Ingested
from etl.tables import Warehouse
from etl.views import definition_key, register
from udfs.spec import CallSpec

Began = tuple[datetime, Ingested, RunError | None]
SECRET_NAME = re.compile(r"(?i)secret|password|token|access.?key|api.?key|credential")
SUMS = ("prompt_tokens", "cached_tokens", "completion_tokens", "cost_usd")


def config_json(config: Config) -> str:
    """Return the resolved configuration without secrets: names of key variables stand there, never keys, and
    Spark settings that look like a secret by their name are masked.
    """
    plain = config.model_dump(by_alias=True, mode="json")
    plain["spark"] = {k: "***" if SECRET_NAME.search(k) else v for k, v in plain["spark"].items()}
    return json.dumps(plain, indent=2)


def record(
    warehouse: Warehouse, config: Config, specs: dict[str, CallSpec], run: tuple[str, str | None], began: Began
) -> dict[str, Any]:
    """Write the row of a run (its id, and the one it has in MLflow) and return it."""
    (run_id, mlflow_run_id), (started, new, error) = run, began
    made = {r["stage"]: r.asDict() for r in _spent(warehouse, run_id)}
    stages = [
        {
            **funnel, "fingerprint": specs[funnel["stage"]].fingerprint if funnel["stage"] in specs else None,
            **{n: made.get(funnel["stage"], {}).get(n) for n in ("calls", "requests", *SUMS)},
        }
        for funnel in counted(warehouse, config, specs, definition_key("funnel"), lambda: _funnel(warehouse, config))
    ]  # fmt: skip
    row = {
        "run_id": run_id, "started_at": started, "ended_at": datetime.now(UTC),
        "status": "done" if error is None else type(error).__name__,
        "config_sha": hashlib.sha256(config_json(config).encode()).hexdigest()[:32],
        "mlflow_run_id": mlflow_run_id, "documents_new": new.new, "skipped": new.skipped, "stages": stages,
    }  # fmt: skip
    warehouse.append_records("runs", [row])
    return {**row, "extra": _extra(warehouse, run_id)}


def _funnel(warehouse: Warehouse, config: Config) -> list[dict[str, Any]]:
    register(warehouse, config, "funnel")
    return [r.asDict() for r in warehouse.spark.table("funnel").collect()]


def _extra(warehouse: Warehouse, run_id: str) -> dict[str, float]:
    """Return further numbers for tracking: pairs per domain, latency quantiles per stage in ms."""
    pairs = warehouse.read("qa").groupBy("domain").count().collect()
    wanted = (0.5, 0.9, 0.99)
    # not in one aggregation with the distinct calls: Spark would make a sketch for each of them
    times = F.percentile_approx("latency_ms", list(wanted)).alias("times")
    attempts = warehouse.read("attempts").where(F.col("run_id") == run_id).groupBy("stage").agg(times).collect()
    return {
        **{f"qa.{r['domain']}": r["count"] for r in pairs},
        **{
            f"{r['stage']}.latency_ms_p{q * 100:.0f}": t
            for r in attempts
            for q, t in zip(wanted, r["times"], strict=True)
        },
    }


def _spent(warehouse: Warehouse, run_id: str) -> list[Any]:
    attempts = warehouse.read("attempts").where(F.col("run_id") == run_id)
    return (
        attempts.groupBy("stage")
        .agg(
            F.countDistinct("call_key").alias("calls"),
            F.count("*").alias("requests"),
            *[F.sum(n).alias(n) for n in SUMS],
        )
        .collect()
    )
