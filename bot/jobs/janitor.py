"""The janitor: deletes generations that nobody needs any more, so that the list stays short."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.crash import crash_point
from bot.netmind.client import NetmindClient
from bot.netmind.errors import NetmindError
from storage import jobs
from storage.database import Database
from storage.jobs import Job

log = structlog.get_logger(__name__)

AT_ONCE = 20
MAX_TRIES = 8


@dataclass
class Janitor:
    """Deletes generations when their time has come; a failure is tried again, ever more rarely."""

    database: Database
    netmind: NetmindClient
    clock: Clock

    async def step(self) -> float | None:
        """Delete what is due; return in how many seconds more will be."""
        async with self.database.read() as connection:
            due = await jobs.due_cleanups(connection, self.clock(), AT_ONCE)
        for job in due:
            await self._delete(job)
        async with self.database.read() as connection:
            at = await jobs.next_cleanup(connection)
        return None if at is None else max(0.5, (at - self.clock()).total_seconds())

    async def _delete(self, job: Job) -> None:
        again = None
        crash_point("cleanup.deleting")
        try:
            await self.netmind.delete(job.generation_id or "")
            log.info("generation_deleted", job=job.id)
        except NetmindError as error:
            log.warning("delete_failed", job=job.id, tries=job.cleanup_tries, error=str(error))
            if job.cleanup_tries < MAX_TRIES:
                again = self.clock() + timedelta(seconds=30 * 2**job.cleanup_tries)
        crash_point("cleanup.deleted")
        async with self.database.write() as connection:
            await jobs.put_off_cleanup(connection, job.id, again)
        crash_point("cleanup.committed")
