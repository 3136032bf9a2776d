"""Open the database: a file of SQLite's by default, PostgreSQL by its address.

SQLite runs with a write-ahead log, synced commits and one writer at a time; a read never waits for
a write. PostgreSQL's address goes to asyncpg as it is, because `postgres://` and `?sslmode=` are
its own words and SQLAlchemy's reading of them differs.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import BadDatabaseUrlError, UnavailableError

BUSY_SECONDS = 30.0
READERS = 4
_SWITCHES = 10

_FILE = re.compile(r"sqlite(?:\+aiosqlite)?:///(?P<path>[^?#]+)(?:\?[^#]*)?")
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\[\]/?#@:,]+)(?::\d+)?"
_SERVER = re.compile(
    r"(?:postgres|postgresql|postgresql\+asyncpg)://"
    rf"(?P<rest>(?:[^/?#@]*@)?(?P<hosts>{_HOST}(?:,{_HOST})*)?"
    r"(?:/[^?#]*)?(?:\?(?P<query>(?:[^=&#]+=[^&#]*(?:&|$))*))?)"
)


@dataclass(frozen=True)
class Address:
    """Where the database is: a file's path, or PostgreSQL's own address (a secret)."""

    path: Path | None = None
    postgres: str | None = None

    @property
    def kind(self) -> str:
        """Return the word for people: SQLite or PostgreSQL."""
        return "SQLite" if self.path else "PostgreSQL"

    def __repr__(self) -> str:
        return f"Address({self.path or 'postgresql'})"


def read_address(url: str) -> Address:
    """Read a DATABASE_URL.

    Accepted: sqlite:///file, sqlite+aiosqlite:///file, postgres://..., postgresql://...,
    postgresql+asyncpg://.... Raises BadDatabaseUrlError for anything else, without repeating it:
    it may hold a password.
    """
    address = _file(url) or _server(url)
    if address is None:
        raise BadDatabaseUrlError(
            "DATABASE_URL must look like sqlite:///data/foley.db or "
            "postgresql://user:password@host/name."
        )
    return address


def _file(url: str) -> Address | None:
    found = _FILE.fullmatch(url)
    if found is None or found["path"] == ":memory:":
        return None
    return Address(path=Path(unquote(found["path"])))


def _server(url: str) -> Address | None:
    # A password with an unquoted @, / or # would be cut there, and half of it taken for a host.
    found = _SERVER.fullmatch(url)
    if found is None or not (found["hosts"] or "host=" in (found["query"] or "")):
        return None
    return Address(postgres=f"postgresql://{found['rest']}")


class Database:
    """The open database: `write()` for one transaction, `read()` for looking."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader

    @classmethod
    def open(cls, address: Address) -> Self:
        """Prepare the pools; nothing connects before the first use.

        Raises UnavailableError when there can be no folder for the file.
        """
        if address.path:
            with _translated():
                address.path.parent.mkdir(parents=True, exist_ok=True)
            return cls(
                _sqlite(address.path, size=1, begin="BEGIN IMMEDIATE"),
                _sqlite(address.path, size=READERS, begin="BEGIN"),
            )
        assert address.postgres  # noqa: S101 - read_address gives one or the other
        engine = _postgres(address.postgres)
        # Each statement alone would see a moment of its own.
        return cls(engine, engine.execution_options(isolation_level="REPEATABLE READ"))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give one transaction: committed at the end, or nothing at all.

        Raises UnavailableError when the database does not answer or does not take the write.
        """
        with _translated():
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one moment of the database. Raises UnavailableError."""
        with _translated():
            async with self._reader.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


_NOT_DONE = (
    DBAPIError,
    sa.exc.TimeoutError,  # every connection of the pool is taken
    sqlite3.Error,
    asyncpg.PostgresError,
    OSError,
    TimeoutError,
)


class _translated:  # noqa: N801 - used as a statement
    """Turn the drivers' errors into ours at this one border, and keep the cause."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if isinstance(error, sa.exc.IntegrityError):
            return  # a broken rule is the caller's business, not the database's health
        if isinstance(error, _NOT_DONE):
            cause = getattr(error, "orig", None) or error
            raise UnavailableError(f"The database did not do it: {cause}.") from error


def _sqlite(path: Path, *, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # an error's text must not hold a prompt
        pool_timeout=BUSY_SECONDS,
    )

    def prepare(connection: Any, _record: Any) -> None:
        # Transactions are opened by us, below: the driver's own would begin too late to be one.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}").close()
        connection.run_async(lambda _: asyncio.to_thread(_write_ahead, path))
        connection.execute("PRAGMA synchronous=FULL").close()
        connection.execute("PRAGMA foreign_keys=ON").close()
        # SQLite's own knows no letters but the English ones, and a search would tell ü from Ü.
        connection.create_function("lower", 1, str.lower, deterministic=True)

    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine.sync_engine, "connect", prepare)
    sa.event.listen(engine.sync_engine, "begin", start)
    return engine


def _write_ahead(path: Path) -> None:
    """Have the file keep a write-ahead log; in a new file, several may ask for it at once.

    For this alone SQLite does not wait for the others but gives up, so it is asked again.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        for _ in range(_SWITCHES):
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                connection.executescript("BEGIN IMMEDIATE; COMMIT")  # this does wait
            else:
                return
    raise sqlite3.OperationalError("too many processes open a new database at once")


def _postgres(url: str) -> AsyncEngine:
    connect: Callable[[], Awaitable[Any]] = lambda: asyncpg.connect(url)  # noqa: E731
    return create_async_engine(
        "postgresql+asyncpg://",
        hide_parameters=True,  # likewise
        async_creator=connect,
        pool_size=8,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
    )
