"""What only a server can do: be away, refuse, or close the connection in the middle."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import facts, jobs
from storage.database import Database, read_address
from storage.errors import KnownInteractionError, UnavailableError
from tests.storage.makers import NOON, add_job, new_job
from tests.storage.stores import Postgres


@pytest.fixture
def kind() -> str:
    """Every test in this module is about PostgreSQL."""
    return "postgresql"


async def test_a_connection_lost_in_the_middle_is_unavailable_and_the_next_write_works(
    database: Database, postgres: Postgres
) -> None:
    async def write_twice() -> None:
        async with database.write() as connection:
            await facts.put(connection, "fact", "lost")
            pid = (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
            await postgres.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
            await facts.put(connection, "fact", "lost too")

    with pytest.raises(UnavailableError):
        await write_twice()
    async with database.write() as connection:
        assert await facts.get(connection, "fact") is None
        await facts.put(connection, "fact", "kept")


async def test_a_connection_lost_between_two_uses_is_not_noticed(
    database: Database, postgres: Postgres
) -> None:
    async with database.write() as connection:
        pid = (await connection.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
    await postgres.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
    async with database.read() as connection:
        assert await facts.get(connection, "fact") is None


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database.open(read_address(f"postgres://foley:secret@/foley?host={tmp_path}"))
    with pytest.raises(UnavailableError) as caught:
        async with database.read():
            pytest.fail("nobody was there")
    assert "secret" not in str(caught.value)
    await database.close()


async def test_a_database_that_is_not_there_is_unavailable(postgres: Postgres) -> None:
    database = Database.open(postgres.address("nowhere"))
    with pytest.raises(UnavailableError, match="nowhere"):
        async with database.write():
            pytest.fail("there was no such database")
    await database.close()


async def test_a_setting_the_server_does_not_have_is_unavailable(postgres: Postgres) -> None:
    uri = postgres.uri + "&target_session_attrs=whatever"
    database = Database.open(read_address(uri))
    with pytest.raises(UnavailableError, match="target_session_attrs"):
        async with database.write():
            pytest.fail("that could not be understood")
    await database.close()


async def test_two_processes_that_take_one_interaction_at_once_make_one_job(
    database: Database, other_database: Database
) -> None:
    async def late() -> None:
        async with other_database.write() as connection:
            await jobs.add(connection, new_job(2), NOON)

    async with asyncio.timeout(10):
        async with database.write() as connection:
            await add_job(connection, 1)
        async with database.write() as connection:
            await jobs.add(connection, new_job(2), NOON)
            second = asyncio.create_task(late())
            await other_waits(database)
        with pytest.raises(KnownInteractionError):
            await second


async def other_waits(database: Database) -> None:
    """Return once a transaction waits for another one's lock."""
    waiting = 0
    while not waiting:
        async with database.read() as connection:
            statement = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            waiting = (await connection.execute(statement)).scalar_one()
