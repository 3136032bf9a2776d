"""All workers together: how they are built, woken, run and ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.jobs.bulletins import Bulletins
from bot.jobs.cards import CardKeeper
from bot.jobs.courier import Courier
from bot.jobs.fetch import Fetcher
from bot.jobs.footage import Footage
from bot.jobs.inspection import Inspector
from bot.jobs.janitor import Janitor
from bot.jobs.log_lines import LogLines
from bot.jobs.lookout import Lookout
from bot.jobs.loop import GRACE, IDLE, Loop
from bot.jobs.outage import Outage
from bot.jobs.parcel import Packer
from bot.jobs.retention import Retention
from bot.jobs.review_keeper import ReviewKeeper
from bot.jobs.reviews import Reviews
from bot.jobs.sending import Sender
from bot.jobs.settler import Settler
from bot.jobs.standing import Standings
from bot.jobs.submitter import Submitter
from bot.jobs.turn import Step, Turn
from bot.jobs.watcher import Watcher
from bot.look.looker import Looker
from bot.media.workshop import Workshop
from bot.netmind.client import NetmindClient
from bot.post import Post
from bot.web.links import MediaLinks
from storage.database import Database
from storage.deliveries import Delivery

log = structlog.get_logger(__name__)

# Seconds after which a worker looks anyway where there may be other processes: less than half of
# a lease, so that a turn is kept.
SHARED_IDLE = 8.0


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
    """The submitter, watcher, courier, janitor, and the keepers of cards and of reviews."""

    submitter: Submitter
    watcher: Watcher
    courier: Courier
    janitor: Janitor
    cards: CardKeeper
    reviews: ReviewKeeper
    turn: Turn
    bell: Bell

    async def run(self) -> None:
        """Run until drained or cancelled; what is under way is then found again by its lease."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self.bell.loops:
                    group.create_task(loop.run(), name=loop.name)
        finally:
            await self.stop()

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, end what is under way within so many seconds, give back the rest.

        Raises UnavailableError if the database does not take it; the leases run out by themselves.
        """
        clock = asyncio.get_running_loop().time
        ends_at = clock() + max(GRACE, seconds)
        # A step may start more work, so they come first; one that waits for an API is cut off.
        ending = [asyncio.create_task(loop.end()) for loop in self.bell.loops]
        await asyncio.wait(ending, timeout=max(GRACE, seconds / 4))
        await self._end_tasks(max(0.0, ends_at - clock()))
        for task in ending:
            task.cancel()
        given_back = len(self.submitter.tasks.cut_off) + len(self.courier.tasks.cut_off)
        log.info("drained", given_back=given_back)
        await self.submitter.give_back()
        await self.courier.give_back()
        await self.turn.give_back()

    async def stop(self) -> None:
        """End what the workers have started beside their loops."""
        await self._end_tasks(GRACE)

    async def _end_tasks(self, seconds: float) -> None:
        await asyncio.gather(self.submitter.tasks.stop(seconds), self.courier.tasks.stop(seconds))


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
    exclusive: bool,
    shared_database: bool,
    workshop: Workshop,
    looker: Looker,
    links: MediaLinks | None,
    retention_days: int | None,
    on_sent: Callable[[Delivery, datetime], None],
) -> Workers:
    """Build the workers and hang them on the bell; nothing runs yet.

    `exclusive`: nobody else uses the NetMind account. `shared_database`: there may be other
    processes like this one. `retention_days`: jobs that ended earlier are deleted. `on_sent`: see
    Courier.
    """
    results, outage = fetcher.results, standings.outage
    settler = Settler(database, netmind, standings.catalog, results, clock, exclusive, bell.ring)
    packer = Packer(fetcher, workshop, post)
    bulletins, inspector = Bulletins(database, packer), Inspector(database, post, looker)
    sender = Sender(database, post, packer, bulletins, inspector, standings.catalog, clock, links)
    workers = Workers(
        submitter=Submitter(
            database,
            netmind,
            standings.catalog,
            settler,
            outage,
            clock,
            max_in_flight,
            bell.ring,
            Footage(database, netmind, post, fetcher.downloader),
        ),
        # A key may be good for looking and not for making, so each counts its own refusals.
        watcher=Watcher(
            database, netmind, results, standings.estimates, Outage(clock), clock, bell.ring
        ),
        courier=Courier(database, post, sender, clock, bell.ring, on_sent),
        janitor=Janitor(
            database,
            netmind,
            outage,
            clock,
            exclusive,
            Retention(database, clock, retention_days),
            LogLines(database, clock, bell.ring),
        ),
        cards=CardKeeper(database, post, standings, clock),
        reviews=ReviewKeeper(database, Reviews(database, clock, bell.ring), post, clock),
        turn=Turn(database, clock),
        bell=bell,
    )
    bell.loops += _loops(workers, shared=shared_database)
    if shared_database:
        # Among those that are rung it would ring itself.
        lookout = Lookout(database, clock, Bell(list(bell.loops)).ring)
        bell.loops.append(Loop("lookout", lookout.step))
    return workers


def _loops(workers: Workers, *, shared: bool) -> list[Loop]:
    """Make the loops; what is done for all jobs at once is done by one process at a time."""
    idle = SHARED_IDLE if shared else IDLE
    apart: dict[str, Step] = {"submitter": workers.submitter.step, "courier": workers.courier.step}
    in_turn: dict[str, Step] = {
        "watcher": workers.watcher.step,
        "janitor": workers.janitor.step,
        "cards": workers.cards.step,
        "reviews": workers.reviews.step,
    }
    if shared:
        in_turn = {name: workers.turn.taken_by(step) for name, step in in_turn.items()}
    return [Loop(name, step, idle) for name, step in (apart | in_turn).items()]
