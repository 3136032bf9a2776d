"""Whose turn it is, where several processes work on one database.

Looking, editing cards and cleaning up are done for all jobs at once: one process does them, and
another one takes over when it has ended or is not heard of any more.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.jobs.lease import LEASE
from storage import leases
from storage.database import Database

log = structlog.get_logger(__name__)

_NAME = "turn"

Step = Callable[[], Awaitable[float | None]]


@dataclass
class Turn:
    """Lets one process at a time run the steps it is given."""

    database: Database
    clock: Clock
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _until: datetime | None = None

    def taken_by(self, step: Step) -> Step:
        """Return the step, run only while it is our turn."""

        async def in_turn() -> float | None:
            # Whoever is woken asks again, which happens often while there is anything to do.
            return await step() if await self.is_ours() else None

        return in_turn

    async def is_ours(self) -> bool:
        """Tell whether it is our turn; take it if it is free, keep it in good time."""
        now = self.clock()
        if self._until is not None and self._until - now > LEASE / 2:
            return True
        async with self.database.write() as connection:
            ours = await leases.hold(connection, _NAME, self.holder, now, LEASE)
        if ours and self._until is None:
            log.info("turn_taken")
        self._until = now + LEASE if ours else None
        return ours

    async def give_back(self) -> None:
        """Let another process have its turn at once."""
        if self._until is not None:
            self._until = None
            async with self.database.write() as connection:
                await leases.give_back(connection, self.holder)
