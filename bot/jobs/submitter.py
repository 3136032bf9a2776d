"""The submitter: turns queued jobs into generations, and never pays twice without need.

Commit the intent, POST, commit the id. A process that dies in between leaves a job in submitting
with a lease that runs out; whoever finds it calls it uncertain, and so does a POST without an
answer. An uncertain job is queued again after a settling time: a second generation may then exist,
which nobody may touch on a shared account.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import verdict
from bot.jobs.finish import fail, finish
from bot.jobs.lease import LEASE, held
from bot.jobs.loop import Tasks
from bot.jobs.reasons import Reason
from bot.jobs.results import Results
from bot.netmind.catalog import Catalog
from bot.netmind.client import NetmindClient
from bot.netmind.errors import NetmindError
from bot.netmind.model import Model, OptionsRefused
from bot.netmind.protocol import Generation, Phase
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from storage.states import UNDER_WAY, JobState

log = structlog.get_logger(__name__)

# How long a POST without an answer may take to show in the list, or not.
SETTLE = timedelta(seconds=60)

_UNCLEAR = (JobState.SUBMITTING, JobState.UNCERTAIN)


@dataclass
class Submitter:
    """Claims queued jobs and creates their generations, up to `max_in_flight` at once."""

    database: Database
    netmind: NetmindClient
    catalog: Catalog
    results: Results
    clock: Clock
    max_in_flight: int
    on_change: Callable[[], None]
    tasks: Tasks = field(default_factory=lambda: Tasks("submitter"))

    async def step(self) -> float | None:
        """Settle what is unclear, then submit what may be submitted."""
        await self._settle()
        for job in await self._claim():
            crash_point("submit.claimed")
            self.tasks.start(self._submit(job))
        return await self._next()

    async def _claim(self) -> list[Job]:
        async with self.database.read() as connection:
            if not await jobs.count(connection, [JobState.QUEUED]):
                return []
        async with self.database.write() as connection:
            free = self.max_in_flight - await jobs.count(connection, UNDER_WAY)
            if free <= 0:
                return []
            return await jobs.claim_queued(connection, free, self.clock(), LEASE)

    async def _submit(self, job: Job) -> None:
        model = self.catalog.get(job.model)
        if model is None:
            await self._judge(job, verdict.Fail(Reason.UNKNOWN_MODEL))
            return
        try:
            config = model.config(job.prompt, job.options)
            crash_point("submit.sending")
            async with held(lambda: self._renew(job)):
                generation = await self.netmind.create(model.id, config)
        except OptionsRefused as error:
            # The catalogue has changed since the job was accepted.
            await self._judge(job, verdict.Fail(Reason.BAD_REQUEST, str(error)))
        except NetmindError as error:
            log.warning("submit_failed", job=job.id, attempt=job.attempts, error=str(error))
            await self._judge(job, verdict.of_submit(error, job.attempts))
        else:
            crash_point("submit.answered")
            await self._accept(job, model, generation)

    async def _renew(self, job: Job) -> bool:
        async with self.database.write() as connection:
            return await jobs.renew(connection, job, self.clock() + LEASE)

    async def _accept(self, job: Job, model: Model, generation: Generation) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            started = await jobs.move(
                connection,
                await _as_it_is(connection, job),
                JobState.GENERATING,
                now,
                generation_id=generation.id,
                generating_at=now,
                deadline_at=now + timedelta(seconds=model.deadline_seconds),
                lease_until=None,
                # An earlier generation's deletion must not hit this one.
                cleanup_at=None,
            )
            if started is None:
                await jobs.own_late_generation(connection, job.id, generation.id, now)
            elif generation.phase is Phase.SUCCEEDED:
                self.results.put(generation)
                await finish(connection, started, now)
        crash_point("submit.committed")
        log.info("generation_created", job=job.id, generation=generation.id)
        self.on_change()

    async def _judge(self, job: Job, outcome: verdict.Verdict) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            if isinstance(outcome, verdict.Fail):
                await fail(connection, job, outcome.reason, now, outcome.detail)
            elif isinstance(outcome, verdict.Again):
                await jobs.move(
                    connection,
                    job,
                    JobState.QUEUED,
                    now,
                    note="again",
                    not_before=now + outcome.after,
                )
            else:
                await jobs.move(connection, job, JobState.UNCERTAIN, now)
        self.on_change()

    async def _settle(self) -> None:
        """Move on the jobs whose POST had no answer, or whose submitter died."""
        now = self.clock()
        async with self.database.read() as connection:
            unclear = await jobs.in_states(connection, _UNCLEAR)
        due = [job for job in unclear if _settles_at(job) <= now]
        if not due:
            return
        crash_point("settle.deciding")
        async with self.database.write() as connection:
            for job in due:
                await _settle_one(connection, job, now)
        crash_point("settle.committed")
        self.on_change()

    async def _next(self) -> float | None:
        """Return in how many seconds something waits to be settled or tried again."""
        async with self.database.read() as connection:
            again = await jobs.next_not_before(connection)
            unclear = await jobs.in_states(connection, _UNCLEAR)
        times = [*filter(None, [again]), *map(_settles_at, unclear)]
        delays = [(at - self.clock()).total_seconds() for at in times]
        return max(0.5, min(delays)) if delays else None


def _settles_at(job: Job) -> datetime:
    """Return when a job in submitting or uncertain may be moved on by somebody else."""
    if job.state is JobState.SUBMITTING:
        return job.lease_until or job.changed_at
    return job.changed_at + SETTLE


async def _as_it_is(connection: AsyncConnection, job: Job) -> Job:
    """Return a submitted job; somebody may have called it uncertain before the answer came."""
    found = await jobs.get(connection, job.id)
    if found and found.state is JobState.UNCERTAIN and found.epoch == job.epoch:
        return found
    return job


async def _settle_one(connection: AsyncConnection, job: Job, now: datetime) -> None:
    if job.state is JobState.SUBMITTING:
        await jobs.move(connection, job, JobState.UNCERTAIN, now, note="lease ran out")
    elif job.attempts >= verdict.MAX_ATTEMPTS:
        await fail(connection, job, Reason.UNAVAILABLE, now)
    else:
        # Counted by its note: each may be a second bill.
        await jobs.move(connection, job, JobState.QUEUED, now, note="outcome unknown")
