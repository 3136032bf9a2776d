"""Notices that people could not be told by direct message: told with their next command."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from storage import jobs, notices
from storage.database import Database
from storage.jobs import Job
from storage.notices import Notice


@dataclass
class Notices:
    """Knows what people are still to be told."""

    database: Database
    clock: Clock

    async def untold(self, person_id: int) -> Sequence[tuple[Notice, Job]]:
        """Return what a person was not told yet, oldest first, each with its job."""
        async with self.database.read() as connection:
            found = await notices.untold(connection, person_id)
            about = {each.job_id: await jobs.get(connection, each.job_id) for each in found}
        return [(each, job) for each in found if (job := about[each.job_id]) is not None]

    async def note_told(self, told: Collection[Notice]) -> None:
        """Remember that the person knows."""
        async with self.database.write() as connection:
            await notices.note_told(connection, [each.id for each in told], self.clock())
