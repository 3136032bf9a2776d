"""What is counted, and that two jobs never pass each other at a limit."""

import asyncio

import pytest

from bot.jobs.estimate import Estimates
from bot.jobs.gate import Gate, OverLimitError
from bot.jobs.limits import Allowed
from bot.netmind.catalog import Catalog
from storage import guilds, jobs, limits, people
from storage.database import Database
from storage.limits import Limit, Usage
from storage.states import JobState
from tests.storage.makers import ANN, BOB, GUILD, NOON, add_job, after, new_job, set_columns


async def test_a_role_says_what_was_said_last_and_nothing_once_it_says_nothing(
    database: Database,
) -> None:
    async with database.write() as connection:
        await guilds.note(connection, GUILD, NOON)
        await limits.put(connection, GUILD, Limit(7, at_once=1, models=["a"]))
        await limits.put(connection, GUILD, Limit(7, per_day=2))
        await limits.put(connection, GUILD, Limit(8, longest=0))
        assert await limits.of_guild(connection, GUILD) == [
            Limit(7, per_day=2),
            Limit(8, longest=0),
        ]
        await limits.put(connection, GUILD, Limit(7))
        assert await limits.of_guild(connection, GUILD) == [Limit(8, longest=0)]
        assert await limits.of_guild(connection, GUILD + 1) == []


@pytest.mark.parametrize(
    ("state", "begun", "counts"),
    [
        (JobState.FINISHED, True, 1),
        (JobState.CANCELLED, True, 1),
        (JobState.CANCELLED, False, 0),
        (JobState.FAILED, True, 0),
        (JobState.REJECTED, False, 0),
    ],
)
async def test_what_was_not_had_is_not_counted(
    database: Database,
    state: JobState,
    begun: bool,  # noqa: FBT001 - a case
    counts: int,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        assert await limits.usage(connection, NOON, person_id=ANN) == Usage(1, 1)
        generating_at = after(1) if begun else None
        await set_columns(
            connection, job, state=state, ended_at=after(2), generating_at=generating_at
        )
        assert await limits.usage(connection, NOON, person_id=ANN) == Usage(0, counts)


async def test_the_day_counts_from_its_beginning_and_only_whom_it_is_asked_for(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection, 1)
        await add_job(connection, 2, requester_id=BOB, now=after(10))
        await add_job(connection, 3, guild_id=None, now=after(10))
        assert await limits.usage(connection, after(10), guild_id=GUILD) == Usage(2, 1)
        assert await limits.usage(connection, after(10), person_id=ANN) == Usage(2, 1)
        both = await limits.usage(connection, NOON, guild_id=GUILD, person_id=ANN)
        assert both == Usage(1, 1)


async def test_of_many_transactions_at_once_no_more_pass_than_the_limit_allows(
    database: Database,
) -> None:
    catalog = Catalog.load()
    gate = Gate(catalog, Estimates(database, catalog, lambda: NOON), Allowed(at_once=3))

    async def ask(number: int) -> bool:
        try:
            async with database.write() as connection:
                await people.note(connection, ANN, NOON)
                job = await jobs.add(connection, new_job(number, guild_id=None), NOON)
                await gate.check_limits(connection, job, [], NOON)
        except OverLimitError:
            return False
        return True

    assert (await asyncio.gather(*map(ask, range(30)))).count(True) == 3


async def test_a_servers_cap_holds_for_many_people_at_once(database: Database) -> None:
    catalog = Catalog.load()
    gate = Gate(catalog, Estimates(database, catalog, lambda: NOON), Allowed())
    async with database.write() as connection:
        await guilds.choose(connection, GUILD, NOON, cap_per_day=4)

    async def ask(number: int) -> bool:
        try:
            async with database.write() as connection:
                job = await add_job(connection, number, requester_id=ANN + number)
                await gate.check_limits(connection, job, [], NOON)
        except OverLimitError:
            return False
        return True

    assert (await asyncio.gather(*map(ask, range(30)))).count(True) == 4
