"""Everything that a database holds, as one file that any database of Foley's can take.

It is a zip. `<table>.jsonl` has a line of JSON for each row (see storage.transfer), and
`manifest.json` says what wrote them, and for each table how many there are, their SHA-256 and the
last id that was given. Numbers are exact: ids of Discord's are larger than what some readers of
JSON can hold.
"""

import errno
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.version import version
from storage import integrity, migrate, transfer
from storage.database import Database
from storage.errors import StorageError
from storage.migrate import Schema
from storage.new_file import FileError, new_file, writing
from storage.transfer import Row

FORMAT = 1

_MANIFEST = "manifest.json"
_BUFFER = 2**20
# It escapes what is not ASCII: JSON can hold halves of letters, files cannot.
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode
# What zipfile and zlib raise for a file that was cut or changed, and json for what is no row.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError)


class Part(BaseModel):
    """What a table's file has; `last_id` is the highest ever given, None: the table gives none."""

    rows: int
    sha256: str
    last_id: int | None


class Manifest(BaseModel):
    """What the whole file has; `revision` is that of the schema."""

    format: int
    revision: str
    foley: str
    written_at: AwareDatetime
    tables: dict[str, Part]

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(part.rows for part in self.tables.values())


class Digest:
    """Counts rows and sums up their lines."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = hashlib.sha256()

    def add(self, lines: bytes) -> None:
        """Take some more whole lines."""
        self.rows += lines.count(b"\n")
        self._sum.update(lines)

    def fits(self, part: Part) -> bool:
        """Tell whether these are the lines that the manifest means."""
        return (self.rows, self.sha256) == (part.rows, part.sha256)

    @property
    def sha256(self) -> str:
        """Return the sum of all lines until now."""
        return self._sum.hexdigest()


# Out.


async def write(
    database: Database, path: Path, now: datetime, *, replace: bool = False
) -> Manifest:
    """Write everything as it is at one moment, while others go on; return what there was.

    Raises FileError, and StorageError when the database is not of this version.
    """
    await _must_be_current(database)
    async with database.read() as connection:
        revision = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        with new_file(path, replace=replace) as partial, _archive(path, partial) as archive:
            tables = {
                table.name: await _write_table(connection, table, archive)
                for table in transfer.tables()
            }
            manifest = Manifest(
                format=FORMAT, revision=revision, foley=version(), written_at=now, tables=tables
            )
            archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


async def _must_be_current(database: Database) -> None:
    path = database.address.path
    if path is not None and not path.exists():
        raise StorageError(f"There is no database at {path}.")
    await integrity.look(database.address)
    schema = await migrate.look(database)
    if schema is Schema.NEWER:
        raise StorageError("The database was written by a newer version of Foley; use that one.")
    if schema is not Schema.CURRENT:
        raise StorageError(
            f"The database's schema is {schema.value}; run `python -m bot migrate` first."
        )


class _Disk(io.FileIO):
    """A file whose disk is to blame, not the database that is being read meanwhile."""

    def __init__(self, partial: Path, target: Path) -> None:
        super().__init__(partial, "w")
        self.target = target

    def write(self, data: Any, /) -> int:
        with writing(self.target):
            return super().write(data)


@contextmanager
def _archive(path: Path, partial: Path) -> Iterator[zipfile.ZipFile]:
    with (
        io.BufferedWriter(_Disk(partial, path)) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        yield archive


async def _write_table(
    connection: AsyncConnection, table: sa.Table, archive: zipfile.ZipFile
) -> Part:
    digest = Digest()
    with archive.open(_member(table), "w", force_zip64=True) as file:
        async for batch in transfer.rows(connection, table):
            lines = _lines(batch)
            digest.add(lines)
            file.write(lines)
    last = await transfer.last_id(connection, table)
    return Part(rows=digest.rows, sha256=digest.sha256, last_id=last)


def _member(table: sa.Table) -> str:
    return f"{table.name}.jsonl"


def _lines(batch: Iterable[Row]) -> bytes:
    return "".join(f"{_AS_JSON(row)}\n" for row in batch).encode()


# In.


async def bring(database: Database, path: Path) -> Manifest:
    """Write everything of the file into an empty database, or nothing; return what there was.

    What the database then has is read again and compared with the file. Raises FileError for a
    file that is damaged or of another version, NotEmptyError, RowsRefusedError, StorageError.
    """
    with _opened(path) as archive:
        manifest = _check(path, archive)
        if await migrate.look(database) is Schema.EMPTY:
            await migrate.upgrade(database)
        await _must_be_current(database)
        async with database.rebuild() as connection:
            await transfer.claim_empty(connection)
            for table in transfer.tables():
                await _bring_table(connection, table, manifest.tables[table.name], path, archive)
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with _reading(path):
        archive = zipfile.ZipFile(path)
    with archive:
        yield archive


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise FileError for what cannot be read, or is not what was written."""
    try:
        yield
    except _DAMAGED as error:
        raise _damaged(path, str(error)) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # the zip points to a place before its beginning
            raise _damaged(path, str(error)) from error
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _damaged(path: Path, how: str) -> FileError:
    return FileError(f"{path} is damaged or no export of Foley's ({how}). Nothing was imported.")


def _check(path: Path, archive: zipfile.ZipFile) -> Manifest:
    """Read the file from end to end before anybody trusts it; return its manifest."""
    with _reading(path):
        manifest = _manifest(path, archive.read(_MANIFEST))
        for table in transfer.tables():
            digest = Digest()
            for line in _read(archive, table):
                digest.add(line)
            if not digest.fits(manifest.tables[table.name]):
                raise ValueError(f"{table.name} has other rows than were written")
    return manifest


def _manifest(path: Path, content: bytes) -> Manifest:
    found: Any = json.loads(content)
    if isinstance(found, dict) and found.get("format") != FORMAT:
        raise FileError(f"{path} has another form than this version of Foley reads.")
    try:
        manifest = Manifest.model_validate(found)
    except ValidationError as error:
        raise ValueError(f"{_MANIFEST} cannot be read") from error
    schema = migrate.relation(manifest.revision)
    if schema is Schema.OLDER:
        raise FileError(
            f"{path} was written by an older version of Foley ({manifest.foley}, schema "
            f"{manifest.revision}). Import it with that version, then start this one on the "
            "database: it brings the schema up to date."
        )
    if schema is not Schema.CURRENT:
        raise FileError(
            f"{path} was written by a newer version of Foley ({manifest.foley}, schema "
            f"{manifest.revision}). Import it with that one."
        )
    return manifest


def _read(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[bytes]:
    with archive.open(_member(table)) as file:
        # By itself it looks for the ends of lines in small pieces.
        yield from io.BufferedReader(file, _BUFFER)  # type: ignore[type-var] # it has all of a raw


async def _bring_table(
    connection: AsyncConnection,
    table: sa.Table,
    part: Part,
    path: Path,
    archive: zipfile.ZipFile,
) -> None:
    for batch in _batches(path, _read(archive, table)):
        await transfer.put(connection, table, batch)
    digest = Digest()
    async for rows in transfer.rows(connection, table):
        digest.add(_lines(rows))
    if not digest.fits(part):
        raise StorageError(
            f"What the database holds of {table.name} is not what {path} has. Nothing was imported."
        )
    if part.last_id is not None:
        await transfer.set_last_id(connection, table, part.last_id)


def _batches(path: Path, lines: Iterable[bytes]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    with _reading(path):
        for line in lines:
            batch.append(json.loads(line))
            if len(batch) == transfer.BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
