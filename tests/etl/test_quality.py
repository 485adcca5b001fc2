"""Documents are judged by what is measured of them, and judged anew when a setting changes, without their source."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.config import Config
from etl.config.quality import Quality
from etl.configfile import load
from etl.errors import ConfigError
from etl.ingest import ingest
from etl.quality import by_measures
from etl.tables import Warehouse
from udfs.passages import count_tokens
from udfs.quality.measures import measure
from udfs.quality.rules import BOUNDS, judge

SAMPLE = Path(__file__).parents[2] / "etl" / "sample" / "documents.jsonl"
GERMAN = (
    "Die Brücke über die Orla wurde im März 1931 nach vier Jahren Bauzeit eröffnet. Ihr Hauptbogen besteht aus Stahl "
    "aus dem Werk in Dorn. Ein Sturm beschädigte den östlichen Pfeiler, und die Reparatur dauerte das ganze Frühjahr."
)
SHORT = "Two tracks lead across the river today. The northern one is closed. Goods trains use the southern one."
Text = Callable[[int], str]


def ingested(spark: SparkSession, config: Config) -> dict[str, dict[str, Any]]:
    """Ingest and return the rows of documents by the title of their record."""
    warehouse = Warehouse.of(spark, config)
    ingest(warehouse, config, "run")
    return {r["title"]: r.asDict() for r in warehouse.read("documents").collect()}


def told(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str | None, str | None]]:
    """Return status, reason and rule by title."""
    return {title: (row["status"], row["reason"], row["rule"]) for title, row in rows.items()}


def test_documents_are_judged_and_judged_anew(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    records: list[dict[str, Any]] = [
        {"title": "good", "text": text(0)},
        {"title": "german", "text": GERMAN},
        {"title": "short", "text": SHORT},
        {"title": "redirect", "text": "REDIRECT The bridge"},
        {"title": "blocked", "text": text(1), "url": "https://www.bad.example/page"},
        {"title": "not blocked", "text": text(2), "url": "https://notbad.example/page"},
        {"title": "listed", "text": text(3), "url": "https://ads.example/"},
        {"title": "forbidden", "text": text(4), "robots": "noindex, NoAI"},
        {"title": "free", "text": text(5), "license": "CC-BY-4.0", "robots": "noindex"},
        {"title": "empty", "text": " "},
        {"title": "masked jane@acme.io", "text": f"{text(6)} Write to jane@acme.io or call +49 30 1234567."},
        {"title": "copy", "text": GERMAN, "url": "https://other.example/"},
    ]
    path, hosts = tmp_path / "d.jsonl", tmp_path / "hosts.txt"
    path.write_text("".join(json.dumps({"id": n} | r) + "\n" for n, r in enumerate(records)), "utf-8")
    hosts.write_text("# advertisers\nADS.example # all of them\n\n", "utf-8")
    sets = [
        f"warehouse='{warehouse_path}'", "quality.blocked_hosts=['bad.example']",
        f"quality.blocked_hosts_file='{hosts}'",
    ]  # fmt: skip
    rows = ingested(spark, load(None, sets, [str(path)]))
    assert told(rows) == {
        "good": ("active", None, None),
        "german": ("rejected", "language", "languages"),
        "short": ("rejected", "too_short", "min_tokens"),
        "redirect": ("rejected", "redirect", "min_redirect_tokens"),
        "blocked": ("rejected", "blocked", "blocked_hosts"),
        "not blocked": ("active", None, None),
        "listed": ("rejected", "blocked", "blocked_hosts"),
        "forbidden": ("rejected", "blocked", "robots"),
        "free": ("active", None, None),
        "empty": ("rejected", "empty", None),
        "masked [EMAIL]": ("active", None, None),
        "copy": ("rejected", "language", "languages"),
    }
    assert (rows["german"]["language"], rows["short"]["measured"]) == ("de", rows["short"]["n_tokens"])
    assert rows["german"]["measured"] == rows["german"]["measures"]["language_score"] > 0.9
    masked = rows["masked [EMAIL]"]
    assert (masked["measures"]["masked_email"], masked["measures"]["masked_phone"]) == (1.0, 1.0)
    texts = {r["content_hash"]: r["text"] for r in Warehouse.of(spark, load(None, sets)).read("texts").collect()}
    assert texts[masked["content_hash"]].endswith("Write to [EMAIL] or call [PHONE].")

    sets += ["quality.languages=['en', 'de']", "quality.min_tokens=4"]
    warehouse = Warehouse.of(spark, load(None, sets))
    before = warehouse.versions()
    changed = told(ingested(spark, load(None, sets, [str(path)])))
    assert changed["german"] == ("active", None, None)
    assert changed["copy"] == ("rejected", "duplicate", None)
    assert changed["short"] == ("active", None, None)
    after = warehouse.versions()
    assert after["texts"] == before["texts"]
    assert after["documents"] == before["documents"] + 1
    ingested(spark, load(None, sets, [str(path)]))
    assert warehouse.versions() == after  # nothing is new, nothing is judged twice

    hosts.write_text("", "utf-8")
    sets += ["quality.licenses=['cc-by-4.0']", "quality.robots=[]", "quality.blocked_hosts=[]"]
    changed = told(ingested(spark, load(None, sets, [str(path)])))
    assert changed.pop("free") == ("active", None, None)
    assert changed.pop("redirect")[1] == "blocked"
    assert changed.pop("empty")[1] == "empty"
    assert set(changed.values()) == {("rejected", "blocked", "licenses")}


def test_the_columns_judge_as_the_function_does(spark: SparkSession) -> None:
    rows = []
    for line in SAMPLE.read_text("utf-8").splitlines():
        text = json.loads(line)["text"]
        rows.append(measure(text, count_tokens([text])[0]))
    rows += [(None, {"tokens": 70.0}), ("de", {"tokens": 70.0, "language_score": 0.9}), ("de", {})]
    frame = spark.createDataFrame(rows, "language string, measures map<string,double>").coalesce(1)
    strict = {rule: sorted(m.get(rule[4:], 0) for _, m in rows)[len(rows) // 2] for rule in BOUNDS}
    choices = [Quality(), Quality(languages=()), Quality(languages=("de", "fr"), min_tokens=1000)]
    choices += [Quality(languages=(), **{rule: min(1, strict[rule])}) for rule in BOUNDS]
    found = frame.select(*[by_measures(quality).alias(str(n)) for n, quality in enumerate(choices)]).collect()
    for n, quality in enumerate(choices):
        expected = [judge(language, measures, quality.model_dump()) for language, measures in rows]
        assert [tuple(r[str(n)]) if r[str(n)] else None for r in found] == expected
    assert len({r[str(n)] for r in found for n in range(len(choices))}) > 30


def test_a_file_of_hosts_that_is_not_there_is_told(
    spark: SparkSession, warehouse_path: Path, tmp_path: Path, text: Text
) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"text": text(0)}), "utf-8")
    config = load(None, [f"warehouse='{warehouse_path}'", "quality.blocked_hosts_file='/no/such'"], [str(path)])
    with pytest.raises(ConfigError, match="blocked_hosts_file: no file at /no/such"):
        ingest(Warehouse.of(spark, config), config, "run")
