"""What only a file can do: be locked, full, read-only, broken or in an impossible place."""

import functools
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import database as database_module
from storage import facts, migrate
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
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)],
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
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
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
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
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


class RefusingConnection(sqlite3.Connection):
    """Refuses twice, as SQLite does to one of two that switch a new file at the same moment."""

    refusals = 2

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        if self.refusals:
            self.refusals -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().execute(*statement)


def test_a_process_that_meets_others_in_a_new_file_asks_again_for_the_write_ahead_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    connect = functools.partial(sqlite3.connect, factory=RefusingConnection)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        database_module._write_ahead(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
