"""What the README says can be typed, named and configured is there."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from etl import configfile
from tests.conftest import Bench

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S))

COMMANDS = [
    line
    for text in [*(body for kind, body in BLOCKS if kind == "bash"), *INLINE]
    for line in text.replace("\\\n", " ").splitlines()
    if line.startswith("webscale-rl ")
]
PATHS = [t for t in INLINE if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", t) and ("/" in t or Path(t).suffix == ".lock")]
TARGETS = re.findall(r"\bmake ([a-z][a-z-]*)\b", "\n".join([*INLINE, *(b for kind, b in BLOCKS if kind == "bash")]))


def test_there_is_something_to_look_at() -> None:
    assert len(COMMANDS) > 10
    assert len(PATHS) > 20
    assert len(TARGETS) > 5
    assert sum(kind == "toml" for kind, _ in BLOCKS) >= 3


@pytest.mark.parametrize("line", COMMANDS)
def test_command_is_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from etl.cli import parser

    monkeypatch.chdir(ROOT)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            options = parser().parse_args(shlex.split(line, comments=True)[1:])
    except SystemExit:
        pytest.fail(said.getvalue())
    configfile.load(options.conf, options.set, getattr(options, "input", ()))


def test_every_query_names_what_is_there(bench: Bench) -> None:
    from etl.views import query

    queries = [words[-1] for words in map(shlex.split, COMMANDS) if words[1] == "sql"]
    assert len(queries) > 10
    for text in queries:
        query(bench.warehouse, bench.config(), text)


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(TARGETS)))
def test_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.M)


@pytest.mark.parametrize("body", [body for kind, body in BLOCKS if kind == "toml"])
def test_toml_loads(body: str, tmp_path: Path) -> None:
    path = tmp_path / "readme.toml"
    path.write_text(body, "utf-8")
    assert configfile.load(str(path)) != configfile.load(None)


@pytest.mark.parametrize("name", ["demo", "openai", "vllm"])
def test_shipped_configuration_loads(name: str) -> None:
    from etl.specs import load_prompts

    loaded = configfile.load(str(ROOT / "conf" / f"{name}.toml"))
    assert loaded.sources
    assert load_prompts(loaded)
