"""Whether anything waits to be done, for processes that cannot wake each other."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import ON_ITS_WAY, deliveries, jobs
from storage.states import OPEN, JobState

# What waits for a moderator may do so for days, and whoever decides tells by what becomes of it.
_MOVING = OPEN - {JobState.HELD}


async def anything(connection: AsyncConnection, until: datetime) -> bool:
    """Tell whether a job is on its way, or a message that is due by then."""
    job = sa.exists().where(jobs.c.ended_at.is_(None), jobs.c.state.in_(_MOVING))
    message = sa.exists().where(ON_ITS_WAY, deliveries.c.lease_until <= until)
    return bool((await connection.execute(sa.select(job | message))).scalar_one())
