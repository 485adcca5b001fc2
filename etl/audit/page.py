"""The audit page: one HTML file with everything in it, in which crawled and model-written text stays inert.

Three walls, each enough by itself: the data stands in a JSON block without any `<`, the script sets it as text only,
and the page's policy runs no other script or style than its own and fetches nothing.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from etl.errors import ConfigError

REASONS = {
    "wrong_answer": "the answer is wrong",
    "ungrounded": "the evidence does not say so",
    "no_context": "the question cannot be understood alone",
    "ambiguous": "several answers are right",
    "leak": "the question gives the answer away",
    "trivial": "not worth asking",
    "bad_form": "type, unit, aliases or wording are off",
    "other": "something else: see the note",
}
"""Why a person rejects a pair: the closed set, in the order of the keys 1 to 8."""

_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}  # end a script element, or a line in old parsers


def render(sample: Mapping[str, Any]) -> str:
    """Return the page of a sample (see `etl.audit.sample.draw`)."""
    reasons = [{"name": name, "text": text} for name, text in REASONS.items()]
    data = json.dumps({**sample, "reasons": reasons}, ensure_ascii=False, default=str).translate(_UNSAFE)
    style, script = _shipped("page.css"), _shipped("page.js")
    parts = {
        "style": style, "style_hash": _hash(style), "script": script, "script_hash": _hash(script), "data": data,
    }  # fmt: skip
    # one pass: what is put in is not looked at again
    return re.sub(r"\{(\w+)\}", lambda m: parts[m.group(1)], _shipped("page.html"))


def write(sample: Mapping[str, Any], path: str) -> None:
    """Write the page of a sample to a file.

    Raises:
        ConfigError: it cannot be written there.
    """
    try:
        Path(path).write_text(render(sample), "utf-8")
    except OSError as error:
        raise ConfigError(f"--out {path}: cannot be written: {error.strerror}") from None


def _shipped(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    """Return what a content security policy calls an inline script or style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
