"""What Foley says when something goes wrong, read off the code, so that a page can name it all.

A text is followed from where it is raised, refused or ended with back to where it stands: through
names, constants, and the functions that put it together. What is filled in is written `{}`.
"""

import ast
from collections.abc import Iterator
from functools import cache

from tests.docs.trail import Module, Said, Trail, modules, names_in, plain
from tests.languages import in_code

# Bugs, and what is caught before anybody reads its words.
_SILENT = {
    "ForgedLinkError",
    "ExpiredLinkError",
    "HeldBackError",
    "KeptError",
    "KnownInteractionError",
    "LeaseLostError",
    "OSError",
    "OverLimitError",
    "RuntimeError",
    "TypeError",
    "WithdrawnError",
}
# What a validator raises is passed on by Pydantic; other ValueErrors are bugs.
_VALIDATING = {
    "bot/config.py",
    "bot/netmind/model.py",
    "bot/netmind/option.py",
    "bot/transfer_file.py",
}
# Parts of Pydantic's and SQLite's own language, what NetMind is asked for, and good news.
_NO_TEXTS = {
    "a short click, for a probe of the interface",
    "not a number",
    "Value error,",
    "PRAGMA integrity_check(1)",
    "On a volume at {}.",
    "On this machine's own disk.",
}
# Here sentences are put together of parts; what is no whole one stands in one that is.
_IN_PARTS = ("bot/check/", "bot/disk.py")
# Every whole sentence in these tells somebody that, or why, something is not so.
_ALL_TROUBLE = {
    "bot/border.py",
    "bot/jobs/reasons.py",
    "bot/jobs/limits.py",
    "bot/look/finding.py",
    "bot/moderation/words.py",
    "bot/netmind/model.py",
    "bot/netmind/option.py",
    "bot/web/page.py",
}


@cache
def for_people() -> frozenset[Said]:
    """Return what people and moderators read in Discord when they do not get what they want."""
    trail = Trail()
    for module in modules().values():
        for node, function in module.nodes:
            match node:
                case ast.Call(func=ast.Name(id="Refusal"), args=refused):
                    for each in refused:
                        trail.follow(each, module, function)
    found = {each for each in trail.found if each.text[-1] in ".!?"}
    told = {each for each in _in_discord() if each.path in _ALL_TROUBLE and each.text[-1] == "."}
    return frozenset(found | told)


@cache
def for_operators() -> frozenset[Said]:
    """Return what operators read on the command line, and in a log line's `error`."""
    trail = Trail()
    for module in modules().values():
        for node, function in module.nodes:
            for each in _raised(node, module) or _ended(node) or _found(node):
                trail.follow(each, module, function)
        for each in _meant(module):
            trail.follow(each, module, None)
    no_trouble = {each.text for each in _in_discord()} | _NO_TEXTS
    parts = {each for each in trail.found if each.path.startswith(_IN_PARTS)}
    whole = trail.found - {each for each in parts if each.text[-1] not in ".?"}
    return frozenset({each for each in whole if each.text not in no_trouble} | _of_netmind())


def everything() -> frozenset[Said]:
    """Return all that a page may quote: the above, and every sentence that is said in Discord."""
    return for_people() | for_operators() | _in_discord()


@cache
def _in_discord() -> frozenset[Said]:
    """Return every sentence that is said in Discord."""
    return frozenset(
        Said(plain(text), module.path)
        for module in modules().values()
        for entry in in_code(module.source)
        for text in (entry.text, entry.many)
        if text
    )


def _raised(node: ast.AST, module: Module) -> list[ast.expr]:
    match node:
        case ast.Raise(exc=ast.Call(func=func) as call):
            kind = ast.unparse(func)
            silent = kind in {*_SILENT, "Refusal"}
            bug = kind == "ValueError" and module.path not in _VALIDATING
            return [] if silent or bug else [call]
    return []


def _ended(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="end"), args=[sentences, *_]):
            return [sentences]
    return []


def _found(node: ast.AST) -> list[ast.expr]:
    """Return what `check` says of what is not as it should be."""
    match node:
        case ast.Call(func=ast.Name() | ast.IfExp() as level, args=[_, says]):
            return [says] if names_in(level) & {"wrong", "warning"} else []
    return []


def _meant(module: Module) -> Iterator[ast.expr]:
    """Yield what errors say of themselves when they are made."""
    for kind in module.tree.body:
        if isinstance(kind, ast.ClassDef) and kind.name not in _SILENT:
            for node in ast.walk(kind):
                match node:
                    case ast.Call(
                        func=ast.Attribute(attr="__init__", value=ast.Call(ast.Name("super"))),
                        args=[text, *_],
                    ):
                        yield text


def _of_netmind() -> frozenset[Said]:
    """An error of NetMind's begins with the first sentence of its docstring; the root is none."""
    module = modules()["bot/netmind/errors.py"]
    _root, *classes = [node for node in module.tree.body if isinstance(node, ast.ClassDef)]
    texts = [(ast.get_docstring(each) or "").partition(".")[0] for each in classes]
    return frozenset(Said(plain(text), module.path) for text in texts)
