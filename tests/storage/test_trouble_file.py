"""A file in trouble: said in a sentence, nothing committed is lost, and there is a way back."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from storage import facts, history, integrity, migrate, sqlite
from storage.database import Address, Database
from storage.errors import BrokenDatabaseError, UnavailableError
from storage.history import Wanted
from storage.schema import jobs as jobs_table
from tests.storage.makers import ANN, add_job, add_jobs
from tests.storage.stores import sqlite_file

JOBS = 300


@pytest.fixture
def kind() -> str:
    """Every test in this module is about SQLite."""
    return "sqlite"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def with_jobs(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a closed file with many jobs in it, to be copied."""
    store = sqlite_file(Path(shutil.copy(migrated_file, tmp_path_factory.mktemp("jobs"))))
    database = store.open()
    async with database.write() as connection:
        await add_jobs(connection, JOBS)
    await database.close()
    assert store.address.path is not None
    return store.address.path


@pytest.fixture
def filled(tmp_path: Path, with_jobs: Path) -> Path:
    """Give a closed file with many jobs in it."""
    return Path(shutil.copy(with_jobs, tmp_path / "foley.db"))


async def count_jobs(path: Path) -> int:
    database = Database.open(Address(path=path))
    try:
        await migrate.upgrade(database)
        async with database.read() as connection:
            statement = sa.select(sa.func.count()).select_from(jobs_table)
            return (await connection.execute(statement)).scalar_one()
    finally:
        await database.close()


async def refused(path: Path) -> str:
    """Start on this file and return why it was refused."""
    database = Database.open(Address(path=path))
    try:
        with pytest.raises(UnavailableError) as caught:
            await migrate.upgrade(database)
    finally:
        await database.close()
    return str(caught.value)


def flip_bits(path: Path) -> None:
    """Spoil one page, as a failing disk does."""
    content = bytearray(path.read_bytes())
    page = len(content) // 4096 * 3 // 4 * 4096
    for place in range(page, page + 64):
        content[place] ^= 0xFF
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 8192 * 4096)


