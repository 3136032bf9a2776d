"""People who asked for something: when they were first and last seen, and nothing else."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import people
from storage.seen import note_seen


async def note(connection: AsyncConnection, person_id: int, now: datetime) -> None:
    """Remember that this person asked for something at `now`."""
    await note_seen(connection, people, person_id, now)
