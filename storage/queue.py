"""The queue as a whole: what is under way, and which of it is whose."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs as job_rows
from storage.jobs import Job
from storage.schema import jobs
from storage.states import UNDER_WAY


async def under_way(connection: AsyncConnection) -> dict[str, int]:
    """Count the jobs that take a place at NetMind, by kind."""
    statement = (
        sa.select(jobs.c.kind, sa.func.count().label("jobs"))
        .where(jobs.c.ended_at.is_(None), jobs.c.state.in_(UNDER_WAY))
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    rows = await connection.execute(statement)
    return {row.kind: row.jobs for row in rows}


async def of_person(connection: AsyncConnection, person_id: int, limit: int) -> list[Job]:
    """Return this person's open jobs, oldest first: those are the next to be done."""
    statement = (
        sa.select(jobs)
        .where(jobs.c.requester_id == person_id, jobs.c.ended_at.is_(None))
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return [job_rows.read(row) for row in (await connection.execute(statement)).mappings()]
