"""Programs: whether two pieces of code are one, by Python's syntax tree, JSON's value, or else token by token."""

import ast
import json
import re
import textwrap
import warnings
from itertools import count
from typing import Any

MAX_PROGRAM = 4_000  # characters
MAX_NODES = 4_000
MAX_DEPTH = 60  # of nested nodes
_FILENAME = "<graded>"
warnings.filterwarnings("ignore", category=SyntaxWarning, module=re.escape(_FILENAME))

_STRING = r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"
_TOKEN = re.compile(rf"({_STRING})|([^\W_](?:\w|(?<=\d)\.(?=\d))*|_\w*)|(\s+)|(.)", re.S)
_COMMENT = re.compile(
    rf"({_STRING})|/\*.*?\*/|(?:(?<=\s)|(?<=[;{{}}])|\A|^)(?://|#(?!\w*include\b)(?=[\s!])).*?$", re.S | re.M
)
_SQL_COMMENT = re.compile(rf"({_STRING})|--\s.*?$|/\*.*?\*/", re.S | re.M)
_CURLY = str.maketrans("‘’“”", "''\"\"")
_SQL = re.compile(r"\A\s*(?:select|insert into|update|delete from|create table|alter table|drop table)\s", re.I)
_ARROW = re.compile(rf"({_STRING})|\(\s*(\w+)\s*\)\s*=>", re.S)  # (x) => x of JavaScript
_APART = re.compile(r"\s\.+\s*\Z")
_TYPED = re.compile(r"\bannotat|\btype hint|\btyped\b", re.I)


class _TooLargeError(ValueError):
    """The tree is larger or deeper than these rules look at."""


def same(said: str, form: str, question: str) -> bool:
    """Tell whether two pieces of code are one, give or take comments, white space, quotes and names bound in them."""
    said, form = _clean(said), _clean(form)
    if not said or not form or max(len(said), len(form)) > MAX_PROGRAM:
        return False
    objects = _loaded(said), _loaded(form)
    if objects[0] and objects[1]:
        return objects[0] == objects[1]
    trees = _tree(said, question, form), _tree(form, question, form)
    if trees[0] is not None and trees[1] is not None:
        # White space in front of lines tells Python programs apart; what else only looks like one goes by its tokens.
        return trees[0] == trees[1] or ("\n" not in said + form and tokens(said) == tokens(form))
    if trees[1] is not None:
        return False
    full = form.rstrip(" ;").endswith(".") or _APART.search(said)  # git add . has a dot of its own
    return tokens(said, question, full=bool(full)) == tokens(form, question, full=bool(full))


def _clean(code: str) -> str:
    code = code.strip("\n")
    code = code if "\n" in code and code[:1].isspace() else code.strip()
    return _ARROW.sub(lambda m: m[1] or f"{m[2]} =>", textwrap.dedent(code).strip("\n").rstrip().translate(_CURLY))


def _loaded(code: str) -> str:
    """Return an object or array of JSON in one spelling; nothing where the code is none."""
    if code[:1] not in ("{", "["):
        return ""
    try:
        return json.dumps(json.loads(code), sort_keys=True)
    except (ValueError, RecursionError):
        return ""


def tokens(code: str, question: str = "", full: bool = False) -> list[str]:
    """Return the tokens of code in any language: strings as they are, but for the quotes around them.

    Without stops at the end, unless they may be the code's own: `full`.
    """
    sql = _SQL.match(code) or re.search(r"\bSQL\b", question)
    code = (_SQL_COMMENT if sql else _COMMENT).sub(lambda m: m[1] or " ", code)
    out = []
    for string, word, _space, mark in _TOKEN.findall(code):
        if string:
            out.append(f'"{string[1:-1]}"')
        elif word or mark:
            out.append((word.lower() if sql else word) or mark)
    while out and out[-1] in ((";",) if full else (";", ".")):
        out.pop()
    return out


