"""The submitter: turns queued jobs into generations, and never pays twice without need.

Commit the intent, POST, commit the id. A process that dies in between leaves a job in submitting
with a lease that runs out; whoever finds it calls it uncertain, and so does a POST without an
answer. What becomes of those is the settler's business.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ids, trace
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import verdict
from bot.jobs.begin import begin
from bot.jobs.finish import fail
from bot.jobs.footage import Footage, NotReady
from bot.jobs.lease import LEASE, LeaseLostError, held
from bot.jobs.loop import Tasks
from bot.jobs.outage import SEEN_IN_LIST, Outage
from bot.jobs.persist import written
from bot.jobs.reasons import Reason
from bot.jobs.settler import Settler
from bot.netmind.catalog import Catalog
from bot.netmind.client import NetmindClient
from bot.netmind.errors import NetmindError
from bot.netmind.model import Model, OptionsRefused
from bot.netmind.protocol import Generation
from storage import jobs, leases, queue
from storage.database import Database
from storage.jobs import Job
from storage.states import UNDER_WAY, JobState

log = structlog.get_logger(__name__)

# Any number will do, as long as it is always the same one.
_CLAIMING = 7_305_100_898
# A job whose video could not be brought to NetMind is tried again after this time.
_VIDEO_AGAIN = timedelta(seconds=60)


@dataclass
class Submitter:
    """Claims queued jobs and creates their generations, up to `max_in_flight` at once."""

    database: Database
    netmind: NetmindClient
    catalog: Catalog
    settler: Settler
    outage: Outage
    clock: Clock
    max_in_flight: int
    on_change: Callable[[], None]
    footage: Footage
    tasks: Tasks[Job] = field(default_factory=lambda: Tasks("submitter"))
    # Jobs that were cut off while their video was on its way: no POST of theirs was sent.
    _unsent: set[int] = field(default_factory=set)

    async def step(self) -> float | None:
        """Settle what is unclear, then submit what may be submitted."""
        await self.settler.settle()
        for job in await self._claim():
            crash_point("submit.claimed")
            self.tasks.start(job, self._submit(job))
        return await self._next()

    async def _claim(self) -> list[Job]:
        if not await self._is_any_queued():
            return []
        if self.outage.reason is not None:
            await self._give_up()
            if self.outage.wait() > 0 or not await self._may_try():
                return []
        async with self.database.write() as connection:
            await leases.alone(connection, _CLAIMING)
            free = self.max_in_flight - await jobs.count(connection, UNDER_WAY)
            if self.outage.reason is not None:
                free = min(free, 1)
            if free <= 0:
                return []
            models = [model.key for model in self.catalog.models]
            return await queue.claim(connection, free, self.clock(), LEASE, models)

    async def _give_up(self) -> None:
        """End the jobs that have waited too long for the API to take requests again."""
        now, since = self.clock(), self.outage.since
        reason = self.outage.reason
        if reason is None or since is None or now - since < verdict.PATIENCE:
            return
        async with self.database.write() as connection:
            for job in await jobs.in_states(connection, [JobState.QUEUED]):
                if now - job.created_at >= verdict.PATIENCE:
                    await fail(connection, job, reason, now)
        self.on_change()

    async def _may_try(self) -> bool:
        """Find out, without cost where that is possible, whether a request would be taken."""
        self.outage.trying()
        if self.outage.reason not in SEEN_IN_LIST:
            return True
        try:
            await self.netmind.list()
        except NetmindError as error:
            self.outage.begin(verdict.shared(error) or Reason.UNAVAILABLE, error.retry_after)
            return False
        if self.outage.reason is Reason.UNREACHABLE:
            self.outage.end()
        return True

    async def _submit(self, job: Job) -> None:
        ids.note_job(job)
        model = self.catalog.get(job.model)
        if model is None or (job.video_message_id is not None and not model.takes_video):
            await self._judge(job, verdict.Fail(Reason.UNKNOWN_MODEL))
        else:
            with trace.step("submit", job.interaction_id):
                await self._create(job, model)

    async def _create(self, job: Job, model: Model) -> None:
        try:
            video = await self._video(job)
            config = model.config(job.prompt, job.options, video=video)
            crash_point("submit.sending")
            async with held(lambda: self._renew(job)):
                generation = await self.netmind.create(model.id, config)
        except OptionsRefused as error:
            log.warning("catalogue_has_changed", error=str(error))
            await self._judge(job, verdict.Fail(Reason.OTHER_OPTIONS))
        except LeaseLostError:
            log.warning("job_taken_over")
        except NotReady as error:
            await self._put_off(job, error)
        except NetmindError as error:
            log.warning("submit_failed", attempt=job.attempts, error=str(error))
            await self._judge(job, verdict.of_submit(error))
        else:
            crash_point("submit.answered")
            self.outage.end()
            await self._accept(job, model, generation)

    async def _video(self, job: Job) -> str | None:
        """Return a link to the video that gets the sound; None: there is none.

        Raises LeaseLostError: the claim did not last until there is something to be sent.
        """
        if job.video_message_id is None:
            return None
        try:
            async with held(lambda: self._renew(job), or_stop=True):
                link = await self.footage.link(job)
            if not await self._renew(job):
                raise LeaseLostError("the claim was lost")
        except asyncio.CancelledError:
            self._unsent.add(job.id)
            raise
        return link

    async def _put_off(self, job: Job, error: NotReady) -> None:
        """Try again later to bring the job its video, or end it; it concerns no other job."""
        log.warning("video_not_ready", error=str(error.__cause__ or error))
        now = self.clock()
        async with self.database.write() as connection:
            if not error.passing or now - job.created_at >= verdict.PATIENCE:
                await fail(connection, job, error.reason, now)
            else:
                await self._give_up_claim(connection, job, error.reason, now + _VIDEO_AGAIN)
        self.on_change()

    async def _give_up_claim(
        self, connection: AsyncConnection, job: Job, note: str, not_before: datetime | None = None
    ) -> None:
        """Queue a job again of which nothing was sent, so that the attempt does not count."""
        await jobs.move(
            connection,
            job,
            JobState.QUEUED,
            self.clock(),
            note=note,
            attempts=job.attempts - 1,
            not_before=not_before,
        )

    async def give_back(self) -> None:
        """Let somebody else settle what was under way when the work was cut off."""
        for job in self.tasks.cut_off:
            async with self.database.write() as connection:
                if job.id in self._unsent:
                    await self._give_up_claim(connection, job, "stopped")
                    continue
                await jobs.move(connection, job, JobState.UNCERTAIN, self.clock(), note="stopped")
        self.tasks.cut_off.clear()
        self._unsent.clear()

    async def _renew(self, job: Job) -> bool:
        async with self.database.write() as connection:
            return await jobs.renew(connection, job, self.clock() + LEASE)

    async def _accept(self, job: Job, model: Model, generation: Generation) -> None:
        """Write the id down, however long the database takes: it exists nowhere else."""
        ours = await written(lambda: self._write_id(job, model, generation))
        crash_point("submit.committed")
        if ours:
            log.info("generation_created", generation=generation.id)
        else:
            await self._discard(generation)
        self.on_change()

    async def _write_id(self, job: Job, model: Model, generation: Generation) -> bool:
        """Give the generation to its job. False: the job goes on without it."""
        now = self.clock()
        async with self.database.write() as connection:
            found = await jobs.get(connection, job.id)
            if found is None:
                return False
            if found.generation_id == generation.id:
                return True  # an earlier try was committed, though nobody told us
            # Somebody may have called it uncertain before the answer came.
            if found.epoch == job.epoch and found.state in (
                JobState.SUBMITTING,
                JobState.UNCERTAIN,
            ):
                results = self.settler.results
                return await begin(connection, found, model, generation, now, results=results)
            return await jobs.own_late_generation(connection, job.id, generation.id, now)

    async def _discard(self, generation: Generation) -> None:
        """Delete a generation that came so late that its job has been sent again."""
        log.warning("generation_too_late", generation=generation.id)
        with contextlib.suppress(NetmindError):  # best effort, as every deletion
            await self.netmind.delete(generation.id)

    async def _judge(self, job: Job, outcome: verdict.Verdict) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            if isinstance(outcome, verdict.Fail):
                await fail(connection, job, outcome.reason, now, outcome.detail)
            elif isinstance(outcome, verdict.Again):
                # It surely made nothing, so it does not count.
                attempts = job.attempts - 1
                await jobs.move(
                    connection, job, JobState.QUEUED, now, note=outcome.reason, attempts=attempts
                )
            else:
                await jobs.move(connection, job, JobState.UNCERTAIN, now)
        self._note(outcome)
        self.on_change()

    def _note(self, outcome: verdict.Verdict) -> None:
        """Draw what conclusions this request allows about all the others."""
        if isinstance(outcome, verdict.Fail):
            self.outage.end()  # it was understood
        elif isinstance(outcome, verdict.Again):
            self.outage.begin(outcome.reason, outcome.retry_after)
        elif outcome.reason is not None:
            self.outage.begin(outcome.reason)

    async def _next(self) -> float | None:
        """Return in how many seconds something waits to be settled or tried again."""
        delays = [await self.settler.next()]
        if self.outage.reason is not None and await self._is_any_queued():
            delays.append(self.outage.wait())
        known = [delay for delay in delays if delay is not None]
        return max(0.5, min(known)) if known else None

    async def _is_any_queued(self) -> bool:
        async with self.database.read() as connection:
            return await jobs.count(connection, [JobState.QUEUED]) > 0
