"""Everything in a database goes into one file and out of it into any other, whole or not at all."""

import asyncio
import hashlib
import json
import resource
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import transfer_file
from storage import migrate, transfer
from storage.database import Address, Database
from storage.errors import StorageError
from storage.migrate import Schema
from storage.new_file import FileError
from storage.schema import UtcDateTime, audit, facts, job_events, jobs
from storage.text import OutsideText
from storage.transfer import NotEmptyError, Row
from tests.storage.filled import fill
from tests.storage.makers import NOON, add_job
from tests.storage.stores import Store, sqlite_file

Contents = dict[str, bytes]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are several batches."""
    monkeypatch.setattr(transfer, "BATCH", 5)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def exported_once(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    store = sqlite_file(Path(shutil.copy(migrated_file, folder / "foley.db")))
    await exports(store, folder / "exported.zip", seed=1)
    return folder / "exported.zip"


@pytest.fixture
def exported(exported_once: Path, tmp_path: Path) -> Path:
    """Give the file of a database with rows in every table."""
    return Path(shutil.copy(exported_once, tmp_path / "exported.zip"))


async def exports(store: Store, path: Path, *, seed: int | None = None) -> transfer_file.Manifest:
    database = store.open()
    try:
        if seed is not None:
            await fill(database, seed)
        return await transfer_file.write(database, path, NOON)
    finally:
        await database.close()


async def imports(store: Store, path: Path) -> transfer_file.Manifest:
    database = store.open()
    try:
        return await transfer_file.bring(database, path)
    finally:
        await database.close()


def raw(store: Store) -> dict[str, list[Any]]:
    """Return every row as SQLite itself has it, its own tables' too."""
    assert store.address.path is not None
    with closing(sqlite3.connect(store.address.path)) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: _all(connection, name) for name in names}


def _all(connection: sqlite3.Connection, table: str) -> list[Any]:
    return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)  # noqa: S608 - its own names


async def count(database: Database) -> int:
    async with database.read() as connection:
        counted = [
            await connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in transfer.tables()
        ]
    return sum(each or 0 for each in counted)


@pytest.mark.parametrize("seed", range(2))
async def test_from_sqlite_to_postgresql_and_back_nothing_is_another(
    sqlite_store: Store, postgres_store: Store, tmp_path: Path, seed: int
) -> None:
    back = sqlite_file(tmp_path / "back.db")
    there = await exports(sqlite_store, tmp_path / "there.zip", seed=seed)
    await imports(postgres_store, tmp_path / "there.zip")
    again = await exports(postgres_store, tmp_path / "again.zip")
    await imports(back, tmp_path / "again.zip")
    assert again.tables == there.tables
    assert min(part.rows for part in there.tables.values()) > 0
    assert raw(back) == raw(sqlite_store)


@pytest.mark.parametrize(
    ("url", "order"),
    [
        ("postgresql+asyncpg://", 'facts.name COLLATE "C"'),
        ("sqlite+aiosqlite://", 'facts.name COLLATE "BINARY"'),
    ],
)
def test_letters_are_ordered_by_their_bytes_whatever_the_servers_language(
    url: str, order: str
) -> None:
    dialect = sa.make_url(url).get_dialect()()
    connection: Any = SimpleNamespace(dialect=dialect)
    ordered = transfer._ordered(connection, facts.c.name)
    assert str(ordered.compile(dialect=dialect)) == order


def test_every_column_is_of_a_type_that_the_file_can_say() -> None:
    known = (sa.Integer, sa.String, sa.Boolean, sa.JSON, UtcDateTime, OutsideText)
    columns = [column for table in transfer.tables() for column in table.columns]
    assert [column for column in columns if not isinstance(column.type, known)] == []


async def test_the_file_says_times_in_utc_and_json_as_json(
    sqlite_store: Store, tmp_path: Path
) -> None:
    database = sqlite_store.open()
    async with database.write() as connection:
        await add_job(connection, 2**60 + 1, options={"duration": 10})
    manifest = await transfer_file.write(database, tmp_path / "file.zip", NOON)
    await database.close()
    with zipfile.ZipFile(tmp_path / "file.zip") as archive:
        (job,) = map(json.loads, archive.read("jobs.jsonl").splitlines())
        content = archive.read("jobs.jsonl")
    assert job["created_at"] == "2026-11-22T12:00:00+00:00"
    assert (job["options"], job["interaction_id"]) == ({"duration": 10}, 2**60 + 1)
    assert "ended_at" not in job
    assert manifest.tables["jobs"].sha256 == hashlib.sha256(content).hexdigest()


async def test_an_id_is_not_given_again_after_an_import(
    exported: Path, tmp_path: Path, postgres_store: Store
) -> None:
    """The last row of each table was deleted; what was said about it must not fit another."""
    for store in (sqlite_file(tmp_path / "new.db"), postgres_store):
        manifest = await imports(store, exported)
        database = store.open()
        async with database.write() as connection:
            highest = await connection.scalar(sa.select(sa.func.max(audit.c.id)))
            number = await add_note(connection)
        await database.close()
        assert number == (manifest.tables["audit"].last_id or 0) + 1
        assert number > (highest or 0) + 1


