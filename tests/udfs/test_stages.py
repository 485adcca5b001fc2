"""The stages' answers: what is accepted of a model, what is not, and which columns they become."""

import json
from typing import Any

import pytest

from udfs.keys import qa_id
from udfs.parse import InvalidAnswerError, parse
from udfs.stages import logic

STAGES = ("qualify", "classify", "generate", "check")
PASSAGE = "It rained.  The Halden tower is “1,204” feet\nhigh, and 61.50 years old. It stands on a rock."
ROW = {"doc_id": "d", "content_hash": "h", "title": "T", "part": 2, "parts": 3, "passage": PASSAGE, "start": 1000,
       "persona": "an engineer", "domain": "math"}  # fmt: skip
CANDIDATE = {"answerable": True, "question": "How high is the Halden tower in 1990?", "answer": "1204", "aliases": [],
             "answer_type": "integer", "unit": "feet",
             "evidence": 'The Halden tower is "1,204" feet high'}  # fmt: skip


def answer(stage: str, said: dict[str, Any] | str) -> Any:
    return parse(said if isinstance(said, str) else json.dumps(said), logic(stage).answer)


def result(stage: str, said: dict[str, Any] | str, **row: Any) -> dict[str, Any]:
    return logic(stage).result({**ROW, **row}, [answer(stage, said)])


@pytest.mark.parametrize("stage", STAGES)
def test_the_schema_is_strict_and_its_strings_are_free(stage: str) -> None:
    schema = logic(stage).answer.json_schema()
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert set(schema) == {"type", "properties", "required", "additionalProperties"}
    for prop in schema["properties"].values():
        for kind in prop.get("anyOf", [prop]):
            assert not {"minLength", "maxLength", "pattern", "format", "default"} & set(kind)
            assert kind["type"] != "array" or (kind["maxItems"] and kind["items"] == {"type": "string"})


@pytest.mark.parametrize(
    ("stage", "ddl"),
    [
        ("qualify", "reasoning string, qualified boolean, reason string"),
        ("classify", "domain string, personas array<string>"),
        ("generate", "answerable boolean, question string, answer string, aliases array<string>, answer_type string, "
                     "unit string, evidence string"),
        ("check", "reasoning string, has_context boolean, answer_correct boolean, leaks_answer boolean"),
    ],
)  # fmt: skip
def test_the_columns_of_each_answer(stage: str, ddl: str) -> None:
    assert logic(stage).answer.spark_ddl() == ddl


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_shows_title_and_passage_first(stage: str) -> None:
    assert [list(asked)[:2] for asked in logic(stage).inputs(ROW)] == [["title", "passage"]]


@pytest.mark.parametrize("word", ["N", "no", "No.", "false", "FALSE", False])
def test_a_no_rejects(word: object) -> None:
    got = result("qualify", {"reasoning": "r", "qualified": word, "reason": "boilerplate"})
    assert (got["qualified"], got["reason"], got["parts"]) == (False, "boilerplate", 3)


@pytest.mark.parametrize("word", ["Y", "yes", "true", True])
def test_a_yes_qualifies_and_then_has_no_reason(word: object) -> None:
    got = result("qualify", {"reasoning": "r", "qualified": word, "reason": "too_shallow"})
    assert (got["qualified"], got["reason"]) == (True, None)


@pytest.mark.parametrize("word", [7, 0, 1, "maybe", "", None, [], "not false"])
def test_any_other_word_is_no_flag(word: object) -> None:
    with pytest.raises(InvalidAnswerError, match="qualified"):
        answer("qualify", {"reasoning": "r", "qualified": word, "reason": "informative"})


def test_a_reject_for_being_informative_counts_as_not_verifiable() -> None:
    assert (
        result("qualify", {"reasoning": "", "qualified": False, "reason": "informative"})["reason"] == "not_verifiable"
    )


def test_a_reason_outside_the_closed_set_is_invalid() -> None:
    with pytest.raises(InvalidAnswerError, match="reason"):
        answer("qualify", {"reasoning": "r", "qualified": False, "reason": "dull"})


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("math", "math"),
        ("Math.", "math"),
        ("Technology & Engineering", "technology_engineering"),
        ("technology-engineering", "technology_engineering"),
        ("CODING", "coding"),
        ("medicine/health", "medicine_health"),
        ("unheard of", "other"),
        ("mathematics", "other"),
        ("", "other"),
        (7, "other"),
    ],
)
def test_the_domain_in_any_spelling(said: object, domain: str) -> None:
    assert result("classify", {"domain": said, "personas": ["a"]})["domain"] == domain


@pytest.mark.parametrize("said", [None, ["math"], {"a": 1}, True])
def test_a_domain_that_is_no_text_is_invalid(said: object) -> None:
    with pytest.raises(InvalidAnswerError, match="domain"):
        answer("classify", {"domain": said, "personas": ["a"]})


@pytest.mark.parametrize(
    ("said", "personas"),
    [
        ("an engineer, who likes bridges", ["an engineer, who likes bridges"]),
        (["an engineer, 40", "a nurse"], ["an engineer, 40", "a nurse"]),
        (list("abcdefg"), ["a", "b", "c"]),
        (["An  engineer", "a nurse", "an engineer", "A NURSE "], ["An engineer", "a nurse"]),
        (["a", "b", "c", "d", "a"], ["a", "b", "c"]),
        (["a", "A", "a", "b"], ["a", "b"]),
        ([" ", "a\n b", ""], ["a b"]),
        (["x" * 400], ["x" * 300]),
    ],
)
def test_personas_are_folded_distinct_and_the_first_three(said: object, personas: list[str]) -> None:
    assert result("classify", {"domain": "math", "personas": said})["personas"] == personas


