"""How a job stands, for those who show it."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.jobs.estimate import Estimates
from bot.messages import Standing
from bot.netmind.catalog import Catalog
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from storage.states import JobState


@dataclass
class Standings:
    """Looks up what a card shows beside the job itself."""

    database: Database
    catalog: Catalog
    estimates: Estimates
    clock: Clock

    async def of(self, job: Job) -> Standing:
        """Return the job's place in the queue, its model's name and usual time."""
        ahead = 0
        if job.state is JobState.QUEUED:
            async with self.database.read() as connection:
                ahead = await jobs.ahead_of(connection, job)
        model = self.catalog.get(job.model)
        return Standing(
            now=self.clock(),
            model=model.title if model else job.model,
            ahead=ahead,
            expected=await self.estimates.of(job.model),
        )
