"""Retention: what nobody needs any more is deleted, a little at a time.

Generations are deleted at NetMind before the rows that know them; the janitor does that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from storage import erasure, words
from storage.database import Database

log = structlog.get_logger(__name__)

AT_ONCE = 100
EVERY = timedelta(seconds=60)
LEFT = timedelta(days=7)
"""So long does a guild's data stay after it removed the bot."""
FOUND_WORDS = timedelta(days=30)


@dataclass
class Retention:
    """Deletes old jobs, guilds that were left, and bare rows. `days` None: no job is too old."""

    database: Database
    clock: Clock
    days: int | None = None
    _looked_at: datetime | None = None

    async def step(self) -> bool:
        """Delete what is due, if it is time to look; return whether there may be more."""
        now = self.clock()
        if self._looked_at is not None and now - self._looked_at < EVERY:
            return False
        async with self.database.read() as connection:
            old = (
                []
                if self.days is None
                else await erasure.expired(connection, now - timedelta(days=self.days), AT_ONCE)
            )
            guild_id = await erasure.left_guild(connection, now - LEFT)
            bare = await erasure.forgettable(connection, now)
            hits = await words.any_hits(connection, now - FOUND_WORDS)
        if not (old or guild_id or bare or hits):
            self._looked_at = now
            return False
        async with self.database.write() as connection:
            await erasure.erase(connection, old, now)
            if guild_id is not None:
                await erasure.erase_guild(connection, guild_id, now - LEFT, now, AT_ONCE)
            await words.forget_hits(connection, now - FOUND_WORDS)
            await erasure.forget(connection, now, AT_ONCE)
        log.info("forgotten", jobs=len(old), guild=guild_id)
        return True
