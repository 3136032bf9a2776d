"""The card keeper: has every card show how its job stands.

While a job is under way this costs few edits: on a new state, five seconds after the last at the
earliest; for the bar alone twice a minute. That a card tells the end is kept in the database, so
that a restart closes what it must.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import discord
import structlog

from bot import ids, messages, post
from bot.buttons import on_card
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs.lost_cards import NOTED_WITHIN, find_card
from bot.jobs.standing import Standings
from bot.messages import Standing
from bot.post import Post
from storage import deliveries, jobs
from storage.database import Database
from storage.deliveries import Delivery
from storage.jobs import Job
from storage.states import OPEN, DeliveryState, JobState

log = structlog.get_logger(__name__)

AT_ONCE = 50
# Seconds between two looks while something is under way.
INTERVAL = 5.0
STATE_EVERY = timedelta(seconds=5)
BAR_EVERY = timedelta(seconds=30)
# A card whose message nobody noted is looked for among the messages of this time.
SEARCHED = timedelta(hours=1)
# A card that cannot be edited now is tried again; past this its end stands in the message below.
GIVE_UP = timedelta(minutes=10)


@dataclass(frozen=True)
class Shown:
    """What a card shows, since when."""

    state: JobState
    words: str
    at: datetime


@dataclass
class CardKeeper:
    """Edits cards whose job has moved on."""

    database: Database
    post: Post
    standings: Standings
    clock: Clock
    _shown: dict[int, Shown] = field(default_factory=dict)

    async def step(self) -> float | None:
        """Edit what is out of date; None: no card will change by itself."""
        await self._look_for_lost_cards()
        async with self.database.read() as connection:
            under_way = [job for job in await jobs.in_states(connection, OPEN) if job.card_id]
            ended = await jobs.with_open_card(connection, AT_ONCE)
            told = await deliveries.of_jobs(connection, [job.id for job in ended])
        closed = [job for job in ended if await self._close(job, told.get(job.id))]
        if closed:
            crash_point("card.closing")
            async with self.database.write() as connection:
                await jobs.close_cards(connection, [job.id for job in closed])
            crash_point("card.closed")
        self._forget_all_but({job.id for job in under_way})
        for job, standing in zip(under_way, await self.standings.of_all(under_way), strict=True):
            await self._refresh(job, standing)
        more = len(closed) < len(ended) or len(ended) == AT_ONCE
        return INTERVAL if under_way or more else None

    async def _look_for_lost_cards(self) -> None:
        now = self.clock()
        async with self.database.read() as connection:
            lost = await jobs.without_card(connection, now - SEARCHED, now - NOTED_WITHIN, AT_ONCE)
        for job in lost:
            with ids.about(job):
                try:
                    await find_card(self.database, self.post, job, now)
                except post.PostError as error:
                    log.warning("card_not_found", error=str(error))

    def _forget_all_but(self, job_ids: Collection[int]) -> None:
        for job_id in self._shown.keys() - job_ids:
            del self._shown[job_id]

    async def _refresh(self, job: Job, standing: Standing) -> None:
        embed = messages.card(job, standing)
        shown = self._shown.get(job.id)
        words = f"{embed.title}\n{embed.description}"
        if shown is None:
            # What a card says that was drawn elsewhere, or before a restart, is not known here.
            shown = Shown(JobState.QUEUED, "", job.created_at)
        self._shown[job.id] = shown
        wait = STATE_EVERY if job.state is not shown.state else BAR_EVERY
        if words == shown.words or self.clock() - shown.at < wait:
            return
        if await self._edit(job, embed):
            self._shown[job.id] = Shown(job.state, words, self.clock())
            await self._correct(job)

    async def _correct(self, job: Job) -> None:
        """Show the end again, if a click ended the job and we have just drawn over it."""
        async with self.database.read() as connection:
            found = await jobs.get(connection, job.id)
        if found is not None and found.state is JobState.CANCELLED:
            await self._close(found)

    async def _close(self, job: Job, told: Delivery | None = None) -> bool:
        """Show the end on the card; False: to be tried again."""
        alone = told is None or told.state is DeliveryState.UNDELIVERABLE
        embed = messages.card(job, await self.standings.of(job), alone=alone)
        late = job.ended_at is not None and self.clock() - job.ended_at > GIVE_UP
        return await self._edit(job, embed) or late

    async def _edit(self, job: Job, embed: discord.Embed) -> bool:
        with ids.about(job):
            try:
                await self.post.edit(job.channel_id, job.card_id or 0, embed, on_card(job))
            except (post.ChannelGoneError, post.NotAllowedError):
                return True  # nobody can see the card, or nobody can change it any more
            except post.PostError as error:
                log.warning("card_not_edited", error=str(error))
                return False
            return True
