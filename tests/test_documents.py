"""The documents say what is true."""

import re
from pathlib import Path

import pytest
import typer

from bot.__main__ import cli
from bot.netmind.catalog import Catalog
from tests.documents import ROOT, SETTINGS, written

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    assert written(SETTINGS.read_text("utf-8")) == SETTINGS.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_bot_command_a_page_names_exists(page: Path) -> None:
    commands = set(typer.main.get_command(cli).commands)  # type: ignore[attr-defined] # a group
    named = set(re.findall(r"python -m bot ([a-z]+)", page.read_text("utf-8")))
    assert named <= commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("kind", Catalog.load().kinds())
def test_the_readme_names_every_option_of_a_command(kind: str) -> None:
    options = [option.key for option in Catalog.load().options(kind)]
    line = " ".join([f"/{kind} prompt [model]", *(f"[{option}]" for option in options)])
    assert f"`{line}`" in (ROOT / "README.md").read_text("utf-8")


def test_only_the_index_free_pins_are_installed() -> None:
    """A requirements file names no host, so it installs from whatever index the reader has."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert text.count("--hash=sha256:") >= text.count("==")
