"""Leases by name: one holder at a time, free again when they run out."""

import asyncio

import pytest

from storage import leases
from storage.database import Database
from tests.storage.makers import LEASE, NOON, after

LENGTH = LEASE.total_seconds()


async def hold(database: Database, holder: str, seconds: float = 0, name: str = "turn") -> bool:
    async with database.write() as connection:
        return await leases.hold(connection, name, holder, after(seconds), LEASE)


async def give_back(database: Database, holder: str) -> None:
    async with database.write() as connection:
        await leases.give_back(connection, holder)


async def test_a_free_lease_is_taken_and_nobody_else_gets_it(database: Database) -> None:
    assert await hold(database, "one")
    assert not await hold(database, "two")
    assert not await hold(database, "two", LENGTH - 0.001)


async def test_a_lease_that_has_run_out_is_free(database: Database) -> None:
    assert await hold(database, "one")
    assert await hold(database, "two", LENGTH)
    assert not await hold(database, "one", LENGTH)


async def test_its_holder_keeps_it_as_long_as_it_likes(database: Database) -> None:
    for count in range(4):
        assert await hold(database, "one", count * LENGTH / 2)
    assert not await hold(database, "two", 2 * LENGTH)
    assert await hold(database, "two", 2.5 * LENGTH)


async def test_a_lease_given_back_is_free_at_once(database: Database) -> None:
    assert await hold(database, "one")
    await give_back(database, "one")
    assert await hold(database, "two")


async def test_nobody_gives_back_what_another_holds(database: Database) -> None:
    assert await hold(database, "one")
    await give_back(database, "two")
    assert not await hold(database, "two")


async def test_leases_of_other_names_are_others(database: Database) -> None:
    assert await hold(database, "one")
    assert await hold(database, "two", name="sweep")


async def test_of_two_processes_that_ask_at_once_one_gets_it(
    database: Database, other_database: Database
) -> None:
    got = await asyncio.gather(
        *(hold(each, f"holder {n}") for n in range(5) for each in (database, other_database))
    )
    assert sum(got) >= 1
    holders = {n for n in range(5) if await hold(database, f"holder {n}")}
    assert len(holders) == 1


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_who_wants_to_be_alone_waits_for_the_other(
    database: Database, other_database: Database
) -> None:
    """SQLite has one writer anyway."""
    order: list[str] = []

    async def second() -> None:
        async with other_database.write() as connection:
            await leases.alone(connection, 7)
            order.append("second")

    async with database.write() as connection:
        await leases.alone(connection, 7)
        waiting = asyncio.create_task(second())
        async with other_database.write() as elsewhere:
            await leases.alone(elsewhere, 8)  # another number does not matter
        await asyncio.sleep(0.1)
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_being_alone_twice_in_one_transaction_is_fine(database: Database) -> None:
    async with database.write() as connection:
        await leases.alone(connection, 7)
        await leases.alone(connection, 7)
        assert await leases.hold(connection, "turn", "one", NOON, LEASE)
