"""The two ways a job ends by itself: the edge and the promise to tell, in one transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.reasons import Reason
from storage import deliveries, jobs
from storage.deliveries import DeliveryKind
from storage.jobs import Job
from storage.states import JobState


async def finish(connection: AsyncConnection, job: Job, now: datetime) -> bool:
    """End the job with a result to be delivered. False: somebody else was first."""
    ended = await jobs.move(connection, job, JobState.FINISHED, now)
    if ended is not None:
        await deliveries.add(connection, ended, DeliveryKind.RESULT, now)
    return ended is not None


async def fail(
    connection: AsyncConnection, job: Job, reason: Reason, now: datetime, detail: str | None = None
) -> bool:
    """End the job with a failure to be told. False: somebody else was first."""
    ended = await jobs.move(
        connection,
        job,
        JobState.FAILED,
        now,
        note=reason,
        reason=reason,
        detail=detail,
        cleanup_at=now if job.generation_id else None,
    )
    if ended is not None:
        await deliveries.add(connection, ended, DeliveryKind.FAILURE, now)
    return ended is not None