@pytest.mark.parametrize("said", [[], "", [" "], None, [["a"]], {"a": "b"}, [None]])
def test_no_persona_is_invalid(said: object) -> None:
    with pytest.raises(InvalidAnswerError, match="personas"):
        answer("classify", {"domain": "math", "personas": said})


@pytest.mark.parametrize("name", ["question", "answer", "answer_type", "evidence"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_answerable_pair_with_a_gap_is_invalid(name: str, value: object) -> None:
    with pytest.raises(InvalidAnswerError, match=f"answerable is true, but {name}"):
        answer("generate", {**CANDIDATE, name: value})


@pytest.mark.parametrize(
    ("said", "aliases"),
    [(None, []), ([], []), (["a", " ", None], ["a"]), (list("abcdef"), list("abcd")), ([1204, "x"], ["1204", "x"])],
)
def test_aliases_are_texts_and_four_at_most(said: object, aliases: list[str]) -> None:
    assert result("generate", {**CANDIDATE, "aliases": said})["aliases"] == aliases


@pytest.mark.parametrize(
    ("literal", "text"),
    [("61.50", "61.50"), ("1e3", "1e3"), ("12345678901234567890123", "12345678901234567890123"), ("-0", "-0"),
     ("true", "true"), ('["a", "b"]', "a; b"), ('"1,204"', "1,204"), ('"None"', "None")],
)  # fmt: skip
def test_an_answer_keeps_the_literal_that_the_model_wrote(literal: str, text: str) -> None:
    said = json.dumps({**CANDIDATE, "answer": "@"}).replace('"@"', literal)
    assert result("generate", said)["answer"] == text


def test_the_evidence_is_the_documents_own_slice_with_offsets_into_the_document() -> None:
    got = result("generate", CANDIDATE)
    start, end = got["evidence_start"], got["evidence_end"]
    assert got["evidence"] == "The Halden tower is “1,204” feet\nhigh"
    assert ("." * 1000 + PASSAGE)[start:end] == got["evidence"]
    assert got["qa_id"] == qa_id("d", CANDIDATE["question"], "1204")
    assert (got["domain"], got["unit"]) == ("math", "feet")
    assert got.get("reason") is None


def test_evidence_that_is_not_there_stays_what_the_model_wrote_without_offsets() -> None:
    got = result("generate", {**CANDIDATE, "evidence": "The tower was blue."})
    assert got["evidence"] == "The tower was blue."
    assert got.get("evidence_start") is None
    assert got.get("evidence_end") is None


@pytest.mark.parametrize("rest", [None, "", "null"])
def test_no_fact_is_a_reject_without_a_pair(rest: str | None) -> None:
    nothing = {**dict.fromkeys(CANDIDATE, rest), "answerable": False, "aliases": [] if rest else None}
    got = result("generate", nothing)
    assert (got["answerable"], got["reason"], got["aliases"]) == (False, "no_verifiable_fact", [])
    assert {got.get(n) for n in ("qa_id", "question", "answer", "answer_type", "unit", "evidence")} == {None}


def test_check_asks_nothing_about_a_pair_that_fails_by_rule() -> None:
    screened = logic("check").screen({**ROW, **CANDIDATE, "evidence": "Not there."})
    assert screened is not None
    assert screened["passed"] is False
    assert "ungrounded_evidence" in screened["failures"]
    assert logic("check").screen({**ROW, **CANDIDATE}) is None


@pytest.mark.parametrize("stage", ["qualify", "classify", "generate"])
def test_the_other_stages_ask_about_every_row(stage: str) -> None:
    assert logic(stage).screen(ROW) is None


@pytest.mark.parametrize(
    ("flags", "failures"),
    [
        ((True, True, False), []),
        ((False, True, False), ["check_no_context"]),
        ((True, False, False), ["check_incorrect"]),
        ((True, True, True), ["check_leaks"]),
        (("no", "N", "yes"), ["check_no_context", "check_incorrect", "check_leaks"]),
    ],
)
def test_a_verdict_names_what_the_model_found(flags: tuple[object, ...], failures: list[str]) -> None:
    said = dict(zip(("has_context", "answer_correct", "leaks_answer"), flags, strict=True))
    got = result("check", {"reasoning": "r", **said}, **CANDIDATE)
    assert (got["passed"], got["failures"]) == (not failures, failures)


def test_pairs_that_ask_the_same_share_a_question_key() -> None:
    verdict = {"reasoning": "", "has_context": True, "answer_correct": True, "leaks_answer": False}
    asked = ("How high is it?", "how  high is IT", "How old is it?")
    keys = [result("check", verdict, **{**CANDIDATE, "question": q})["question_key"] for q in asked]
    assert keys[0] == keys[1] != keys[2]


def test_check_shows_the_whole_pair_in_order() -> None:
    [shown] = logic("check").inputs({**ROW, **CANDIDATE})
    assert list(shown) == ["title", "passage", "question", "answer", "aliases", "answer_type", "unit", "evidence"]
