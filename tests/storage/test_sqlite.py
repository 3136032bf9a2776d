"""What only a file can do: be locked, full, read-only, broken or in an impossible place."""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import facts, migrate, sqlite
from storage.database import Database
from storage.errors import UnavailableError
from storage.schema import job_events, jobs
from tests.storage.makers import add_job
from tests.storage.stores import Store, new_threads, sqlite_file

NOBODY = 65_534


@pytest.fixture
def kind() -> str:
    """Every test in this module is about SQLite."""
    return "sqlite"


@pytest.fixture(autouse=True)
async def no_thread_left() -> AsyncIterator[None]:
    """Every connection has a thread; one that could not be made must leave none behind."""
    before = set(threading.enumerate())
    yield
    for thread in new_threads(before):
        thread.join(timeout=5)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)],
)
async def test_the_pragmas_are_on_for_writing_and_for_reading(
    database: Database, pragma: str, value: object
) -> None:
    async with database.write() as writing, database.read() as reading:
        for connection in (writing, reading):
            result = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert result.scalar_one() == value


async def test_a_write_that_finds_the_file_locked_too_long_is_unavailable(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    impatient = store.open()
    async with database.write():
        with pytest.raises(UnavailableError, match="locked"):
            async with impatient.write():
                pytest.fail("the lock was somebody else's")
    async with impatient.write() as connection:
        await facts.put(connection, "fact", "true")
    await impatient.close()


async def test_a_write_takes_the_lock_before_it_looks(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what it saw could be out of date by the time it writes."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    impatient = store.open()
    async with database.write() as connection:
        await facts.get(connection, "fact")
        with pytest.raises(UnavailableError):
            async with impatient.write():
                pytest.fail("two transactions were writing at once")
    await impatient.close()


async def test_a_full_disk_is_unavailable_and_leaves_nothing(database: Database) -> None:
    async with database.write() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    async def write_too_much() -> None:
        async with database.write() as connection:
            await facts.put(connection, "small", "fits")
            await facts.put(connection, "fact", "x" * 100_000)

    with pytest.raises(UnavailableError, match="full"):
        await write_too_much()
    async with database.read() as connection:
        assert await facts.get(connection, "small") is None


@contextmanager
def ordinary_user(folder: Path) -> Iterator[None]:
    """Be somebody whom file permissions bind; root is not."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that is not inside one of root's own."""
    folder = Path(tempfile.mkdtemp(prefix="foley-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def read_only_file(open_folder: Path, migrated_file: Path) -> Path:
    path = Path(shutil.copy(migrated_file, open_folder / "foley.db"))
    path.chmod(0o444)
    return path


async def test_a_read_only_file_is_unavailable(open_folder: Path, read_only_file: Path) -> None:
    database = sqlite_file(read_only_file).open()
    with ordinary_user(open_folder):
        with pytest.raises(UnavailableError, match="readonly"):
            async with database.write() as connection:
                await facts.put(connection, "fact", "true")
        await database.close()


def test_a_read_only_folder_is_unavailable(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with ordinary_user(open_folder), pytest.raises(UnavailableError):
        sqlite_file(open_folder / "data" / "foley.db").open()


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    database = sqlite_file(tmp_path / "some" / "data" / "foley.db").open()
    await migrate.upgrade(database)
    await database.close()
    assert (tmp_path / "some" / "data" / "foley.db").is_file()


async def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(UnavailableError):
        sqlite_file(tmp_path / "data" / "foley.db").open()


@pytest.mark.parametrize("content", [b"not a database " * 100, None])
async def test_what_is_no_database_is_unavailable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "foley.db"
    path.mkdir() if content is None else path.write_bytes(content)
    database = sqlite_file(path).open()
    for use in (database.read, database.write):
        with pytest.raises(UnavailableError):
            async with use():
                pytest.fail("that was no database")
    await database.close()


async def test_a_number_is_never_given_twice(database: Database) -> None:
    """A deleted job's buttons must not come to mean another person's job."""
    async with database.write() as connection:
        first = await add_job(connection, 1)
        for table in (job_events, jobs):
            await connection.execute(sa.delete(table))
        second = await add_job(connection, 2)
    assert (first.id, second.id) == (1, 2)


async def test_processes_that_meet_in_a_new_file_all_get_their_write_ahead_log(
    tmp_path: Path,
) -> None:
    """SQLite refuses all but one of them, and without a wait."""
    for number in range(5):
        databases = [sqlite_file(tmp_path / f"{number}.db").open() for _ in range(6)]
        try:
            await asyncio.gather(*map(migrate.upgrade, databases))
        finally:
            for database in databases:
                await database.close()


async def test_what_only_looks_cannot_write(database: Database) -> None:
    with pytest.raises(UnavailableError, match="readonly"):
        async with database.read() as connection:
            await facts.put(connection, "fact", "true")
