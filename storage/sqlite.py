"""A file of SQLite's: a write-ahead log, synced commits, one writer at a time.

SQLAlchemy is never cancelled here. Its driver runs each statement in a thread, and a cancel does
not reach that thread: the statement goes on, and a second cancel while the connection is being
closed can leave it open, with the writers' lock. So whatever touches a connection is waited for
to its end, which takes milliseconds, and only then does a cancel go on. What may take long is
waited for outside: a free connection, and another process's lock.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.sqlite_driver import WholeConnection
from storage.whole import to_the_end

BUSY_SECONDS = 30.0
READERS = 4
# A cancel waits no longer than this for another process's lock.
_TRY_SECONDS = 0.25
_PAUSE_SECONDS = 0.01


class SqliteEngine:
    """Up to `size` connections to one file."""

    def __init__(
        self,
        path: Path,
        *,
        size: int,
        begin: Callable[[sa.Connection], object],
        pragmas: tuple[str, ...],
    ) -> None:
        self._places = asyncio.Semaphore(size)
        self._engine = create_async_engine(
            sa.URL.create("sqlite+aiosqlite", database=str(path)),
            async_creator=partial(WholeConnection.open, path),
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

        sa.event.listen(self._engine.sync_engine, "connect", prepare)
        sa.event.listen(self._engine.sync_engine, "begin", begin)

    @classmethod
    def writer(cls, path: Path) -> "SqliteEngine":
        """Return the one connection that writes; it takes the lock before it looks."""
        return cls(path, size=1, begin=_begin_now, pragmas=_pragmas(_TRY_SECONDS))

    @classmethod
    def reader(cls, path: Path) -> "SqliteEngine":
        """Return connections that only look; the writer never makes them wait."""
        pragmas = (*_pragmas(BUSY_SECONDS), "query_only=ON")
        return cls(path, size=READERS, begin=_begin_later, pragmas=pragmas)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Give one transaction, committed at the end.

        Raises the driver's errors, and TimeoutError when no connection is free in BUSY_SECONDS.
        """
        async with self._place():
            transaction = _Transaction(self._engine)
            try:
                await _enter(transaction)
                yield transaction
            except BaseException:
                await transaction.end(kept=False)
                raise
            # Not in `finally`: there, what the caller is just handling would look like our error.
            await transaction.end(kept=True)

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


class _Transaction(AsyncConnection):
    """A connection for one transaction, which waits for the end of each statement."""

    async def open(self) -> None:
        """Begin. Raises the driver's errors; then it may be tried again."""
        await to_the_end(self._open())

    async def _open(self) -> None:
        if self.sync_connection is None:
            await self.start()
        await super().run_sync(sa.Connection.begin)

    async def end(self, *, kept: bool) -> None:
        """Commit or undo, and give the connection back, if there is one."""
        if self.sync_connection is not None:
            await self.run_sync(_end, kept)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().execute(*args, **kwargs))

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().exec_driver_sql(*args, **kwargs))

    async def run_sync(self, *args: Any, **kwargs: Any) -> Any:
        return await to_the_end(super().run_sync(*args, **kwargs))


async def _enter(transaction: _Transaction) -> None:
    """Begin, as soon as no other process holds the lock."""
    until = asyncio.get_running_loop().time() + BUSY_SECONDS
    while True:
        try:
            return await transaction.open()
        except (DBAPIError, sqlite3.Error) as error:
            if not _is_busy(error) or asyncio.get_running_loop().time() > until:
                raise
        # Two that switch a new file to its write-ahead log at once are refused without a wait.
        await asyncio.sleep(_PAUSE_SECONDS)


def _end(connection: sa.Connection, kept: bool) -> None:  # noqa: FBT001 - run_sync names nothing
    with connection:
        if kept:
            connection.commit()


def _begin_now(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_later(connection: sa.Connection) -> None:
    """Begin with the first statement: SQLite does not look before either."""
    driver: Any = connection.connection.driver_connection
    driver.first = "BEGIN"


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
