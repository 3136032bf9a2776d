"""The pages in docs/deploy: their blocks, and what they have Foley do."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.program import ROOT

FOLDER = ROOT / "docs" / "deploy"
INDEX = FOLDER / "README.md"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path != INDEX)


class Block(NamedTuple):
    """A fenced block: `sh` is tried by the tests, `console` is for a platform's own programs."""

    kind: str
    lines: list[str]


def blocks(page: Path) -> list[Block]:
    """Return a page's fenced blocks, without the indent of a list."""
    pattern = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    found = pattern.findall(page.read_text("utf-8"))
    return [Block(kind, [line.strip() for line in body.splitlines()]) for kind, body in found]


def asked_of_foley(page: Path) -> list[str]:
    """Return the arguments of every `python -m bot` that stands in a page."""
    return re.findall(r"python(?: --)? -m bot ([^\"'`\n]+)", page.read_text("utf-8"))
