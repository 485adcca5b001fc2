"""What a prefix cache may serve of a plan's prompts under each layout, and what the input then costs. No Spark."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from udfs.messages import sections
from udfs.passages import count_tokens
from udfs.spec import CallSpec, EngineSpec, Price
from udfs.stages import Inputs, logic

LAYOUTS = ("document_first", "rules_first")
# OpenAI serves prefixes of 1,024 tokens or more, and puts the answer's schema, which is another for every stage, before
# the system message: https://developers.openai.com/api/docs/guides/prompt-caching, for models before GPT-5.6.
OPENAI = "api.openai.com"
OPENAI_LEAST = 1024

# Tokens that stand behind the document beside rules and examples: of the persona, of the pair, of answers to mark.
ASSUMED_OWN = {"qualify": 0, "classify": 0, "generate": 15, "check": 250, "difficulty": 30, "judge": 200}


class Prompt(NamedTuple):
    """Tokens of one call on average, by whom they are shared with (see `udfs.messages.Sections`)."""

    system: float
    document: float
    stage: float
    own: float


@dataclass(frozen=True)
class Asked:
    """One of a stage's questions, as often as it is planned."""

    stage: str
    system: str
    """Tells apart the stages that have no system message in common."""
    calls: float
    samples: int
    """How often the same prompt is sent."""
    passages: float
    """How many passages the calls are about."""
    prompts: Mapping[str, Prompt]
    """By layout. Where no document is shown, `document` is 0."""

    def tokens(self, layout: str) -> float:
        """Return the tokens of all its prompts."""
        return self.calls * sum(self.prompts[layout])


@dataclass(frozen=True)
class LayoutCost:
    """The input of an engine's calls under one layout: tokens sent, tokens that a prefix cache may serve of them (an
    upper bound), and US dollars with these at the price of cached input (hence a lower bound).
    """

    engine: str
    model: str
    layout: str
    input_tokens: int
    cached_at_most: int
    usd_at_least: float | None


@dataclass(frozen=True)
class Comparison:
    """An engine's layouts, and in a line which of them is the cheaper one."""

    costs: tuple[LayoutCost, ...]
    verdict: str


def questions(spec: CallSpec, calls: int, passages: float, document: float) -> list[Asked]:
    """Return a stage's questions, each with its share of the calls; `document`: tokens of a title and passage."""
    shapes = logic(spec.stage).inputs(defaultdict(str))
    return [
        Asked(
            spec.stage, spec.system, calls * samples / sum(spec.samples), samples, passages,
            {layout: _prompt(spec, layout, inputs, document) for layout in LAYOUTS},
        )
        for inputs, samples in zip(shapes, spec.samples, strict=True)
        if samples
    ]  # fmt: skip


def _prompt(spec: CallSpec, layout: str, empty: Inputs, document: float) -> Prompt:
    """Return a question's mean prompt: what is constant of it is counted, with the fences of the empty inputs."""
    domain = {"domain": next(iter(spec.few_shots))} if spec.few_shots else {}
    parts = sections(replace(spec, engine=replace(spec.engine, layout=layout)), {**empty, **domain})
    blocks = [parts.system, *("\n\n".join(p) for p in (parts.document, parts.stage, parts.own))]
    system, fences, stage, own = count_tokens(blocks)
    return Prompt(system, fences + document if "passage" in empty else 0, stage, own + ASSUMED_OWN[spec.stage])


def cached(asked: Sequence[Asked], layout: str, engine: EngineSpec) -> float:
    """Return how many input tokens a prefix cache may serve of an engine's calls, at most: it holds every prefix for as
    long as it is of use. The passages of a stage are taken to be among those of the stages before it.
    """
    openai = urlsplit(engine.base_url).hostname == OPENAI
    seen: dict[str, float] = defaultdict(float)
    served = 0.0
    for question in (q for q in asked if q.calls):
        begins_alike = question.stage if openai else question.system
        served += _served(question, question.prompts[layout], seen.get(begins_alike), OPENAI_LEAST if openai else 0)
        seen[begins_alike] = max(seen[begins_alike], question.passages if question.prompts[layout].document else 0)
    return served


def _served(asked: Asked, prompt: Prompt, seen: float | None, least: int) -> float:
    """Return what may be served of one question's calls, where `seen` passages were shown before; None: nothing was."""
    distinct = asked.calls / asked.samples
    passages = min(asked.passages, distinct) if prompt.document else 1
    new = max(0.0, passages - (seen or 0)) if prompt.document else 1
    document = prompt.system + prompt.document
    alike = (
        (asked.calls - distinct, sum(prompt)),
        (distinct - passages, document + prompt.stage),
        (passages - new, document),
        (new - (seen is None), prompt.system),
    )
    return sum(max(0.0, calls) * tokens for calls, tokens in alike if tokens >= least)


def compared(name: str, engine: EngineSpec, asked: Sequence[Asked]) -> Comparison | None:
    """Return what an engine's input comes to under each layout; None where it has no layout or no calls."""
    if engine.type == "embedded" or not any(q.calls for q in asked):
        return None
    costs = []
    for layout in LAYOUTS:
        sent, served = sum(q.tokens(layout) for q in asked), cached(asked, layout, engine)
        usd = input_usd(engine.price, sent, served)
        costs.append(LayoutCost(name, engine.model, layout, round(sent), round(served), usd))
    return Comparison(tuple(costs), _verdict(costs, engine))


def input_usd(price: Price | None, read: float, served: float) -> float | None:
    """Return the US dollars of `read` input tokens, `served` of them from the cache; None without a price."""
    return None if price is None else ((read - served) * price.input + served * price.cached_input) / 1_000_000


def _verdict(costs: Sequence[LayoutCost], engine: EngineSpec) -> str:
    """Return which layout is the cheaper one, and by how much, in one line."""
    price = engine.price if engine.price and engine.price.input else None
    low, high = sorted(costs, key=_usd if price else _anew)
    which = f"{low.engine}: {low.layout} ({'in use' if low.layout == engine.layout else 'not in use'})"
    if low.input_tokens == high.input_tokens:
        return f"{low.engine}: both layouts ask alike."
    if price is None:
        return (
            f"{which} leaves a server with a prefix cache less to read, {_anew(low):,} tokens against {_anew(high):,}; "
            "there is no price to compare by."
        )
    why = "" if price.cached_input < price.input else "; without a price of cached_input every token sent costs alike"
    saved = _usd(high) - _usd(low)
    return f"{which} is the cheaper layout by ${saved:.4f}, {saved / _usd(high):.0%} of the input{why}."


def _usd(cost: LayoutCost) -> float:
    return cost.usd_at_least or 0.0


def _anew(cost: LayoutCost) -> int:
    return cost.input_tokens - cost.cached_at_most
