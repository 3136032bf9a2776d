"""The lookout: has workers find soon what other processes on the same database have left.

These cannot wake each other. While anything is on its way, every worker looks once a second; while
nothing is, one statement a second finds that out for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.jobs.lease import LEASE
from storage import waiting
from storage.database import Database

EVERY = 1.0
"""Seconds between two looks."""


@dataclass
class Lookout:
    """Wakes the workers while there may be something to do for them, and once after that."""

    database: Database
    clock: Clock
    wake: Callable[[], None]
    _was_busy: bool = False

    async def step(self) -> float:
        """Look once."""
        async with self.database.read() as connection:
            busy = await waiting.anything(connection, self.clock() + LEASE)
        if busy or self._was_busy:
            self.wake()
        self._was_busy = busy
        return EVERY
