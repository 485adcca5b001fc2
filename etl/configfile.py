"""Reading the configuration: a TOML file, overrides, `--input`; mistakes become one line that names key and mend."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from etl.config import Budget, Config, Limits, Tracking
from etl.config.engines import OpenAIEngine, Price, VLLMEngine
from etl.config.sources import GIVEN, Columns, Source
from etl.config.stages import CheckStage, DifficultyStage, Stage, Stages
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
    *parents, last = key.strip().split(".")
    if parents[:1] == ["spark"]:  # its keys have dots of their own: --set spark.sql.ansi.enabled=false
        parents, last = ["spark"], key.strip()
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {override}: {parent} is not a table")
    data[last] = value


ENDINGS = {
    "parquet": re.compile(r"\.parquet$"),
    "wet": re.compile(r"\.wet(\.gz|\.zst)?$"),
    "warc": re.compile(r"\.warc(\.gz|\.zst)?$"),
    "html": re.compile(r"\.x?html?$"),
    "text": re.compile(r"\.txt$"),
}


def _input_sources(data: dict[str, Any], inputs: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Make one source named `input` of the given paths; the columns of the first configured source serve it."""
    configured = data.get("sources") or [{}]
    columns = configured[0].get("columns") if isinstance(configured, list) else None
    formats = {next((f for f, ending in ENDINGS.items() if ending.search(p.rstrip("/*"))), "jsonl") for p in inputs}
    if len(formats) > 1:
        raise ConfigError(f"--input: give files of one format at a time, not {' and '.join(sorted(formats))}")
    yield {
        "name": GIVEN,
        "path": "\n".join(inputs),
        "format": formats.pop(),
        **({"columns": columns} if columns else {}),
    }


def _explain(error: ValidationError) -> str:
    """Turn the first problem into one line that names the key and the mend."""
    first = error.errors()[0]
    tags = {"openai", "vllm", "embedded"}
    key = ".".join(str(p) for i, p in enumerate(first["loc"]) if not (i == 2 and str(p) in tags))
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _all_keys(), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{key}: unknown key{hint}"
    message = first["msg"].removeprefix("Value error, ")
    return message if first["type"] == "value_error" else f"{key}: {message}"


def _all_keys() -> set[str]:
    parts: list[type[BaseModel]] = [
        Config,
        Source,
        Columns,
        OpenAIEngine,
        VLLMEngine,
        Price,
        Stage,
        CheckStage,
        DifficultyStage,
        Stages,
        Budget,
        Limits,
        Tracking,
    ]
    return {f.alias or name for part in parts for name, f in part.model_fields.items()}
