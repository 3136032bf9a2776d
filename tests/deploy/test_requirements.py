"""What a platform installs is enough, and is exactly what was tested."""

import ast
import importlib.metadata
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.program import ROOT

OURS = ("bot", "cogs", "storage")
ONLY_FOR_SOME = {"simcord", "sentry_sdk", "opentelemetry"}
"""Who asks for the demo or an extra is told what it lacks; see bot/__main__.py, bot/extras.py."""


def pins(file: str = "requirements.txt") -> list[str]:
    """Return each requirement with its hashes, on one line."""
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imported() -> dict[str, Path]:
    """Return each top-level module that our code imports, and one file that does."""
    found: dict[str, Path] = {}
    for path in (path for name in OURS for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found.update({name.partition(".")[0]: path for name in names})
    return found


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-extras.txt"])
def test_every_requirement_is_pinned_with_hashes(file: str) -> None:
    loose = [
        line
        for line in pins(file)
        if not re.match(r"[\w.-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert loose == []


def test_who_wants_an_extra_gets_the_same_versions_of_all_else() -> None:
    def versions(file: str) -> set[str]:
        return {line.split()[0] for line in pins(file)}

    assert versions("requirements.txt") < versions("requirements-extras.txt")
    assert versions("requirements-extras.txt") < versions("requirements-dev.txt")


def test_our_code_imports_nothing_that_is_not_installed_on_a_platform() -> None:
    installed = {plain(line.partition("==")[0]) for line in pins()}
    owners = importlib.metadata.packages_distributions()
    outside = {
        name: path
        for name, path in imported().items()
        if name not in sys.stdlib_module_names and name not in OURS
    }
    lacking = {
        name: str(path)
        for name, path in outside.items()
        if not installed & {plain(owner) for owner in owners.get(name, [])}
    }
    assert set(lacking) == ONLY_FOR_SOME, lacking
