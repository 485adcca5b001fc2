"""The plan's estimate of what a prefix cache serves: by hand on round numbers, and against real messages."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl.configfile import load
from etl.layouts import LAYOUTS, Asked, Prompt, cached, compared, questions
from etl.specs import call_specs, load_prompts
from tests.endpoint.answers import right_answer
from udfs.messages import render
from udfs.passages import count_tokens, passages
from udfs.spec import CallSpec, EngineSpec, Price
from udfs.stages import logic

SAMPLE = Path(__file__).parents[2] / "etl" / "sample" / "documents.jsonl"
SERVER = EngineSpec("openai", "m", base_url="http://localhost/v1", price=Price(2.0, 0.5, 8.0))
OPENAI = replace(SERVER, base_url="https://api.openai.com/v1")
TOLERANCE = 0.05


def asked(stage: str, calls: float, samples: int = 1, passages: float = 10, document: float = 1000) -> Asked:
    """Return a question about ten passages: 100 tokens of system message, 300 of rules, 50 of its own."""
    first = Prompt(100, document, 300, 50)
    return Asked(
        stage, "s", calls, samples, passages, {"document_first": first, "rules_first": Prompt(2000, document, 0, 50)}
    )


def test_calls_of_a_passage_share_it_and_calls_of_a_stage_its_rules() -> None:
    found = [asked("classify", 10), asked("generate", 30)]
    behind = 10 * 1100 + 20 * 1400  # the first call of generate knows the document, the others the rules, too
    assert cached(found, "document_first", SERVER) == 9 * 100 + behind
    assert cached(found, "rules_first", SERVER) == 9 * 2000 + 30 * 3000


def test_samples_share_the_whole_prompt_and_calls_without_a_document_the_rules() -> None:
    assert cached([asked("check", 30, samples=3)], "document_first", SERVER) == 9 * 100 + 20 * 1450
    assert cached([asked("judge", 5, document=0)], "document_first", SERVER) == 4 * 400


def test_a_later_stage_with_more_passages_reads_the_others_anew() -> None:
    found = [asked("qualify", 2, passages=2), asked("classify", 10)]
    assert cached(found, "document_first", SERVER) == 100 + 8 * 100 + 2 * 1100


def test_openai_serves_long_prefixes_of_one_stage_only() -> None:
    assert cached([asked("qualify", 10), asked("classify", 10)], "document_first", OPENAI) == 0
    assert cached([asked("generate", 30, document=500)], "document_first", OPENAI) == 0
    assert cached([asked("generate", 30, document=700)], "document_first", OPENAI) == 20 * 1100
    assert cached([asked("qualify", 10), asked("classify", 10)], "rules_first", OPENAI) == 2 * 9 * 2000


def test_an_engine_is_told_the_cheaper_layout() -> None:
    found = [asked("classify", 10), asked("generate", 30)]
    half = compared("judge", replace(SERVER, layout="rules_first"), found)
    assert half is not None
    first, rules = half.costs
    assert (first.input_tokens, first.cached_at_most) == (40 * 1450, 39_900)
    assert first.usd_at_least == pytest.approx((58_000 - 39_900) * 2e-6 + 39_900 * 0.5e-6)
    assert rules.usd_at_least == pytest.approx((122_000 - 108_000) * 2e-6 + 108_000 * 0.5e-6)
    assert half.verdict == "judge: document_first (not in use) is the cheaper layout by $0.0259, 32% of the input."
    nearly_free = compared("judge", replace(SERVER, price=Price(2.0, 0.01, 8.0)), found)
    assert nearly_free is not None
    assert "rules_first (not in use) is the cheaper" in nearly_free.verdict
    flat = compared("judge", replace(SERVER, price=Price(2.0, 2.0, 8.0)), found)
    assert flat is not None
    assert flat.verdict.startswith("judge: document_first (in use) is the cheaper")
    assert flat.verdict.endswith("without a price of cached_input every token sent costs alike.")
    own = compared("judge", replace(SERVER, price=None, layout="rules_first"), found)
    assert own is not None
    assert own.costs[0].usd_at_least is None
    assert own.verdict.startswith("judge: rules_first (in use) leaves a server with a prefix cache less to read")
    assert compared("demo", EngineSpec("embedded", "m"), found) is None
    assert compared("idle", SERVER, []) is None
    alone = asked("difficulty", 10)
    both = compared("judge", SERVER, [replace(alone, prompts=dict.fromkeys(LAYOUTS, alone.prompts["rules_first"]))])
    assert both is not None
    assert both.verdict == "judge: both layouts ask alike."


def specs() -> dict[str, CallSpec]:
    """Return all six stages on one engine, two votes each."""
    sets = ["stages.check.votes=2", "stages.difficulty={samples=3, document_samples=2}", "stages.judge={}"]
    config = load(None, sets)
    return call_specs(config, load_prompts(config), b"secret")


def rows() -> list[list[dict[str, Any]]]:
    """Return two documents of the sample, each as rows that hold what every stage asks about: a row per reader."""
    made = []
    for line in SAMPLE.read_text("utf-8").splitlines():
        whole = json.loads(line)
        passage = passages(whole["text"], 1500)[0].text
        if len(passage) < 4000:
            continue
        readers = [f"a {who} who reads about {whole['title']}" for who in ("pupil", "nurse", "historian")]
        pairs = [right_answer("generate", {"passage": passage, "title": whole["title"], "persona": r}) for r in readers]
        made.append([
            {"title": whole["title"], "passage": passage, "domain": "math", "persona": r, **p,
             "closed_book_untold": ["It was so.", "I do not know."], "document_untold": ["It was then."]}
            for r, p in zip(readers, pairs, strict=True) if p["answerable"]
        ])  # fmt: skip
    return [m for m in made if len(m) > 1][:2]


def sent(made: dict[str, CallSpec], layout: str) -> Iterator[tuple[str, str]]:
    """Yield stage and text of all calls as a worker makes them: a document after the other, each stage by stage."""
    for document in rows():
        for stage, spec in made.items():
            laid = replace(spec, engine=replace(spec.engine, layout=layout))
            for row in document[: 1 if stage in ("qualify", "classify") else None]:
                for inputs, samples in zip(logic(stage).inputs(row), spec.samples, strict=True):
                    yield from [(stage, "".join(m["content"] for m in render(laid, inputs)))] * samples


def begin_alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common before they differ."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("engine", [SERVER, OPENAI], ids=["server", "openai"])
def test_the_estimate_agrees_with_the_prefixes_of_real_messages(layout: str, engine: EngineSpec) -> None:
    made = specs()
    before: list[tuple[str, str]] = []
    read = served = 0
    for stage, text in sent(made, layout):
        alike = [t for s, t in before if s == stage or engine is SERVER]
        shared = text[: max((begin_alike(t, text) for t in alike), default=0)]
        whole, prefix = count_tokens([text, shared])
        read, served = read + whole, served + (prefix if prefix >= 1024 or engine is SERVER else 0)
        before.append((stage, text))
    documents = rows()
    size = sum(count_tokens([d[0]["title"] + d[0]["passage"] for d in documents])) / len(documents)
    readers = sum(len(d) for d in documents)
    estimate = [
        q
        for stage, spec in made.items()
        for q in questions(
            spec, sum(spec.samples) * (2 if stage in ("qualify", "classify") else readers), len(documents), size
        )
    ]
    assert sum(q.tokens(layout) for q in estimate) == pytest.approx(read, rel=TOLERANCE)
    assert cached(estimate, layout, engine) == pytest.approx(served, rel=TOLERANCE)


def test_examples_that_are_constant_stand_with_the_rules() -> None:
    config = load(None, ["stages.generate.prompt='generate@2'"])
    made = call_specs(config, load_prompts(config), b"secret")["generate"]
    rules = replace(made, engine=replace(made.engine, layout="rules_first"))
    row = rows()[0][0]
    [inputs] = logic("generate").inputs(row)
    system, user = render(rules, inputs)
    assert "## Examples" in system["content"]
    assert "Passage: " not in user["content"]
    _, user = render(made, inputs)
    assert user["content"].index(row["passage"]) < user["content"].index("## Examples")
