"""Log lines: jobs that have ended, each once in a line for the moderators of its guild."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries as delivery_rows
from storage.deliveries import DeliveryKind
from storage.review_states import Matter, ReviewState
from storage.schema import ON_ITS_WAY, deliveries, guilds, jobs, reviews


async def on_their_way(connection: AsyncConnection) -> int:
    """Count the lines that were promised and are not in Discord yet."""
    statement = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .where(
            deliveries.c.kind == DeliveryKind.LOG,
            ON_ITS_WAY,
        )
    )
    return (await connection.execute(statement)).scalar_one()


async def due(connection: AsyncConnection, since: datetime, limit: int) -> dict[int, int]:
    """Return jobs that ended since then, want a line and have none: the channel by job.

    One that people are still to be told of is left out, and one that waits for moderators.
    """
    in_review = sa.exists().where(
        reviews.c.job_id == jobs.c.id,
        reviews.c.what == Matter.RESULT,
        reviews.c.state == ReviewState.OPEN,
    )
    wanting = sa.select(guilds.c.id).where(
        guilds.c.log_lines_since.is_not(None),
        guilds.c.log_channel_id.is_not(None),
        guilds.c.left_at.is_(None),
    )
    statement = (
        sa.select(jobs.c.id, guilds.c.log_channel_id)
        .join(guilds, guilds.c.id == jobs.c.guild_id)
        .where(
            # Few guilds want lines; said like this, no job of another one is looked at.
            jobs.c.guild_id.in_(wanting),
            jobs.c.ended_at >= since,
            jobs.c.ended_at >= guilds.c.log_lines_since,
            jobs.c.logged_at.is_(None),
            jobs.c.erased_at.is_(None),
            sa.not_(delivery_rows.telling()),
            sa.not_(in_review),
        )
        .order_by(jobs.c.ended_at, jobs.c.id)
        .limit(limit)
    )
    rows = await connection.execute(statement)
    return {row.id: row.log_channel_id for row in rows}


async def promise(connection: AsyncConnection, found: Mapping[int, int], now: datetime) -> int:
    """Promise a line in its channel for each of these jobs; return for how many that was new."""
    fresh = (
        sa.update(jobs)
        .where(jobs.c.id.in_(found), jobs.c.logged_at.is_(None), jobs.c.erased_at.is_(None))
        .values(logged_at=now)
        .returning(jobs.c.id)
    )
    job_ids = sorted((await connection.execute(fresh)).scalars())
    for job_id in job_ids:
        await delivery_rows.add_log(connection, job_id, found[job_id], now)
    return len(job_ids)
