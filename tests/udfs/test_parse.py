"""The parser: exact where the JSON is right, tolerant where models slip, bounded on hostile text."""

import json
import time
from typing import Annotated

import pytest
from pydantic import Field

from udfs.answers import Answer, Flag, Text
from udfs.parse import MAX_MESSAGE, InvalidAnswerError, parse
from udfs.text import clean, fold_space


class Said(Answer):
    answer: Text


class Judged(Answer):
    reasoning: Text
    qualified: Flag


class Listed(Answer):
    items: Annotated[list[str], Field(min_length=1, max_length=3)]
    note: Text | None


def said(text: str) -> str:
    return parse(text, Said).answer


def raw(content: str) -> str:
    """An answer whose string literal holds exactly this source text."""
    return '{"answer": "' + content + '"}'


EXACT = [
    r"\frac{1}{2}",
    r"\alpha + \beta = \nu \rho \times \xi \uparrow \theta \neq \nabla \right \text{x} \begin{x} \end{x}",
    r"\\ \\\\ \, \; \{ \} \( \) \[ \] \% \$ \_ \#",
    r"a & b \\ c & d \\\hline",
    "emoji \U0001f600 and 中文, naïve café",
    "line\nbreak\ttab",
    "Solve:\nu = 3",
    "Solve\nu = \\frac{1}{2} for x\nu",
    "a\ne\ni\no\nu",
    "costs $5\nu and $6",
    "costs $5\ne $6, o\nno $7",
    "for x:\n\tif y:\n\t\treturn '\\n'",
    "name\text\tan\to\ttheta",
    "C:\\Users\\name\\table\\from",
    r"re.compile(r'\bword\b\d+\s*')",
    "Sure\nnot\nneg\nnatural\nright\nrho",
    'a "quoted" word / slash',
    '{"answer": "inner"} and {\'x\': 1}',
    "<think>no</think>",
    "```json\n{}\n```",
    "'single' quotes",
    "\\",
    "\\\\",
    "ends in a backslash\\",
    "",
]


@pytest.mark.parametrize("value", EXACT)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_proper_json_comes_back_exactly(value: str, ascii_only: bool) -> None:
    assert said(json.dumps({"answer": value}, ensure_ascii=ascii_only)) == value
    assert said(json.dumps({"answer": value}, ensure_ascii=ascii_only, indent=2)) == value


@pytest.mark.parametrize("value", EXACT)
def test_proper_json_in_prose_comes_back_exactly(value: str) -> None:
    text = f"<think>Let me {{see}}</think>\nHere:\n```json\n{json.dumps({'answer': value})}\n```\nDone."
    assert said(text) == value


def test_escapes_of_json() -> None:
    assert said(raw(r"a\/b \" \\ \n \t é 😀 \\frac \\alpha \\nu")) == (
        'a/b " \\ \n \t é \U0001f600 \\frac \\alpha \\nu'
    )


@pytest.mark.parametrize(
    ("literal", "value"),
    [("42", "42"), ("1.50", "1.50"), ("1e5", "1e5"), ("-0", "-0"), ("1" * 5000, "1" * 5000), ("NaN", "NaN")],
)
def test_numbers_keep_their_literal(literal: str, value: str) -> None:
    assert said('{"answer": ' + literal + "}") == value


def test_text_fields_accept_booleans_and_lists() -> None:
    assert said('{"answer": true}') == "true"
    assert said('{"answer": ["a", "b", 3]}') == "a; b; 3"
    assert parse('{"items": ["x"], "note": null}', Listed).note is None


@pytest.mark.parametrize("literal", ["007", "+1", ".5", "undefined", "'x'", "True", "", "{}", "[[]]", "null"])
def test_what_is_no_json_or_no_text_is_refused(literal: str) -> None:
    with pytest.raises(InvalidAnswerError):
        said('{"answer": ' + literal + "}")


@pytest.mark.parametrize(
    ("literal", "value"),
    [("true", True), ("false", False), ('"yes"', True), ('"True"', True), ('"N."', False)],
)
def test_flags(literal: str, value: bool) -> None:
    assert parse('{"reasoning": "r", "qualified": ' + literal + "}", Judged).qualified is value


