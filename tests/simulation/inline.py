"""SQLite without threads: each statement runs on the loop, a moment after it was asked for.

SQLite itself would let a busy database stop the whole loop for thirty real seconds. Here the
statement is tried again and again while the loop's own time passes, as long as the program's
`PRAGMA busy_timeout` says.
"""

import asyncio
import re
import sqlite3
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import aiosqlite.core

from tests.simulation.loop import PROCESS, VirtualLoop

_BUSY_TIMEOUT = re.compile(r"PRAGMA busy_timeout=(\d+)")
GONE = "the process is gone"
_AGAIN = 0.05
_WAITS = 0.2
Asked = tuple[asyncio.Future[Any] | None, Callable[[], Any]]


def _patience_in(arguments: tuple[Any, ...]) -> re.Match[str] | None:
    """Find how long a statement of storage.sqlite_driver says that others are waited for."""
    statements = (each for each in arguments if isinstance(each, str))
    return next(filter(None, map(_BUSY_TIMEOUT.fullmatch, statements)), None)


class NoThread:
    """Stands where aiosqlite keeps its thread."""

    daemon = True

    def __init__(self, **_: Any) -> None:
        """Take what a thread takes."""

    def start(self) -> None:
        """There is nothing to start."""


class Inline:
    """Stands where aiosqlite keeps the queue to its thread: does what is put in, in order."""

    opened: ClassVar[dict[object, list["Inline"]]] = {}
    """The connections of each process; a fresh one for each run."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._loop = loop
        self._asked: deque[Asked] = deque()
        self._working = False
        self._patience = 0.0
        self._until: float | None = None
        self._raw: sqlite3.Connection | None = None
        self._dead = False
        self.closed = False
        self.opened.setdefault(PROCESS.get(), []).append(self)

    def put_nowait(self, asked: Asked) -> None:
        if self._loop.is_closed():
            self.die()  # a connection that nobody closed is collected as garbage
            return
        self._asked.append(asked)
        if self._working:
            return
        self._working = True
        # Most statements take no time at all; waiting for each would make a run much longer.
        if self._loop.rng.random() < _WAITS:
            self._loop.call_later(self._loop.moment(), self._work)
        else:
            self._work()

    def die(self) -> None:
        """End as the connection of a killed process does: what was not committed is gone."""
        self._dead = True
        if self._raw is not None:
            if self._raw.in_transaction:
                # A cursor that is left would keep a closed connection, and its lock, alive.
                self._raw.rollback()
            self._raw.close()

    def _work(self) -> None:
        future, function = self._asked[0]
        try:
            result = self._do(function)
        except sqlite3.OperationalError as error:
            if self._busy(error):
                self._loop.call_later(_AGAIN, self._work)
                return
            self._tell(future, None, error)
        except Exception as error:  # noqa: BLE001 - it is the caller's
            self._tell(future, None, error)
        else:
            self._tell(future, result, None)

    def _do(self, function: Callable[[], Any]) -> Any:
        if self._dead:
            raise sqlite3.OperationalError(GONE)
        if isinstance(function, partial) and (found := _patience_in(function.args)):
            self._patience = int(found[1]) / 1000
            connection, _, *more = function.args
            return function.func(connection, "PRAGMA busy_timeout=0", *more)
        result = function()
        if result is aiosqlite.core._STOP_RUNNING_SENTINEL:
            self.closed = True
        if isinstance(result, sqlite3.Connection):
            self._raw = result
            result.execute("PRAGMA busy_timeout=0")
        return result

    def _busy(self, error: sqlite3.OperationalError) -> bool:
        """Tell whether to try again."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return False
        now = self._loop.time()
        self._until = self._until or now + self._patience
        return now < self._until

    def _tell(
        self, future: asyncio.Future[Any] | None, result: Any, error: Exception | None
    ) -> None:
        self._until = None
        self._asked.popleft()
        if future is not None and not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        if self._asked:
            self._loop.call_later(self._loop.moment(), self._work)
        else:
            self._working = False
