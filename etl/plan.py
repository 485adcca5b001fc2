"""What a run would do: calls, tokens and money per stage. Makes no call and writes to no table.

Data: the tables as an ingest would leave them (an `Overlay`, whose copies go at the end) -> what each stage lacks.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl.config import Config
from etl.config.stages import STAGE_NAMES
from etl.ingest import ingest
from etl.layouts import Asked, Comparison, compared, input_usd, questions
from etl.pipeline import STAGES, Job, Options, chosen, slices, unfinished
from etl.specs import call_specs, check_prompts, load_prompts
from etl.stages import Stage
from etl.tables import Overlay, Warehouse
from etl.views import register
from etl.work import ORPHAN, Slice, tasks, to_call
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


@dataclass(frozen=True)
class Plan:
    """What a run would do, by stage, and what its input costs under each layout, by engine."""

    stages: list[StagePlan]
    layouts: list[Comparison]


@dataclass(frozen=True)
class Learnt:
    """What earlier runs measured; empty until there were any."""

    flow: dict[str, float] = field(default_factory=dict)
    """Inputs of the next stage per row of a stage."""
    answer: dict[str, float] = field(default_factory=dict)
    """Tokens of a stage's answer."""
    cached: dict[tuple[str, str], float] = field(default_factory=dict)
    """Share of the input tokens that was read from a cache, by stage and model."""


@dataclass(frozen=True)
class Coming:
    """What a stage's answers lead to: inputs of the next one, of how many passages, of how many tokens."""

    inputs: float = 0
    passages: float = 0
    document: float = 0


def plan(spark: SparkSession, config: Config, options: Options | None = None) -> Plan:
    """Return what a run with these options would do.

    Raises:
        ConfigError: as `run` would.
    """
    options = options or Options()
    stages = chosen(options, config)
    prompts = load_prompts(config)
    warehouse = replace(Warehouse.of(spark, config), scratch=f"plan-{secrets.token_hex(4)}")
    check_prompts(warehouse, prompts.values())
    learnt = _learnt(warehouse, config)
    seen = Overlay.over(warehouse, {})
    try:
        if not options.only:
            ingest(seen, config, "plan")
        job = Job(seen, config, call_specs(config, prompts), "plan", stages)
        return _planned(job, _range(job, options), learnt)
    finally:
        warehouse.drop_copies()


def _planned(job: Job, part: Slice, learnt: Learnt) -> Plan:
    stages: list[StagePlan] = []
    engines: dict[str, list[Asked]] = defaultdict(list)
    coming = Coming()
    for stage in (s for s in STAGES if s in job.stages):
        found, asked, coming = _stage(job, stage, part, learnt, coming)
        stages.append(found)
        engines[job.config.stage(stage.name).engine] += asked
    specs = {job.config.stage(name).engine: spec.engine for name, spec in job.specs.items()}
    layouts = [compared(name, specs[name], asked) for name, asked in engines.items()]
    return Plan(stages, [c for c in layouts if c])


def _range(job: Job, options: Options) -> Slice:
    """Return the documents that `--limit` leaves, or all."""
    if options.limit is None:
        return Slice()
    wide = replace(job, config=job.config.model_copy(update={"slice_documents": options.limit}))
    return next(iter(slices(wide, options.limit)), Slice(last=""))


def _stage(
    job: Job, stage: Stage, part: Slice, learnt: Learnt, coming: Coming
) -> tuple[StagePlan, list[Asked], Coming]:
    name, spec = stage.name, job.specs[stage.name]
    todo = job.warehouse.stage_copy("diff", unfinished(job, stage, part).where(F.col("state") != ORPHAN))
    made = job.warehouse.stage_copy("tasks", tasks(part.of(job.warehouse), todo, spec))
    asked = made.where(F.col("call_key").isNotNull())
    pending, keys = made.where("n = 0").count(), asked.select("call_key").distinct().count()
    calls, passages, document = _lacking(job.warehouse, made, spec)
    expected = round(coming.inputs * sum(spec.samples))
    total = calls + expected
    coming = Coming(
        total / sum(spec.samples) * learnt.flow.get(name, ASSUMED_FLOW[name]),
        passages + min(coming.inputs, coming.passages),
        document if calls else coming.document,
    )
    shown = questions(spec, total, coming.passages, coming.document)
    read = sum(q.tokens(spec.layout) for q in shown)
    served = read * learnt.cached.get((name, spec.engine.model), 0.0)
    written = total * learnt.answer.get(name, ASSUMED_ANSWER[name])
    usd = input_usd(spec.engine.price, read, served)
    if usd is not None and spec.engine.price:
        usd += written * spec.engine.price.output / 1_000_000
    basis = "measured" if name in learnt.flow else "assumed"
    found = StagePlan(name, pending, keys - calls, calls, expected, round(read), round(written), usd, basis)
    return found, shown, coming


def _lacking(warehouse: Warehouse, made: DataFrame, spec: CallSpec) -> tuple[int, int, float]:
    """Return the calls that nobody paid yet, of how many passages, and the mean tokens of title and passage."""
    passage, title = (F.length(F.get_json_object("row", f"$.{n}")) for n in ("passage", "title"))
    row = (
        to_call(warehouse, made, spec)
        .agg(
            F.count("*").alias("calls"),
            F.count_distinct("passage_key").alias("passages"),
            (F.avg(passage + F.coalesce(title, F.lit(0))) / CHARS_PER_TOKEN).alias("document"),
        )
        .first()
    )
    return (int(row["calls"]), int(row["passages"]), float(row["document"] or 0)) if row else (0, 0, 0.0)


def _learnt(warehouse: Warehouse, config: Config) -> Learnt:
    if not warehouse.exists("completions"):
        return Learnt()
    register(warehouse, config, "funnel")
    funnel = {r["stage"]: r for r in warehouse.spark.table("funnel").collect()}
    sums = [F.sum(f"{n}_tokens").alias(n) for n in ("prompt", "cached", "completion")]
    told = F.count("completion_tokens").alias("told")
    paid = warehouse.read("completions").groupBy("stage", "model").agg(*sums, told).collect()
    learnt = Learnt(cached={(r["stage"], r["model"]): (r["cached"] or 0) / r["prompt"] for r in paid if r["prompt"]})
    after = dict(pairwise(STAGE_NAMES))
    for stage in funnel.keys() & {r["stage"] for r in paid if r["told"]}:  # a stage may have been switched off
        rows = funnel[stage]["accepted"] + funnel[stage]["rejected"]
        if not rows:
            continue
        behind = funnel.get(after.get(stage, ""))
        following = behind["rows_in"] if behind else funnel[stage]["accepted"]
        learnt.flow[stage] = following / rows
        own = [r for r in paid if r["stage"] == stage]
        learnt.answer[stage] = sum(r["completion"] or 0 for r in own) / sum(r["told"] for r in own)
    return learnt


def totals(stages: list[StagePlan]) -> dict[str, Any]:
    """Return the sums over the stages; no money where a stage's engine has no price."""
    costs = [s.usd for s in stages]
    return {
        "calls": sum(s.calls + s.expected for s in stages),
        "input_tokens": sum(s.input_tokens for s in stages),
        "output_tokens": sum(s.output_tokens for s in stages),
        "usd": None if None in costs else sum(c for c in costs if c is not None),
    }
