"""First and last seen: what the rows of people and guilds have in common."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.upsert import insert


async def note_seen(
    connection: AsyncConnection, table: sa.Table, row_id: int, now: datetime
) -> None:
    """Make the row, or move its last_seen_at to `now`."""
    fresh = insert(connection, table).values(id=row_id, first_seen_at=now, last_seen_at=now)
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=["id"], set_={"last_seen_at": now})
    )
