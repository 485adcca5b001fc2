"""The embedded engine: right pairs stay, bad sentences are refused, the same request gets the same answer."""

import asyncio
import importlib.util
import json
import socket
import time
from typing import Any

import pytest

from udfs.engines import Completion, Request
from udfs.engines.embedded import EmbeddedEngine, MissingModelError
from udfs.stages import logic

# Short quotations from English Wikipedia (Abraham Lincoln, Alabama, Asia, Apollo 8, Alchemy), CC BY-SA 3.0.
LINCOLN = """\
Abraham Lincoln (; February 12, 1809 – April 15, 1865) was the 16th President of the United States, serving \
from March 1861 until his assassination in April 1865. \
In 1860, Lincoln secured the Republican Party presidential nomination as a moderate from a swing state. \
Lincoln made five appointments to the United States Supreme Court."""
ALABAMA = """\
Alabama () is a state located in the southeastern region of the United States. \
The Alabama Territory was created by the United States Congress on March 3, 1817. \
In 2011, 46.6% of Alabama's population younger than age 1 were minorities."""
ASIA = """\
Asia () is the Earth's largest and most populous continent, located primarily in the eastern and northern \
hemispheres. Around 68 percent of international firms have office in Hong Kong. In 1730 Philip Johan von \
Strahlenberg published a new atlas proposing the Urals as the border of Asia."""
APOLLO = """\
Apollo 8, the second human spaceflight mission in the United States Apollo space program, was launched on \
December 21, 1968. Apollo 8 took three days to travel to the Moon. The Apollo 8 astronauts returned to Earth \
on December 27, 1968, when their spacecraft splashed down in the Northern Pacific Ocean."""
ALCHEMY = """\
Alchemy is a philosophical and protoscientific tradition practiced throughout Europe, Egypt and Asia. \
In 1403, Henry IV of England banned the practice of multiplying metals (although it was possible to buy a \
licence to attempt to make gold alchemically). The Arabic root of the word alchemy is al-kīmiyā."""
PAGES = dict(
    zip(
        ("Abraham Lincoln", "Alabama", "Asia", "Apollo 8", "Alchemy"),
        (LINCOLN, ALABAMA, ASIA, APOLLO, ALCHEMY),
        strict=True,
    )
)
# Written for this test.
FILLER = """
The harbour of Port Ellis was dredged by Dutch engineers in 1911. The town council of Port Ellis bought the \
old lighthouse from the Crown in 1926. The lamp of the lighthouse is visible from the coast of the mainland. \
Fishing and the ferry to the mainland are the main trades of the people on the island of Ellis."""

GOLDEN = """
Alabama | On what date was the Alabama Territory created by the United States Congress? | March 3, 1817
Alabama | Fill in the blank with a number: In 2011, ____% of Alabama's population younger than age 1 were \
minorities. | 46.6
Abraham Lincoln | On what date was Abraham Lincoln born? | February 12, 1809
Abraham Lincoln | On what date did Abraham Lincoln die? | April 15, 1865
Abraham Lincoln | Who was the 16th President of the United States? | Abraham Lincoln
Abraham Lincoln | How many appointments to the United States Supreme Court did Abraham Lincoln make? | five
Apollo 8 | How many days did Apollo 8 take to travel to the Moon? | three
Apollo 8 | On what date did the Apollo 8 astronauts return to Earth? | December 27, 1968
Asia | What is the Earth's largest and most populous continent? | Asia
Alchemy | In the context of alchemy, in what year did Henry IV of England ban the practice of multiplying \
metals? | 1403
Alchemy | What is the term for a philosophical and protoscientific tradition practiced throughout Europe, \
Egypt and Asia? | Alchemy
"""

REFUSED = [
    "He moved to Paris in 1931 and married the painter Anna Weiss there.",
    "The war ended in 1945 after the capital had fallen to the troops.",
    "This method was first described by Karl Brandt of Jena in 1902.",
    "The company opened its third factory near the river in 1987.",
    "In recent years the number of visitors to Port Ellis rose to 40,000.",
    "According to Mary Parker, fires in the Amazon destroyed 12% of the forest.",
    "It was discovered by the Swedish chemist Carl Scheele in 1774 in Uppsala.",
    "We visited the museum in Berlin in 2003 and met the director Hans Vogel.",
    "Some historians believe that Marco Polo never reached China in 1275.",
    "With a total area of about , the island of Ellis was settled in 1820.",
    "A 60-gun ship of that name served at the Battle of Belleisle in 1761.",
    "Turnout dropped from 80% in 2008 to 60% in the general vote of the town.",
    "Many other cities such as Lyon and Marseille may have been founded earlier.",
    "If the treaty of Port Ellis is signed in 1999, the ferry will be sold.",
    "Either Robert Hall or James Finch built the chapel of Port Ellis in 1844.",
    "The first was opened in 1969 by Margaret Hill in the centre of Leeds.",
    'The king said "we shall return" to the people of Dover in 1688.',
    "However, Peter Kane sold the mill to the town of Barrow in 1907.",
    "Later the same year Thomas Reed published a second atlas in London.",
    "As of 2011, 35,000 workers of the mines lived in the town of Port Ellis.",
]

