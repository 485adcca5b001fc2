"""Keys hold what makes a thing itself, and nothing else."""

import dataclasses
from typing import Any

import pytest

from udfs.keys import call_key, canonical_url, content_hash, doc_id, key, normal, prompt_sha, qa_id
from udfs.spec import CallSpec, Price

from .making import spec

INPUTS = {"title": "T", "passage": "p"}


def asked(made: CallSpec, sample: int = 0, inputs: dict[str, Any] | None = None) -> str:
    return call_key(made.stage, made.identity(sample), sample, inputs or INPUTS)


def test_parts_are_length_prefixed() -> None:
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("abc", ""), key("", "abc")}) == 5


def test_a_key_is_32_hex_digits_and_takes_any_text() -> None:
    assert all(len(k) == 32 and int(k, 16) >= 0 for k in (key(), key("\ud800\0"), key("中" * 1000)))


def test_content_is_the_same_in_nfc_and_with_other_white_space() -> None:
    assert content_hash("Cafe\u0301  au\r\n\tlait ") == content_hash("Caf\u00e9 au\u00a0lait")
    assert content_hash("Café") != content_hash("café")
    assert content_hash("ﬁ") != content_hash("fi")


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Example.COM/Path?Q=A", "http://example.com/Path?Q=A"),
        ("http://h.org:80/", "http://h.org/"),
        ("https://h.org:443/", "https://h.org/"),
        ("https://h.org:80/", "https://h.org:80/"),
        ("https://h.org:/a", "https://h.org/a"),
        ("https://h.org/a#part", "https://h.org/a"),
        ("https://h.org/a?utm_source=x&UTM_Medium=y&gclid=1&fbclid=2", "https://h.org/a"),
        ("https://h.org/a?b=2&utm_id=1&a=1&&c", "https://h.org/a?b=2&a=1&&c"),
        ("https://h.org/a?utm%5Fsource=x&id=1", "https://h.org/a?id=1"),
        ("https://h.org/?ref=1&source=2&utm=3&ga=4", "https://h.org/?ref=1&source=2&utm=3&ga=4"),
        ("https://h.org/a/../b//c/?q=%7e+%20;x", "https://h.org/a/../b//c/?q=%7e+%20;x"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://[::1]:443/", "https://[::1]/"),
        ("https://User:Pass@H.org:443/", "https://User:Pass@h.org/"),
        ("ftp://h.org:80/f", "ftp://h.org:80/f"),
        ("  https://h.org/a ", "https://h.org/a"),
        ("https://h.org/ä?ö", "https://h.org/ä?ö"),
        ("https://www.h.org", "https://www.h.org"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    ["", "example.com/a", "/a", "//h.org/a", "mailto:a@h.org", "http://[::1/", "http://h:99999/", "http://h:x/",
     "http:///a", "javascript:alert(1)", "https://h.org\u2100.com/"],
)  # fmt: skip
def test_what_is_no_absolute_url_has_none(url: str) -> None:
    assert canonical_url(url) is None


def test_a_document_is_its_url_else_its_id_else_its_content() -> None:
    url = doc_id("s", "https://h.org/a", "7", "hash")
    assert url == doc_id("other", "HTTPS://H.ORG/a?utm_source=x#y", None, "else")
    by_id = doc_id("s", "no url", "7", "hash")
    assert by_id == doc_id("s", None, "7", "else") != doc_id("other", None, "7", "else")
    by_content = doc_id("s", "", "", "hash")
    assert by_content == doc_id("s", None, None, "hash") != doc_id("other", None, None, "hash")
    assert len({url, by_id, by_content}) == 3


def test_an_id_that_looks_like_a_hash_is_no_content() -> None:
    assert doc_id("s", None, "hash", "hash") != doc_id("s", None, None, "hash")


@pytest.mark.parametrize(
    "change",
    [
        {"prompt_sha": "q" * 32},
        {"model": "other"},
        {"revision": "2"},
        {"temperature": 0.3},
        {"temperature": None},
        {"extra_body": {"top_p": 0.9}},
        {"stage": "classify"},
    ],
)
def test_what_changes_the_answer_changes_the_call_key(change: dict[str, Any]) -> None:
    assert asked(dataclasses.replace(spec(), **change) if "stage" in change else spec(**change)) != asked(spec())


@pytest.mark.parametrize(
    "change",
    [
        {"max_tokens": 999},
        {"base_url": "http://elsewhere/v1"},
        {"timeout_s": 1.0},
        {"max_in_flight": 1},
        {"max_attempts": 9},
        {"api_key_var": "OTHER"},
        {"price": Price(9, 9, 9)},
        {"secret": b"other"},
        {"logic": 2},
        {"max_passage_tokens": 500},
        {"samples": (3,), "later_temperature": 0.9},
    ],
)
def test_what_cannot_change_the_answer_keeps_the_call_key(change: dict[str, Any]) -> None:
    assert asked(spec(**change)) == asked(spec())


def test_sample_and_inputs_are_in_the_call_key_and_their_order_is_not() -> None:
    made = spec()
    keys = {asked(made), asked(made, 1)}
    keys |= {asked(made, 0, i) for i in ({**INPUTS, "title": None}, {**INPUTS, "passage": "q"}, {"passage": "p"})}
    assert len(keys) == 5
    assert asked(made, 0, {"passage": "p", "title": "T"}) == asked(made)


def test_a_prompt_is_its_template_examples_rules_and_schema() -> None:
    parts = ("t", "f", "s", {"a": 1, "b": 2})
    changed = [("x", *parts[1:]), ("t", "x", *parts[2:]), ("t", "f", "x", parts[3]), ("t", "f", "s", {"a": 1})]
    assert len({prompt_sha(*p) for p in (parts, *changed)}) == 5  # type: ignore[arg-type]
    assert prompt_sha("t", "f", "s", {"b": 2, "a": 1}) == prompt_sha(*parts)  # type: ignore[arg-type]


def test_the_fingerprint_changes_with_whatever_makes_a_row_stale() -> None:
    changes: list[dict[str, Any]] = [
        {}, {"max_tokens": 9}, {"logic": 2}, {"max_passage_tokens": 9}, {"model": "n"}, {"temperature": None},
        {"samples": (3,)}, {"samples": (3,), "later_temperature": 0.7},
    ]  # fmt: skip
    assert len({spec(**c).fingerprint for c in changes}) == len(changes)
    assert spec(secret=b"x", timeout_s=1.0, price=None, later_temperature=0.7).fingerprint == spec().fingerprint


@pytest.mark.parametrize(
    "question", ["what is  it", "What is it?", " WHAT IS IT ?!", "Ｗhat is\u00a0it？".replace("？", "?"), "What is it."]
)
def test_a_pair_is_its_question_and_answer_in_normal_form(question: str) -> None:
    assert normal(question) == "what is it"
    assert qa_id("d", question, "The  Answer.") == qa_id("d", "What is it", "the answer")


def test_pairs_that_differ_have_other_ids() -> None:
    ids = {
        qa_id("d", "q", "a"),
        qa_id("e", "q", "a"),
        qa_id("d", "q a", ""),
        qa_id("d", "q", "a b"),
        qa_id("d", "", "q a"),
    }
    assert len(ids) == 5