async def add_note(connection: AsyncConnection) -> int:
    row = {"guild_id": 1, "at": NOON, "by": 1, "what": "x", "detail": {}}
    made = await connection.execute(sa.insert(audit).values(row).returning(audit.c.id))
    return int(made.scalar_one())


async def test_an_empty_database_goes_along_and_counts_from_one(
    store: Store, sqlite_store: Store, tmp_path: Path
) -> None:
    manifest = await exports(sqlite_store, tmp_path / "empty.zip")
    await imports(store, tmp_path / "empty.zip")
    again = await exports(store, tmp_path / "again.zip")
    assert (manifest.rows, again.tables) == (0, manifest.tables)
    database = store.open()
    async with database.write() as connection:
        assert (await add_job(connection)).id == 1
    await database.close()


async def test_a_database_that_has_rows_is_left_as_it_is(
    database: Database, tmp_path: Path, migrated_file: Path
) -> None:
    await exports(sqlite_file(migrated_file), tmp_path / "file.zip")
    async with database.write() as connection:
        await add_job(connection)
    before = await count(database)
    with pytest.raises(NotEmptyError, match=r"in guilds, people, jobs, job_events\."):
        await transfer_file.bring(database, tmp_path / "file.zip")
    assert await count(database) == before


# Files that are not as they were written.


def rewrite(path: Path, change: Callable[[Contents], None]) -> None:
    """Change what is in the archive, and leave it a sound archive."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def set_manifest(**facts: Any) -> Callable[[Path], None]:
    def change(contents: Contents) -> None:
        manifest = json.loads(contents["manifest.json"]) | facts
        contents["manifest.json"] = json.dumps(manifest).encode()

    return lambda path: rewrite(path, change)


def drop(name: str) -> Callable[[Path], None]:
    return lambda path: rewrite(path, lambda contents: contents.__delitem__(name))


def cut_a_row(path: Path) -> None:
    def change(contents: Contents) -> None:
        contents["jobs.jsonl"] = contents["jobs.jsonl"].split(b"\n", 1)[1]

    rewrite(path, change)


def change_a_letter(path: Path) -> None:
    def change(contents: Contents) -> None:
        contents["jobs.jsonl"] = contents["jobs.jsonl"].replace(b'":true', b'":false', 1)

    rewrite(path, change)


def overwrite(content: bytes) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        path.write_bytes(content)

    return spoil


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "gone": (Path.unlink, "cannot be read: No such file"),
    "empty": (overwrite(b""), "is damaged"),
    "no zip": (overwrite(b"no zip " * 99), "is damaged"),
    "cut short": (cut_short, "is damaged"),
    "a bit flipped": (flip, "is damaged"),
    "a row missing": (cut_a_row, "jobs has other rows than were written"),
    "a letter changed": (change_a_letter, "jobs has other rows than were written"),
    "a table missing": (drop("jobs.jsonl"), "is damaged"),
    "no manifest": (drop("manifest.json"), "is damaged"),
    "a manifest without tables": (set_manifest(tables={}), "is damaged"),
    "a manifest that is none": (set_manifest(tables=7), "manifest.json cannot be read"),
    "another form": (set_manifest(format=2), "another form than this version"),
    "an older schema": (set_manifest(revision="0001"), "Import it with that version"),
    "a newer schema": (set_manifest(revision="9999"), "written by a newer version"),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_file_that_is_not_as_it_was_written_is_refused(
    exported: Path, tmp_path: Path, damage: str
) -> None:
    spoil, words = DAMAGES[damage]
    spoil(exported)
    database = sqlite_file(tmp_path / "new.db").open()
    with pytest.raises(FileError, match=words):
        await transfer_file.bring(database, exported)
    assert await migrate.look(database) is Schema.EMPTY
    await database.close()


def with_sums(change: Callable[[list[Any]], None]) -> Callable[[Contents], None]:
    """Change the events in the file, and what the manifest says about them."""

    def changed(contents: Contents) -> None:
        rows = [json.loads(line) for line in contents["job_events.jsonl"].splitlines()]
        change(rows)
        content = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)
        manifest = json.loads(contents["manifest.json"])
        manifest["tables"]["job_events"] |= {
            "rows": len(rows),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        contents["job_events.jsonl"] = content
        contents["manifest.json"] = json.dumps(manifest).encode()

    return changed


IMPOSSIBLE: dict[str, tuple[Callable[[list[Any]], None], str]] = {
    "of no job": (lambda rows: rows[-1].update(job_id=999), "refuses rows of job_events"),
    "twice": (lambda rows: rows.append(rows[0]), "refuses rows of job_events"),
    "no time": (lambda rows: rows[-1].update(at="soon"), "row of job_events cannot be read"),
    "no column": (lambda rows: rows[-1].update(colour=1), "row of job_events cannot be read"),
    "no number": (lambda rows: rows[-1].update(id="one"), "job_events|did not do it"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
async def test_rows_that_a_database_does_not_take_leave_nothing(
    exported: Path, database: Database, case: str
) -> None:
    change, words = IMPOSSIBLE[case]
    rewrite(exported, with_sums(change))
    async with database.write() as connection:
        for table in reversed(transfer.tables()):
            await connection.execute(sa.delete(table))
    with pytest.raises(StorageError, match=words):
        await transfer_file.bring(database, exported)
    assert await count(database) == 0


async def test_what_the_database_took_is_compared_with_the_file(
    exported: Path, postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = transfer.put

    async def lose_one(connection: Any, table: sa.Table, batch: Any) -> None:
        await put(connection, table, batch[1:] if table is job_events and len(batch) > 1 else batch)

    monkeypatch.setattr(transfer, "put", lose_one)
    database = postgres_store.open()
    with pytest.raises(StorageError, match="holds of job_events is not what"):
        await transfer_file.bring(database, exported)
    assert await count(database) == 0
    await database.close()


# While others work.


async def test_an_export_is_of_one_moment_though_the_bot_goes_on(
    database: Database, other_database: Database, tmp_path: Path
) -> None:
    """Each job is written with its event; what is written between two batches is not in it."""
    async with database.write() as connection:
        for number in range(20):
            await add_job(connection, number)
    writing = asyncio.create_task(_write_on(other_database))
    manifest = await transfer_file.write(database, tmp_path / "file.zip", NOON)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    async with database.read() as connection:
        after = await connection.scalar(sa.select(sa.func.count()).select_from(jobs))
    assert manifest.tables["jobs"].rows == manifest.tables["job_events"].rows
    assert (after or 0) > manifest.tables["jobs"].rows


async def _write_on(database: Database) -> None:
    for number in range(1000, 10**9):
        async with database.write() as connection:
            await add_job(connection, number)


async def test_nobody_writes_into_the_database_during_an_import(
    exported: Path, postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot that is started too early waits, and adds nothing to what is compared."""
    claim = transfer.claim_empty
    database, other = postgres_store.open(), postgres_store.open()
    started: list[asyncio.Task[None]] = []

    async def claim_then_start(connection: Any) -> None:
        await claim(connection)
        started.append(asyncio.create_task(_add_one(other)))
        await asyncio.wait(started, timeout=0.2)

    monkeypatch.setattr(transfer, "claim_empty", claim_then_start)
    try:
        manifest = await transfer_file.bring(database, exported)
        await asyncio.gather(*started)
        assert await count(database) == manifest.rows + 1
    finally:
        await database.close()
        await other.close()


