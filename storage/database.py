"""Open the database: a file of SQLite's by default, PostgreSQL by its address."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import postgres
from storage.errors import BadDatabaseUrlError
from storage.sqlite import SqliteEngine
from storage.trouble import translated

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


class Engine(Protocol):
    """What lends connections."""

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give one transaction, committed at the end."""

    async def dispose(self) -> None:
        """Close the connections."""


class Database:
    """The open database: `write()` for one transaction, `read()` for looking.

    A transaction whose task is cancelled has no effect. Cancelled while it is being committed, it
    is there as a whole or not at all.
    """

    def __init__(self, address: Address, *, writer: Engine, reader: Engine, keeper: Engine) -> None:
        self.address = address
        self._writer = writer
        self._reader = reader
        self._keeper = keeper

    @classmethod
    def open(cls, address: Address) -> Self:
        """Prepare the pools; nothing connects before the first use.

        Raises UnavailableError when there can be no folder for the file.
        """
        if address.path:
            with translated():
                address.path.parent.mkdir(parents=True, exist_ok=True)
            writer = SqliteEngine.writer(address.path)
            reader = SqliteEngine.reader(address.path)
            return cls(address, writer=writer, reader=reader, keeper=writer)
        assert address.postgres  # noqa: S101 - read_address gives one or the other
        engine = postgres.open_engine(address.postgres, command_seconds=postgres.COMMAND_SECONDS)
        return cls(
            address,
            # Whatever the server's own default is: what fails for order's sake is not run again.
            writer=engine.execution_options(isolation_level="READ COMMITTED"),
            # Each statement alone would see a moment of its own.
            reader=engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ),
            keeper=postgres.open_engine(address.postgres, command_seconds=None),
        )

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give one transaction: committed at the end, or nothing at all.

        Raises UnavailableError when the database does not answer or does not take the write.
        """
        return _lend(self._writer)

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection that sees one moment of the database. Raises UnavailableError."""
        return _lend(self._reader)

    def rebuild(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give one transaction whose statements may take as long as they need."""
        return _lend(self._keeper)

    async def close(self) -> None:
        """Close every connection."""
        for engine in (self._writer, self._reader, self._keeper):
            await engine.dispose()


@asynccontextmanager
async def _lend(engine: Engine) -> AsyncIterator[AsyncConnection]:
    with translated():
        async with engine.begin() as connection:
            yield connection
