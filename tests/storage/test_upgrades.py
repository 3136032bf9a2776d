"""From every released schema, with what its code wrote, to the present one.

tests/upgrades/released has the data; a schema that no version of the code ever ran with has none.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest
from simcord.actors import MemberActor

from storage import migrate
from storage.database import Database
from storage.errors import UnavailableError
from storage.migrate import Schema
from tests.cogs.layouts import shown
from tests.storage import released
from tests.storage.definitions import definitions
from tests.storage.released import RELEASED
from tests.storage.stores import Store, sqlite_file
from tests.upgrades.life import CHANNEL, CLOSED, GUILD, JONAS, MIRA, MODERATORS
from tests.world import World, open_world, sketch

# They came in the same hour as 0009, with code that could not start before it.
NEVER_RAN = {"0006", "0007", "0008"}
# The bot's own part is the same on both once the rows are; a server costs more.
STARTED = [*(("sqlite", each) for each in RELEASED), ("postgresql", RELEASED[0])]
EACH_RELEASED = pytest.mark.parametrize("revision", RELEASED)
# Longer than any of the lives took.
_LATER = 2000.0
_IN_LINE = "SELECT count(*) > 0 FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted"
_WRITE = "LOCK TABLE {} IN ROW EXCLUSIVE MODE"
_NUMBER = re.compile(r"#(\d+) ·")


@pytest.fixture
async def old(revision: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    """Give the database of that version's operator."""
    if kind == "sqlite":
        store = sqlite_file(tmp_path / "old.db")
    else:
        store = await request.getfixturevalue("postgres").create("released")
    await released.bring_in(revision, store)
    return store


@pytest.fixture
async def old_database(old: Store) -> AsyncIterator[Database]:
    database = old.open()
    yield database
    await database.close()


@pytest.fixture
async def others(old: Store) -> AsyncIterator[list[Any]]:
    """Give the connections of two other programs to that database."""
    connections = [await asyncpg.connect(old.address.postgres) for _ in range(2)]
    yield connections
    for connection in connections:
        await connection.close()


def test_every_schema_has_the_data_of_its_code() -> None:
    """`make released` takes it."""
    assert {*RELEASED, *NEVER_RAN} == set(migrate._revisions())


@pytest.mark.parametrize("kind", ["sqlite"])
@EACH_RELEASED
async def test_what_was_released_is_not_changed(revision: str, old: Store, tmp_path: Path) -> None:
    """The migrations up to it make the schema that operators got from them."""
    now = sqlite_file(tmp_path / "now.db").open()
    async with now.rebuild() as connection:
        await connection.run_sync(released.migrate_to, revision)
    then = old.open()
    assert await definitions(now) == await definitions(then)
    await now.close()
    await then.close()


def test_no_address_and_no_token_lies_in_the_data() -> None:
    for revision in RELEASED:
        assert not re.search(r"https?:|127\.0\.0|token|/inference/", released.dump(revision))


@EACH_RELEASED
async def test_an_upgrade_makes_exactly_the_present_schema_and_changes_no_value(
    old_database: Database, database: Database, revision: str
) -> None:
    reader = await released.readers(old_database)
    async with old_database.read() as connection:
        before = await released.everything(connection, reader)
    expected = Schema.CURRENT if revision == migrate.newest() else Schema.OLDER
    assert await migrate.upgrade(old_database) is expected
    assert await definitions(old_database) == await definitions(database)
    async with old_database.read() as connection:
        assert await released.everything(connection, reader) == before
    assert len(before) > 50


@pytest.mark.parametrize(("kind", "revision"), STARTED)
async def test_the_bot_finishes_what_it_finds_once_and_shows_what_was_there(
    old: Store, tmp_path: Path, revision: str
) -> None:
    rows = released.rows_of(revision)["jobs"]
    waiting = {row["id"] for row in rows if row["state"] in {"generating", "uncertain", "queued"}}
    posted = {
        row["job_id"] for row in released.rows_of(revision)["deliveries"] if row["message_id"]
    }
    made = {row["id"] for row in rows if row["state"] == "finished" and not row["reason"]} - posted
    async with continued(old, tmp_path, revision) as world:
        world.move(_LATER)
        await world.until_ended(*waiting)
        named = [_NUMBER.findall(message.content) for message in world.results()]
        assert sorted(named) == sorted([str(job_id)] for job_id in waiting | made)
        assert "spoons" in shown(
            (await world.type(world.mira, "jobs", search="orchestra")).response
        )
        assert "spoons" in shown((await world.type(world.mira, "job", id=2)).response)


