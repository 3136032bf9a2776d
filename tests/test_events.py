"""docs/logs.md lists every event that the code writes, with its levels, and no other."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.program import ROOT

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
SPOKEN = {"exception": "error", "critical": "error"}
_ROW = re.compile(r"^\| `(\w+)` \| ([a-z, ]+) \| (.+) \|$", re.MULTILINE)


@cache
def log_calls() -> list[tuple[Path, str, ast.Call]]:
    return list(_log_calls())


def _log_calls() -> Iterator[tuple[Path, str, ast.Call]]:
    for folder in ("bot", "cogs", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            for node in ast.walk(ast.parse(text)) if "log." in text or "get_logger" in text else ():
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    speaker = ast.unparse(node.func.value)
                    if node.func.attr in LEVELS and re.search(r"\blog$|_log$|get_logger", speaker):
                        yield path.relative_to(ROOT), node.func.attr, node


@cache
def written() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, level, call in log_calls():
        (event,) = call.args
        assert isinstance(event, ast.Constant), f"{path}:{call.lineno}: its name is not plain"
        found.setdefault(str(event.value), set()).add(SPOKEN.get(level, level))
    return found


def documented() -> dict[str, set[str]]:
    text = (ROOT / "docs" / "logs.md").read_text("utf-8")
    return {name: set(levels.split(", ")) for name, levels, _ in _ROW.findall(text)}


def test_every_event_is_in_the_document_with_its_levels() -> None:
    code, page = written(), documented()
    assert len(code) > 80
    lacking = {name: levels for name, levels in code.items() if page.get(name) != levels}
    assert not lacking, f"docs/logs.md lacks, or has with other levels: {lacking}"
    assert not page.keys() - code.keys(), "docs/logs.md lists what nobody writes"


def test_no_line_is_given_what_somebody_has_written() -> None:
    """Neither a prompt nor other people's words are handed to the log by name."""
    words = re.compile(r"\.(prompt|detail|text|content|negative_prompt|options|words)\b")
    given = [
        f"{path}:{call.lineno}: {ast.unparse(value)}"
        for path, _, call in log_calls()
        for value in [keyword.value for keyword in call.keywords]
        if words.search(ast.unparse(value))
    ]
    assert not given
