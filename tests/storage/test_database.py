"""One transaction or nothing, for both databases, and one error when the database cannot."""

import asyncio
import gc
import threading

import pytest
import sqlalchemy as sa

from storage import facts, jobs, postgres, sqlite
from storage.database import Database
from storage.errors import UnavailableError
from tests.storage.makers import add_job
from tests.storage.stores import Store, new_threads


async def fact(database: Database) -> str | None:
    async with database.read() as connection:
        return await facts.get(connection, "fact")


async def test_a_write_is_there_for_every_process_once_it_is_committed(
    database: Database, other_database: Database
) -> None:
    async with database.write() as connection:
        await facts.put(connection, "fact", "true")
    assert await fact(other_database) == "true"


async def test_an_exception_leaves_nothing_of_the_transaction(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as connection:
            await add_job(connection)
            await facts.put(connection, "fact", "true")
            raise KeyError

    with pytest.raises(KeyError):
        await write_and_fail()
    async with database.read() as connection:
        assert await jobs.get(connection, 1) is None
    assert await fact(database) is None


async def test_a_cancelled_transaction_leaves_nothing_and_lets_the_next_one_in(
    database: Database,
) -> None:
    written = asyncio.Event()

    async def write_and_hang() -> None:
        async with database.write() as connection:
            await facts.put(connection, "fact", "true")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_hang())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.write() as connection:
        assert await facts.get(connection, "fact") is None


async def test_a_transaction_cancelled_inside_a_statement_leaves_nothing(
    database: Database,
) -> None:
    for pauses in range(12):

        async def write() -> None:
            async with database.write() as connection:
                await facts.put(connection, "fact", "true")
                raise KeyError

        task = asyncio.create_task(write())
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, KeyError)):
            await task
        async with asyncio.timeout(5), database.write() as connection:
            assert await facts.get(connection, "fact") is None


async def test_a_read_does_not_wait_for_a_writer_and_sees_what_was_before(
    database: Database, other_database: Database
) -> None:
    async with asyncio.timeout(5), database.write() as connection:
        await facts.put(connection, "fact", "true")
        assert await fact(database) is None
        assert await fact(other_database) is None
    assert await fact(database) == "true"


async def test_a_writer_does_not_wait_for_a_read(database: Database) -> None:
    async with asyncio.timeout(5), database.read() as reading:
        assert await facts.get(reading, "fact") is None
        async with database.write() as writing:
            await facts.put(writing, "fact", "true")
    assert await fact(database) == "true"


async def test_a_read_sees_one_moment_however_long_it_looks(
    database: Database, other_database: Database
) -> None:
    async with database.read() as reading:
        assert await facts.get(reading, "fact") is None
        async with other_database.write() as writing:
            await facts.put(writing, "fact", "true")
        assert await facts.get(reading, "fact") is None
    assert await fact(database) == "true"


async def test_a_database_with_every_connection_taken_is_unavailable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(postgres, "BUSY_SECONDS", 0.05)
    database = store.open()
    all_in, leave = asyncio.Semaphore(0), asyncio.Event()

    async def hold() -> None:
        async with database.write():
            all_in.release()
            await leave.wait()

    size = 1 if store.address.path else 18
    async with asyncio.TaskGroup() as holders:
        for _ in range(size):
            holders.create_task(hold())
        for _ in range(size):
            await all_in.acquire()
        with pytest.raises(UnavailableError):
            async with database.write():
                pytest.fail("there was no connection left to write with")
        leave.set()
    async with database.write() as connection:
        await facts.put(connection, "fact", "true")
    await database.close()


async def test_a_statement_the_database_cannot_run_is_told_in_one_sentence_with_its_cause(
    database: Database,
) -> None:
    with pytest.raises(UnavailableError, match=r"The database did not do it: .*nowhere") as caught:
        async with database.write() as connection:
            await connection.execute(sa.text("SELECT * FROM nowhere"))
    assert isinstance(caught.value.__cause__, sa.exc.DBAPIError)
    assert await fact(database) is None


async def test_nothing_connects_before_the_first_use(store: Store) -> None:
    before = threading.active_count()
    database = store.open()
    assert threading.active_count() == before
    await database.close()


async def test_closing_leaves_no_connection_and_no_thread(store: Store) -> None:
    """A connection left open would be a ResourceWarning, and warnings are errors."""
    before = set(threading.enumerate())
    database = store.open()
    async with database.write(), database.read(), database.read():
        pass
    await database.close()
    for thread in new_threads(before):
        thread.join(timeout=5)
    assert not new_threads(before)
    gc.collect()


async def test_closing_twice_is_closing_once(store: Store) -> None:
    database = store.open()
    async with database.read():
        pass
    await database.close()
    await database.close()
