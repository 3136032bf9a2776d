"""The pages as they are written: their blocks, code in the lines, headings, links and tables."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.program import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block: `sh` is tried by the tests, `console` is for a platform's own programs."""

    kind: str
    lines: list[str]


def name_of(page: Path) -> str:
    """Return how a page is called from the project's folder."""
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    """Return a page's fenced blocks, without the indent of a list."""
    return [
        Block(kind, [line.removeprefix(indent) for line in body.splitlines()])
        for indent, kind, body in _FENCED.findall(page.read_text("utf-8"))
    ]


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return _FENCED.sub("", page.read_text("utf-8"))


def spans(page: Path) -> list[str]:
    """Return what stands as code within the lines."""
    return [" ".join(span.split()) for _, span in _SPAN.findall(prose(page))]


def links(page: Path) -> list[str]:
    """Return where a page leads to, other sites left out."""
    found = _LINK.findall(_SPAN.sub("", prose(page)))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives the headings."""
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", each) for each in _HEADING.findall(prose(page))]
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in plain}


def rows(page: Path, header: str) -> list[list[str]]:
    """Return the rows of all tables whose first heading this is, cell by cell."""
    found, inside = [], False
    for line in prose(page).splitlines():
        cells = [each.strip().replace("\\|", "|") for each in _CELL.split(line)[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == header:
            inside = True
        elif inside and not cells[0].startswith("---"):
            found.append(cells)
    return found
