"""The courier: brings every delivery to Discord, once.

A claim is written down before anything is sent. Whoever finds an old claim does not know whether
its message was posted: inside Discord's window the same nonce makes a second send harmless; past
it, the courier looks in the channel for our own marker first.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from discord.utils import time_snowflake
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import messages, post, text
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import reasons
from bot.jobs.fetch import Fetcher, Unfetchable
from bot.jobs.lease import LEASE, held
from bot.jobs.loop import Tasks
from bot.jobs.reasons import Reason
from bot.post import Letter, Post, Upload
from storage import deliveries, jobs
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job

log = structlog.get_logger(__name__)

AT_ONCE = 4
# Discord speaks of "the past few minutes"; past this we do not rely on it.
NONCE_WINDOW = timedelta(seconds=120)
# Discord's clock dates its messages, ours the sends.
CLOCKS_DIFFER = timedelta(minutes=5)
MAX_ATTEMPTS = 6
# A result that is not in the channel stays at NetMind this long, for /job to fetch.
KEEP_UNPOSTED = timedelta(days=7)


@dataclass(frozen=True)
class Posted:
    """A message that is in Discord; `instead`: it says why the file is not."""

    message_id: int
    instead: Reason | None = None


@dataclass
class Courier:
    """Claims deliveries and sends them, a few at once."""

    database: Database
    post: Post
    fetcher: Fetcher
    clock: Clock
    on_change: Callable[[], None]
    tasks: Tasks = field(default_factory=lambda: Tasks("courier"))

    async def step(self) -> float | None:
        """Start sending what may be sent; return when something more may be claimed."""
        now = self.clock()
        async with self.database.read() as connection:
            due = await deliveries.next_due(connection)
        if due is None:
            return None
        free = AT_ONCE - len(self.tasks)
        if due > now or free <= 0:
            return max(0.5, (due - now).total_seconds())
        async with self.database.write() as connection:
            claimed = await deliveries.claim(connection, free, now, LEASE)
        crash_point("delivery.claimed")
        for delivery in claimed:
            self.tasks.start(self._deliver(delivery, now))
        return 0.0

    async def _deliver(self, delivery: Delivery, now: datetime) -> None:
        async with self.database.read() as connection:
            job = await jobs.get(connection, delivery.job_id)
        if job is None:
            return
        fresh = delivery.sending_at == now
        try:
            async with held(lambda: self._renew(delivery)):
                posted = await self._already_posted(delivery, job, now)
                posted = posted or await self._send(delivery, job)
        except post.NotTakenError as error:
            # Of an earlier claim's send this says nothing.
            await self._later(delivery, error, surely_not_sent=fresh)
        except post.NoAnswerError as error:
            await self._later(delivery, error, surely_not_sent=False)
        except post.PostError as error:
            await self._give_up(delivery, error)
        else:
            crash_point("delivery.posted")
            await self._sent(delivery, posted)
        self.on_change()

    async def _renew(self, delivery: Delivery) -> bool:
        async with self.database.write() as connection:
            return await deliveries.renew(connection, delivery, self.clock() + LEASE)

    async def _already_posted(self, delivery: Delivery, job: Job, now: datetime) -> Posted | None:
        """Find the message of an earlier claim, where the nonce alone no longer protects."""
        if delivery.sending_at is None or now - delivery.sending_at < NONCE_WINDOW:
            return None
        # No earlier than that it was sent; a search from the card on may never get so far.
        after = max(job.card_id or 0, time_snowflake(delivery.sending_at - CLOCKS_DIFFER))
        found = await self.post.find(delivery.channel_id, after, messages.marker(job))
        return None if found is None else Posted(found)

    async def _send(self, delivery: Delivery, job: Job) -> Posted:
        if delivery.kind is DeliveryKind.FAILURE:
            lines = messages.failure_lines(job)
            return Posted(
                await self.post.send(self._letter(delivery, job, messages.failure(job, lines)))
            )
        limit = await self.post.limit(job.guild_id)
        with tempfile.TemporaryFile() as file:
            try:
                fetched = await self.fetcher.fetch(job, file, limit)
                crash_point("download.whole")
                name = messages.file_name(job, fetched.media.extension)
                letter = self._letter(delivery, job, messages.result(job), Upload(file, name))
                return Posted(await self.post.send(letter))
            except Unfetchable as error:
                if error.passing and delivery.attempts < MAX_ATTEMPTS:
                    raise post.NotTakenError(str(error)) from error
                return await self._explain(delivery, job, error.reason, limit)
            except post.TooLargeError:
                return await self._explain(delivery, job, Reason.TOO_LARGE, limit)

    async def _explain(self, delivery: Delivery, job: Job, reason: Reason, limit: int) -> Posted:
        """Say in the channel why the file is not there."""
        words = reasons.sentence(reason)
        if reason is Reason.TOO_LARGE:
            most = text.size(limit)
            words += f" Files here may have {most} at most; try a shorter or smaller one."
        letter = self._letter(delivery, job, messages.failure(job, [words]))
        return Posted(await self.post.send(letter), reason)

    def _letter(
        self, delivery: Delivery, job: Job, words: str, upload: Upload | None = None
    ) -> Letter:
        return Letter(
            channel_id=delivery.channel_id,
            text=words,
            mention=job.requester_id,
            # A notice that follows a refused upload is another message than the upload.
            nonce=delivery.nonce if upload else f"{delivery.nonce}n",
            reply_to=job.card_id,
            upload=upload,
        )

    async def _sent(self, delivery: Delivery, posted: Posted) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            if await deliveries.mark_sent(connection, delivery, posted.message_id, now):
                await _clear_up(connection, delivery, now, posted.instead)
        crash_point("delivery.committed")
        log.info("delivered", job=delivery.job_id, kind=delivery.kind, attempt=delivery.attempts)

    async def _later(self, delivery: Delivery, error: Exception, *, surely_not_sent: bool) -> None:
        if delivery.attempts >= MAX_ATTEMPTS:
            await self._give_up(delivery, error)
            return
        until = self.clock() + timedelta(seconds=min(300.0, 2.0 ** (delivery.attempts + 1)))
        log.warning("delivery_put_off", job=delivery.job_id, until=until, error=str(error))
        async with self.database.write() as connection:
            await deliveries.put_off(connection, delivery, until, surely_not_sent=surely_not_sent)

    async def _give_up(self, delivery: Delivery, error: Exception) -> None:
        log.error("undeliverable", job=delivery.job_id, error=str(error))
        async with self.database.write() as connection:
            if await deliveries.give_up(connection, delivery, str(error)):
                await _clear_up(connection, delivery, self.clock(), Reason.UNDELIVERABLE)


async def _clear_up(
    connection: AsyncConnection, delivery: Delivery, now: datetime, unposted: Reason | None
) -> None:
    """Plan the generation's deletion: now if its file is in Discord, else when nobody came."""
    if delivery.kind is not DeliveryKind.RESULT:
        return
    if unposted is not None:
        await jobs.set_reason(connection, delivery.job_id, unposted)
        now += KEEP_UNPOSTED
    await jobs.plan_cleanup(connection, delivery.job_id, now)
