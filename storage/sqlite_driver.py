"""aiosqlite with one call to its thread for each statement, where it takes four.

A call to the thread and back costs more than most of our statements do (25 to 34 microseconds), and
SQLAlchemy makes, executes, reads and closes each cursor, then rolls back what was committed.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite

_CHUNK = 64  # aiosqlite's own; nothing of ours iterates


@dataclass
class Answer:
    """What a statement gave: its rows, all of them, and what DB-API tells of a cursor."""

    rows: Sequence[Any]
    description: Any
    rowcount: int
    lastrowid: int | None


class WholeCursor:
    """A cursor that exists in the thread only while its statement runs."""

    arraysize = 1

    def __init__(self, connection: "WholeConnection") -> None:
        self._connection = connection
        self._answer = Answer((), None, -1, None)

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        """Return the columns; None for a statement without rows."""
        return self._answer.description

    @property
    def rowcount(self) -> int:
        """Return how many rows were changed; -1 for a statement that changes none."""
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Return the number of the row that was inserted last."""
        return self._answer.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Run a statement and fetch its rows. Raises sqlite3's errors."""
        self._answer = await self._connection.ask(_execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Run a statement once for each of the parameters. Raises sqlite3's errors."""
        self._answer = await self._connection.ask(_execute_many, statement, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows."""
        return self._answer.rows

    async def close(self) -> None:
        """Do nothing: what was to close is closed."""


class WholeConnection(aiosqlite.Connection):
    """A connection of such cursors. `first` is run together with the next statement."""

    first: str

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Connect to a file; it is made if there is none. Raises sqlite3's errors."""
        # One thread at a time uses it, but not always the one that made it.
        connection = cls(lambda: sqlite3.connect(path, check_same_thread=False), _CHUNK)
        connection.first = ""
        connection._thread.daemon = True  # a process that was told to end waits for no statement
        await connection
        return connection

    async def ask(self, work: Any, statement: str, parameters: Any) -> Answer:
        """Do work in the thread, in aiosqlite's own way, for which it has no public name."""
        call: Any = self._execute
        first, self.first = self.first, ""
        answer: Answer = await call(work, self._conn, statement, parameters, first)
        return answer

    def cursor(self) -> WholeCursor:  # type: ignore[override]  # SQLAlchemy wants no more of one
        """Give a cursor, without a call to the thread."""
        return WholeCursor(self)

    async def commit(self) -> None:
        """Keep what was done, if anything was."""
        self.first = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Undo what is under way. SQLAlchemy asks for it also where nothing is."""
        self.first = ""
        if self.in_transaction:
            await super().rollback()


def _execute(connection: sqlite3.Connection, statement: str, parameters: Any, first: str) -> Answer:
    _begin(connection, first)
    return _read(connection.execute(statement, parameters))


def _execute_many(
    connection: sqlite3.Connection, statement: str, parameters: Any, first: str
) -> Answer:
    _begin(connection, first)
    return _read(connection.executemany(statement, parameters))


def _begin(connection: sqlite3.Connection, first: str) -> None:
    if first and not connection.in_transaction:
        connection.execute(first).close()


def _read(cursor: sqlite3.Cursor) -> Answer:
    rows = cursor.fetchall() if cursor.description else ()
    answer = Answer(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return answer
