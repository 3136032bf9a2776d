"""What the pages show as code is whole, and is not about things that are not there."""

import ast
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from bot.config import Settings
from tests.docs.markdown import PAGES, Block, anchors, blocks, links, name_of, prose, spans
from tests.program import ROOT

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


# Blocks


def _settings(text: str) -> None:
    names = {line.partition("=")[0] for line in text.splitlines()}
    assert names <= {name.upper() for name in Settings.model_fields}


def _drawing(text: str) -> None:
    """GitHub draws it; tests/storage/test_states.py reads the two machines."""
    assert text.split(maxsplit=1)[0] in {"flowchart", "stateDiagram-v2"}


def _commands(text: str) -> None:
    """tests/docs/test_commands.py runs them."""
    assert text.strip()


def _printed(text: str) -> None:
    """It is what the program says; nobody types it."""
    assert text.strip()


READERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "toml": tomllib.loads,
    "ini": _settings,
    "mermaid": _drawing,
    "sh": _commands,
    "console": _commands,
    "text": _printed,
}


@every_page
def test_every_block_says_what_it_is_and_can_be_read_as_that(page: Path) -> None:
    """A block of an unknown kind would be tried by nobody."""
    for block in blocks(page):
        READERS[block.kind]("\n".join(block.lines))


@every_page
def test_every_fence_belongs_to_a_block(page: Path) -> None:
    fences = re.findall(r"^ *```", page.read_text("utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks(page))


@every_page
def test_no_command_hides_in_a_block_without_a_kind(page: Path) -> None:
    assert re.findall(r"^ {4,}(?:\$ |python -m |make )", prose(page), re.MULTILINE) == []


# Where they lead


@every_page
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


@every_page
def test_every_picture_is_there(page: Path) -> None:
    named = re.findall(r'(?:src|srcset)="([^"]+)"', page.read_text("utf-8"))
    assert [name for name in named if not (page.parent / name).exists()] == []


# What has the form of a file of the project: in one of its folders, or of a kind that it has.
_FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w.-]+\.(?:py|md|toml|json|yaml|yml|po|txt|lock)")
NOT_OURS = {
    "@heroku/mcp-server": "a package of Heroku's",
    "jobs.csv": "what moderators get",
    "manifest.json": "a part of an export",
    "multipart/form-data": "a form's type",
    "netmind-probe.md": "what `check --probe` has learned",
    "none.json": "named because it is not there",
    "poetry.lock": "named because it must not be there",
    "rules.txt": "an operator's own",
    "runtime.txt": "named because it is out of use",
    "uv.lock": "named because it must not be there",
}


@every_page
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = {span for span in spans(page) if _FILE.fullmatch(span) and not span.startswith("/")}
    wanted = {each for each in named - set(NOT_OURS) if not each.startswith(MADE)}
    lacking = [each for each in wanted if not any((top / each).exists() for top in tops(page))]
    assert lacking == []


MADE = ("demo-output/", ".venv", "data/")


def tops(page: Path) -> list[Path]:
    return [ROOT, page.parent]


# The reader itself


def test_an_unknown_kind_of_block_is_not_passed_over(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("1. Do this:\n\n   ```ruby\n   puts 1\n   ```\n")
    assert blocks(page) == [Block("ruby", ["puts 1"])]
    assert "ruby" not in READERS


def test_headings_get_the_names_that_github_gives_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Is it well? `/status`, metrics\n\n## What a month: `/studio stats`\n")
    assert anchors(page) == {"is-it-well-status-metrics", "what-a-month-studio-stats"}
