"""Copies of a file of SQLite's: made while others write to it, and put back in its place."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from storage import migrate
from storage.errors import StorageError
from storage.migrate import Schema
from storage.new_file import FileError, new_file, writing
from storage.sqlite import BUSY_SECONDS
from storage.trouble import translated

# Where SQLite's file format has its locks. Whoever has the file open holds one of them.
_LOCKS_FROM, _LOCKS = 0x40000000, 512


class InUseError(StorageError):
    """Another program has the database open."""


def back_up(database: Path, target: Path, *, replace: bool = False) -> None:
    """Write the database as it is at one moment to the target; nobody has to stop or to wait.

    What was deleted is not in the copy. It is checked before it gets its name. Raises FileError,
    UnavailableError or BrokenDatabaseError.
    """
    if not database.exists():
        raise StorageError(f"There is no database at {database}.")
    if target.exists() and target.samefile(database):
        raise FileError(f"{target} is the database itself.")
    with new_file(target, replace=replace) as partial, translated():
        _copy(database, partial)
        _check(partial)


def restore(backup: Path, database: Path, now: datetime) -> tuple[Schema, Path | None]:
    """Put the backup in the database's place; return how old its schema is.

    And where the database is kept that was there before, if there was one. Raises InUseError,
    FileError for a backup that is damaged or not of Foley, and then nothing was changed.
    """
    if not backup.is_file():
        raise FileError(f"There is no backup at {backup}.")
    if database.exists() and backup.samefile(database):
        raise FileError(f"{backup} is the database itself.")
    # SQLite's other files are beside the file, not beside a link to it.
    database = database.resolve()
    with writing(database):
        database.parent.mkdir(parents=True, exist_ok=True)
    with _nobody_else(database), new_file(database, replace=True) as partial:
        schema = _take(backup, partial)
        with writing(database):
            _resemble(partial, database)
            kept = _set_aside(database, now)
    return schema, kept


def _copy(source: Path, target: Path) -> None:
    """Copy what is committed, the write-ahead log's too, and nothing that was deleted."""
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
        # Of a damaged file it would say that the target cannot be opened.
        connection.execute("SELECT count(*) FROM sqlite_master").close()
        connection.execute("VACUUM INTO ?", (str(target),))


def _check(path: Path) -> str | None:
    """See that the file is whole; return the revision of its schema. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)
        tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
        if tables.fetchone() is None:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found and str(found[0])


def _take(backup: Path, partial: Path) -> Schema:
    """Copy a backup that can be used; return how old its schema is. Raises FileError."""
    try:
        _copy(backup, partial)
        schema = migrate.relation(_check(partial))
    except sqlite3.Error as error:
        raise FileError(f"{backup} cannot be restored: {error}.") from error
    if schema is Schema.EMPTY:
        raise FileError(f"{backup} is no database of Foley's.")
    if schema is Schema.NEWER:
        raise FileError(f"{backup} was written by a newer version of Foley. Restore it with that.")
    return schema


@contextmanager
def _nobody_else(database: Path) -> Iterator[None]:
    """Let no other program open the database meanwhile. Raises InUseError if one has it open."""
    if not database.exists():
        yield
        return
    with writing(database):
        file = database.open("r+b")
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS, _LOCKS_FROM)
        except OSError as error:
            if error.errno not in {errno.EACCES, errno.EAGAIN}:
                raise
            raise InUseError(
                f"Another program has {database} open. Stop Foley, then restore."
            ) from None
        yield


def _resemble(partial: Path, database: Path) -> None:
    """Let the same user use it, though root may be the one who restores."""
    if not database.exists():
        return
    old = database.stat()
    partial.chmod(old.st_mode & 0o777)
    os.chown(partial, old.st_uid, old.st_gid)


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Give the database a second name, and its write-ahead log, which belongs to it alone."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    kept.hardlink_to(database)
    log = database.with_name(f"{database.name}-wal")
    if log.exists():
        log.rename(kept.with_name(f"{kept.name}-wal"))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    return kept
