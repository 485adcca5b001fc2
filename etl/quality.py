"""The states that documents have by themselves: the rules of [quality] over the measures that stand on their rows.

The rules are columns over `documents`, so that a changed setting judges all that is known anew, without a source.
"""

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.config.quality import Quality
from etl.errors import ConfigError
from etl.files import note, noted
from etl.resolve import CONTAMINATED, RELATIVE
from etl.tables import Warehouse
from udfs.keys import canonical_json, key
from udfs.quality.rules import BOUNDS, measure_of

JUDGED = sorted({"blocked", *BOUNDS.values()})  # the reasons that these rules give
ELSEWHERE = (*RELATIVE, CONTAMINATED)  # those that are told after them, where they give none
_NOTE = "[quality]"


def judged(warehouse: Warehouse, quality: Quality, rows: DataFrame) -> DataFrame:
    """Return rows of `documents` with reason, rule and measured as the settings have it.

    What was not measured (it could not be read, or holds no text) keeps its reason, and so does what another part of
    the program turned down. Reasons that depend on other rows are left to `resolve`, and one for a benchmark's item to
    `etl.screen`.
    """
    others = F.col("reason").isNotNull() & ~F.col("reason").isin(*JUDGED, *ELSEWHERE)
    kept = F.when(F.col("measures").isNull() | others, F.struct("reason", "rule", "measured"))
    verdict = F.coalesce(kept, *_blocked(quality), by_measures(quality))
    with_hosts = rows.withColumn("blocked_host", F.lit(None).cast("boolean"))
    listed = _hosts(warehouse, quality)
    if listed is not None:
        with_hosts = rows.join(_blocked_hosts(rows, listed), on="host", how="left")
    columns = {n: F.col(f"verdict.{n}") for n in ("reason", "rule", "measured")}
    return with_hosts.withColumn("verdict", verdict).withColumns(columns).drop("verdict", "blocked_host")


def outdated(warehouse: Warehouse, quality: Quality, documents: DataFrame) -> DataFrame:
    """Return the documents (doc_id) with a row that the settings judge otherwise than it stands."""
    own = F.when(~F.coalesce(F.col("reason").isin(*ELSEWHERE), F.lit(False)), F.col("reason"))
    before = documents.where("status <> 'removed'").withColumns({"was": own, "was_rule": F.col("rule")})
    now = judged(warehouse, quality, before)
    same = F.col("reason").eqNullSafe(F.col("was")) & F.col("rule").eqNullSafe(F.col("was_rule"))
    return now.where(~same).select("doc_id").distinct()


def is_judged(warehouse: Warehouse, quality: Quality) -> bool:
    """Return whether all documents are judged by these settings and the hosts that are listed now."""
    return noted(warehouse, _NOTE) == _identity(warehouse, quality)


def note_judged(warehouse: Warehouse, quality: Quality, run_id: str) -> None:
    """Note that they are."""
    note(warehouse, _NOTE, _identity(warehouse, quality), run_id)


def _identity(warehouse: Warehouse, quality: Quality) -> str:
    listed = _hosts(warehouse, quality)
    digest = listed.agg(F.count("*"), F.sum(F.xxhash64("host").cast("decimal(38,0)"))).first() if listed else None
    return key("quality", canonical_json(quality.model_dump(exclude={"mask"})), str(digest))


def by_measures(quality: Quality) -> Column:
    """Return what `udfs.quality.rules.judge` says of a row's language and measures, as a struct; null for nothing."""
    settings, verdicts = quality.model_dump(), []
    for rule, reason in BOUNDS.items():
        value = F.col("measures")[measure_of(rule)]
        if rule == "min_language_score" and quality.languages:
            known = F.coalesce(F.col("language").isin(*quality.languages), F.lit(False))
            verdicts.append(F.when(value.isNotNull() & ~known, _verdict(reason, "languages", value)))
        beyond = value < settings[rule] if rule.startswith("min_") else value > settings[rule]
        verdicts.append(F.when(beyond, _verdict(reason, rule, value)))
    return F.coalesce(*verdicts)


def _blocked(quality: Quality) -> list[Column]:
    """Return the rules over where a page is from and what it forbids."""
    found = {"blocked_hosts": F.col("blocked_host")}
    if quality.licenses:
        accepted = [name.lower() for name in quality.licenses]
        found["licenses"] = ~F.lower(F.coalesce("license", F.lit(""))).isin(*accepted)
    if quality.robots:
        said = F.split(F.lower("robots"), r"[\s,;]+")
        found["robots"] = F.arrays_overlap(said, F.array(*[F.lit(name.lower()) for name in quality.robots]))
    return [F.when(holds, _verdict("blocked", rule, F.lit(None))) for rule, holds in found.items()]


def _verdict(reason: str, rule: str, value: Column) -> Column:
    return F.struct(F.lit(reason).alias("reason"), F.lit(rule).alias("rule"), value.cast("double").alias("measured"))


def _hosts(warehouse: Warehouse, quality: Quality) -> DataFrame | None:
    """Return the blocked hosts (host), None where none is configured.

    Raises:
        ConfigError: the file with hosts cannot be read.
    """
    lines = warehouse.frame([{"value": host} for host in quality.blocked_hosts], "value string")
    if quality.blocked_hosts_file:
        try:
            lines = lines.union(warehouse.spark.read.text(quality.blocked_hosts_file))
        except AnalysisException:
            raise ConfigError(f"quality.blocked_hosts_file: no file at {quality.blocked_hosts_file}") from None
    elif not quality.blocked_hosts:
        return None
    host = F.lower(F.trim(F.regexp_replace("value", "#.*", "")))
    return lines.select(host.alias("host")).where("host <> ''").distinct()


def _blocked_hosts(rows: DataFrame, listed: DataFrame) -> DataFrame:
    """Return the rows' hosts that are listed, or below one that is (host, blocked_host)."""
    parts = F.split("host", r"\.")
    above = F.expr("transform(sequence(1, size(parts)), i -> array_join(slice(parts, i, size(parts)), '.'))")
    hosts = rows.select("host").where("host is not null").distinct().withColumn("parts", parts)
    each = hosts.select("host", F.explode(above).alias("above"))
    hit = each.join(listed.withColumnRenamed("host", "above"), on="above", how="left_semi")
    return hit.select("host").distinct().withColumn("blocked_host", F.lit(True))