@pytest.mark.parametrize(("kind", "revision"), [("postgresql", RELEASED[0])])
async def test_an_upgrade_gives_way_to_the_work_of_the_version_before(
    others: list[Any], old_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where both wait for each other, PostgreSQL breaks off whoever has waited for longer."""
    monkeypatch.setattr(migrate, "_IN_LINE", 50)
    monkeypatch.setattr(migrate, "_PAUSE", 0.01)
    monkeypatch.setattr(migrate, "_TRIES", 1000)
    older, reader = others
    accepting, reading = older.transaction(), reader.transaction()
    await accepting.start()
    await older.execute(_WRITE.format("people"))
    await reading.start()
    await reader.execute(_WRITE.format("jobs"))
    upgrading = asyncio.create_task(migrate.upgrade(old_database))
    while not await reader.fetchval(_IN_LINE, "jobs"):
        assert not upgrading.done()
    writing = asyncio.create_task(older.execute(_WRITE.format("deliveries")))
    while not writing.done() and not await reader.fetchval(_IN_LINE, "deliveries"):
        assert not upgrading.done()
    await reading.rollback()
    await writing
    await accepting.commit()
    assert await upgrading is Schema.OLDER


@pytest.mark.parametrize(("kind", "revision"), [("postgresql", RELEASED[0])])
async def test_an_upgrade_that_never_has_its_turn_says_so(
    others: list[Any], old_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_IN_LINE", 1)
    monkeypatch.setattr(migrate, "_PAUSE", 0)
    monkeypatch.setattr(migrate, "_TRIES", 2)
    older, _ = others
    async with older.transaction():
        await older.execute(_WRITE.format("people"))
        with pytest.raises(UnavailableError, match="holds the database's tables"):
            await migrate.upgrade(old_database)


@asynccontextmanager
async def continued(store: Store, folder: Path, revision: str) -> AsyncIterator[World]:
    """Start the present bot on that version's database, amidst what that version knew."""
    url = store.address.postgres or f"sqlite:///{store.address.path}"
    async with open_world(folder, {"render": sketch}, database_url=url) as world:
        place(world)
        # A database that knows it told Discord the commands was not told that Discord is another.
        await world.app.client.tree.sync()
        for row in released.rows_of(revision)["jobs"]:
            if row["generation_id"] and row["state"] in {"finished", "generating"}:
                await remember(world, row)
        yield world


def place(world: World) -> None:
    """Have people and places carry the numbers that they have in the database."""
    env = world.env
    world.guild = env.create_guild("The Sound Shop", id=GUILD)
    for name, number in (("studio", CHANNEL), ("closed", CLOSED), ("moderators", MODERATORS)):
        with patch.object(env.backend, "snowflake", lambda number=number: number):
            channel = world.guild.create_text_channel(name)
        if number == CHANNEL:
            world.channel = channel
    world.mira, world.jonas = (member(world, *each) for each in (("mira", MIRA), ("jonas", JONAS)))


def member(world: World, name: str, number: int) -> MemberActor:
    with patch.object(world.env.backend, "snowflake", lambda: number):
        person = world.env.create_user(name)
    return world.guild.add_member(person)


async def remember(world: World, row: Mapping[str, Any]) -> None:
    """Have NetMind know a generation that was made in its earlier life."""
    config = {"prompt": row["prompt"], **json.loads(row["options"])}
    generation = world.netmind._accept("hkchengrex/MMAudio", config)
    await world.netmind.rendered()
    del world.netmind.generations[generation.id]
    generation.id = row["generation_id"]
    world.netmind.generations[generation.id] = generation
