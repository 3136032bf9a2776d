"""Whoever is cancelled, whenever and however often: the lock is free and every connection back."""

import asyncio
import gc
import itertools
import random
import threading
import warnings

import pytest
import sqlalchemy as sa

from storage import facts
from storage.database import Database
from storage.whole import to_the_end
from tests.storage.stores import Store, new_threads

NUMBERS = itertools.count()
SLOW = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 50000)
SELECT count(*) FROM counted
"""


async def write_both(database: Database, value: str) -> None:
    async with database.write() as connection:
        await facts.put(connection, "first", value)
        await facts.put(connection, "second", value)


async def write_number(database: Database) -> None:
    await write_both(database, str(next(NUMBERS)))


async def read_both(database: Database) -> tuple[str | None, str | None]:
    async with database.read() as connection:
        return await facts.get(connection, "first"), await facts.get(connection, "second")


async def cancel_often(task: asyncio.Task[object], draw: random.Random) -> None:
    for _ in range(draw.choice([1, 1, 2, 3])):
        task.cancel()
        await asyncio.sleep(draw.choice([0, 0, 0.0005]))


async def test_tasks_cancelled_at_any_moment_leave_nothing_locked_half_done_or_running(
    store: Store,
) -> None:
    draw = random.Random(20261122)
    before = set(threading.enumerate())
    database = store.open()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(60):
            tasks: list[asyncio.Task[object]] = [
                asyncio.create_task(draw.choice([write_number, read_both])(database))
                for _ in range(draw.randint(1, 6))
            ]
            await asyncio.sleep(draw.uniform(0, 0.006))
            await asyncio.gather(*(cancel_often(task, draw) for task in tasks))
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                assert not isinstance(outcome, Exception)
            async with asyncio.timeout(5):
                first, second = await read_both(database)
                assert first == second
                await write_both(database, f"after {number}")
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await database.close()
        gc.collect()
    for thread in new_threads(before):
        thread.join(timeout=5)
        assert not thread.is_alive()


@pytest.mark.parametrize("pauses", range(6))
async def test_a_second_cancel_while_a_statement_still_runs_does_not_keep_the_lock(
    sqlite_store: Store, pauses: int
) -> None:
    """The thread is busy; the connection must be closed or free before the cancel goes on."""
    database, other = sqlite_store.open(), sqlite_store.open()
    started = asyncio.Event()

    async def write_slowly() -> None:
        async with database.write() as connection:
            await facts.put(connection, "first", "never")
            started.set()
            await connection.execute(sa.text(SLOW))
            await asyncio.Event().wait()

    gc.disable()  # what only a collection would free is not free
    try:
        task = asyncio.create_task(write_slowly())
        await started.wait()
        await asyncio.sleep(0.002)
        task.cancel()
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        async with asyncio.timeout(0.2), other.write() as connection:
            assert await facts.get(connection, "first") is None
    finally:
        gc.enable()
        await database.close()
        await other.close()


async def test_a_cancel_does_not_wait_for_another_tasks_transaction(database: Database) -> None:
    """Or a task that cancels another one, and waits for it, while it writes would wait for ever."""
    async with database.write():
        size = 1 if database.address.path else 18
        waiting = [asyncio.create_task(write_both(database, "x")) for _ in range(size)]
        await asyncio.sleep(0.02)
        for task in waiting:
            task.cancel()
        async with asyncio.timeout(2):
            await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_cancel_does_not_wait_for_another_process_to_unlock_the_file(
    sqlite_store: Store,
) -> None:
    database, other = sqlite_store.open(), sqlite_store.open()
    async with other.write():
        task = asyncio.create_task(write_both(database, "x"))
        await asyncio.sleep(0.05)
        task.cancel()
        async with asyncio.timeout(2):
            with pytest.raises(asyncio.CancelledError):
                await task
    await write_both(database, "y")
    await database.close()
    await other.close()


async def test_a_transaction_cancelled_during_its_commit_is_whole(database: Database) -> None:
    for pauses in range(40):
        value = str(pauses)
        task = asyncio.create_task(write_both(database, value))
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            first, second = await read_both(database)
        assert first == second


async def test_what_is_waited_for_to_its_end_is_ended_before_the_cancel_goes_on() -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        for _ in range(10):
            await asyncio.sleep(0)
        ended = True

    task = asyncio.create_task(to_the_end(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended


async def test_an_error_does_not_take_the_place_of_a_cancel() -> None:
    """A loop that goes on after an error would otherwise never end."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError

    task = asyncio.create_task(to_the_end(fail()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(KeyError):
        await to_the_end(fail())


async def test_a_file_is_not_left_open_when_closing_is_cancelled(sqlite_store: Store) -> None:
    database = sqlite_store.open()
    before = set(threading.enumerate())
    await write_both(database, "x")
    task = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.close()
    for thread in new_threads(before):
        thread.join(timeout=5)
        assert not thread.is_alive()
