"""Fences: whatever the web or a model wrote stands between tags that its author cannot forge."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence

from udfs.text import fold_space

ONE_LINE = frozenset({"title", "persona", "answer_type", "unit"})
MAX_LINE = 300  # characters of a one-line field; a longer title or persona adds nothing
_JOINER = "\u200b"  # breaks a marker for tokenizers; `udfs.evidence` folds it away again

# Chat-template markers of the common open model families: they become real special tokens if left whole.
_MARKERS = re.compile(
    r"<\|(?=[^|<>\n]{1,40}\|>)"
    r"|<(?=/?(?:s|bos|eos|pad|unk|think|tool_call|tool_response|im_start|im_end|"
    r"start_of_turn|end_of_turn|SYS|start_of_image|image|mask)>)"
    r"|<(?=<SYS>>|</SYS>>|[｜|][^｜|<>\n]{1,40}[｜|]>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG)\])"
)


def fence(secret: bytes, field: str, value: str | Sequence[str]) -> str:
    """Return one fenced field. The tag is an HMAC of field and content, so no content can contain its own tag.

    Lists are written as JSON; one-line fields are folded and capped.
    """
    text = value if isinstance(value, str) else json.dumps(list(value), ensure_ascii=False)
    if field in ONE_LINE:
        text = fold_space(text)[:MAX_LINE]
    text = neutral(text)
    data = f"{field}\0{text}".encode("utf-8", "surrogatepass")
    tag = hmac.new(secret, data, hashlib.sha256).hexdigest()[:16]
    gap = "" if field in ONE_LINE else "\n"
    return f'<data-{tag} field="{field}">{gap}{text}{gap}</data-{tag}>'


def neutral(text: str) -> str:
    """Return the text with chat-template markers broken by a zero-width space."""
    return _MARKERS.sub(lambda m: m.group(0)[0] + _JOINER + m.group(0)[1:], text)
