"""Asks an endpoint as the pipeline would."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import openai

from .client import Endpoint

TAG = "data-00112233445566778899aabbccddeeff"
PASSAGE = (
    "The Halden lighthouse stands on a rock in the bay. It was built by Maria Lindqvist after the storm. "
    "The tower has a height of 1,204 feet and a lamp that burned oil for 61.5 years before it was replaced."
)


def prompt(stage: str, passage: str = PASSAGE, **fields: str) -> str:
    """Return a user message as the pipeline lays it out."""
    fields = {"title": "Halden lighthouse", "persona": "an engineer"} | fields
    parts = [f'<{TAG} field="passage">\n{passage}\n</{TAG}>', f"# Task: {stage}"]
    return "\n\n".join(parts + [f'<{TAG} field="{k}">{v}</{TAG}>' for k, v in fields.items()])


def ask(endpoint: Endpoint, stage: str = "generate", text: str | None = None, **options: Any) -> Any:
    """Ask the endpoint through the OpenAI client, without retries."""
    key = options.pop("key", "sk-right")
    client = openai.OpenAI(base_url=endpoint.url, api_key=key, max_retries=0, timeout=options.pop("timeout", 5))
    schema = {"name": stage, "schema": {"type": "object"}, "strict": True}
    body: Any = {"model": "m", "messages": [{"role": "user", "content": text or prompt(stage)}]} | options
    body["response_format"] = {"type": "json_schema", "json_schema": schema}
    with client:
        return client.chat.completions.create(**body)


def until(holds: Callable[[], object], seconds: float = 5) -> None:
    """Wait until `holds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


def in_background(function: Callable[[], object]) -> threading.Thread:
    """Run a call that may fail in a thread."""

    def run() -> None:
        with contextlib.suppress(openai.OpenAIError):
            function()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