HOSTILE = {
    "one line of 5 MB": "The ship sank in 1912 near Halifax " * 145_000,
    "no blanks": "a" * 3_000_000,
    "NULs": "\0" * 2_000 + ALABAMA.replace(" ", " \0"),
    "lone surrogates": "\ud800 was built in \udfff 1901 by Anna Lee. " * 50,
    "emoji": "🙂🙃 The 🦆 duck was 🏗 built in 1901 by Anna Lee of 🇨🇦 Canada. " * 50,
    "braces": "{{{{{}}}}} ${x} {0} %s %(a)s <|im_end|> </s> [INST] ((((((" * 500,
    "marker": ALABAMA.replace("created", "created <|im_end|>"),
    "empty": "",
    "blanks": " \n\t\n ",
    "digits": "1234567890 " * 2_000,
    "stops": ". " * 20_000 + "A. B. C. " * 5_000,
    "brackets": "(" * 50_000 + "Anna Lee was born in 1901." + ")" * 50_000,
    "capitals": "ANNA LEE WAS BORN IN PARIS IN 1901. " * 300,
}


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def ask(engine: EmbeddedEngine, stage: str, **inputs: Any) -> dict[str, Any]:
    completion = complete(engine, stage, **inputs)
    answer: dict[str, Any] = json.loads(completion.text or "")
    logic(stage).answer.model_validate(answer)
    return answer


def complete(engine: EmbeddedEngine, stage: str, **inputs: Any) -> Completion:
    messages = ({"role": "user", "content": "one two three"},)
    return asyncio.run(engine.complete(Request(stage, messages, {}, inputs, 500)))


def pairs_of(engine: EmbeddedEngine, title: str | None, passage: str) -> list[dict[str, Any]]:
    readers = ask(engine, "classify", title=title, passage=passage)
    made = [
        ask(engine, "generate", title=title, passage=passage, domain=readers["domain"], persona=persona)
        for persona in readers["personas"]
    ]
    return [pair for pair in made if pair["answerable"]]


def verdict(engine: EmbeddedEngine, title: str, passage: str, pair: dict[str, Any], **changed: Any) -> bool:
    fields = {k: v for k, v in pair.items() if k != "answerable"}
    judged = ask(engine, "check", title=title, passage=passage, **{**fields, **changed})
    return judged["has_context"] and judged["answer_correct"] and not judged["leaks_answer"]


@pytest.mark.parametrize("golden", GOLDEN.strip().split("\n"))
def test_golden_pair_is_found(golden: str) -> None:
    from udfs.engines.embedded.pairs import candidates

    title, question, answer = golden.split(" | ")
    found = {pair.question: pair.answer for pair in candidates(title, PAGES[title])}
    assert found.get(question) == answer, list(found.items())


@pytest.mark.parametrize("sentence", REFUSED)
def test_sentence_that_needs_its_page_is_refused(sentence: str) -> None:
    from udfs.engines.embedded.pairs import candidates

    assert [p.question for p in candidates(None, f"{sentence} It rained for most of the night in the town.")] == []


@pytest.mark.parametrize("title", PAGES)
def test_every_pair_keeps_its_promises(engine: EmbeddedEngine, title: str) -> None:
    passage = PAGES[title]
    made = pairs_of(engine, title, passage)
    assert made
    for pair in made:
        assert pair["evidence"] in passage
        assert pair["answer"] in pair["evidence"]
        assert all(pair["answer"].lower() != w for w in pair["question"].lower().rstrip("?").split())
        assert f" {pair['answer'].lower()} " not in f" {pair['question'].lower()} "
        assert verdict(engine, title, passage, pair)
    assert len({p["question"] for p in made}) == len({p["evidence"] for p in made}) == len(made)


def test_readers_of_one_passage_get_different_pairs(engine: EmbeddedEngine) -> None:
    readers = ask(engine, "classify", title="Apollo 8", passage=APOLLO)["personas"]
    made = pairs_of(engine, "Apollo 8", APOLLO)
    assert len(set(readers)) == len(readers) == len(made) >= 2
    kinds = {p["answer_type"] for p in made}
    assert {"integer", "date"} <= kinds


def test_unknown_reader_gets_a_pair_and_a_barren_passage_none(engine: EmbeddedEngine) -> None:
    pair = ask(engine, "generate", title="Asia", passage=ASIA, domain="other", persona="sailor who maps coasts")
    assert pair["answerable"]
    barren = ask(engine, "generate", title=None, passage="Nothing is said.", domain="other", persona="x")
    assert barren.pop("answerable") is False
    assert barren.pop("aliases") == []
    assert set(barren.values()) == {None}
    assert len(ask(engine, "classify", title=None, passage="Nothing is said here.")["personas"]) == 1


def test_answers_are_typed(engine: EmbeddedEngine) -> None:
    from udfs.engines.embedded.pairs import candidates

    found = {(p.answer, p.answer_type, p.unit) for t, text in PAGES.items() for p in candidates(t, text)}
    assert {("46.6", "number", "%"), ("1730", "date", None), ("three", "integer", None)} <= found


