"""Running tests in a copy of the tree, so that the tree itself is never changed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutations.mutant import Mutant

ROOT = Path(__file__).parents[2]
_NEEDED = ("bot", "cogs", "storage", "tests", "docs")
# Seconds. A mutant that waits for ever is noticed, too.
_LONGEST = 300
_FIRST = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.MULTILINE)


def copy(root: Path, to: Path) -> None:
    """Copy what the tests need."""
    for name in _NEEDED:
        shutil.copytree(root / name, to / name)
    shutil.copy2(root / "pyproject.toml", to)


def failure(tree: Path, nodes: Sequence[str]) -> str | None:
    """Return the first of these tests that fails in this tree, and why; None: all of them pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *nodes]
    # pytest shortens what it says to the width of the terminal.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "250"}
    try:
        ran = subprocess.run(  # noqa: S603 - our own python, with tests of the table
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"none ended within {_LONGEST} s"
    if ran.returncode == 0:
        return None
    found = _FIRST.search(ran.stdout)
    if found is None:
        # No test was run at all, which proves nothing.
        raise RuntimeError(f"pytest did not run:\n{ran.stdout}\n{ran.stderr}")
    return found[1]


def noticed(mutant: Mutant, tree: Path) -> str | None:
    """Return the test that notices this mutant of the tree, and how; None: it survived."""
    with TemporaryDirectory(prefix="foley-mutant-") as folder:
        copied = Path(folder)
        copy(tree, copied)
        (copied / mutant.file).write_text(mutant.mutated(copied))
        return failure(copied, mutant.nodes)
