"""The configuration: frozen models of every key, with default, range and a line of explanation."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from etl.config.duplicates import Duplicates
from etl.config.engines import EmbeddedEngine, Engine
from etl.config.part import Part
from etl.config.quality import Quality
from etl.config.sources import Source
from etl.config.stages import STAGE_NAMES, Stage, Stages

Setting = Annotated[str, BeforeValidator(lambda v: str(v).lower() if isinstance(v, bool) else str(v))]


def _keyless() -> "dict[str, Engine]":
    return {"default": EmbeddedEngine(type="embedded")}


class Budget(Part):
    """A hard cap on what is spent."""

    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    per: Literal["run", "day", "total"] = "run"
    """What is summed against the cap: this run, this UTC day, all that was ever spent in this warehouse."""


class Limits(Part):
    """When a failing endpoint stops the run."""

    max_error_rate: Annotated[float, Field(gt=0, le=1)] = 0.2
    """Retryable failures among the last 200 settled calls of a stage (at least 50)."""


class Tracking(Part):
    """Where MLflow keeps the runs."""

    uri: str = "sqlite:///mlflow.db"
    """Empty: no tracking."""
    experiment: str = "webscale-rl"
    """The MLflow experiment in which the runs appear."""


class Config(Part):
    """The whole configuration of a run."""

    warehouse: str | None = "./warehouse"
    """A folder or object-store URI with one Delta table per name."""
    catalog: str | None = None
    """The catalog that has the tables, instead of a folder; with `schema` and `journal`."""
    schema_: str | None = Field(default=None, alias="schema")
    """The schema in it."""
    journal: str | None = None
    """Where paid answers are kept while a stage runs; <warehouse>/_journal by default."""
    runner: Literal["workers", "driver"] = "workers"
    """Where calls are made: in Spark's workers, or on the driver where workers have no network."""
    slice_documents: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    """Documents that go through all stages, and are published, at a time."""
    max_passage_tokens: Annotated[int, Field(ge=200, le=200_000)] = 6000
    """Longer documents are cut into passages of at most so many o200k tokens, each asked about by itself."""
    sources: tuple[Source, ...] = ()
    quality: Quality = Quality()
    engines: dict[str, Engine] = Field(default_factory=_keyless)
    stages: Stages = Stages()
    budget: Budget = Budget()
    limits: Limits = Limits()
    duplicates: Duplicates = Duplicates()
    tracking: Tracking = Tracking()
    spark: dict[str, Setting] = Field(default_factory=dict)
    """Settings of the local session, on top of ours; ignored on a managed cluster."""

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        if (self.catalog is None) != (self.schema_ is None):
            raise ValueError("catalog and schema go together: give both, or a `warehouse` folder")
        if self.catalog and not self.journal:
            raise ValueError("journal: required with catalog and schema; name a folder all workers can write")
        if not self.catalog and not self.warehouse:
            raise ValueError("warehouse: name a folder, or give catalog and schema")
        for name in self.stage_names:
            engine = self.stage(name).engine
            if engine not in self.engines:
                raise ValueError(f"stages.{name}.engine: no [engines.{engine}]; known: {sorted(self.engines)}")
            if self.budget.usd is not None and self.engines[engine].price is None:
                raise ValueError(
                    f"engines.{engine}.price: a budget needs the price of every engine used; "
                    "add price = { input = ..., output = ... } in USD per million tokens"
                )
            if self.runner == "driver" and getattr(self.engines[engine], "replicas", 1) > 1:
                raise ValueError(f"engines.{engine}.replicas: the driver is one process; 1, or runner = 'workers'")
        names = [s.name for s in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"sources: the name {name!r} stands twice; names must differ")
        return self

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages that are on, in the order in which data flows."""
        return tuple(n for n in STAGE_NAMES if getattr(self.stages, n) is not None)

    def stage(self, name: str) -> Stage:
        """Return the settings of one stage."""
        stage: Stage = getattr(self.stages, name)
        return stage

    def engine_of(self, stage: str) -> Engine:
        """Return the engine that a stage uses."""
        return self.engines[self.stage(stage).engine]

    @property
    def key_variables(self) -> set[str]:
        """Names of the variables that hold keys."""
        return {e.api_key_var for e in self.engines.values() if e.type == "openai" and e.api_key_var}
