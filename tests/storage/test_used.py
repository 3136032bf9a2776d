"""Where the bot has something to do, and whether a database takes writes."""

import sqlalchemy as sa

from bot.check import database as database_look
from bot.check.finding import Level
from storage import guilds
from storage.database import Database
from storage.migrate import Schema
from storage.routes import Route
from storage.schema import deliveries as delivery_rows
from storage.used import Use, UsedGuild, used
from tests.storage.makers import ANN, CHANNEL, GUILD, NOON, add_job, after, set_columns
from tests.storage.stores import Postgres


async def looked(database: Database) -> list[UsedGuild]:
    async with database.read() as connection:
        return await used(connection)


async def test_a_channel_is_used_if_it_is_chosen_or_something_is_on_its_way_there(
    database: Database,
) -> None:
    async with database.write() as connection:
        await guilds.choose(connection, GUILD, NOON, channels=[1, 2], log_channel_id=2, voice=True)
        job = await add_job(connection)
        assert await used(connection) == [
            UsedGuild(
                GUILD,
                threads=False,
                voice=True,
                channels={1: Use.COMMANDS, 2: Use.REPORTS, CHANNEL: Use.JOB},
            )
        ]
        await set_columns(connection, job, ended_at=NOON)
        await guilds.choose(
            connection, GUILD, NOON, channels=None, route=Route.GALLERY, gallery_id=3
        )
        rows = {"kind": "copy", "state": "pending", "created_at": NOON, "lease_until": NOON}
        for nonce, channel, person in (("a", 4, None), ("b", 5, ANN)):
            there = {"nonce": nonce, "channel_id": channel, "person_id": person}
            values = {"job_id": job.id, **rows, **there}
            await connection.execute(sa.insert(delivery_rows).values(values))
    (guild,) = await looked(database)
    assert guild.channels == {2: Use.REPORTS, 3: Use.GALLERY, 4: Use.POST}


async def test_guilds_are_told_newest_first_without_those_that_were_left(
    database: Database,
) -> None:
    async with database.write() as connection:
        for number, seen in ((1, NOON), (2, after(9)), (3, after(5)), (4, after(1))):
            await guilds.choose(connection, number, seen, log_channel_id=number)
        await guilds.set_left(connection, [3], NOON)
        await guilds.choose(connection, 4, after(1), log_channel_id=None, route=Route.THREAD)
    assert [guild.id for guild in await looked(database)] == [2, 1]


async def test_a_server_that_takes_no_writes_is_named(postgres: Postgres) -> None:
    address = (await postgres.create("replica")).address
    assert (await database_look.look(address))[0] is Schema.EMPTY
    await postgres.execute("ALTER DATABASE replica SET default_transaction_read_only = on")
    schema, found = await database_look.look(address)
    assert (schema, found.level) == (None, Level.WRONG)
    assert "must name the primary" in found.says
