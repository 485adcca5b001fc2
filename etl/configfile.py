"""Reading the configuration: a TOML file, overrides, `--input`; mistakes become one line that names key and mend."""

import difflib
import glob
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from etl.config import Config
from etl.config.sources import GIVEN
from etl.errors import ConfigError


def load(path: str | None, overrides: Sequence[str] = (), inputs: Sequence[str] = ()) -> Config:
    """Read a TOML file, apply `key=value` overrides (dotted keys, TOML values) and `--input` paths.

    Raises:
        ConfigError: the file is missing or no TOML, a key is unknown, a value is out of range; one line each.
    """
    data = _read(path) if path else {}
    for override in overrides:
        _override(data, override)
    if inputs:
        data["sources"] = list(_input_sources(data, inputs))
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"--conf {path}: no such file; conf/demo.toml is a working example") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--conf {path}: cannot be read ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"--conf {path}: not valid TOML: {error}") from None


def _override(data: dict[str, Any], override: str) -> None:
    key, sign, text = override.partition("=")
    if not sign or not key.strip():
        raise ConfigError(f"--set {override}: write key=value, for example --set budget.usd=5")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string, as a shell user means it
    *parents, last = _path(key.strip())
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {override}: {parent} is not a table")
    data[last] = value


def _path(key: str) -> list[str]:
    """Return the names in a dotted key, of which some may stand in quotes. Spark's have dots of their own:
    `spark.sql.ansi.enabled` and `spark."spark.sql.ansi.enabled"` are both the one below the table `spark`.
    """
    try:
        below: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:  # a name with a slash, such as Kubernetes has in Spark's keys
        return ["spark", key] if key.startswith("spark.") else key.split(".")
    names: list[str] = []
    while isinstance(below, dict):
        ((name, below),) = below.items()
        names.append(name)
    if names[0] != "spark" or len(names) == 1:
        return names
    return ["spark", names[1] if names[1].startswith("spark.") else ".".join(names)]


ENDINGS = {
    "jsonl": re.compile(r"\.(jsonl|ndjson|json)(\.\w+)?$", re.I),
    "parquet": re.compile(r"\.parquet$", re.I),
    "wet": re.compile(r"\.wet(\.gz|\.zst)?$", re.I),
    "warc": re.compile(r"\.warc(\.gz|\.zst)?$", re.I),
    "html": re.compile(r"\.x?html?$", re.I),
    "text": re.compile(r"\.txt$", re.I),
}
LOOKED_AT = 1000  # files of a folder, to tell what it holds


def _input_sources(data: dict[str, Any], inputs: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Make one source named `input` of the given paths; the columns of the first configured source serve it."""
    configured = data.get("sources") or [{}]
    first = configured[0] if isinstance(configured, list) else None
    columns = first.get("columns") if isinstance(first, dict) else None
    formats = {format_ for path in inputs for format_ in _formats(path)}
    if len(formats) > 1:
        raise ConfigError(f"--input: give files of one format at a time, not {' and '.join(sorted(formats))}")
    yield {
        "name": GIVEN,
        "path": "\n".join(inputs),
        "format": formats.pop(),
        **({"columns": columns} if columns else {}),
    }


def _formats(path: str) -> set[str]:
    """Return the formats of what a path names, by the endings: its own, or, where that tells none and the path is a
    local folder or pattern, those of the files there; `jsonl` where nothing tells.
    """
    names = [path.rstrip("/*"), *islice(_below(path), LOOKED_AT)]
    told = ({f for f, ending in ENDINGS.items() if ending.search(name)} for name in names)
    own, *others = told
    return own or set().union(*others) or {"jsonl"}


def _below(path: str) -> Iterator[str]:
    """Yield the files that a local path names, with all below its folders but what Spark passes over."""
    for top in sorted(glob.glob(path)):
        yield top
        for _, folders, names in os.walk(top):
            folders[:] = [f for f in folders if f[0] not in "._"]
            yield from (name for name in names if name[0] not in "._")


def _explain(error: ValidationError) -> str:
    """Turn the first problem into one line that names the key and the mend."""
    first = error.errors()[0]
    tags = {"openai", "vllm", "embedded"}
    key = ".".join(str(p) for i, p in enumerate(first["loc"]) if not (i == 2 and str(p) in tags))
    if first["type"] == "extra_forbidden":
        *above, last = map(str, first["loc"])
        near = difflib.get_close_matches(last, _keys(above), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{key}: unknown key{hint}"
    message = first["msg"].removeprefix("Value error, ")
    return message if first["type"] == "value_error" else f"{key}: {message}"


def _keys(above: Sequence[str]) -> set[str]:
    """Return the keys that there are below these: names of keys and tables, an engine's type."""
    parts: list[type[BaseModel]] = [Config]
    for step in above:
        fields = [f for part in parts for name, f in part.model_fields.items() if step in (name, f.alias)]
        typed = [p for p in parts if "type" in p.model_fields and step in get_args(p.model_fields["type"].annotation)]
        parts = [below for f in fields for below in _parts(f.annotation)] or typed or parts
    return {f.alias or name for part in parts for name, f in part.model_fields.items()}


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
