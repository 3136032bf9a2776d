"""All workers together: how they are built, woken, run and ended."""

import asyncio
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.jobs.cards import CardKeeper
from bot.jobs.courier import Courier
from bot.jobs.fetch import Fetcher
from bot.jobs.janitor import Janitor
from bot.jobs.loop import Loop
from bot.jobs.standing import Standings
from bot.jobs.submitter import Submitter
from bot.jobs.watcher import Watcher
from bot.netmind.client import NetmindClient
from bot.post import Post
from storage.database import Database


@dataclass
class Bell:
    """Rung whenever a job has moved: every worker looks whether there is work now."""

    loops: list[Loop] = field(default_factory=list)

    def ring(self) -> None:
        """Wake every worker."""
        for loop in self.loops:
            loop.wake()


@dataclass(frozen=True)
class Workers:
    """The submitter, watcher, courier, janitor, and the keeper of the cards."""

    submitter: Submitter
    watcher: Watcher
    courier: Courier
    janitor: Janitor
    cards: CardKeeper
    bell: Bell

    async def run(self) -> None:
        """Run until cancelled; what is under way then is found again by its lease."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self.bell.loops:
                    group.create_task(loop.run(), name=loop.name)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End what the workers have started beside their loops."""
        await self.submitter.tasks.stop()
        await self.courier.tasks.stop()


def build_workers(
    *,
    bell: Bell,
    database: Database,
    netmind: NetmindClient,
    fetcher: Fetcher,
    post: Post,
    standings: Standings,
    clock: Clock,
    max_in_flight: int,
) -> Workers:
    """Build the workers and hang them on the bell; nothing runs yet."""
    results = fetcher.results
    workers = Workers(
        submitter=Submitter(
            database, netmind, standings.catalog, results, clock, max_in_flight, bell.ring
        ),
        watcher=Watcher(database, netmind, results, standings.estimates, clock, bell.ring),
        courier=Courier(database, post, fetcher, clock, bell.ring),
        janitor=Janitor(database, netmind, clock),
        cards=CardKeeper(database, post, standings, clock),
        bell=bell,
    )
    bell.loops += [
        Loop("submitter", workers.submitter.step),
        Loop("watcher", workers.watcher.step),
        Loop("courier", workers.courier.step),
        Loop("janitor", workers.janitor.step),
        Loop("cards", workers.cards.step),
    ]
    return workers
