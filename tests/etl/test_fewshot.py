"""The few-shot libraries teach what the stages ask for, and the prompts stay short and complete."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import toktok

from etl.prompts import load_prompt
from udfs.answers import DOMAINS, AnswerType

ETL = Path(__file__).parents[2] / "etl"
PROPERTIES = {"answerable", "question", "answer", "aliases", "answer_type", "unit", "evidence"}
FOUND_IN_EVIDENCE = {"name", "phrase", "integer", "number", "date", "list", "choice"}
NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LIMITS = {
    "system": 250,
    "qualify": 350,
    "classify": 400,
    "generate": 800,
    "check": 500,
    "solver": 200,
    "difficulty": 200,
}
STAGES = {
    "qualify": {"reasoning", "qualified", "reason"},
    "classify": {"domain", "personas"},
    "generate": PROPERTIES,
    "check": {"reasoning", "has_context", "answer_correct", "leaks_answer"},
}


@cache
def library(domain: str) -> list[dict[str, Any]]:
    lines = (ETL / "fewshot" / f"{domain}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def examples() -> list[Any]:
    rows = [(d, n, row) for d in DOMAINS for n, row in enumerate(library(d))]
    return [pytest.param(row, id=f"{d}-{n}") for d, n, row in rows]


def pairs() -> list[Any]:
    return [p for p in examples() if p.values[0]["answer"]["answerable"]]


def fold(text: str) -> str:
    """Lower case, white space folded, no commas, and small number words as digits."""
    text = re.sub(r"\s+", " ", text.lower().replace(",", ""))
    return re.sub(r"\b(" + "|".join(NUMBER_WORDS) + r")\b", lambda m: str(NUMBER_WORDS.index(m[0])), text)


def contains(text: str, part: str) -> bool:
    """Whether the words of `part` stand in `text` one after the other."""
    words, wanted = re.findall(r"\w+", fold(text)), re.findall(r"\w+", fold(part))
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1))


def prompt(name: str) -> str:
    return (ETL / "prompts" / f"{name}.v1.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_library_is_varied(domain: str) -> None:
    answers = [row["answer"] for row in library(domain)]
    types = {a["answer_type"] for a in answers if a["answerable"]}
    assert len(answers) >= 4
    assert len(types) >= 3
    assert [a["answerable"] for a in answers].count(False) == 1


def test_libraries_cover_all_answer_types() -> None:
    types = {p.values[0]["answer"]["answer_type"] for p in pairs()}
    assert types == set(get_args(AnswerType))


def test_no_library_without_a_domain() -> None:
    assert {p.stem for p in (ETL / "fewshot").glob("*.jsonl")} == set(DOMAINS)


@pytest.mark.parametrize("row", examples())
def test_schema(row: dict[str, Any]) -> None:
    assert list(row) == ["passage", "persona", "answer"]
    assert set(row["answer"]) == PROPERTIES
    assert 60 <= len(row["passage"].split()) <= 130
    assert 0 < len(row["persona"].split()) <= 15


def test_unanswerable_examples_are_empty() -> None:
    for param in examples():
        answer = param.values[0]["answer"]
        if not answer["answerable"]:
            assert answer["aliases"] == []
            assert {v for k, v in answer.items() if k not in {"answerable", "aliases"}} == {None}


@pytest.mark.parametrize("row", pairs())
def test_evidence_is_a_span_that_holds_the_answer(row: dict[str, Any]) -> None:
    answer = row["answer"]
    assert row["passage"].count(answer["evidence"]) == 1
    assert len(re.findall(r"[.?!](?:\s|$)", answer["evidence"])) <= 3
    if answer["answer_type"] in FOUND_IN_EVIDENCE:
        for item in answer["answer"].split(";"):
            assert contains(answer["evidence"], item), item


@pytest.mark.parametrize("row", pairs())
def test_answer_is_short_and_typed(row: dict[str, Any]) -> None:
    answer = row["answer"]
    text, kind = answer["answer"], answer["answer_type"]
    assert text
    assert text == text.strip()
    assert kind in {"expression", "code"} or len(text.split()) <= 10
    form = {
        "integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false", "list": ".+; .+",
        "date": r".*\d{4}.*", "expression": r"[^$]+",
    }.get(kind, ".+")  # fmt: skip
    assert re.fullmatch(form, text)
    assert answer["unit"] is None or kind in {"integer", "number"}
    assert len(answer["aliases"]) <= 4
    assert text not in answer["aliases"]


@pytest.mark.parametrize("row", pairs())
def test_question_stands_alone(row: dict[str, Any]) -> None:
    answer = row["answer"]
    question, kind = answer["question"], answer["answer_type"]
    assert question.endswith("?") or "___" in question
    assert question.count("?") <= 1
    source = r"according to|\b(the|this) (text|passage|author|article|document|study)\b|mentioned|above[ ?]*$"
    assert not re.search(source, question, re.IGNORECASE)
    if kind == "choice":
        assert contains(question, answer["answer"])
    elif kind != "boolean":
        assert not any(contains(question, form) for form in [answer["answer"], *answer["aliases"]])


@pytest.mark.parametrize("field", ["passage", "persona"])
def test_distinct_inputs(field: str) -> None:
    values = [fold(p.values[0][field]) for p in examples()]
    assert len(values) == len(set(values))


def test_distinct_questions() -> None:
    questions = [fold(p.values[0]["answer"]["question"]) for p in pairs()]
    assert len(questions) == len(set(questions))


@pytest.mark.parametrize("name", LIMITS)
def test_prompts_are_short(name: str) -> None:
    [tokens] = toktok.batch_count([prompt(name)], "o200k_base", threads=1)
    assert tokens <= LIMITS[name]


@pytest.mark.parametrize("stage", STAGES)
def test_prompts_name_every_property(stage: str) -> None:
    text = prompt(stage)
    assert text.startswith(f"# Task: {stage}\n")
    assert {p for p in STAGES[stage] if f"`{p}`" not in text} == set()


def test_prompts_name_the_closed_sets() -> None:
    reasons = {"informative", "boilerplate", "not_self_contained", "too_shallow", "not_verifiable"}
    assert {d for d in DOMAINS if f"`{d}`" not in prompt("classify")} == set()
    assert {t for t in get_args(AnswerType) if f"`{t}`" not in prompt("generate")} == set()
    assert {r for r in reasons if f"`{r}`" not in prompt("qualify")} == set()


def test_a_prompt_with_examples_of_its_own_is_shown_without_the_domains() -> None:
    own, domains = load_prompt("generate", "generate@2"), load_prompt("generate", "generate@1")
    assert set(domains.few_shots) == set(DOMAINS)
    assert own.few_shots == {}
    rules, shown = own.template.split("\n\n## Examples\n\n")
    assert rules == domains.template
    whole = "\n\n".join(domains.few_shots.values())
    examples = shown.split("\n\nPassage: ")
    assert len(examples) == 6
    assert all(e in whole for e in examples)
    kinds = re.findall(r'"answer_type": ("\w+"|null)', shown)
    assert len(set(kinds)) == 6
    assert "null" in kinds


def test_system_message_explains_fences_and_reply() -> None:
    text = prompt("system")
    for part in (
        '<data-TAG field="NAME">',
        "</data-TAG>",
        "never an instruction",
        "one JSON object",
        r"\\frac",
    ):
        assert part in text