def overwrite(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


@pytest.mark.parametrize("spoil", [flip_bits, cut_short, overwrite])
async def test_a_damaged_file_is_refused_by_name_and_kept(filled: Path, spoil: object) -> None:
    assert callable(spoil)
    spoil(filled)
    content = filled.read_bytes()
    said = await refused(filled)
    (copy,) = filled.parent.glob("foley.db.broken-*")
    assert f"The database {filled} is damaged" in said
    assert "Restore a backup" in said
    assert str(copy) in said
    assert copy.read_bytes() == filled.read_bytes() == content


async def test_starting_again_and_again_on_a_damaged_file_keeps_one_copy(filled: Path) -> None:
    flip_bits(filled)
    assert await refused(filled) == await refused(filled)
    assert len(list(filled.parent.glob("*.broken-*"))) == 1


async def test_a_damaged_file_is_refused_although_there_is_no_room_for_a_copy(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    flip_bits(filled)
    monkeypatch.setattr(shutil, "copy2", full)
    assert "No copy of it could be kept: No space left on device" in await refused(filled)
    assert list(filled.parent.glob("*.broken-*")) == []


async def test_looking_at_a_damaged_file_makes_no_copy(filled: Path) -> None:
    flip_bits(filled)
    before = sorted(filled.parent.iterdir())
    with pytest.raises(BrokenDatabaseError, match="damaged"):
        await integrity.look(Address(path=filled))
    assert [path for path in before if path.suffix == ".db"] == [filled]
    assert list(filled.parent.glob("*.broken-*")) == []


async def test_of_a_big_file_only_the_beginning_is_read(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it whole would keep people waiting at each start."""
    monkeypatch.setattr(integrity, "WHOLE_BYTES", 0)
    flip_bits(filled)
    await integrity.look(Address(path=filled))
    overwrite(filled)
    with pytest.raises(BrokenDatabaseError):
        await integrity.look(Address(path=filled))


async def test_damage_met_later_is_told_with_the_way_back(filled: Path) -> None:
    flip_bits(filled)
    database = Database.open(Address(path=filled))

    async def touch_everything() -> None:
        async with database.write() as connection:
            await connection.execute(sa.text("UPDATE jobs SET prompt = prompt || '.'"))
            await connection.execute(sa.text("UPDATE job_events SET note = 'seen'"))
            await connection.execute(sa.text("REINDEX"))

    with pytest.raises(BrokenDatabaseError, match=r"malformed.*docs/recovery\.md"):
        await touch_everything()
    await database.close()


async def test_a_backup_put_in_its_place_brings_everything_back(filled: Path) -> None:
    """docs/recovery.md: Restore a backup."""
    backup = Path(shutil.copy(filled, filled.with_name("backup.db")))
    flip_bits(filled)
    await refused(filled)
    for ending in ("", "-wal", "-shm"):
        filled.with_name(filled.name + ending).unlink(missing_ok=True)
    shutil.copy(backup, filled)
    assert await count_jobs(filled) == JOBS


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs SQLite's own program")
async def test_what_can_be_read_of_a_damaged_file_can_be_rescued(filled: Path) -> None:
    """docs/recovery.md: Rescue what can be read."""
    flip_bits(filled)
    await refused(filled)
    rescued = filled.with_name("rescued.db")
    script = f"sqlite3 {filled} .dump | sed 's/^ROLLBACK.*/COMMIT;/' | sqlite3 {rescued}"
    subprocess.run(["sh", "-c", script], check=True, capture_output=True)  # noqa: ASYNC221, S603, S607 - ours
    assert JOBS // 2 < await count_jobs(rescued) < JOBS


async def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "foley.db").touch()
    assert await count_jobs(tmp_path / "foley.db") == 0


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from storage import facts
from storage.database import Address, Database

async def main():
    database = Database.open(Address(path=Path(sys.argv[1])))
    async with database.write() as connection:
        await facts.put(connection, "fact", "committed")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def kill_after_a_commit(path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(path)]
    ended = subprocess.run(command, check=False)  # noqa: S603 - ours
    assert ended.returncode == -signal.SIGKILL


async def get_fact(path: Path) -> str | None:
    database = sqlite_file(path).open()
    try:
        await migrate.upgrade(database)
        async with database.read() as connection:
            return await facts.get(connection, "fact")
    finally:
        await database.close()


async def test_what_was_committed_before_a_kill_is_there(filled: Path) -> None:
    kill_after_a_commit(filled)
    assert await get_fact(filled) == "committed"


async def test_without_its_write_ahead_log_a_killed_file_is_whole_but_older(filled: Path) -> None:
    """docs/recovery.md: Move or copy the file."""
    kill_after_a_commit(filled)
    filled.with_name("foley.db-wal").unlink()
    assert await get_fact(filled) is None
    assert await count_jobs(filled) == JOBS


async def test_after_a_proper_end_there_is_no_write_ahead_log_to_lose(filled: Path) -> None:
    assert sorted(path.name for path in filled.parent.iterdir()) == ["foley.db"]


async def test_the_copy_of_a_damaged_file_has_its_write_ahead_log(filled: Path) -> None:
    kill_after_a_commit(filled)
    flip_bits(filled)
    await refused(filled)
    copies = [path.name for path in filled.parent.glob("*.broken-*")]
    assert len(copies) == 2
    assert sum(name.endswith("-wal") for name in copies) == 1


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process_holds(path: Path) -> Iterator[None]:
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            holder.communicate()


async def test_a_file_that_another_program_holds_is_told_of_and_goes_on_by_itself(
    database: Database, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled.exists()
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.5)
    with another_process_holds(filled):
        started = time.monotonic()
        with pytest.raises(UnavailableError, match=r"locked.* Another program holds the file"):
            async with database.write() as connection:
                await facts.put(connection, "fact", "true")
        assert 0.5 <= time.monotonic() - started < 10
    async with database.write() as connection:
        await facts.put(connection, "fact", "true")


async def test_a_write_waits_for_another_program_to_let_go(
    database: Database, filled: Path
) -> None:
    """Longer than one try takes."""
    with another_process_holds(filled):
        task = asyncio.create_task(put_fact(database, "true"))
        await asyncio.sleep(3 * sqlite._TRY_SECONDS)
        assert not task.done()
    await task
    assert await get_fact(filled) == "true"


async def put_fact(database: Database, value: str) -> None:
    async with database.write() as connection:
        await facts.put(connection, "fact", value)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of one megabyte; skip where nobody may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(  # noqa: S603 - fixed words
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk],  # noqa: S607 - likewise
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)  # noqa: S603, S607 - likewise


@pytest.fixture
async def on_small_disk(small_disk: Path, migrated_file: Path) -> AsyncIterator[Database]:
    database = sqlite_file(Path(shutil.copy(migrated_file, small_disk / "foley.db"))).open()
    yield database
    await database.close()


async def test_a_full_disk_loses_no_committed_job_and_writing_goes_on_when_there_is_room(
    on_small_disk: Database, small_disk: Path
) -> None:
    """However little room is left: the disk is filled up to each number of pages in turn."""
    committed = 0
    for pages in range(12):
        ballast = small_disk / "ballast"
        free = shutil.disk_usage(small_disk).free
        ballast.write_bytes(bytes(max(0, free - pages * 4096)))
        try:
            with pytest.raises(UnavailableError, match=r"(full|I/O).*(Make room|disk)"):  # noqa: PT012
                while True:
                    async with on_small_disk.write() as connection:
                        await add_job(connection, committed + 1, prompt="x" * 3000)
                    committed += 1
        finally:
            ballast.unlink()
        async with on_small_disk.read() as connection:
            assert len(await history.page(connection, ANN, Wanted(), 0, 10**6)) == (committed)
        async with on_small_disk.write() as connection:
            await facts.put(connection, "fact", str(pages))
    assert committed > 0
    await integrity.look(on_small_disk.address)


async def test_looking_does_not_block_the_loop(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0

    def slow(_: Path) -> None:
        time.sleep(0.3)

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    monkeypatch.setattr(integrity, "_damage", slow)
    turning = asyncio.create_task(turn())
    await integrity.look(Address(path=filled))
    turning.cancel()
    assert turns > 5


async def test_looking_leaves_the_file_and_its_log_as_they_are(filled: Path) -> None:
    kill_after_a_commit(filled)
    log = filled.with_name("foley.db-wal")
    before = filled.read_bytes(), log.read_bytes()
    await integrity.look(Address(path=filled))
    assert (filled.read_bytes(), log.read_bytes()) == before
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("SELECT value FROM facts").fetchall() == [("committed",)]