async def _add_one(database: Database) -> None:
    async with database.write() as connection:
        await add_note(connection)


# The file and the database it comes from.


def test_an_exported_file_is_its_owners_alone(exported_once: Path) -> None:
    assert stat.S_IMODE(exported_once.stat().st_mode) == 0o600


async def test_a_file_that_is_there_is_not_written_over(
    exported: Path, sqlite_store: Store
) -> None:
    before = exported.read_bytes()
    with pytest.raises(FileError, match="is there already"):
        await exports(sqlite_store, exported)
    assert exported.read_bytes() == before


async def test_an_export_that_fails_leaves_no_file(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, limit = transfer.rows, resource.getrlimit(resource.RLIMIT_FSIZE)

    def rows_on_a_small_disk(*of: Any) -> AsyncIterator[list[Row]]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, limit[1]))
        return rows(*of)

    monkeypatch.setattr(transfer, "rows", rows_on_a_small_disk)
    before = set(tmp_path.iterdir())
    try:
        with pytest.raises(FileError, match=r"file\.zip cannot be written: File too large"):
            await exports(sqlite_store, tmp_path / "file.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert {path.suffix for path in set(tmp_path.iterdir()) - before} <= {".db-wal", ".db-shm"}


@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "python -m bot migrate"), ("9999", "newer version")]
)
async def test_a_database_of_another_version_is_not_exported(
    database: Database, tmp_path: Path, revision: str, words: str
) -> None:
    path = tmp_path / "file.zip"

    async def be_of(version: str) -> None:
        async with database.write() as connection:
            statement = sa.text("UPDATE alembic_version SET version_num = :version")
            await connection.execute(statement, {"version": version})

    async with database.read() as connection:
        head = str(await connection.scalar(sa.text("SELECT version_num FROM alembic_version")))
    await be_of(revision)
    try:
        with pytest.raises(StorageError, match=words):
            await transfer_file.write(database, path, NOON)
    finally:
        await be_of(head)
    assert not path.exists()


async def test_where_no_database_is_none_is_made(tmp_path: Path) -> None:
    database = Database.open(Address(path=tmp_path / "none.db"))
    with pytest.raises(StorageError, match="There is no database at"):
        await transfer_file.write(database, tmp_path / "file.zip", NOON)
    await database.close()
    assert list(tmp_path.iterdir()) == []
