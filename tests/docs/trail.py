"""The code as it stands, and a trail through it: back from an expression to its texts."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from tests.program import ROOT

FOLDERS = ("bot", "cogs", "storage")

# Nobody who runs or uses Foley reads what is raised there.
_SILENT_FOLDERS = ("bot/sandbox/", "storage/migrations/")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Said(NamedTuple):
    """A text with `{}` for what is filled in, and the file that it is from."""

    text: str
    path: str


def plain(text: str) -> str:
    """Return a text with `{}` for what is filled in, whatever it is called."""
    return " ".join(re.sub(r"(?:\{[^{}]*\})+", "{}", text).split())


@dataclass(eq=False)
class Module:
    """A file of ours."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file, read as Python reads it."""
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> list[tuple[ast.AST, ast.AST | None]]:
        """Every node with the function that it stands in."""
        found: list[tuple[ast.AST, ast.AST | None]] = []
        waiting: list[tuple[ast.AST, ast.AST | None]] = [(self.tree, None)]
        while waiting:
            parent, function = waiting.pop()
            for child in ast.iter_child_nodes(parent):
                found.append((child, function))
                waiting.append((child, child if isinstance(child, _FUNCTIONS) else function))
        return found

    @cached_property
    def named(self) -> dict[str, ast.AST]:
        """What stands at the top under a name: constants, functions."""
        found: dict[str, ast.AST] = {}
        for node in self.tree.body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    found[node.name] = node
                case ast.Assign(targets=[ast.Name(id=name)]):
                    found[name] = node.value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found[name] = value
        return found

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Which name comes from which module of ours, and what it is called there."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        return {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in nodes
            for alias in node.names
            if (node.module or "").split(".")[0] in FOLDERS
        }


@cache
def modules() -> dict[str, Module]:
    """Return every file of ours that can say something, by its path."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    named = {str(path.relative_to(ROOT)): path for path in paths}
    return {
        name: Module(name, path.read_text("utf-8"))
        for name, path in named.items()
        if not name.startswith(_SILENT_FOLDERS)
    }


def _module(dotted: str) -> Module | None:
    path = dotted.replace(".", "/")
    return modules().get(f"{path}.py") or modules().get(f"{path}/__init__.py")


class Trail:
    """Follows an expression back to the texts that it can become."""

    def __init__(self) -> None:
        self.found: set[Said] = set()
        self._seen: set[int] = set()

    def follow(self, node: ast.AST, module: Module, function: ast.AST | None) -> None:
        """Collect the texts of an expression that stands in a function, or at the top."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        match node:
            case ast.Constant(value=str(text)):
                self._add(text, module)
            case ast.JoinedStr(values=parts):
                self._add("".join(map(_part, parts)), module)
                for part in parts:
                    if isinstance(part, ast.FormattedValue):
                        self.follow(part.value, module, function)
            case ast.Name(id=name):
                self._name(name, module, function)
            case ast.Compare():
                pass  # what is compared is not said
            case _:
                if isinstance(node, ast.Attribute):
                    self._attribute(node, module)
                for child in ast.iter_child_nodes(node):
                    self.follow(child, module, function)

    def _add(self, text: str, module: Module) -> None:
        said = plain(text)
        # Names of files, keys and expressions are no sentences.
        if len(re.findall(r"[^\W\d_]{2,}", said)) > 1 and " " in said and "\\" not in said:
            self.found.add(Said(said, module.path))

    def _name(self, name: str, module: Module, function: ast.AST | None) -> None:
        for value in _assigned(name, function):
            self.follow(value, module, function)
        known = module.named.get(name)
        if known is None and name in module.imported:
            dotted, original = module.imported[name]
            other = _module(dotted)
            if other is not None and original in other.named:
                module, known = other, other.named[original]
        if isinstance(known, _FUNCTIONS):
            self.returned(known, module)
        elif known is not None:
            self.follow(known, module, None)

    def _attribute(self, node: ast.Attribute, module: Module) -> None:
        of = module.imported.get(node.value.id) if isinstance(node.value, ast.Name) else None
        own = {module, None if of is None else _module(".".join(of))}
        for other, method, of_sentences in _methods().get(node.attr, ()):
            if of_sentences or other in own:
                self.returned(method, other)

    def returned(self, function: ast.AST, module: Module) -> None:
        """Collect the texts of what a function returns or yields."""
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value is not None:
                self.follow(node.value, module, function)


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "{}"


def _assigned(name: str, function: ast.AST | None) -> Iterator[ast.expr]:
    """Yield what a name is given in a function."""
    for node in () if function is None else ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                given = {each for target in targets for each in names_in(target)}
            case ast.NamedExpr(target=target, value=value):
                given = names_in(target)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                given = names_in(target)
            case _:
                continue
        if name in given:
            yield value


def names_in(node: ast.AST) -> set[str]:
    """Return the names that stand in an expression."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


@cache
def _methods() -> dict[str, list[tuple[Module, ast.AST, bool]]]:
    """Return functions by their names, and whether what they return is said in Discord."""
    found: dict[str, list[tuple[Module, ast.AST, bool]]] = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, _FUNCTIONS) and node.returns is not None:
                of_sentences = "Sentence" in ast.unparse(node.returns)
                found.setdefault(node.name, []).append((module, node, of_sentences))
    return found
