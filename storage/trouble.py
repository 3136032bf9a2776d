"""Says what a driver's error means for whoever runs Foley."""

import sqlite3
from types import TracebackType
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.errors import BrokenDatabaseError, UnavailableError

_NOT_DONE = (
    DBAPIError,
    sa.exc.TimeoutError,  # every connection of the pool is taken
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SQLITE = {
    sqlite3.SQLITE_FULL: "Make room on its disk; writing goes on by itself.",
    sqlite3.SQLITE_READONLY: "Let Foley's user write to the file and to its folder.",
    sqlite3.SQLITE_CANTOPEN: "Let Foley's user open the file and write to its folder.",
    sqlite3.SQLITE_PERM: "Let Foley's user open the file and write to its folder.",
    sqlite3.SQLITE_BUSY: "Another program holds the file; end it, and Foley goes on by itself.",
    sqlite3.SQLITE_IOERR: "Its disk fails or is full; look at the system's log.",
    sqlite3.SQLITE_CORRUPT: "Stop Foley and restore a backup, as docs/recovery.md says.",
    sqlite3.SQLITE_NOTADB: "Stop Foley and restore a backup, as docs/recovery.md says.",
}
# By the first characters of PostgreSQL's own codes; the longest that fits.
_POSTGRES = {
    "08": "See whether the server is up.",
    "22021": "A text holds a character that the database cannot keep.",
    "25006": "The server takes no writes; DATABASE_URL must name the primary.",
    "26000": "If a PgBouncer stands between, add pgbouncer=true to DATABASE_URL.",
    "28": "See whether DATABASE_URL has the right user and password.",
    "3D": "See whether DATABASE_URL names the right database.",
    "40": "Two transactions were in each other's way; the next try may pass.",
    "42P05": "If a PgBouncer stands between, add pgbouncer=true to DATABASE_URL.",
    "53100": "Make room on the server's disk.",
    "53300": "The server has no connection left; let it accept more of them.",
    "57P": "The server is starting or stopping; Foley goes on by itself.",
}
_SILENT = "The server does not answer; Foley goes on by itself when it does."


class translated:  # noqa: N801 - used as a statement
    """Turn the drivers' errors into ours at this one border, and keep the cause."""

    def __enter__(self) -> None:
        """Change nothing."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise UnavailableError or BrokenDatabaseError for what the database did not do."""
        if isinstance(error, sa.exc.IntegrityError):
            return  # a broken rule is the caller's business, not the database's health
        if isinstance(error, _NOT_DONE):
            cause = getattr(error, "orig", None) or error
            broken = _sqlite_code(cause) in _BROKEN
            raise (BrokenDatabaseError if broken else UnavailableError)(_sentence(cause)) from error


def _sentence(cause: BaseException) -> str:
    what = str(cause).rstrip(".") or "no answer in time"
    return f"The database did not do it: {what}. {_advice(cause)}".rstrip()


def _advice(cause: BaseException) -> str:
    if state := getattr(cause, "sqlstate", None):
        fitting = [start for start in _POSTGRES if str(state).startswith(start)]
        return _POSTGRES[max(fitting, key=len)] if fitting else ""
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(_sqlite_code(cause), "")
    if isinstance(cause, TimeoutError) and not str(cause):
        return _SILENT
    return ""


def _sqlite_code(error: Any) -> int:
    """Return SQLite's own code; the upper bits, which say more, are left out."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
