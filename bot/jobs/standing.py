"""How a job stands, for those who show it."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.jobs.estimate import Estimates
from bot.jobs.outage import Outage
from bot.messages import Standing
from bot.netmind.catalog import Catalog
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from storage.states import UNDER_WAY, JobState


@dataclass
class Standings:
    """Looks up what a card shows beside the job itself."""

    database: Database
    catalog: Catalog
    estimates: Estimates
    clock: Clock
    max_in_flight: int
    outage: Outage

    async def of(self, job: Job) -> Standing:
        """Return the job's place in the queue, its model's name and usual time."""
        ahead = under_way = 0
        if job.state is JobState.QUEUED:
            async with self.database.read() as connection:
                ahead = await jobs.ahead_of(connection, job)
                under_way = await jobs.count(connection, UNDER_WAY)
        model = self.catalog.get(job.model)
        expected = await self.estimates.of(job.model)
        starts_now = ahead + under_way < self.max_in_flight
        return Standing(
            now=self.clock(),
            model=model.title if model else job.model,
            options=model.options if model else {},
            ahead=ahead,
            starts_now=starts_now,
            expected=expected,
            outage=self.outage.reason,
            starts_in=None
            if starts_now
            else expected.usual * (ahead + 1) / max(1, self.max_in_flight),
        )
