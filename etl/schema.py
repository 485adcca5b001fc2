"""The tables: names, columns, keys and partitions. Readers outside rely on them."""

from dataclasses import dataclass, field
from typing import Literal

from udfs.minhash import SIGNATURE_DDL
from udfs.stages.check import VOTED_DDL, Verdict
from udfs.stages.classify import Classification
from udfs.stages.difficulty import MEASURED_DDL, UNTOLD_DDL
from udfs.stages.generate import Candidate
from udfs.stages.judge import Judgement
from udfs.stages.qualify import Qualification

MADE = (  # what every row of a stage says about how it was made
    "call_key string, call_keys array<string>, prompt string, model string, error_type string, fingerprint string, "
    "inputs_sha string, run_id string, updated_at timestamp"
)
TOKENS = "prompt_tokens int, cached_tokens int, completion_tokens int, reasoning_tokens int"
STAGE_COUNTS = (
    "stage: string, fingerprint: string, rows_in: long, accepted: long, rejected: long, errors: long, "
    "pending: long, calls: long, requests: long, prompt_tokens: long, cached_tokens: long, "
    "completion_tokens: long, cost_usd: double"
)


Forget = Literal["doc_id", "content_hash", "call_key", "stays"]
# Delta's log keeps the smallest and largest value of these columns alone: it outlives rows that are forgotten
LOGGED = ("status", "run_id", "ingested_at", "started_at", "updated_at", "completed_at")


@dataclass(frozen=True)
class Table:
    """One Delta table."""

    name: str
    key: tuple[str, ...]
    ddl: str
    partition: str | None = None
    forget: Forget = field(kw_only=True)
    """What of it goes with a forgotten document: its rows by `doc_id`; a `content_hash` that no other document has;
    of the ledger's rows by `doc_id` those whose `call_key` no other document shares. Or all `stays`: it holds no
    text, address or title of a document.
    """


TABLES = {
    t.name: t
    for t in (
        Table(
            "documents",
            ("source", "doc_id", "content_hash"),
            "source string, doc_id string, content_hash string, url string, host string, title string, n_tokens int, "
            "language string, license string, file string, position string, fetched_at timestamp, "
            "ingested_at timestamp, seen_at timestamp, run_id string, status string, reason string, "
            "reject_detail string, robots string, rule string, measured double, measures map<string,double>, "
            "matched string, match_score double, cluster string",
            forget="doc_id",
        ),
        Table(
            "files",
            ("source", "path"),
            "source string, path string, size long, modified timestamp, version long, settings string, "
            "run_id string, read_at timestamp",
            forget="stays",
        ),
        Table("texts", ("content_hash",), "content_hash string, text string", forget="content_hash"),
        Table(
            "suppressions",
            ("digest",),
            "digest string, kind string, suppressed_at timestamp",
            forget="stays",
        ),
        Table("signatures", ("content_hash",), SIGNATURE_DDL, forget="content_hash"),
        Table(
            "prompts",
            ("prompt_sha",),
            "prompt_sha string, name string, stage string, template string, few_shots string, system string, "
            "answer_schema string, first_run_id string",
            forget="stays",
        ),
        Table(
            "completions",
            ("call_key",),
            "call_key string, stage string, prompt string, prompt_sha string, model string, params string, "
            f"doc_id string, passage_key string, sample int, text string, finish_reason string, {TOKENS}, "
            "cost_usd double, latency_ms long, attempts int, error_type string, error_message string, run_id string, "
            "completed_at timestamp",
            partition="stage",
            forget="call_key",
        ),
        Table(
            "attempts",
            (),
            f"call_key string, stage string, run_id string, n int, error_type string, {TOKENS}, cost_usd double, "
            "started_at timestamp, latency_ms long",
            forget="stays",
        ),
        Table(
            "qualifications",
            ("doc_id", "content_hash", "part"),
            f"doc_id string, content_hash string, part int, parts int, {Qualification.spark_ddl()}, {MADE}",
            forget="doc_id",
        ),
        Table(
            "classifications",
            ("doc_id", "content_hash", "part"),
            f"doc_id string, content_hash string, part int, {Classification.spark_ddl()}, {MADE}",
            forget="doc_id",
        ),
        Table(
            "candidates",
            ("doc_id", "content_hash", "part", "persona"),
            "doc_id string, content_hash string, part int, persona string, qa_id string, domain string, "
            f"{Candidate.spark_ddl()}, evidence_start int, evidence_end int, reason string, {MADE}",
            forget="doc_id",
        ),
        Table(
            "verdicts",
            ("qa_id",),
            "qa_id string, doc_id string, content_hash string, part int, passed boolean, failures array<string>, "
            "measured map<string,string>, "
            f"{Verdict.spark_ddl()}, {VOTED_DDL}, question_key string, question_words array<string>, "
            "question_fixed array<string>, question_group string, answer_key string, set_failures array<string>, "
            "matched string, "
            f"match_score double, {MADE}",
            forget="doc_id",
        ),
        Table(
            "difficulty",
            ("qa_id",),
            f"qa_id string, doc_id string, content_hash string, part int, {MEASURED_DDL}, {UNTOLD_DDL}, {MADE}",
            forget="doc_id",
        ),
        Table(
            "judgements",
            ("qa_id",),
            "qa_id string, doc_id string, content_hash string, part int, responses array<string>, "
            f"{Judgement.spark_ddl()}, told int, {MEASURED_DDL}, {MADE}",
            forget="doc_id",
        ),
        Table(
            "qa",
            ("qa_id",),
            "qa_id string, domain string, persona string, question string, answer string, aliases array<string>, "
            "answer_type string, unit string, evidence string, evidence_start int, evidence_end int, doc_id string, "
            "content_hash string, part int, url string, source string, title string, language string, license string, "
            "prompts map<string,string>, models map<string,string>, run_id string, cost_usd double, "
            "created_at timestamp, split string, question_key string, "
            f"{MEASURED_DDL}",
            partition="domain",
            forget="doc_id",
        ),
        Table(
            "screened",
            ("content_hash", "items"),
            "content_hash string, items string, matched string, match_score double",
            forget="content_hash",
        ),
        Table(
            "benchmarks",
            ("benchmark", "item"),
            "benchmark string, item string, question string, answer string, added_at timestamp",
            forget="stays",
        ),
        Table(
            "audits",
            ("sample_id", "qa_id", "auditor"),
            "sample_id string, population string, sampled_by string, qa_id string, auditor string, verdict string, "
            "reason string, note string, judged_at timestamp, loaded_at timestamp, file string, stratum string, "
            "stratum_size long, weight double, domain string, persona string, question string, answer string, "
            "aliases array<string>, answer_type string, unit string, evidence string, doc_id string, "
            "content_hash string, title string, url string, source string, prompts map<string,string>, "
            "models map<string,string>, run_id string, failures array<string>, measured map<string,string>",
            forget="doc_id",
        ),
        Table(
            "runs",
            ("run_id",),
            "run_id string, started_at timestamp, ended_at timestamp, status string, config_sha string, "
            f"mlflow_run_id string, documents_new long, skipped map<string,long>, stages array<struct<{STAGE_COUNTS}>>",
            forget="stays",
        ),
    )
}
