"""What a run would do: calls, tokens and money per stage. Makes no call and writes to no table.

Data: the tables as an ingest would leave them (an `Overlay`, whose copies go at the end) -> what each stage lacks.
"""

import secrets
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl.config import Config
from etl.config.stages import STAGE_NAMES
from etl.ingest import ingest
from etl.pipeline import STAGES, Job, Options, chosen, slices, unfinished
from etl.specs import call_specs, check_prompts, load_prompts
from etl.stages import Stage
from etl.tables import Overlay, Warehouse
from etl.views import register
from etl.work import ORPHAN, Slice, tasks, to_call
from udfs.messages import shown_rules
from udfs.passages import count_tokens
from udfs.spec import CallSpec

# Until the warehouse has rows of its own: inputs of the next stage per call of this one, and tokens of an answer.
ASSUMED_FLOW = {"qualify": 0.7, "classify": 2.5, "generate": 0.8, "check": 0.8, "difficulty": 0.3, "judge": 1.0}
ASSUMED_ANSWER = {"qualify": 80, "classify": 60, "generate": 160, "check": 90, "difficulty": 150, "judge": 60}
CHARS_PER_TOKEN = 4.5  # English text with o200k_base: 4.7 on Wikipedia, less on code and mathematics


@dataclass(frozen=True)
class StagePlan:
    """One stage's part of the plan. `expected` calls follow from earlier stages' answers, so they are estimates."""

    stage: str
    pending: int
    paid: int
    calls: int
    expected: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    basis: str


def plan(spark: SparkSession, config: Config, options: Options | None = None) -> list[StagePlan]:
    """Return what a run with these options would do, per stage.

    Raises:
        ConfigError: as `run` would.
    """
    options = options or Options()
    stages = chosen(options, config)
    prompts = load_prompts(config)
    warehouse = replace(Warehouse.of(spark, config), scratch=f"plan-{secrets.token_hex(4)}")
    check_prompts(warehouse, prompts.values())
    known = _known(warehouse, config)
    seen = Overlay.over(warehouse, {})
    try:
        if not options.only:
            ingest(seen, config, "plan")
        job = Job(seen, config, call_specs(config, prompts), "plan", stages)
        return _stages(job, _range(job, options), known)
    finally:
        warehouse.drop_copies()


def _stages(job: Job, part: Slice, known: dict[str, dict[str, float]]) -> list[StagePlan]:
    out: list[StagePlan] = []
    coming, chars = 0.0, 0.0
    for stage in STAGES:
        if stage not in job.stages:
            continue
        found = _stage(job, stage, part, known.get(stage.name, {}), (coming, chars))
        out.append(found)
        calls = sum(job.specs[stage.name].samples)
        coming = (
            (found.calls + found.expected) / calls * known.get(stage.name, {}).get("flow", ASSUMED_FLOW[stage.name])
        )
        chars = found.input_tokens / max(1, found.calls + found.expected) * CHARS_PER_TOKEN
    return out


def _range(job: Job, options: Options) -> Slice:
    """Return the documents that `--limit` leaves, or all."""
    if options.limit is None:
        return Slice()
    wide = replace(job, config=job.config.model_copy(update={"slice_documents": options.limit}))
    return next(iter(slices(wide, options.limit)), Slice(last=""))


def _stage(job: Job, stage: Stage, part: Slice, known: dict[str, float], coming: tuple[float, float]) -> StagePlan:
    spec = job.specs[stage.name]
    todo = job.warehouse.stage_copy("diff", unfinished(job, stage, part).where(F.col("state") != ORPHAN))
    made = job.warehouse.stage_copy("tasks", tasks(job.warehouse, todo, spec))
    asked = made.where(F.col("call_key").isNotNull())
    pending, keys = made.where("n = 0").count(), asked.select("call_key").distinct().count()
    row = to_call(job.warehouse, made, spec).agg(F.count("*").alias("n"), F.sum(F.length("row")).alias("chars")).first()
    calls, chars = (int(row["n"]), float(row["chars"] or 0)) if row else (0, 0.0)
    constant = count_tokens(["".join((spec.system, *shown_rules(spec))) + next(iter(spec.few_shots.values()), "")])[0]
    each = chars / calls / CHARS_PER_TOKEN if calls else max(0.0, coming[1] / CHARS_PER_TOKEN - constant)
    if not calls:
        each *= spec.samples[-1] / sum(spec.samples)  # only the last of a stage's questions shows the passage
    expected = round(coming[0] * sum(spec.samples))
    total = calls + expected
    input_tokens = round(total * (each + constant))
    output_tokens = round(total * known.get("answer", ASSUMED_ANSWER[stage.name]))
    return StagePlan(
        stage.name, pending, keys - calls, calls, expected, input_tokens, output_tokens,
        _usd(spec, input_tokens, output_tokens), "measured" if known else "assumed",
    )  # fmt: skip


def _usd(spec: CallSpec, read: int, written: int) -> float | None:
    price = spec.engine.price
    return None if price is None else (read * price.input + written * price.output) / 1_000_000


def _known(warehouse: Warehouse, config: Config) -> dict[str, dict[str, float]]:
    """Return what earlier runs measured: inputs of the next stage per row of a stage, tokens of an answer."""
    if not warehouse.exists("completions"):
        return {}
    register(warehouse, config, "funnel")
    funnel = {r["stage"]: r for r in warehouse.spark.table("funnel").collect()}
    answers = warehouse.read("completions").groupBy("stage").agg(F.avg("completion_tokens").alias("n")).collect()
    after = dict(pairwise(STAGE_NAMES))
    out = {}
    for r in (r for r in answers if r["stage"] in funnel):  # a stage may have been switched off
        rows = funnel[r["stage"]]["accepted"] + funnel[r["stage"]]["rejected"]
        if not rows or r["n"] is None:
            continue
        behind = funnel.get(after.get(r["stage"], ""))
        following = behind["rows_in"] if behind else funnel[r["stage"]]["accepted"]
        out[r["stage"]] = {"flow": following / rows, "answer": float(r["n"])}
    return out


def totals(stages: list[StagePlan]) -> dict[str, Any]:
    """Return the sums over the stages; no money where a stage's engine has no price."""
    costs = [s.usd for s in stages]
    return {
        "calls": sum(s.calls + s.expected for s in stages),
        "input_tokens": sum(s.input_tokens for s in stages),
        "output_tokens": sum(s.output_tokens for s in stages),
        "usd": None if None in costs else sum(c for c in costs if c is not None),
    }
