"""POSTs of which nobody knows whether they made a generation."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import job_events, jobs
from storage.states import JobState


@dataclass(frozen=True)
class UnclearPost:
    """A POST that may have made a generation between these two moments.

    `settled`: its job does not wait for the outcome any more. `until` is empty while the POST is
    under way.
    """

    job_id: int
    sent_at: datetime
    until: datetime | None
    settled: bool


async def unclear(connection: AsyncConnection, since: datetime) -> list[UnclearPost]:
    """Return the POSTs under way, and those without an outcome that ended since that moment."""
    rows = await connection.execute(_without_outcome(since))
    ended = [
        UnclearPost(row.job_id, row.sent_at, row.at, settled=row.next_state is not None or row.over)
        for row in rows
        if row.next_state != JobState.GENERATING and not (row.over and row.generation_id)
    ]
    under_way = await connection.execute(
        sa.select(jobs.c.id, jobs.c.submitted_at).where(
            jobs.c.state == JobState.SUBMITTING, jobs.c.ended_at.is_(None)
        )
    )
    return ended + [UnclearPost(row.id, row.submitted_at, None, settled=False) for row in under_way]


def _without_outcome(since: datetime) -> sa.Select[tuple[object, ...]]:
    before, after = job_events.alias(), job_events.alias()
    sent_at = (
        sa.select(sa.func.max(before.c.at))
        .where(
            before.c.job_id == job_events.c.job_id,
            before.c.id < job_events.c.id,
            before.c.to_state == JobState.SUBMITTING,
        )
        .scalar_subquery()
    )
    next_state = (
        sa.select(after.c.to_state)
        .where(after.c.job_id == job_events.c.job_id, after.c.id > job_events.c.id)
        .order_by(after.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            job_events.c.job_id,
            job_events.c.at,
            sent_at.label("sent_at"),
            next_state.label("next_state"),
            (job_events.c.to_state == JobState.CANCELLED).label("over"),
            jobs.c.generation_id,
        )
        .join(jobs, jobs.c.id == job_events.c.job_id)
        .where(
            job_events.c.from_state == JobState.SUBMITTING,
            job_events.c.to_state.in_([JobState.UNCERTAIN, JobState.CANCELLED]),
            job_events.c.at >= since,
        )
        .order_by(job_events.c.id)
    )
