"""A copy of the file is whole whoever writes meanwhile, and comes back only where nobody is."""

import asyncio
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from storage import facts, migrate
from storage.backup import InUseError, back_up, restore
from storage.database import Address, Database
from storage.errors import BrokenDatabaseError, StorageError
from storage.migrate import Schema
from storage.new_file import FileError
from tests.program import ROOT
from tests.storage.makers import NOON, add_job, after
from tests.storage.stores import Store


@pytest.fixture
def kind() -> str:
    """Every test in this module is about SQLite."""
    return "sqlite"


@pytest.fixture
def path(store: Store) -> Path:
    assert store.address.path is not None
    return store.address.path


@pytest.fixture
async def backed_up(path: Path, tmp_path: Path) -> Path:
    """Give a backup whose fact is `old`, of a closed database whose fact is `new`."""
    await put(path, "old")
    back_up(path, tmp_path / "backup.db")
    await put(path, "new")
    return tmp_path / "backup.db"


async def put(path: Path, fact: str) -> None:
    database = Database.open(Address(path=path))
    async with database.write() as connection:
        await facts.put(connection, "fact", fact)
    await database.close()


async def started(path: Path) -> str | None:
    """Start on the file as the bot does; return its fact."""
    database = Database.open(Address(path=path))
    try:
        await migrate.upgrade(database)
        async with database.read() as connection:
            return await facts.get(connection, "fact")
    finally:
        await database.close()


def ids(path: Path, table: str) -> list[int]:
    column = {"jobs": "id", "job_events": "job_id"}[table]
    with closing(sqlite3.connect(path)) as connection:
        statement = f"SELECT {column} FROM {table} ORDER BY 1"  # noqa: S608 - the names above
        return [number for (number,) in connection.execute(statement)]


def others(folder: Path) -> set[str]:
    """Return what there is besides the database and the backup."""
    names = {path.name for path in folder.iterdir()}
    return names - {f"foley.db{ending}" for ending in ("", "-wal", "-shm")} - {"backup.db"}


# Out.


async def test_a_backup_has_what_is_committed_and_nothing_else(
    database: Database, path: Path, tmp_path: Path
) -> None:
    """It waits for no writer, and what is in the write-ahead log alone is in it."""
    async with database.write() as connection:
        await add_job(connection, 1)
    async with database.write() as connection:
        await add_job(connection, 2)
        await asyncio.to_thread(back_up, path, tmp_path / "backup.db")
    assert ids(tmp_path / "backup.db", "jobs") == [1]


async def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, path: Path, tmp_path: Path
) -> None:
    """Each job is written with its event, one after the other."""
    written = 0
    for copy in (tmp_path / f"{number}.db" for number in range(4)):
        before = written
        copying = asyncio.create_task(asyncio.to_thread(back_up, path, copy))
        while not copying.done():
            written += 1
            async with database.write() as connection:
                await add_job(connection, written)
        await copying
        there = ids(copy, "jobs")
        assert there == ids(copy, "job_events") == [*range(1, len(there) + 1)]
        assert before <= len(there) <= written