def _tree(code: str, question: str, form: str) -> Any:
    """Return Python code as nested tuples in which bound names are numbered, but for those that the question gives
    the truth; None where it is not Python.
    """
    try:
        tree = ast.parse(code, _FILENAME)
        return _Dump(question, form).module(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Dump:
    """A walk over a tree that replaces names by numbers where a scope of its own binds them."""

    def __init__(self, question: str, form: str) -> None:
        self.asked = frozenset(re.findall(r"\w+", question)) & frozenset(re.findall(r"\w+", form))
        self.typed = bool(_TYPED.search(question))
        self.nodes = 0
        self.numbers = count()
        self.numbered: dict[int, int] = {}
        self.scopes = count()

    def module(self, tree: ast.Module) -> Any:
        """Return the module, of which loops may name their variable as they like where the question names none."""
        loops = {name for node in ast.walk(tree) if isinstance(node, ast.For) for name in _targets(node.target)}
        return self.node(tree, self.scope({}, {n for n in loops if n not in self.asked}), 0)

    def scope(self, outer: dict[str, int], names: set[str]) -> dict[str, int]:
        """Return the names of a scope within the outer one."""
        return {**outer, **{name: next(self.scopes) for name in sorted(names)}}

    def name(self, name: str, scope: dict[str, int]) -> Any:
        """Return a name as it is, or the number of a bound one, counted as they come."""
        if name not in scope:
            return name
        return self.numbered.setdefault(scope[name], next(self.numbers))

    def node(self, node: Any, scope: dict[str, int], depth: int) -> Any:
        """Return a node, a list of them, or a plain value."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise _TooLargeError
        if isinstance(node, list):
            return tuple(self.node(part, scope, depth + 1) for part in node)
        if not isinstance(node, ast.AST):
            return repr(node)
        return self.binding(node, scope, depth) or (type(node).__name__, *self.fields(node, scope, depth))

    def binding(self, node: ast.AST, scope: dict[str, int], depth: int) -> Any:
        """Return a node that names or binds something; None where it does neither."""
        told: Any = None
        match node:
            case ast.Name(id=name):
                told = ("Name", self.name(name, scope))
            case ast.Lambda(args=args):
                inner = self.scope(scope, _arguments(args))
                told = ("Lambda", self.node(args, inner, depth + 1), self.node(node.body, inner, depth + 1))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                told = self.function(node, scope, depth)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inner = self.scope(scope, {name for g in node.generators for name in _targets(g.target)})
                told = (type(node).__name__, *self.fields(node, inner, depth))
            case ast.arg(arg=name):
                told = ("arg", self.name(name, scope), self.node(node.annotation if self.typed else None, scope, depth))
            case ast.AnnAssign(target=target, value=ast.AST() as value) if not self.typed:
                told = ("Assign", (self.node(target, scope, depth + 1),), self.node(value, scope, depth + 1))
            case ast.ExceptHandler(name=str(name)):
                parts = (self.node(node.type, scope, depth + 1), self.node(node.body, scope, depth + 1))
                told = ("ExceptHandler", self.name(name, scope), *parts)
        return told

    def fields(self, node: ast.AST, scope: dict[str, int], depth: int) -> tuple[Any, ...]:
        """Return the parts of a node, the loops of a comprehension first, as they bind its names."""
        names = [f for f in node._fields if f not in ("ctx", "type_comment", "kind", "type_ignores")]
        return tuple(self.node(getattr(node, f, None), scope, depth + 1) for f in names)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: dict[str, int], depth: int) -> Any:
        """Return a function without its docstring, with its arguments and own variables numbered."""
        body = node.body
        if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body = body[1:] if isinstance(body[0].value.value, str) else body
        inner = self.scope(scope, _arguments(node.args) | _locals(body))
        decorators = self.node(node.decorator_list, scope, depth + 1)
        returns = self.node(node.returns, scope, depth + 1) if self.typed else None
        told = (self.node(node.args, inner, depth + 1), self.node(body, inner, depth + 1))
        return (type(node).__name__, self.name(node.name, scope), decorators, returns, *told)


def _arguments(args: ast.arguments) -> set[str]:
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {a.arg for a in every if a}


def _targets(target: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _locals(body: list[ast.stmt]) -> set[str]:
    """Return the names that statements bind in their own scope, those of functions within them left out."""
    names: set[str] = set()
    outside: set[str] = set()
    left: list[ast.AST] = list(body)
    while left:
        node = left.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name) if not isinstance(node, ast.ClassDef) else outside.add(node.name)
                continue
            case ast.Global() | ast.Nonlocal():
                outside |= set(node.names)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                continue
        left.extend(ast.iter_child_nodes(node))
    return names - outside
