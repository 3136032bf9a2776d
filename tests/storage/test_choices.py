"""What people and guilds have chosen."""

import sqlalchemy as sa

from storage import guilds, people, schema
from storage.database import Database
from storage.guilds import GuildSettings, Membership
from storage.people import Preferences
from storage.routes import Route
from tests.storage.makers import ANN, BOB, GUILD, NOON, after


async def test_who_chose_nothing_has_the_usual(database: Database) -> None:
    async with database.write() as connection:
        await people.note(connection, ANN, NOON)
        await guilds.note(connection, GUILD, NOON)
        for person in (ANN, BOB):
            assert await people.preferences(connection, person) == Preferences()
        for guild in (GUILD, GUILD + 1, None):
            assert await guilds.settings(connection, guild) == GuildSettings()


async def test_a_person_changes_one_thing_and_keeps_the_others(database: Database) -> None:
    async with database.write() as connection:
        await people.prefer(connection, ANN, NOON, language="de", private=True)
        chosen = await people.prefer(connection, ANN, after(5), direct=False, language=None)
        assert chosen == Preferences(private=True, direct=False)
        assert await people.preferences(connection, BOB) == Preferences()


async def test_defaults_come_back_as_they_were_given(database: Database) -> None:
    defaults = {"audio": {"model": "mmaudio", "duration": 12, "negative_prompt": "drüms"}}
    async with database.write() as connection:
        await people.prefer(connection, ANN, NOON, defaults=defaults)
        assert (await people.preferences(connection, ANN)).defaults == defaults


async def test_a_guild_changes_one_thing_and_keeps_the_others(database: Database) -> None:
    async with database.write() as connection:
        await guilds.choose(connection, GUILD, NOON, route=Route.GALLERY, gallery_id=7)
        chosen = await guilds.choose(
            connection, GUILD, after(5), voice=True, refused_size=2**40, refused_at=NOON
        )
        assert chosen == GuildSettings(
            route=Route.GALLERY, gallery_id=7, voice=True, refused_size=2**40, refused_at=NOON
        )
        assert await guilds.settings(connection, GUILD + 1) == GuildSettings()


async def test_a_guild_is_one_that_the_bot_is_in_or_has_left_or_never_joined(
    database: Database,
) -> None:
    async with database.write() as connection:
        await guilds.note(connection, 1, NOON)
        await guilds.note(connection, 2, NOON, there=False)
        assert await guilds.memberships(connection) == [
            Membership(1, joined=True, left=False),
            Membership(2, joined=False, left=False),
        ]
        await guilds.set_left(connection, [1], NOON)
        await guilds.set_left(connection, [1], after(9))
        left_at = sa.select(schema.guilds.c.left_at).where(schema.guilds.c.id == 1)
        assert await connection.scalar(left_at) == NOON
        await guilds.note(connection, 1, after(5), there=False)
        assert (await guilds.memberships(connection))[0] == Membership(1, joined=True, left=True)
        await guilds.set_there(connection, [1, 2, 3])
        assert await guilds.memberships(connection) == [
            Membership(1, joined=True, left=False),
            Membership(2, joined=True, left=False),
        ]
