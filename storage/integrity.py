"""Whether a file of SQLite's is whole, looked at before anything is written to it."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from storage.database import Address
from storage.errors import BrokenDatabaseError
from storage.sqlite import BUSY_SECONDS
from storage.trouble import translated

# Read whole, this takes a few seconds on a slow disk.
WHOLE_BYTES = 256 * 2**20


async def look(address: Address) -> None:
    """See whether the file is whole; change nothing. PostgreSQL looks after itself.

    A file of up to WHOLE_BYTES is read from end to end; of a bigger one, for which a start would
    have to wait too long, only the header and the list of its tables.

    Raises BrokenDatabaseError, and UnavailableError when the file cannot be looked at.
    """
    path = address.path
    if path is None or not await asyncio.to_thread(path.exists):
        return
    with translated():
        found = await asyncio.to_thread(_damage, path)
    if found is not None:
        raise BrokenDatabaseError(
            f"The database {path} is damaged ({found}). "
            "Restore a backup, or rescue what can be read, as docs/recovery.md says."
        )


async def check(address: Address) -> None:
    """Look, and keep a copy of a damaged file beside it before anybody tries to mend it.

    Raises BrokenDatabaseError, which names the copy, and UnavailableError.
    """
    try:
        await look(address)
    except BrokenDatabaseError as error:
        assert address.path is not None  # noqa: S101 - nothing else is found damaged
        kept = await asyncio.to_thread(_keep_copy, address.path)
        raise BrokenDatabaseError(f"{error} {kept}") from error


def _damage(path: Path) -> str | None:
    """Return the first fault found, in SQLite's words."""
    question = "quick_check(1)" if path.stat().st_size <= WHOLE_BYTES else "schema_version"
    # Opened for reading: closing it does not touch the write-ahead log.
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (answer,) = connection.execute(f"PRAGMA {question}").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                return str(error)
            raise
    return None if answer == "ok" or isinstance(answer, int) else " ".join(answer.split())


def _keep_copy(path: Path) -> str:
    """Copy the file and its write-ahead log; return a sentence about it.

    The copy is named after the file's last change, so that starting again and again keeps one.
    """
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    copy = path.with_name(f"{path.name}.broken-{changed:%Y%m%dT%H%M%SZ}")
    try:
        for ending in ("-wal", ""):  # the file last: where it is, the copy is whole
            _copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    except OSError as error:
        return f"No copy of it could be kept: {error.strerror}."
    return f"A copy is kept as {copy}."


def _copy(source: Path, target: Path) -> None:
    if target.exists() or not source.exists() or not source.stat().st_size:
        return
    partial = target.with_name(f"{target.name}.partial")
    try:
        shutil.copy2(source, partial)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
