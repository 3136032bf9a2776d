"""The matrix has a row for everything that there is to do."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import AppCommandType, app_commands

from bot.buttons import Action
from bot.sandbox.models import sandbox_catalog
from tests.authorisation.acts import Command, Menu, Typing
from tests.authorisation.inventory import alternatives, ids_in_code, ids_in_table
from tests.authorisation.page import PAGE, written
from tests.authorisation.people import MANAGERS
from tests.authorisation.table import ROWS
from tests.world import World, open_world, sketch

ACTS = [row.act for row in ROWS]


@pytest.fixture
async def full_world(tmp_path: Path) -> AsyncIterator[World]:
    """A bot that offers everything that it can."""
    async with open_world(tmp_path, {"render": sketch}, sandbox_catalog()) as opened:
        yield opened


def commands(world: World) -> Iterator[app_commands.Command[Any, ..., Any]]:
    for each in world.app.client.tree.walk_commands(type=AppCommandType.chat_input):
        if isinstance(each, app_commands.Command):
            yield each


async def test_every_command_and_every_option_that_suggests_has_a_row(full_world: World) -> None:
    every = list(commands(full_world))
    assert {act.path for act in ACTS if isinstance(act, Command)} == {
        each.qualified_name for each in every
    }
    assert {(act.path, act.option) for act in ACTS if isinstance(act, Typing)} == {
        (each.qualified_name, option.display_name)
        for each in every
        for option in each.parameters
        if option.autocomplete
    }


async def test_every_menu_has_a_row(full_world: World) -> None:
    tree = full_world.app.client.tree
    assert {act.name for act in ACTS if isinstance(act, Menu)} == {
        each.name for each in tree.walk_commands(type=AppCommandType.message)
    }
    assert list(tree.walk_commands(type=AppCommandType.user)) == []


async def test_every_id_that_the_library_hands_on_has_a_row(full_world: World) -> None:
    store = full_world.app.client._connection._view_store
    assert store._views == {}, "a view that the library remembers has ids that nobody knows"
    patterns = [
        each for template in store._dynamic_items for each in alternatives(template.pattern)
    ]
    assert len(patterns) >= 8
    assert [each for each in patterns if not named(each)] == []


def test_every_id_in_the_code_has_a_row() -> None:
    found = list(ids_in_code())
    assert len(found) > 30
    assert [(pattern, file) for pattern, file in found if not named(pattern)] == []


@pytest.mark.parametrize("action", Action)
def test_every_button_below_jobs_has_a_row(action: Action) -> None:
    assert f"foley:{action}:1" in ids_in_table()


def named(pattern: str) -> bool:
    return any(re.fullmatch(pattern, each) for each in ids_in_table())


async def test_discord_is_told_that_studio_is_for_who_manages_a_server(full_world: World) -> None:
    """Beside it only Report is for servers alone; everything else is for everybody everywhere."""
    tree = full_world.app.client.tree
    told = {each.name: each.to_dict(tree) for each in tree.get_commands()}
    assert told["studio"]["default_member_permissions"] == 1 << 5
    for name, each in told.items():
        of_servers = name in {"studio", "Report"}
        assert each["contexts"] == ([0] if of_servers else [0, 1, 2])
        assert each["integration_types"] == ([0] if of_servers else [0, 1])
        assert name == "studio" or each["default_member_permissions"] is None
    studio = [row for row in ROWS if isinstance(row.act, Command | Typing)]
    assert all((row.offered == MANAGERS) is row.act.path.startswith("studio") for row in studio)  # type: ignore[union-attr] # as chosen


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == written(), "run `python -m tests.authorisation`"
