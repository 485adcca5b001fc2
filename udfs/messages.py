"""Messages: the constant rules and the fenced fields of one call, joined by plain concatenation."""

from collections.abc import Mapping
from typing import Any

from udfs.fences import fence, neutral
from udfs.spec import CallSpec

FIRST = ("title", "passage")  # stand before the stage's rules, so that all calls of a document share a prefix
UNSEEN = frozenset({"domain"})  # chooses the examples; it is not shown itself
SEVERAL = "The rules of several tasks follow; the end of the message names the one to do."
Message = dict[str, str]


def render(spec: CallSpec, inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return the messages: constant rules, the document, examples, the rest, in the order that the layout says.

    document_first: the stage's own rules stand behind the document, so that all calls of a document share the prefix
    up to there. rules_first: the rules of all stages stand in the system message, so that all calls of all documents
    share them, and a server with a prefix cache reads for each call little more than what is particular to it.

    A stage without rules in common with others is always document_first.

    Crawled text is only ever concatenated: braces and placeholders in it are inert. Fields that are None are left
    out.
    """
    document = [_fenced(spec, name, inputs) for name in FIRST]
    rest = [_fenced(spec, name, inputs) for name in inputs if name not in FIRST and name not in UNSEEN]
    examples = spec.few_shots.get(str(inputs.get("domain")), "")
    if rules_first(spec):
        system = "\n\n".join((spec.system, SEVERAL, *spec.all_rules))
        last = f"Do the task headed `# Task: {spec.stage}`, and no other. {spec.closing}"
        blocks = [*document, examples, *rest, last]
    else:
        system = spec.system
        blocks = [*document, *shown_rules(spec), examples, *rest, spec.closing]
    return (
        {"role": "system", "content": system},
        {"role": "user", "content": "\n\n".join(b for b in blocks if b)},
    )


def rules_first(spec: CallSpec) -> bool:
    """Return whether a stage's calls begin with the rules of all stages."""
    return spec.layout == "rules_first" and bool(spec.all_rules)


def shown_rules(spec: CallSpec) -> tuple[str, ...]:
    """Return the rules that each call of a stage shows: all stages', or its own."""
    return spec.all_rules if rules_first(spec) else (headed(spec.stage, spec.template),)


def headed(stage: str, template: str) -> str:
    """Return a stage's rules under the heading by which the messages name them."""
    heading = f"# Task: {stage}"
    return template if template.startswith(heading) else f"{heading}\n\n{template}"


def _fenced(spec: CallSpec, name: str, inputs: Mapping[str, Any]) -> str:
    value = inputs.get(name)
    return "" if value is None or value == [] else fence(spec.secret, name, value)


def re_ask(messages: tuple[Message, ...], answer: str, problem: str) -> tuple[Message, ...]:
    """Return the conversation that quotes what was wrong with the answer and asks once more."""
    correction = (
        f"Your answer could not be used: {neutral(problem)}\n"
        "Answer the same task again with exactly one JSON object that has the properties described, and nothing else."
    )
    return (*messages, {"role": "assistant", "content": neutral(answer)}, {"role": "user", "content": correction})
