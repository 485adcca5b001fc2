"""Messages: the constant rules and the fenced fields of one call, joined by plain concatenation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from udfs.fences import fence, neutral
from udfs.spec import CallSpec

FIRST = ("title", "passage")  # stand before the stage's rules, so that all calls of a document share a prefix
UNSEEN = frozenset({"domain"})  # chooses the examples; it is not shown itself
SEVERAL = "The rules of several tasks follow; the end of the message names the one to do."
Message = dict[str, str]


@dataclass(frozen=True)
class Sections:
    """One call's text by whom it is shared with, in the order shown."""

    system: str
    """All calls of a stage, or of all stages, begin with it."""
    document: tuple[str, ...]
    """The calls of a passage go on with it."""
    stage: tuple[str, ...]
    """The stage's calls of this passage go on with it."""
    own: tuple[str, ...]


def render(spec: CallSpec, inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return the messages: constant rules, the document, examples, the rest, in the order that the layout says.

    document_first: the stage's own rules stand behind the document, so that all calls of a document share the prefix
    up to there. rules_first: the rules of all stages stand in the system message, so that all calls of all documents
    share them, and a server with a prefix cache reads for each call little more than what is particular to it.

    A stage without rules in common with others is always document_first.

    Crawled text is only ever concatenated: braces and placeholders in it are inert. Fields that are None are left
    out.
    """
    made = sections(spec, inputs)
    return (
        {"role": "system", "content": made.system},
        {"role": "user", "content": "\n\n".join(b for b in (*made.document, *made.stage, *made.own) if b)},
    )


def sections(spec: CallSpec, inputs: Mapping[str, Any]) -> Sections:
    """Return what `render` shows, in its parts."""
    document = tuple(_fenced(spec, name, inputs) for name in FIRST)
    rest = [_fenced(spec, name, inputs) for name in inputs if name not in FIRST and name not in UNSEEN]
    examples = spec.few_shots.get(str(inputs.get("domain")), "")
    if rules_first(spec):
        system = "\n\n".join((spec.system, SEVERAL, *spec.all_rules))
        last = f"Do the task headed `# Task: {spec.stage}`, and no other. {spec.closing}"
        return Sections(system, document, (examples,), (*rest, last))
    return Sections(spec.system, document, (headed(spec.stage, spec.template), examples), (*rest, spec.closing))


def rules_first(spec: CallSpec) -> bool:
    """Return whether a stage's calls begin with the rules of all stages."""
    return spec.layout == "rules_first" and bool(spec.all_rules)


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
    said = neutral(answer) or "(nothing)"  # some servers take no empty message
    return (*messages, {"role": "assistant", "content": said}, {"role": "user", "content": correction})
