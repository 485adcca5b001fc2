"""Files of judgements -> the table `audits`: checked against the shape, the pair's identity and the warehouse."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pyspark.sql import functions as F  # noqa: N812

from etl.audit.page import REASONS
from etl.audit.sample import FORMAT
from etl.errors import ConfigError
from etl.schema import TABLES
from etl.tables import Warehouse
from udfs.keys import qa_id
from udfs.text import clean

Text = Annotated[str, AfterValidator(clean)]
Name = Annotated[Text, Field(min_length=1, max_length=100)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Pair(BaseModel):
    """A pair as it was shown."""

    model_config = ConfigDict(extra="ignore", strict=True)

    qa_id: Hash
    domain: Text
    persona: Text | None
    question: Text
    answer: Text
    aliases: list[Text] | None
    answer_type: Text | None
    unit: Text | None
    evidence: Text | None
    doc_id: Hash
    content_hash: Hash
    title: Text | None
    url: Text | None
    source: Text | None
    prompts: dict[str, str]
    models: dict[str, str]
    run_id: Text | None
    failures: list[Text]
    measured: dict[str, Text]
    stratum: Text
    stratum_size: Annotated[int, Field(ge=1)]
    weight: Annotated[float, Field(ge=1, allow_inf_nan=False)]


class Judgement(BaseModel):
    """What a person said of one pair; a reject has one of `etl.audit.page.REASONS`."""

    model_config = ConfigDict(extra="ignore")

    verdict: Literal["accept", "reject", "skip"]
    reason: str | None
    note: Annotated[Text, Field(max_length=2000)] | None
    judged_at: AwareDatetime
    pair: Pair

    @model_validator(mode="after")
    def _reasoned(self) -> "Judgement":
        if (self.reason is not None) != (self.verdict == "reject"):
            raise ValueError("a reject has a reason, and nothing else has")
        if self.reason is not None and self.reason not in REASONS:
            raise ValueError(f"reason: none of {', '.join(REASONS)}")
        return self


class AuditFile(BaseModel):
    """What the audit page saves."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["webscale-rl-audit/2"]
    sample_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    population: Literal["published", "rejected"]
    by: Name
    auditor: Name
    judgements: list[Judgement]


class Loaded(BaseModel):
    """What a load came to: judgements new, changed since an earlier load, known already; and what was turned down."""

    new: int
    changed: int
    known: int
    rejected: dict[str, list[str]]
    """Reason -> qa_ids. altered_pair: the content is not what its qa_id stands for; unknown_pair: no document of
    this warehouse has it, since it comes from another one or its document was taken out."""


def read(path: str) -> AuditFile:
    """Read one file of judgements.

    Raises:
        ConfigError: it is missing, or not of the shape that the page saves; names what is wrong where.
    """
    try:
        return AuditFile.model_validate(json.loads(Path(path).read_text("utf-8")))
    except FileNotFoundError:
        raise ConfigError(
            f"audit load: {path}: no such file; the audit page saves it where the browser downloads"
        ) from None
    except (OSError, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise ConfigError(f"audit load: {path}: not a JSON file: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise ConfigError(
            f"audit load: {path}: not a file that the audit page ({FORMAT}) saves: {place}: {first['msg']}; "
            "nothing was loaded"
        ) from None


def load(warehouse: Warehouse, files: Sequence[tuple[str, AuditFile]]) -> Loaded:
    """Write the judgements of (name, file) that the table lacks, or that are newer than what it has.

    Loading a file again changes nothing. What is judged is kept as it was shown, whatever becomes of the pair.

    Raises:
        ConfigError: there is no warehouse to load into.
    """
    if not warehouse.exists("documents"):
        raise ConfigError(f"audit load: no warehouse at {warehouse.root} yet; `webscale-rl run` makes it")
    warehouse.create()  # one that is older than this table
    rejected: dict[str, list[str]] = {}
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    known = _documents(warehouse, {j.pair.doc_id for _, f in files for j in f.judgements})
    for name, file in files:
        for judgement in file.judgements:
            if reason := _wrong(judgement.pair, known):
                rejected.setdefault(reason, []).append(judgement.pair.qa_id)
                continue
            row = _row(name, file, judgement)
            place = tuple(row[k] for k in TABLES["audits"].key)
            if place not in rows or rows[place]["judged_at"] < row["judged_at"]:
                rows[place] = row
    counts = _write(warehouse, list(rows.values()))
    return Loaded(new=counts["new"], changed=counts["changed"], known=counts["known"], rejected=rejected)


def _wrong(pair: Pair, documents: set[str]) -> str | None:
    if pair.qa_id != qa_id(pair.doc_id, pair.question, pair.answer):
        return "altered_pair"
    return None if pair.doc_id in documents else "unknown_pair"


def _documents(warehouse: Warehouse, wanted: set[str]) -> set[str]:
    """Return which of these documents the warehouse knows, in whatever state."""
    names = warehouse.frame([{"doc_id": d} for d in sorted(wanted)], "doc_id string")
    found = warehouse.read("documents").select("doc_id").distinct().join(names, on="doc_id", how="left_semi")
    return {r["doc_id"] for r in found.collect()}


def _row(name: str, file: AuditFile, judgement: Judgement) -> dict[str, Any]:
    return {
        "sample_id": file.sample_id, "population": file.population, "sampled_by": file.by, "auditor": file.auditor,
        "verdict": judgement.verdict, "reason": judgement.reason, "note": judgement.note,
        "judged_at": judgement.judged_at.astimezone(UTC), "loaded_at": datetime.now(UTC), "file": name,
        **judgement.pair.model_dump(),
    }  # fmt: skip


def _write(warehouse: Warehouse, rows: list[dict[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    if not rows:
        return counts
    made = warehouse.frame(rows, TABLES["audits"].ddl)
    there = warehouse.read("audits").select(*TABLES["audits"].key, F.col("judged_at").alias("before"))
    state = F.when(F.col("before").isNull(), "new").when(F.col("judged_at") > F.col("before"), "changed")
    compared = made.join(there, on=list(TABLES["audits"].key), how="left").withColumn(
        "state", F.coalesce(state, F.lit("known"))
    )
    counts.update({r["state"]: r["count"] for r in compared.groupBy("state").count().collect()})
    if counts["new"] or counts["changed"]:
        kept = {tuple(r) for r in compared.where("state <> 'known'").select(*TABLES["audits"].key).collect()}
        news = [r for r in rows if tuple(r[k] for k in TABLES["audits"].key) in kept]
        warehouse.replace("audits", warehouse.frame(news, TABLES["audits"].ddl))
    return counts