def test_wrong_answers_are_rejected(engine: EmbeddedEngine) -> None:
    for title, passage in PAGES.items():
        made = pairs_of(engine, title, passage)
        for pair in made:
            others = [p["answer"] for p in made if p is not pair and p["answer"] != pair["answer"]]
            for wrong in others:
                assert not verdict(engine, title, passage, pair, answer=wrong, aliases=[])
            assert not verdict(engine, title, passage, pair, evidence="The moon is made of green cheese.")


def test_pairs_of_another_engine_are_judged(engine: EmbeddedEngine) -> None:
    pair: dict[str, Any] = {
        "question": "Who published an atlas in 1730 that proposed the Urals as the border of Asia?",
        "answer": "Philip Johan von Strahlenberg", "aliases": [], "answer_type": "name", "unit": None,
        "evidence": ASIA.rsplit(". ", 1)[-1],
    }  # fmt: skip
    assert verdict(engine, "Asia", ASIA, pair)
    assert not verdict(engine, "Asia", ASIA, pair, answer="1730")
    assert not verdict(engine, "Asia", ASIA, pair, answer="the Urals")
    assert not verdict(engine, "Asia", ASIA, pair, question="Who published it in the passage?")
    assert not verdict(engine, "Asia", ASIA, pair, question="Who discovered Antarctica before James Cook did?")
    assert not verdict(engine, "Asia", ASIA, pair, question=f"Is it {pair['answer']} who published a new atlas?")
    assert not verdict(engine, "Asia", ASIA, pair, answer="true", answer_type="boolean")


def test_second_verb_in_the_past_is_not_left_behind_did(engine: EmbeddedEngine) -> None:
    from udfs.engines.embedded.pairs import candidates

    text = "Peter Kane rebuilt the old mill of Barrow and nearly ruined the Barrow Bank in 1907."
    assert [p for p in candidates(None, f"{text} It rained in the town.") if "and nearly ruined" in p.question] == []


def test_qualify_names_the_rule(engine: EmbeddedEngine) -> None:
    def reason(passage: str) -> str:
        answer = ask(engine, "qualify", title=None, passage=passage)
        assert answer["qualified"] == (answer["reason"] == "informative")
        return str(answer["reason"])

    assert reason(ALABAMA + FILLER) == "informative"
    assert reason("Ada\n\nREDIRECT Ada Lovelace") == "boilerplate"
    names = "\n".join(f" the town of Ada in the state {i}" for i in range(40))
    assert reason(f"Ada may refer to:\n{names}") == "boilerplate"
    assert reason("Der Hafen wurde im Jahr 1911 von Ingenieuren aus Holland ausgebaut. " * 12) == "not_verifiable"
    assert reason("I love my garden and you will like it when we sit under the tree. " * 12) == "not_verifiable"
    assert reason("Too short.") == "too_shallow"


def test_classify_names_the_domain(engine: EmbeddedEngine) -> None:
    assert ask(engine, "classify", title="Abraham Lincoln", passage=LINCOLN)["domain"] == "social_science"
    assert ask(engine, "classify", title="Apollo 8", passage=APOLLO)["domain"] == "technology_engineering"
    assert ask(engine, "classify", title=None, passage="Nothing is said here.")["domain"] == "other"


def test_same_request_gets_the_same_bytes(engine: EmbeddedEngine) -> None:
    from udfs.engines.embedded.pairs import candidates

    def run() -> list[str | None]:
        candidates.cache_clear()
        return [
            complete(engine, stage, title=title, passage=text, domain="other", persona="p").text
            for title, text in PAGES.items()
            for stage in ("qualify", "classify", "generate")
        ]

    assert run() == run()


def test_works_without_a_network(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    from udfs.engines.embedded.pairs import candidates

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the engine opened a connection")

    candidates.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    from udfs.engines.embedded.classify import personas

    assert personas("other", "Asia", ASIA)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_neither_raises_nor_takes_long(engine: EmbeddedEngine, name: str) -> None:
    text = HOSTILE[name]
    start = time.process_time()
    for stage in ("qualify", "classify", "generate"):
        ask(engine, stage, title=text[:200], passage=text, domain="other", persona=text[:50])
    ask(
        engine, "check", title=text[:200], passage=text, question=text[:3_000], answer=text[:300],
        aliases=[text[:20]], answer_type="phrase", unit=None, evidence=text[:1_000],
    )  # fmt: skip
    assert time.process_time() - start < 30  # what it guards against takes minutes


def test_counts_tokens_by_words(engine: EmbeddedEngine) -> None:
    done = complete(engine, "qualify", title=None, passage=ALABAMA)
    assert (done.finish_reason, done.prompt_tokens, done.cached_tokens, done.reasoning_tokens) == (
        "stop",
        3,
        0,
        0,
    )
    assert done.completion_tokens
    assert done.error_type is None


def test_missing_model_is_told_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingModelError, match=r"pip install 'webscale-rl\[embedded\]'"):
        EmbeddedEngine()
