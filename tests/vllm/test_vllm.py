"""The pipeline on a real vLLM: its JSON grammar, its token counts, its prefix cache. See README.md beside it."""

import asyncio
import json
import os
import urllib.request
from collections import Counter
from collections.abc import Callable

import pytest

from etl.prompts import load_prompt
from tests.conftest import Bench
from udfs.engines import Completion, Request
from udfs.engines.openai_http import OpenAIEngine
from udfs.parse import InvalidAnswerError, parse
from udfs.spec import EngineSpec
from udfs.stages import logic

URL = os.environ.get("WEBSCALE_RL_VLLM_URL", "")
MAX_TOKENS = 300
ASKED = 20
STAGES = ("qualify", "classify", "generate", "check")
UNUSABLE = ("invalid_answer", "length_stop")

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not URL, reason="WEBSCALE_RL_VLLM_URL names no server; see tests/vllm/README.md"),
]


@pytest.fixture(scope="module")
def model() -> str:
    """The name of the model that is served there."""
    with urllib.request.urlopen(f"{URL}/models", timeout=30) as answer:
        return str(json.load(answer)["data"][0]["id"])


@pytest.fixture
def served(bench: Bench, model: str) -> Bench:
    """The bench wired to the vLLM; temperature 1, as random weights would repeat one word at 0."""
    engine = f"{{type='openai', base_url='{URL}', model='{model}', max_in_flight=32, timeout_s=300}}"
    stages = [f"stages.{s}.{k}={v}" for s in STAGES for k, v in (("temperature", 1.0), ("max_tokens", MAX_TOKENS))]
    bench.sets = [f"engines.default={engine}", "max_passage_tokens=200", *stages]
    return bench


@pytest.mark.slow
def test_every_row_is_accounted_for_and_most_answers_parse(served: Bench, text: Callable[[int], str]) -> None:
    served.write(*["\n\n".join(text(10 * i + j) for j in range(8)) for i in range(6)], "Too short.")
    served.run()
    funnel = served.conserved()
    assert not any(row["pending"] for row in funnel.values())
    assert (funnel["ingest"]["accepted"], funnel["ingest"]["rejected"]) == (6, 1)
    passages = served.table("qualifications")
    assert funnel["qualify"]["rows_in"] == len(passages) > 6
    assert funnel["classify"]["rows_in"] == sum(bool(p["qualified"]) for p in passages) > 0
    assert funnel["generate"]["rows_in"] == sum(len(c["personas"] or []) for c in served.table("classifications")) > 0

    for stage in ("qualify", "classify"):
        assert funnel[stage]["errors"] < funnel[stage]["rows_in"] / 2, stage
    found = [row for row in served.sql("SELECT * FROM rejections") if row["stage"] != "ingest"]
    assert all(row["reason"] for row in found)
    assert {row["reason"] for row in found if row["state"] == "error"} <= set(UNUSABLE)
    for candidate in served.table("candidates"):
        assert any((candidate["qa_id"], candidate["reason"], candidate["error_type"])), candidate
    for verdict in served.table("verdicts"):
        assert verdict["passed"] or verdict["failures"] or verdict["error_type"], verdict

    _check_attempts(served)
    paid = len(served.table("attempts"))
    served.run()
    assert len(served.table("attempts")) == paid, "a second run makes no call"


def _check_attempts(served: Bench) -> None:
    attempts = served.table("attempts")
    assert {a["error_type"] for a in attempts} <= {None, *UNUSABLE}
    for attempt in attempts:
        assert attempt["prompt_tokens"] > attempt["cached_tokens"] >= 0
        assert 0 < attempt["completion_tokens"] <= MAX_TOKENS
        assert (attempt["completion_tokens"] == MAX_TOKENS) >= (attempt["error_type"] == "length_stop")
    assert sum(a["cached_tokens"] for a in attempts) > 0, "start vLLM with --enable-prompt-tokens-details"
    completions = served.table("completions")
    assert sum(c["attempts"] for c in completions) == len(attempts)
    assert sum(c["completion_tokens"] for c in completions) == sum(a["completion_tokens"] for a in attempts)


def ask(request: Request, model: str, times: int) -> list[Completion]:
    """Send one request so many times at once."""
    engine = OpenAIEngine(EngineSpec("openai", model, base_url=URL))

    async def all_of_them() -> list[Completion]:
        return await asyncio.gather(*[engine.complete(request) for _ in range(times)])

    return asyncio.run(all_of_them())


def request(stage: str, document: str = "", temperature: float = 1.0) -> Request:
    """The constant part of a stage's call behind a document."""
    prompt = load_prompt(stage, f"{stage}@1")
    messages = (
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": f"{document}\n\n{prompt.template}"},
    )
    return Request(stage, messages, logic(stage).answer.json_schema(), {}, MAX_TOKENS, temperature)


@pytest.mark.parametrize("stage", STAGES)
def test_the_schema_of_each_stage_holds(stage: str, model: str) -> None:
    ended = Counter(outcome(got, stage) for got in ask(request(stage), model, ASKED))
    assert ended["usable"] > ASKED / 2, ended
    assert set(ended) <= {"usable", *UNUSABLE}, ended


def outcome(got: Completion, stage: str) -> str:
    """Say how a call ended, as the caller would."""
    if got.error_type or got.finish_reason == "length":
        return got.error_type or "length_stop"
    try:
        parse(got.text or "", logic(stage).answer)
    except InvalidAnswerError:
        return "invalid_answer"
    return "usable"


def test_what_the_server_refuses_has_its_type_and_is_not_billed(model: str) -> None:
    [too_long] = ask(request("qualify", "word and " * 200_000), model, 1)
    [unknown] = ask(request("qualify"), "no-such-model", 1)
    [too_hot] = ask(request("qualify", temperature=5.0), model, 1)
    found = [too_long.error_type, unknown.error_type, too_hot.error_type]
    assert found == ["context_length", "unknown_model", "bad_request"]
    assert not any(got.billed for got in (too_long, unknown, too_hot))