@pytest.mark.parametrize("literal", ["1", "0", "1.0", "NaN", "Infinity", "null", '"maybe"', "[true]", '""'])
def test_flags_are_strict(literal: str) -> None:
    with pytest.raises(InvalidAnswerError, match="qualified"):
        parse('{"reasoning": "r", "qualified": ' + literal + "}", Judged)


def test_bounds_are_checked_and_named() -> None:
    for items in ([], list("abcd"), [None]):
        with pytest.raises(InvalidAnswerError, match="items"):
            parse(json.dumps({"items": items, "note": ""}), Listed)
    with pytest.raises(InvalidAnswerError, match=r"qualified: Field required"):
        parse('{"reasoning": "r"}', Judged)


OK = '{"answer": "ok"}'


@pytest.mark.parametrize(
    "text",
    [
        OK,
        "\ufeff" + OK,
        f"\n\n  {OK}\n",
        f"```json\n{OK}\n```",
        f"\n```\n{OK}\n```\n",
        f"```json{OK}```",
        f"Sure! Here it is: {OK} Hope that helps.",
        f"The set {{a, b}} and \\frac{{1}}{{2}}. {OK}",
        f'<think>so {{"answer": "draft"}}</think>{OK}',
        f'<think>a</think>\n<think>{{"answer": "draft"}}</think>\n{OK}',
        f"<think>a</think>{OK}<think>more",
        f'Okay, the reader {{"answer": "draft"}} wants...\n</think>\n\n{OK}',
        f"Okay {'{' * 40} hm\n</think>\n\n{OK}",
        f"<THINK>x</THINK> {OK}",
        f"<thinking>x</thinking> {OK}",
        f'[THINK]{{"answer": "draft"}}[/THINK]{OK}',
        f"<think></think>{OK}",
        '{"answer": 12, "answer": "ok"}\n{"answer": "second"}',
        f'{{"other": 1}} then {OK} then {{"answer": "later"}}',
        f"[{OK}]",
        '{"answer": "ok", "more": {"answer": "inner"}}',
        '{"more": {"answer": "inner"}, "answer": "ok"}',
        '{"answer": "o\\u0000k\\u0007\\ud800"}',
        '{"answer": "o\x00k"}',
        '{{"answer": "ok"}}',
        f'{{"a", "b"}} is a set.\n{OK}',
        f'{{"answer": "cut", \n\n{OK}',
    ],
)
def test_wrappings(text: str) -> None:
    assert said(text) == "ok"


def test_raw_control_characters_in_strings() -> None:
    assert said('{"answer": "a\tb\nc\rd\x0be"}') == "a\tb\ncde"


def test_a_think_tag_quoted_in_the_answer() -> None:
    text = 'Answer: {"answer": "the tag </think> ends it"} as <think> said'
    assert said(text) == "the tag </think> ends it"
    assert said(raw("a <think> b")) == "a <think> b"


def test_thinking_without_an_answer_is_none() -> None:
    for text in (
        f"<think>maybe {OK}",
        f"<think>{OK}</think>",
        f"Hm {OK} </think> I cannot say.",
        f"Hm\n<think>{OK}",
    ):
        with pytest.raises(InvalidAnswerError):
            said(text)


def test_a_quoted_object_never_wins_over_the_real_one() -> None:
    quoted = '{"reasoning": "x", "qualified": true}'
    real = {"reasoning": f"the page says {quoted}", "qualified": False}
    assert parse(json.dumps(real), Judged).qualified is False
    broken = '{"reasoning": "the page says ' + quoted + '", "qualified": false}'
    with pytest.raises(InvalidAnswerError):
        parse(broken, Judged)
    with pytest.raises(InvalidAnswerError):  # the outer object lacks a property; the inner has all
        parse('{"reasoning": "x", "page": ' + quoted + "}", Judged)


ALL = r"\frac{1} \beta \nu \rho \times \alpha \xi \uparrow \theta \neq \nabla \right) \text{if} \begin{x}"


