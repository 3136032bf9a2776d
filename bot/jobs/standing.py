"""How a job stands, for those who show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.jobs.estimate import Estimates
from bot.jobs.outage import Outage
from bot.messages import Standing
from bot.netmind.catalog import Catalog
from storage import jobs, queue
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
        (standing,) = await self.of_all([job])
        return standing

    async def of_all(self, found: Sequence[Job]) -> list[Standing]:
        """Return how each of these jobs stands; the queue is looked at once."""
        under_way, places = 0, dict[int, int]()
        if any(job.state is JobState.QUEUED for job in found):
            async with self.database.read() as connection:
                places = await queue.places(connection)
                under_way = await jobs.count(connection, UNDER_WAY)
        return [await self._of(job, places.get(job.id, 0), under_way) for job in found]

    async def _of(self, job: Job, ahead: int, under_way: int) -> Standing:
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
