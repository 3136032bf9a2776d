"""The one way a generation becomes a job's own."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.finish import finish
from bot.jobs.results import Results
from bot.netmind.model import Model
from bot.netmind.protocol import Generation, Phase
from storage import jobs
from storage.jobs import Job
from storage.states import JobState

# For a job whose model has left the catalogue.
_DEADLINE_SECONDS = 3600.0


async def begin(
    connection: AsyncConnection,
    job: Job,
    model: Model | None,
    generation: Generation,
    now: datetime,
    *,
    results: Results,
    note: str | None = None,
) -> bool:
    """Give the job its generation, which may be done already. False: somebody else was first."""
    deadline = timedelta(seconds=model.deadline_seconds if model else _DEADLINE_SECONDS)
    started = await jobs.move(
        connection,
        job,
        JobState.GENERATING,
        now,
        note=note,
        generation_id=generation.id,
        generating_at=now,
        deadline_at=now + deadline,
        lease_until=None,
        # An earlier generation's deletion must not hit this one.
        cleanup_at=None,
    )
    if started is not None and generation.phase is Phase.SUCCEEDED:
        results.put(generation)
        await finish(connection, started, now)
    return started is not None
