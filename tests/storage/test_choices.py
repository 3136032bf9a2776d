"""What people and guilds have chosen."""

from storage import guilds, people
from storage.database import Database
from storage.guilds import GuildSettings
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
