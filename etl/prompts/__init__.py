"""Prompt files: `<stage>.v<N>.md`, never edited once released; and what is made of them."""

import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from etl.errors import ConfigError
from udfs.answers import DOMAINS
from udfs.keys import canonical_json, prompt_sha
from udfs.stages import logic

SYSTEM, SOLVER = "system.v1.md", "solver.v1.md"
_OWN_EXAMPLES = re.compile(r"^#+ Examples$", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """One prompt of one stage, with everything that is constant about its calls."""

    name: str
    stage: str
    template: str
    few_shots: dict[str, str]
    system: str
    answer_schema: str
    sha: str


def load_prompt(stage: str, reference: str) -> Prompt:
    """Read a prompt: `generate@1` is etl/prompts/generate.v1.md; anything else is the path of a file of the user's.

    One for generate is shown with the examples of the document's domain, unless it has a heading `Examples` itself:
    then these are all there are, and as constants they stand wherever the rules do.

    Raises:
        ConfigError: no such prompt or file.
    """
    name, template = _template(stage, reference)
    system = _shipped(SOLVER if stage == "difficulty" else SYSTEM).strip()
    examples = _few_shots() if stage == "generate" and not _OWN_EXAMPLES.search(template) else {}
    schema = logic(stage).answer.json_schema()
    sha = prompt_sha(template, canonical_json(examples), system, schema)
    return Prompt(name, stage, template, examples, system, canonical_json(schema), sha)


def shipped_names(stage: str) -> list[str]:
    """Return the name@version of every prompt that is shipped for a stage."""
    files = (f.name.removesuffix(".md") for f in resources.files(__package__).iterdir())
    return sorted(f.replace(".v", "@") for f in files if f.startswith(f"{stage}.v"))


def _template(stage: str, reference: str) -> tuple[str, str]:
    name, sign, version = reference.partition("@")
    if sign and version.isdigit() and "/" not in reference:
        shipped = resources.files(__package__) / f"{name}.v{version}.md"
        if not shipped.is_file():
            known = [f"{n.replace('@', '.v')}.md" for n in shipped_names(stage)]
            raise ConfigError(f"stages.{stage}.prompt: no prompt {reference!r}; shipped: {', '.join(known)}")
        return reference, shipped.read_text("utf-8").strip()
    path = Path(reference)
    try:
        return path.stem, path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"stages.{stage}.prompt: {reference!r} is neither name@version nor a readable file") from None


def _shipped(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")


def _few_shots() -> dict[str, str]:
    """Return the block of examples of each domain, as it is shown."""
    return {domain: _examples(domain) for domain in DOMAINS}


def _examples(domain: str) -> str:
    library = resources.files("etl") / "fewshot" / f"{domain}.jsonl"
    rows = [json.loads(line) for line in library.read_text("utf-8").splitlines() if line.strip()]
    shown = [
        f"Passage: {r['passage']}\nPersona: {r['persona']}\nAnswer: {json.dumps(r['answer'], ensure_ascii=False)}"
        for r in rows
    ]
    return "# Examples\n\n" + "\n\n".join(shown)
