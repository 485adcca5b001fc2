"""The layers hold: each effect has one home, `udfs` knows nothing of Spark, and notebooks hold no logic."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 300
MAX_NOTEBOOK_LINES = 15

Offence = tuple[int, str]
Finder = Callable[[ast.Module, str], Iterator[Offence]]


def imports(*packages: str) -> Finder:
    """Find imports of these packages or of anything in them, at any depth and by any spelling."""

    def find(tree: ast.Module, _text: str) -> Iterator[Offence]:
        for line, module in _imports(tree):
            if module.split(".")[0] in packages:
                yield line, f"imports {module}"

    return find


def _imports(tree: ast.Module) -> Iterator[Offence]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from ((node.lineno, alias.name) for alias in aliases)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def names(*wanted: str) -> Finder:
    """Find these names: after a dot, in an import or as text given to `getattr`, not as a plain variable."""

    def find(tree: ast.Module, _text: str) -> Iterator[Offence]:
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr=name) | ast.alias(name=name):
                    pass
                case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[_, ast.Constant(value=str(name)), *_]):
                    pass
                case _:
                    continue
            if name in wanted:
                yield node.lineno, f"uses {name}"

    return find


def delta_format(tree: ast.Module, _text: str) -> Iterator[Offence]:
    """Find `.format("delta")` and `format="delta"`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="format"), args=[ast.Constant(value=str(name)), *_]):
                pass
            case ast.keyword(arg="format", value=ast.Constant(value=str(name))):
                pass
            case _:
                continue
        if name.lower() == "delta":
            yield node.lineno, "names the delta format"


def prints(tree: ast.Module, _text: str) -> Iterator[Offence]:
    """Find calls of `print`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "prints"


def no_docstring(tree: ast.Module, text: str) -> Iterator[Offence]:
    """Find a module that does not say what it is; an empty file is none."""
    if text.strip() and not ast.get_docstring(tree):
        yield 1, "has no docstring"


def too_long(_tree: ast.Module, text: str) -> Iterator[Offence]:
    """Find a module of too many lines."""
    if (lines := len(text.splitlines())) > MAX_FILE_LINES:
        yield lines, f"has {lines} lines, more than {MAX_FILE_LINES}"


def notebook_logic(tree: ast.Module, text: str) -> Iterator[Offence]:
    """Find functions and classes in a notebook, and too many lines of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, f"defines {node.name}"
    code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(code) > MAX_NOTEBOOK_LINES:
        yield 1, f"has {len(code)} lines of code, more than {MAX_NOTEBOOK_LINES}"


class Rule(NamedTuple):
    """What no file under `roots` may do, but for the files and folders in `homes`."""

    find: Finder
    roots: tuple[str, ...]
    homes: tuple[str, ...] = ()


EVERYWHERE = ("etl", "udfs", "notebooks")
RULES = {
    "udfs know nothing of etl, Spark or MLflow": Rule(imports("etl", "mlflow", "delta"), ("udfs",)),
    "only the runner knows that it runs in Spark": Rule(imports("pyspark"), ("udfs",), ("udfs/runner.py",)),
    "udfs do not print": Rule(prints, ("udfs",)),
    "MLflow has one home": Rule(imports("mlflow"), EVERYWHERE, ("etl/tracking.py",)),
    "the session's insides have one home": Rule(names("sparkContext", "rdd", "_jvm"), EVERYWHERE, ("etl/session.py",)),
    "Delta's Python API has one home": Rule(imports("delta"), EVERYWHERE, ("etl/tables.py", "etl/session.py")),
    "DeltaTable is not passed around": Rule(names("DeltaTable"), EVERYWHERE, ("etl/tables.py", "etl/session.py")),
    "the delta format has one home": Rule(delta_format, EVERYWHERE, ("etl/tables.py",)),
    "model calls have one home": Rule(imports("openai"), EVERYWHERE, ("udfs/engines/",)),
    "modules say what they are": Rule(no_docstring, ("etl", "udfs")),
    "modules are short": Rule(too_long, ("etl", "udfs")),
    "notebooks hold no logic": Rule(notebook_logic, ("notebooks",)),
}


