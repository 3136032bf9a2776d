"""The audit: what moderators have done in their guild, for other moderators to read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import audit


@dataclass(frozen=True)
class Entry:
    """One thing that somebody has done. `detail` belongs to `what`: names, numbers, both sides."""

    id: int
    guild_id: int
    at: datetime
    by: int
    what: str
    detail: Mapping[str, Any]


async def note(  # noqa: PLR0917 - the columns of a row, in their order
    connection: AsyncConnection,
    guild_id: int,
    by: int,
    what: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write down what this person did, in the transaction in which it is done."""
    await connection.execute(
        sa.insert(audit).values(guild_id=guild_id, at=now, by=by, what=what, detail=dict(detail))
    )


async def get(connection: AsyncConnection, guild_id: int, entry_id: int) -> Entry | None:
    """Return what was done in this guild under this number, or None."""
    statement = sa.select(audit).where(audit.c.guild_id == guild_id, audit.c.id == entry_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Entry(**row)


async def newest(connection: AsyncConnection, guild_id: int, limit: int) -> list[Entry]:
    """Return what was done last in this guild, newest first."""
    statement = (
        sa.select(audit)
        .where(audit.c.guild_id == guild_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [Entry(**row) for row in (await connection.execute(statement)).mappings()]


async def about_jobs(
    connection: AsyncConnection, guild_id: int, job_ids: Collection[int]
) -> dict[int, list[Entry]]:
    """Return what was done in this guild to these jobs, by job, oldest first."""
    statement = (
        sa.select(audit)
        .where(audit.c.guild_id == guild_id, audit.c.detail["job"].as_integer().in_(job_ids))
        .order_by(audit.c.id)
    )
    found: dict[int, list[Entry]] = {}
    for row in (await connection.execute(statement)).mappings():
        found.setdefault(row["detail"]["job"], []).append(Entry(**row))
    return found
