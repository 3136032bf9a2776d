"""The ways a job ends by itself: the edge and the promise to tell, in one transaction."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ids, trace
from bot.jobs import asking
from bot.jobs.reasons import Reason
from storage import deliveries, guilds, jobs
from storage.deliveries import DeliveryKind
from storage.jobs import Job
from storage.review_states import Matter
from storage.states import JobState

log = structlog.get_logger(__name__)


async def finish(connection: AsyncConnection, job: Job, now: datetime) -> bool:
    """End the job with a result to be delivered, or to be approved before that.

    False: somebody else was first.
    """
    ended = await jobs.move(connection, job, JobState.FINISHED, now)
    if ended is None:
        return False
    with ids.about(ended):
        log.info("job_finished", seconds=_seconds(ended, now))
        trace.past("watch", ended.interaction_id, ended.generating_at, now)
    settings = await guilds.settings(connection, job.guild_id)
    if await asking.wanted(
        connection, settings, job.guild_id, job.requester_id, Matter.RESULT
    ) and await asking.ask(connection, settings, ended, Matter.RESULT, now):
        await jobs.set_reason(connection, job.id, Reason.IN_REVIEW)
    else:
        await deliveries.add(connection, ended, DeliveryKind.RESULT, now)
    return True


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
        with ids.about(ended):
            log.info("job_failed", reason=reason)
            trace.past("watch", ended.interaction_id, ended.generating_at, now)
        await deliveries.add(connection, ended, DeliveryKind.FAILURE, now)
    return ended is not None


def _seconds(job: Job, now: datetime) -> int | None:
    """Return how long it was being made."""
    return None if job.generating_at is None else round((now - job.generating_at).total_seconds())
