"""Reads a chat request: its text, its stage, and the fields that stand in fences."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

STAGES = ("qualify", "classify", "generate", "check", "difficulty", "judge")

_OPEN = re.compile(r'<data-([0-9a-fA-F]{16,}) field="([a-z_]+)">')
_HEADING = re.compile(r"^# Task: *(\w+)", re.MULTILINE)


def content_text(message: Mapping[str, Any]) -> str:
    """Return a message's text, whether it is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(p.get("text", "") for p in content if isinstance(p, dict))
    return content if isinstance(content, str) else ""


def user_text(body: Mapping[str, Any]) -> str:
    """Return the texts of all user messages, joined by a line feed."""
    return "\n".join(content_text(m) for m in body["messages"] if m.get("role") == "user")


def _fences(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield start, end, field and content of each fence; what stands inside a fence is never a fence."""
    at = 0
    while opening := _OPEN.search(text, at):
        closing = f"</data-{opening[1]}>"
        end = text.find(closing, opening.end())
        if end < 0:
            at = opening.end()
            continue
        at = end + len(closing)
        yield opening.start(), at, opening[2], text[opening.end() : end]


def fenced_fields(text: str) -> dict[str, str]:
    """Return the content of the first fence of each field, without the line feeds next to the tags."""
    found: dict[str, str] = {}
    for _, _, name, content in _fences(text):
        found.setdefault(name, content.removeprefix("\n").removesuffix("\n"))
    return found


def _outside(text: str) -> str:
    kept, at = [], 0
    for start, end, _, _ in _fences(text):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def stage_of(body: Mapping[str, Any]) -> str:
    """Return the stage: the schema's name, else the task heading of the last user message, else `unknown`."""
    response_format = body.get("response_format")
    schema = response_format.get("json_schema") if isinstance(response_format, dict) else None
    name = schema.get("name") if isinstance(schema, dict) else None
    if name in STAGES:
        return str(name)
    texts = [content_text(m) for m in body["messages"] if m.get("role") == "user"] or [""]
    headings = [h for h in _HEADING.findall(_outside(texts[-1])) if h in STAGES]
    return str(headings[-1]) if headings else "unknown"
