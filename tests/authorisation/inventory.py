"""What there is to click, found in the code: every id that it reads or writes."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from tests.authorisation.acts import Click, Form
from tests.authorisation.table import ROWS

ROOT = Path(__file__).parents[2]
_BEGINNING = "foley:"
_CHOICE = re.compile(r"\((?:\?P<[a-z]+>)?([a-z]+(?:\|[a-z]+)+)\)")
_SIGNS = frozenset("([.*")
_LIST = re.compile(r"foley:(?:list|log):[a-z]+")
_SWITCH = re.compile(r":(?:yes|no)$")
_NUMBER = re.compile(r"\{[a-z_]+\}|[0-9]+")


def ids_in_code() -> Iterator[tuple[str, str]]:
    """Yield the patterns of all ids in the code, each with the file that has it."""
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for pattern in _ids_in(ast.parse(path.read_text("utf-8"))):
                yield pattern, str(path.relative_to(ROOT))


def _ids_in(tree: ast.AST) -> Iterator[str]:
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else ".*" for part in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in parts:
            text = str(node.value)
        else:
            continue
        if text.startswith(_BEGINNING):
            yield from alternatives(text if set(text) & _SIGNS else example(text))


def alternatives(pattern: str) -> Iterator[str]:
    """Yield the pattern once for each of the words between which it leaves a choice."""
    split = _CHOICE.split(pattern)
    choices = [[part] if place % 2 == 0 else part.split("|") for place, part in enumerate(split)]
    yield from map("".join, product(*choices))


def example(custom_id: str) -> str:
    """Return an id with a number wherever one stands in it, or a thing of the stage's."""
    return _NUMBER.sub("1", custom_id)


def shape(custom_id: str) -> str:
    """Return the same for a list whatever is looked for, and for a switch whichever its way."""
    listed = _LIST.match(custom_id)
    return listed[0] if listed else _SWITCH.sub(":yes", example(custom_id))


def ids_in_table() -> set[str]:
    """Return an example of each id that the table has a row for."""
    acts = [row.act for row in ROWS]
    return {example(act.custom_id) for act in acts if isinstance(act, Click | Form)}
