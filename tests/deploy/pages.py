"""The pages in docs/deploy, and what they have Foley do."""

import re
from pathlib import Path

from tests.program import ROOT

FOLDER = ROOT / "docs" / "deploy"
INDEX = FOLDER / "README.md"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path != INDEX)


def asked_of_foley(page: Path) -> list[str]:
    """Return the arguments of every `python -m bot` that stands in a page."""
    return re.findall(r"python(?: --)? -m bot ([^\"'`\n]+)", page.read_text("utf-8"))
