"""[stages.NAME]: how each stage asks."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from etl.config.part import Part

OWN_FIELDS = {
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "stream",
    "temperature",
    "response_format",
}
STAGE_NAMES = ("qualify", "classify", "generate", "check", "difficulty", "judge")


class Stage(Part):
    """How one stage asks."""

    engine: str = "default"
    """Which of [engines] answers."""
    prompt: str = ""
    """`name@version` of a shipped prompt, or the path of a file of your own, named by its stem."""
    temperature: Annotated[float, Field(ge=0, le=2)] | Literal["default"] = 0.0
    """`default` leaves the parameter out, for models that refuse it."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    """Length at which an answer is cut off, reasoning included; the budget sets so many aside for each call."""
    reprocess: Literal["all", "new"] = "all"
    """`new` keeps the rows that an older prompt version or model made, of passages cut as now."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the request body, for example {top_p = 0.9}; part of what identifies a call."""

    @field_validator("extra_body")
    @classmethod
    def _not_ours(cls, body: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(OWN_FIELDS & body.keys()):
            raise ValueError(f"{', '.join(taken)}: set by the program; use the stage's own keys")
        return body

    @property
    def asks(self) -> tuple[int, ...]:
        """How often each of the stage's questions is asked."""
        return (1,)

    @property
    def later_temperature(self) -> float | Literal["default"]:
        """The temperature of every sample but the first."""
        return self.temperature


class CheckStage(Stage):
    """How the check asks: as any stage, and how often."""

    votes: Annotated[int, Field(ge=1, le=25)] = 1
    """Votes per pair; the majority decides each flag, and a tie counts against the pair."""
    votes_temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    """Temperature of every vote but the first, which has `temperature`: at 0 they would all say the same."""

    @property
    def asks(self) -> tuple[int, ...]:
        """One question, put to the vote."""
        return (self.votes,)

    @property
    def later_temperature(self) -> float | Literal["default"]:
        """The temperature of every vote but the first, where the model takes any."""
        return "default" if self.temperature == "default" else self.votes_temperature

    @model_validator(mode="after")
    def _differ(self) -> "CheckStage":
        if self.votes > 1 and "seed" in self.extra_body:
            raise ValueError(
                "stages.check.extra_body: one seed makes all votes the same; leave it out, or set votes = 1"
            )
        return self


class DifficultyStage(Stage):
    """How a reference model is asked to solve the pairs: as any stage, and how often."""

    prompt: str = "difficulty@1"
    temperature: Annotated[float, Field(ge=0, le=2)] | Literal["default"] = 1.0
    """As a trainer samples: at 0 every answer is the same, and no rate lies between 0 and 1."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    samples: Annotated[int, Field(ge=1, le=256)] = 8
    """Answers per pair without the document."""
    document_samples: Annotated[int, Field(ge=0, le=256)] = 4
    """Answers per pair with the document; 0: it is not asked, and no pair is called doubtful."""

    @property
    def asks(self) -> tuple[int, ...]:
        """The question alone, and with the document."""
        return (self.samples, self.document_samples)

    @model_validator(mode="after")
    def _differ(self) -> "DifficultyStage":
        if "seed" in self.extra_body:
            raise ValueError("stages.difficulty.extra_body: one seed makes all samples the same; leave it out")
        return self


class JudgeStage(Stage):
    """How a model is asked to mark the answers that the rules could not."""

    prompt: str = "judge@1"


def _stage(name: str, kind: type[Stage] = Stage, **options: Any) -> Any:
    return Field(default_factory=lambda: kind(prompt=f"{name}@1", **options))


class Stages(Part):
    """The four stages, and two that are off until they are configured."""

    qualify: Stage = _stage("qualify", max_tokens=512)
    classify: Stage = _stage("classify", max_tokens=512)
    generate: Stage = _stage("generate", temperature=0.7, max_tokens=1024)
    check: CheckStage = _stage("check", CheckStage, max_tokens=512)
    difficulty: DifficultyStage | None = None
    """On where there is a table [stages.difficulty], which may be empty."""
    judge: JudgeStage | None = None
    """On where there is a table [stages.judge], which may be empty."""

    @model_validator(mode="after")
    def _something_to_judge(self) -> "Stages":
        if self.judge and not self.difficulty:
            raise ValueError("judge: it marks what stages.difficulty leaves undecided; turn that on, too")
        return self

    @model_validator(mode="before")
    @classmethod
    def _default_prompts(cls, data: Any) -> Any:
        """A stage table that leaves `prompt` out keeps the shipped one."""
        if not isinstance(data, dict):
            return data
        defaults = {n: cls.model_fields[n].get_default(call_default_factory=True) for n in cls.model_fields}
        return {
            n: {**defaults[n].model_dump(), **v} if defaults.get(n) and isinstance(v, dict) else v
            for n, v in data.items()
        }
