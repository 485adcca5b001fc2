"""Structured output: the answer that an object in JSON, or bulleted fields, give under whatever key."""

import json
import re
from typing import Any

MAX_JSON = 8_000  # characters of an object that is looked at
MAX_DEPTH = 4
MAX_FIELD = 1_000  # characters of a bulleted field

_FENCE = re.compile(r"```(?:json[\w]*)?\s*(\{.*\}|\[.*\])\s*```", re.S | re.I)
_NUMERAL = re.compile(r"-?[\d.,]+(?:[eE][-+]?\d+)?")
_LAST = re.compile(r"(?:\A|\n)\s*(\{[^{}]{1,2000}\})\s*\Z")
# Keys for the answer, the surest first; and those for what only leads up to it.
_KEY_WORDS = """
final_answer finalanswer answer final choice option selected selection prediction label verdict result solution
response output value letter name date number
"""
_KEYS = tuple(_KEY_WORDS.split())
_BESIDE = re.compile(
    r"reason|expla|thought|thinking|rational|analys|step|justif|evidence|confiden|certain|probab|question|prompt|note|"
    r"source|quote|comment|context|passage|unit|type|id\Z|status|work|calc|scratch|score",
    re.I,
)
_SURE = frozenset({"final_answer", "answer", "final"})
_NAMED = frozenset({"field", "key", "attribute", "property", "column"})  # whose value is told beside it
_TAKES_BACK = re.compile(
    r"\b(?:not|no|wrong|incorrect|false|correction|actually|instead|rather|or|unit)\b|n['’]t\b", re.I
)
_FIELD = re.compile(r"\s*[-*•]\s+(?:\*\*|__)?([^\W\d][\w ]{1,30}?)(?:\*\*|__)?:(?:\*\*|__)?\s+(\S.*)")
# What a single backslash in front of LaTeX's commands was taken for.
_LOST = {"\x08": "\\b", "\x0c": "\\f", "\t": "\\t", "\r": "\\r", "\n": "\\n"}
_LOST_COMMAND = re.compile(
    r"[\x08\x0c](?=[a-z])|\t(?=imes|ext|an\b|an[^a-z]|heta|au\b|frac|o\b)|\r(?=ight|ho\b|angle)|\n(?=eq|u\b|abla|ot|e\b)"
)


def given(text: str) -> str | None:
    """Return the answer of a text that is an object or array in JSON, or ends with one, or is bulleted fields one of
    which names it; None where it has none.
    """
    fields = [_FIELD.fullmatch(line) for line in text.split("\n") if line.strip()]
    if len(fields) > 1 and all(fields):
        return _of_fields([(m[1], m[2]) for m in fields if m])
    if not any(c in text[-12:] for c in "}]"):
        return None
    fenced = list(_FENCE.finditer(text[-MAX_JSON:]))[-1:]
    last = _LAST.search(text[-MAX_JSON:])
    whole = text.strip()
    candidates = [whole] if whole[:1] in ("{", "[") else []
    candidates += [m[1] for m in (*fenced, last) if m]
    for candidate in candidates:
        try:
            value = json.loads(candidate, parse_float=str, parse_int=str) if len(candidate) <= MAX_JSON else None
        except (ValueError, RecursionError):
            continue
        worded = isinstance(value, list) and any(isinstance(v, str) and not _NUMERAL.fullmatch(v) for v in value)
        if isinstance(value, dict) or worded:  # numbers in brackets may be a point
            return _told(value, 0)
    return None


def _of_fields(fields: list[tuple[str, str]]) -> str | None:
    """Return the answer among bulleted fields whose others only lead up to it and take nothing back."""
    keys = [_plain(key) for key, _ in fields]
    if set(keys) - _NAMED == {"value"}:
        return fields[keys.index("value")][1][:MAX_FIELD].strip()
    told = [value for key, (_, value) in zip(keys, fields, strict=True) if key in _SURE]
    beside = [value for key, (_, value) in zip(keys, fields, strict=True) if key not in _SURE and _BESIDE.search(key)]
    if len(told) != 1 or len(told) + len(beside) < len(fields) or any(map(_TAKES_BACK.search, beside)):
        return None
    return told[0][:MAX_FIELD].strip()


def _plain(key: str) -> str:
    return re.sub(r"[^a-z]+", "_", key.lower()).strip("_")


def decoded(literal: str) -> str:
    """Return what the inside of a JSON string says; as it is where it is none."""
    try:
        return mended(str(json.loads(f'"{literal}"', strict=False)))
    except ValueError:
        return literal


def mended(text: str) -> str:
    """Return a text with the backslashes of LaTeX that JSON has taken for its own."""
    return _LOST_COMMAND.sub(lambda m: _LOST[m[0]], text)


def _told(value: Any, depth: int) -> str | None:
    if depth > MAX_DEPTH or value is None:
        return None
    if isinstance(value, dict):
        return _of_object(value, depth)
    if isinstance(value, list):
        parts = [_told(part, depth + 1) for part in value]
        return "; ".join(p for p in parts if p) if all(parts) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return mended(value) if isinstance(value, str) else str(value)


def _of_object(value: dict[str, Any], depth: int) -> str | None:
    keys = {_plain(key): key for key in value}
    key = next((keys[k] for k in _KEYS if k in keys), None)
    if key is None:
        left = [k for k in value if not _BESIDE.search(k)] if len(value) > 1 else list(value)
        key = left[0] if len(left) == 1 else None
    told = _told(value[key], depth + 1) if key is not None else None
    unit = value.get("unit", value.get("units"))
    numeral = told is not None and _NUMERAL.fullmatch(told)
    return f"{told} {unit}" if numeral and isinstance(unit, str) and unit else told
