"""Guilds in which something was asked for."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import guilds
from storage.seen import note_seen


async def note(connection: AsyncConnection, guild_id: int, now: datetime) -> None:
    """Remember that something was asked for in this guild at `now`."""
    await note_seen(connection, guilds, guild_id, now)
