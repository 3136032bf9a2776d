"""The janitor: deletes generations that nobody needs any more, so that the list stays short.

On an account that nobody else uses, these include what lost POSTs have made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot import ids
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import account
from bot.jobs.adoption import lost
from bot.jobs.log_lines import LogLines
from bot.jobs.outage import Outage
from bot.jobs.retention import Retention
from bot.jobs.verdict import APPEARS
from bot.netmind.client import NetmindClient
from bot.netmind.errors import NetmindError
from storage import jobs, posts
from storage.database import Database
from storage.jobs import Job

log = structlog.get_logger(__name__)

AT_ONCE = 20
# About a day.
MAX_TRIES = 30
LONGEST_WAIT = 3600.0
# Seconds between two looks for what lost POSTs have made.
SWEEP_EVERY = timedelta(seconds=60)


@dataclass
class Janitor:
    """Deletes generations when their time has come; a failure is tried again, ever more rarely."""

    database: Database
    netmind: NetmindClient
    outage: Outage
    clock: Clock
    exclusive: bool
    retention: Retention
    lines: LogLines
    _swept_at: datetime | None = None

    async def step(self) -> float | None:
        """Delete what is due; return in how many seconds more will be."""
        more = await self.retention.step()
        await self.lines.step()
        if self.outage.reason is not None and (wait := self.outage.wait()) > 0:
            return max(0.5, wait)  # it would be refused, or not be answered
        async with self.database.read() as connection:
            due = await jobs.due_cleanups(connection, self.clock(), AT_ONCE)
        for job in due:
            with ids.about(job):
                await self._delete(job)
        times = [self.clock()] if more else []
        if self.exclusive and (sweep_at := await self._sweep()) is not None:
            times.append(sweep_at)
        async with self.database.read() as connection:
            if (cleanup_at := await jobs.next_cleanup(connection)) is not None:
                times.append(cleanup_at)
        delays = [(at - self.clock()).total_seconds() for at in times]
        return max(0.5, min(delays)) if delays else None

    async def _delete(self, job: Job) -> None:
        again = None
        crash_point("cleanup.deleting")
        try:
            if await self.netmind.delete(job.generation_id or ""):
                log.info("generation_deleted")
            else:
                again = self._when_surely_known(job)
                log.info("generation_not_known", again=again)
        except NetmindError as error:
            log.warning("delete_failed", tries=job.cleanup_tries, error=str(error))
            # What a person had deleted is tried until it is done.
            if job.cleanup_tries < MAX_TRIES or job.erased_at is not None:
                wait = min(30.0 * 2 ** min(job.cleanup_tries, MAX_TRIES), LONGEST_WAIT)
                again = self.clock() + timedelta(seconds=wait)
        crash_point("cleanup.deleted")
        async with self.database.write() as connection:
            await jobs.put_off_cleanup(connection, job.id, again)
        crash_point("cleanup.committed")

    def _when_surely_known(self, job: Job) -> datetime | None:
        """Return when a generation that is not known would be, if it is too young; else None."""
        born = job.generating_at or job.submitted_at
        if born is None or self.clock() - born >= APPEARS:
            return None
        return born + APPEARS

    async def _sweep(self) -> datetime | None:
        """Delete what lost POSTs have made; return when to look again, None: no POST was lost."""
        now = self.clock()
        async with self.database.read() as connection:
            unclear = await posts.unclear(connection, now - account.REMEMBERED)
        if not any(post.settled for post in unclear):
            return None
        if self._swept_at is None or now - self._swept_at >= SWEEP_EVERY:
            self._swept_at = now
            await self._delete_lost(now)
        return self._swept_at + SWEEP_EVERY

    async def _delete_lost(self, now: datetime) -> None:
        try:
            for orphan in lost(await account.look(self.database, self.netmind, now)):
                await self.netmind.delete(orphan.id)
                log.warning("lost_generation_deleted", generation=orphan.id)
        except NetmindError as error:
            log.warning("sweep_failed", error=str(error))
