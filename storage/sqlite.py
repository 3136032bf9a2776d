"""A file of SQLite's: a write-ahead log, synced commits, one writer at a time.

SQLAlchemy is never cancelled here. Its driver runs each statement in a thread, and a cancel does
not reach that thread: the statement goes on, and a second cancel while the connection is being
closed can leave it open, with the writers' lock. So whatever touches a connection is waited for
to its end, which takes milliseconds, and only then does a cancel go on. What may take long is
waited for outside: a free connection, and another process's lock.
"""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.whole import to_the_end

BUSY_SECONDS = 30.0
READERS = 4
# A cancel waits no longer than this for another process's lock.
_TRY_SECONDS = 0.25
_PAUSE_SECONDS = 0.01


class SqliteEngine:
    """Up to `size` connections to one file."""

    def __init__(self, path: Path, *, size: int, begin: str, pragmas: tuple[str, ...]) -> None:
        self._places = asyncio.Semaphore(size)
        self._engine = create_async_engine(
            sa.URL.create("sqlite+aiosqlite", database=str(path)),
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,  # an error's text must not hold a prompt
        )

        def prepare(connection: Any, _record: Any) -> None:
            # Transactions are opened by us: the driver's own would begin too late to be one.
            connection.isolation_level = None
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}").close()
            # SQLite's own knows no letters but the English ones, and a search would tell ü from Ü.
            connection.create_function("lower", 1, str.lower, deterministic=True)

        def start(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        sa.event.listen(self._engine.sync_engine, "connect", prepare)
        sa.event.listen(self._engine.sync_engine, "begin", start)

    @classmethod
    def writer(cls, path: Path) -> "SqliteEngine":
        """Return the one connection that writes; it takes the lock before it looks."""
        return cls(path, size=1, begin="BEGIN IMMEDIATE", pragmas=_pragmas(_TRY_SECONDS))

    @classmethod
    def reader(cls, path: Path) -> "SqliteEngine":
        """Return connections that only look; the writer never makes them wait."""
        pragmas = (*_pragmas(BUSY_SECONDS), "query_only=ON")
        return cls(path, size=READERS, begin="BEGIN", pragmas=pragmas)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Give one transaction, committed at the end.

        Raises the driver's errors, and TimeoutError when no connection is free in BUSY_SECONDS.
        """
        async with self._place():
            stack = AsyncExitStack()
            try:
                yield await self._enter(stack)
            except BaseException:
                await to_the_end(stack.__aexit__(*sys.exc_info()))
                raise
            # Not in `finally`: there, what the caller is just handling would look like our error.
            await to_the_end(stack.__aexit__(None, None, None))

    async def dispose(self) -> None:
        """Close the connections."""
        await to_the_end(self._engine.dispose())

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise TimeoutError("all connections are in use") from None
        try:
            yield
        finally:
            self._places.release()

    async def _enter(self, stack: AsyncExitStack) -> AsyncConnection:
        """Begin, as soon as no other process holds the lock."""
        until = asyncio.get_running_loop().time() + BUSY_SECONDS
        while True:
            try:
                return await to_the_end(stack.enter_async_context(self._transaction()))
            except (DBAPIError, sqlite3.Error) as error:
                if not _is_busy(error) or asyncio.get_running_loop().time() > until:
                    raise
            # Two that switch a new file to its write-ahead log at once are refused without a wait.
            await asyncio.sleep(_PAUSE_SECONDS)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        async with _WholeConnection(self._engine) as connection, connection.begin():
            yield connection


class _WholeConnection(AsyncConnection):
    """Waits for the end of each statement, as this module says."""

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().execute(*args, **kwargs))

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().exec_driver_sql(*args, **kwargs))

    async def run_sync(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().run_sync(*args, **kwargs))


def _pragmas(busy_seconds: float) -> tuple[str, ...]:
    return (
        f"busy_timeout={int(busy_seconds * 1000)}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    )


def _is_busy(error: Exception) -> bool:
    code = getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", 0)
    return bool(code & 0xFF == sqlite3.SQLITE_BUSY)  # the upper bits say why
