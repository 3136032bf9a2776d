"""Log lines: each job that has ended becomes one line for its guild's moderators, if they want."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.clock import Clock
from storage import log_lines
from storage.database import Database

log = structlog.get_logger(__name__)

# So many may be on their way at once: people's results come between them.
AT_ONCE = 10
# What ended earlier is no news; a result may wait a week for moderators.
NEWS = timedelta(days=8)


@dataclass
class LogLines:
    """Promises lines; the courier brings them."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def step(self) -> None:
        """Promise what is due; when lines have arrived, and the bell rings, more may be."""
        now = self.clock()
        async with self.database.read() as connection:
            free = AT_ONCE - await log_lines.on_their_way(connection)
            found = await log_lines.due(connection, now - NEWS, max(0, free))
        if not found:
            return
        async with self.database.write() as connection:
            count = await log_lines.promise(connection, found, now)
        log.info("lines_promised", count=count)
        self.on_change()