def sources(root: str) -> list[Path]:
    return sorted(path for path in (ROOT / root).rglob("*.py") if "__pycache__" not in path.parts)


def offences(rule: Rule, name: str, text: str) -> list[str]:
    if any(name == home or (home.endswith("/") and name.startswith(home)) for home in rule.homes):
        return []
    return [f"{name}:{line} {what}" for line, what in rule.find(ast.parse(text), text)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_rule_holds(rule: Rule) -> None:
    paths = [path for root in rule.roots for path in sources(root)]
    found = [
        offence
        for path in paths
        for offence in offences(rule, path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("root", ["etl", "udfs"])
def test_there_is_something_to_look_at(root: str) -> None:
    assert len(sources(root)) > 1


# A rule that finds nothing must be seen to find something.
BREACHES = [
    ("udfs know nothing of etl, Spark or MLflow", "udfs/a.py", "def f():\n    from etl.config import Config"),
    ("only the runner knows that it runs in Spark", "udfs/a.py", "import json, pyspark.sql as p"),
    ("udfs know nothing of etl, Spark or MLflow", "udfs/a.py", "importlib.import_module('mlflow.genai')"),
    ("udfs do not print", "udfs/engines/a.py", "print('x')"),
    ("MLflow has one home", "etl/cli.py", "import mlflow"),
    ("MLflow has one home", "notebooks/run.py", "from mlflow import log_metric"),
    ("the session's insides have one home", "etl/a.py", "n = frame.rdd.getNumPartitions()"),
    ("the session's insides have one home", "etl/a.py", "rdd = frame.rdd"),
    ("the session's insides have one home", "etl/a.py", "c = getattr(spark, 'sparkContext')"),
    ("the session's insides have one home", "notebooks/a.py", "spark._jvm.x()"),
    ("Delta's Python API has one home", "etl/a.py", "from delta.tables import DeltaTable"),
    ("DeltaTable is not passed around", "etl/a.py", "from etl.tables import DeltaTable"),
    ("the delta format has one home", "etl/session.py", "frame.write.format('Delta').save(p)"),
    ("the delta format has one home", "etl/a.py", "frame.write.saveAsTable(n, format='delta')"),
    ("model calls have one home", "udfs/engines.py", "from openai import AsyncOpenAI"),
    ("modules say what they are", "etl/a.py", "x = 1"),
    ("modules are short", "udfs/a.py", '"""A."""\n' + "x = 1\n" * MAX_FILE_LINES),
    ("notebooks hold no logic", "notebooks/a.py", "def f(): pass"),
    ("notebooks hold no logic", "notebooks/a.py", "x = 1\n" * (MAX_NOTEBOOK_LINES + 1)),
]


@pytest.mark.parametrize(("rule", "name", "text"), BREACHES)
def test_breach_is_found(rule: str, name: str, text: str) -> None:
    assert offences(RULES[rule], name, text)


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        ("MLflow has one home", "etl/tracking.py", "import mlflow"),
        ("the session's insides have one home", "etl/a.py", "rdd = 1"),
        ("the delta format has one home", "etl/tables.py", "frame.write.format('delta')"),
        ("the delta format has one home", "etl/a.py", "'{}'.format('x')"),
        ("model calls have one home", "udfs/engines/a.py", "import openai"),
        ("udfs know nothing of etl, Spark or MLflow", "udfs/a.py", "from udfs.errors import CallError"),
        ("notebooks hold no logic", "notebooks/a.py", "# MAGIC %md\n" * 40 + "x = 1\n" * MAX_NOTEBOOK_LINES),
    ],
)
def test_what_is_allowed_passes(rule: str, name: str, text: str) -> None:
    assert not offences(RULES[rule], name, text)
