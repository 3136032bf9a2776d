"""What happened to a job: one row an edge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import job_events
from storage.states import JobState


@dataclass(frozen=True)
class JobEvent:
    """One edge that a job took. `note` is a short word for operators, never a secret."""

    job_id: int
    at: datetime
    from_state: JobState | None
    to_state: JobState
    note: str | None


async def add(connection: AsyncConnection, events: Iterable[JobEvent]) -> None:
    """Write the edges down."""
    rows = [
        {
            "job_id": event.job_id,
            "at": event.at,
            "from_state": event.from_state,
            "to_state": event.to_state,
            "note": event.note,
        }
        for event in events
    ]
    if rows:
        await connection.execute(sa.insert(job_events), rows)


async def of_job(connection: AsyncConnection, job_id: int) -> list[JobEvent]:
    """Return a job's edges, oldest first."""
    rows = await connection.execute(
        sa.select(job_events).where(job_events.c.job_id == job_id).order_by(job_events.c.id)
    )
    return [
        JobEvent(
            row.job_id,
            row.at,
            JobState(row.from_state) if row.from_state else None,
            JobState(row.to_state),
            row.note,
        )
        for row in rows
    ]
