"""The settler: finds out what became of POSTs that had no answer.

On an account that nobody else uses, the list may tell: see bot.jobs.adoption. Otherwise, and
wherever the list leaves room for doubt, the job is queued again, which may cost a second time and
is noted in job_events as `outcome unknown`. It is queued again three times at most.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ids
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import account, verdict
from bot.jobs.adoption import Evidence, adoptable
from bot.jobs.begin import begin
from bot.jobs.finish import fail
from bot.jobs.reasons import Reason
from bot.jobs.results import Results
from bot.netmind.catalog import Catalog
from bot.netmind.client import NetmindClient
from bot.netmind.errors import NetmindError
from bot.netmind.protocol import Generation
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from storage.states import JobState

log = structlog.get_logger(__name__)

UNCLEAR = (JobState.SUBMITTING, JobState.UNCERTAIN)
UNKNOWN = "outcome unknown"

# On a shared account there is nothing to find out; a failing API is not hurried, that is all.
SHARED_SETTLE = timedelta(seconds=10)
# How long a generation may take to show in the list.
EXCLUSIVE_SETTLE = timedelta(seconds=20)
LOOK_EVERY = timedelta(seconds=5)


@dataclass
class Settler:
    """Moves on the jobs whose POST had no answer, or whose submitter died."""

    database: Database
    netmind: NetmindClient
    catalog: Catalog
    results: Results
    clock: Clock
    exclusive: bool
    on_change: Callable[[], None]
    _looked_at: datetime | None = None

    async def settle(self) -> None:
        """Move on what is due."""
        now = self.clock()
        async with self.database.read() as connection:
            unclear = await jobs.in_states(connection, UNCLEAR)
        due = [job for job in unclear if self._due_at(job) <= now]
        if not due:
            return
        if self.exclusive and any(job.state is JobState.UNCERTAIN for job in due):
            await self._settle_by_list(due, now)
        else:
            await self._write(due, None, now)

    async def next(self) -> float | None:
        """Return in how many seconds something is due."""
        async with self.database.read() as connection:
            unclear = await jobs.in_states(connection, UNCLEAR)
        if not unclear:
            return None
        return (min(map(self._due_at, unclear)) - self.clock()).total_seconds()

    def _due_at(self, job: Job) -> datetime:
        """Return when a job in submitting or uncertain may be moved on by somebody else."""
        if job.state is JobState.SUBMITTING:
            return job.lease_until or job.changed_at
        if not self.exclusive:
            return job.changed_at + SHARED_SETTLE
        return max(self._looked_at or job.changed_at, job.changed_at) + LOOK_EVERY

    async def _settle_by_list(self, due: Collection[Job], now: datetime) -> None:
        self._looked_at = now
        try:
            evidence = await account.look(self.database, self.netmind, now)
        except NetmindError as error:
            # Without the list nothing can be told, and sending again would not work either.
            log.warning("settle_failed", error=str(error))
            due = [job for job in due if job.state is JobState.SUBMITTING or _too_old(job, now)]
            evidence = None
        await self._write(due, evidence, now)

    async def _write(self, due: Collection[Job], evidence: Evidence | None, now: datetime) -> None:
        if not due:
            return
        crash_point("settle.deciding")
        async with self.database.write() as connection:
            for job in due:
                found = adoptable(job.id, evidence) if evidence else None
                with ids.about(job):
                    if found is not None and job.state is JobState.UNCERTAIN:
                        await self._adopt(connection, job, found, now)
                    else:
                        await self._move_on(connection, job, now)
        crash_point("settle.committed")
        self.on_change()

    async def _adopt(
        self, connection: AsyncConnection, job: Job, found: Generation, now: datetime
    ) -> None:
        model = self.catalog.get(job.model)
        if await begin(connection, job, model, found, now, results=self.results, note="adopted"):
            log.info("generation_adopted", generation=found.id)

    async def _move_on(self, connection: AsyncConnection, job: Job, now: datetime) -> None:
        if job.state is JobState.SUBMITTING:
            await jobs.move(connection, job, JobState.UNCERTAIN, now, note="lease ran out")
        elif self.exclusive and now < job.changed_at + EXCLUSIVE_SETTLE:
            return
        elif job.attempts >= verdict.MAX_ATTEMPTS or _too_old(job, now):
            await fail(connection, job, Reason.UNAVAILABLE, now)
        elif await jobs.move(connection, job, JobState.QUEUED, now, note=UNKNOWN):
            log.warning("outcome_unknown", attempt=job.attempts)


def _too_old(job: Job, now: datetime) -> bool:
    return now - job.changed_at > verdict.PATIENCE