def test_what_was_deleted_is_not_in_a_backup(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")  # as it is in most builds of SQLite
        connection.execute("INSERT INTO facts VALUES ('fact', ?)", ("secret words " * 1000,))
        connection.commit()
        connection.execute("DELETE FROM facts")
        connection.commit()
    back_up(path, tmp_path / "backup.db")
    assert b"secret words" in path.read_bytes()
    assert b"secret words" not in (tmp_path / "backup.db").read_bytes()


async def test_a_backup_is_its_owners_alone_and_one_file(path: Path, backed_up: Path) -> None:
    assert stat.S_IMODE(backed_up.stat().st_mode) == 0o600
    assert others(path.parent) == set()


async def test_a_backup_is_not_written_over_unless_that_is_wanted(
    path: Path, backed_up: Path
) -> None:
    before = backed_up.read_bytes()
    with pytest.raises(FileError, match="is there already"):
        back_up(path, backed_up)
    assert backed_up.read_bytes() == before
    back_up(path, backed_up, replace=True)
    assert await started(backed_up) == "new"


def test_the_database_is_never_its_own_backup(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileError, match="is the database itself"):
        back_up(path, path, replace=True)
    assert path.read_bytes() == before


def test_of_a_damaged_database_no_backup_is_made(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(BrokenDatabaseError, match=r"docs/recovery\.md"):
        back_up(path, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
    assert others(tmp_path) == set()


def test_of_no_database_no_backup_is_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no database at"):
        back_up(tmp_path / "none.db", tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: No such file or directory"):
        back_up(path, tmp_path / "nowhere" / "backup.db")


# Back.


async def test_a_restored_backup_can_be_started_and_the_old_database_is_kept(
    path: Path, backed_up: Path
) -> None:
    schema, kept = restore(backed_up, path, NOON)
    assert schema is Schema.CURRENT
    assert kept == path.with_name("foley.db.before-restore-20261122T120000Z")
    assert (await started(path), await started(kept)) == ("old", "new")
    assert others(path.parent) == {kept.name}


async def test_what_a_killed_bot_left_in_its_log_stays_with_its_own_database(
    path: Path, backed_up: Path, tmp_path: Path
) -> None:
    """It would spoil the backup, and what is kept would lack the newest commits."""
    killed = tmp_path / "data" / "killed.db"
    killed.parent.mkdir()
    database = Database.open(Address(path=path))
    async with database.write() as connection:
        await facts.put(connection, "fact", "newest")
    for ending in ("", "-wal", "-shm"):
        shutil.copy(f"{path}{ending}", f"{killed}{ending}")
    await database.close()
    _, kept = restore(backed_up, killed, NOON)
    assert kept is not None
    names = {path.name for path in killed.parent.iterdir()}
    assert names == {killed.name, kept.name, f"{kept.name}-wal"}
    assert (await started(killed), await started(kept)) == ("old", "newest")


async def test_a_second_restore_keeps_both(path: Path, backed_up: Path) -> None:
    _, first = restore(backed_up, path, NOON)
    _, second = restore(backed_up, path, after(1))
    assert first is not None
    assert second is not None
    assert (await started(first), await started(second)) == ("new", "old")


async def test_a_backup_is_restored_where_nothing_is(backed_up: Path, tmp_path: Path) -> None:
    new = tmp_path / "data" / "foley.db"
    assert restore(backed_up, new, NOON) == (Schema.CURRENT, None)
    assert await started(new) == "old"


async def test_a_damaged_database_is_replaced(path: Path, backed_up: Path) -> None:
    path.write_bytes(b"not a database " * 1000)
    _, kept = restore(backed_up, path, NOON)
    assert kept is not None
    assert kept.read_bytes().startswith(b"not a database")
    assert await started(path) == "old"


async def test_the_restored_file_is_open_to_whom_the_old_one_was(
    path: Path, backed_up: Path
) -> None:
    path.chmod(0o640)
    restore(backed_up, path, NOON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_where_a_link_leads_is_restored(path: Path, backed_up: Path, tmp_path: Path) -> None:
    """SQLite's own log is there, not beside the link."""
    link = tmp_path / "link.db"
    link.symlink_to(path)
    restore(backed_up, link, NOON)
    assert link.is_symlink()
    assert await started(path) == "old"


HOLDER = """
import asyncio, sys
from pathlib import Path
from storage.database import Address, Database

async def hold():
    database = Database.open(Address(path=Path(sys.argv[1])))
    async with database.read():
        pass
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await database.close()

asyncio.run(hold())
"""


@asynccontextmanager
async def another_process(path: Path) -> AsyncIterator[None]:
    """Have another process open the database, which then does nothing."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(path)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    try:
        yield
    finally:
        await process.communicate(b"")


async def test_while_a_bot_has_the_database_open_nothing_is_restored(
    path: Path, backed_up: Path
) -> None:
    async with another_process(path):
        with pytest.raises(InUseError, match=r"open\. Stop Foley"):
            restore(backed_up, path, NOON)
    assert await started(path) == "new"
    assert others(path.parent) == set()
    restore(backed_up, path, NOON)
    assert await started(path) == "old"


def overwrite(backup: Path) -> None:
    backup.write_bytes(b"not a database " * 1000)


def cut_short(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:8192])


def write(statement: str) -> Callable[[Path], None]:
    def spoil(backup: Path) -> None:
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute(statement)
            connection.commit()

    return spoil


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "gone": (Path.unlink, "There is no backup at"),
    "no database": (overwrite, "cannot be restored: file is not a database"),
    "cut short": (cut_short, "cannot be restored: database disk image is malformed"),
    "another program's": (write("DROP TABLE alembic_version"), "is no database of Foley's"),
    "newer": (write("UPDATE alembic_version SET version_num = '9999'"), "a newer version"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_backup_that_is_of_no_use_changes_nothing(
    path: Path, backed_up: Path, case: str
) -> None:
    spoil, words = BAD[case]
    spoil(backed_up)
    with pytest.raises(FileError, match=words):
        restore(backed_up, path, NOON)
    assert await started(path) == "new"
    assert others(path.parent) == set()


def test_the_database_is_not_restored_from_itself(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileError, match="is the database itself"):
        restore(path, path, NOON)
    assert path.read_bytes() == before


async def test_an_older_backup_is_restored_and_brought_up_to_date_at_the_next_start(
    path: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.db"
    database = Database.open(Address(path=older))

    async with database.write() as connection:
        await connection.run_sync(migrate._run, "0001")
        await facts.put(connection, "fact", "older")
    await database.close()
    schema, _ = restore(older, path, NOON)
    assert schema is Schema.OLDER
    assert await started(path) == "older"
