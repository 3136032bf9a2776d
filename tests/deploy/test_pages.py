"""The pages that say how to deploy: what can be known to be so here, is."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.__main__ import cli
from tests.deploy import pages
from tests.deploy.test_files import fly, railway, render
from tests.docs.markdown import blocks

ANYWHERE = {"cd", "git", "python", "sudo"}
OTHERS = {"docker": {"docker"}, "systemd": {"journalctl"}}
ROWS = {"disk", "a deploy", "the end", "logs", "update", "going back"}


def name_of(page: Path) -> str:
    return page.stem


every_page = pytest.mark.parametrize("page", pages.PAGES, ids=name_of)


@pytest.mark.parametrize("page", [pages.INDEX, *pages.PAGES], ids=name_of)
def test_everything_a_page_has_foley_do_can_be_asked_of_it(page: Path) -> None:
    """Each command with its options and arguments is read, not carried out."""
    group: Any = typer.main.get_command(cli)
    for words in map(shlex.split, pages.asked_of_foley(page)):
        context = group.make_context("foley", [*words])
        name, command, rest = group.resolve_command(context, words)
        command.make_context(name, rest, parent=context)


@every_page
def test_every_other_block_is_marked_as_the_platforms_own(page: Path) -> None:
    """`sh` would mean that it is tried here."""
    found = blocks(page)
    assert found
    assert {block.kind for block in found} == {"console"}
    programs = {line.split()[0] for block in found for line in block.lines}
    assert programs <= {page.stem} | OTHERS.get(page.stem, set()) | ANYWHERE


@every_page
def test_a_page_has_ten_steps_or_fewer(page: Path) -> None:
    steps = re.findall(r"^(\d+)\. ", page.read_text("utf-8"), re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert 1 <= len(steps) <= 10


@every_page
def test_a_page_says_what_operators_ask_and_where_that_is_from(page: Path) -> None:
    text = page.read_text("utf-8")
    assert set(re.findall(r"^\| ([a-z ]+) \|", text, re.MULTILINE)) >= ROWS
    assert "\nSources" in text


def test_the_index_names_every_page() -> None:
    text = pages.INDEX.read_text("utf-8")
    assert [page.name for page in pages.PAGES if f"({page.name})" not in text] == []


def test_the_seconds_that_the_index_tells_are_those_of_the_files() -> None:
    text = pages.INDEX.read_text("utf-8")
    seconds = {
        "railway.json": railway()["deploy"]["drainingSeconds"],
        "render.yaml": render()["maxShutdownDelaySeconds"],
        "fly.toml": fly()["kill_timeout"],
    }
    assert [name for name, each in seconds.items() if f"| {each} s (`{name}`) |" not in text] == []