@pytest.mark.parametrize(
    "value",
    [
        ALL,
        *ALL.split(),
        r"\tau + \alpha",
        r"$\nu$",
        r"$x \neq y$",
        r"the angle $\tan x$ and \(y\)",
        r"\left( \frac{a}{b} \right)",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\begin{pmatrix} a & b \\c & d \end{pmatrix}",
        r"50\% of \$5",
        r"\{1, 2\}",
        r"\d+\s*\bword\b",
        r"x \in \mathbb{R}",
        r"\unicode",
        r"\u12 is short",
        r"\triangle ABC",
        r"\rightarrow",
        r"\boldsymbol{x}",
        r"\forall x",
    ],
)
def test_unescaped_latex_survives(value: str) -> None:
    assert said(raw(value)) == value
    assert said(f"<think>x</think>```json\n{raw(value)}\n``` and that's it") == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (r"\alpha is\nThe end\n\nnot\tso", "\\alpha is\nThe end\n\nnot\tso"),
        (r"\frac{1}{2}\n\beta", "\\frac{1}{2}\n\\beta"),
        (r"\\frac{\alpha}{2}\nu", "\\frac{\\alpha}{2}\nu"),
        (r"\\frac{1}{2} and \theta", "\\frac{1}{2} and \\theta"),
        (r"it\'s", "it's"),
        (r"it\'s\nu", "it's\nu"),
        (r"\alpha \"x\" \/ é 😀", '\\alpha "x" / é \U0001f600'),
        (r"page\r\nnext", "page\nnext"),
        (r"tab\there, line\nunder, more or\nless", "tab\there, line\nunder, more or\nless"),
    ],
)
def test_repair_touches_only_what_needs_it(source: str, value: str) -> None:
    assert said(raw(source)) == value


def test_repair_is_per_string() -> None:
    got = parse(r'{"reasoning": "so\nu is \\nu", "qualified": "no", "x": "\alpha"}', Judged)
    assert got.reasoning == "so\nu is \\nu"


def test_several_objects_with_unescaped_latex() -> None:
    text = r'{"x": "\alpha\beta"} ' + raw(r"\nu \xi") + " " + raw("late")
    assert said(text) == r"\nu \xi"


def test_errors_are_short_and_clean() -> None:
    for text in (
        "",
        "no",
        raw("x")[:-1],
        '{"b": "' + "\x00\\u0000" * 1000 + '"}',
        '{"answer": ' + "[1]," * 999,
    ):
        with pytest.raises(InvalidAnswerError) as caught:
            parse(text, Judged)
        assert 0 < len(str(caught.value)) <= MAX_MESSAGE
        assert clean(str(caught.value)) == str(caught.value)


MEGA = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "{" * MEGA,
        '{"a":' * (MEGA // 5),
        '{"a": "' * (MEGA // 7),
        "[" * MEGA,
        '{"answer": ' + "[" * MEGA + "]" * MEGA + "}",
        '{"answer": ' * 90_000 + "1" + "}" * 90_000,
        '{"answer": "' + "\\" * MEGA,
        '{"answer": "' + "\\nu $x$" * (MEGA // 7),
        '\\"' * (MEGA // 2),
        '{"' + '\\"' * (MEGA // 2),
        '{ "' * (MEGA // 3),
        "{ " * (MEGA // 2),
        "{" + " " * MEGA,
        '\n{"' * (MEGA // 3),
        "<think>" * (MEGA // 7),
        "</think>" * (MEGA // 8),
        "</think>{" * (MEGA // 9),
        "$" * MEGA,
        raw("x")[:-1] + " " * MEGA,
        '{"x": "\\alpha"} ' * (MEGA // 16),
        '{"x": "\\alpha" ' * (MEGA // 16),
        '\n{"x": "\\alpha" ' * (MEGA // 16),
    ],
    ids=range(22),
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidAnswerError):
        said(text)
    assert time.process_time() - began < 30  # what it guards against takes minutes


def test_a_megabyte_of_braces_takes_no_time() -> None:
    began = time.process_time()
    with pytest.raises(InvalidAnswerError):
        said("{" * MEGA)
    assert time.process_time() - began < 1


def test_long_answers_parse_quickly() -> None:
    began = time.process_time()
    assert len(said(raw("\\alpha $\\nu$ " * 7000))) > 90_000
    assert len(said(raw("x $\\nu$ " * (MEGA // 8)))) > MEGA // 2
    assert time.process_time() - began < 5


def test_clean() -> None:
    assert clean("a\x00b\tc\nd\re\x85f\x9fg\ud800h\U0001f600") == "ab\tc\ndefgh\U0001f600"
    assert clean("plain") == "plain"


def test_fold_space() -> None:
    assert fold_space(" \t a\u00a0\n b\u2003c ") == "a b c"
    assert fold_space("") == ""
