"""The courier: brings every delivery to Discord, once.

A claim is written down before anything is sent. Whoever finds an old claim does not know whether
its message was posted: inside Discord's window the same nonce makes a second send harmless; past
it, the courier looks in the channel for our own marker first. While Discord has trouble, messages
are kept for a day.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from discord.utils import time_snowflake
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import messages, post, text
from bot.buttons import on_failure, on_result
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import reasons
from bot.jobs.fetch import Fetcher, Unfetchable
from bot.jobs.lease import LEASE, LeaseLostError, held
from bot.jobs.loop import Tasks
from bot.jobs.lost_cards import find_card
from bot.jobs.persist import written
from bot.jobs.reasons import Reason
from bot.language import language
from bot.post import Found, Letter, Post, PostError, Upload
from storage import deliveries, jobs
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job

log = structlog.get_logger(__name__)

AT_ONCE = 4
# Discord speaks of "the past few minutes"; an upload has to end within them too.
NONCE_WINDOW = timedelta(seconds=60)
# Discord's clock dates its messages, ours the sends.
CLOCKS_DIFFER = timedelta(minutes=5)
# How often Discord may refuse a message before we stop asking.
MAX_ATTEMPTS = 6
# Discord without an answer, NetMind without the file: how long either is waited for.
WAIT_FOR_DISCORD = timedelta(hours=24)
WAIT_FOR_FILE = timedelta(minutes=30)
# Seconds between two attempts at most: what is over is noticed within this time.
LONGEST_PAUSE = 30.0
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
    tasks: Tasks[Delivery] = field(default_factory=lambda: Tasks("courier"))

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
            self.tasks.start(delivery, self._deliver(delivery, now))
        return 0.0

    async def _deliver(self, delivery: Delivery, now: datetime) -> None:
        async with self.database.read() as connection:
            job = await jobs.get(connection, delivery.job_id)
        if job is None:
            return
        try:
            async with held(lambda: self._renew(delivery), or_stop=True):
                job = await self._with_card(job)
                posted = await self._send(delivery, job, fresh=delivery.sending_at == now)
        except PostError as error:
            await self._failed(delivery, error, fresh=delivery.sending_at == now)
        except LeaseLostError:
            log.warning("delivery_taken_over", job=job.id)
        else:
            crash_point("delivery.posted")
            await written(lambda: self._sent(delivery, posted))
        self.on_change()

    async def _with_card(self, job: Job) -> Job:
        """Return the job with its card, which somebody may have died before noting."""
        if job.card_id is not None or job.card_closed:
            return job
        found = await find_card(self.database, self.post, job, self.clock())
        return replace(job, card_id=found)

    async def give_back(self) -> None:
        """Let somebody else take what was under way when the work was cut off."""
        for delivery in self.tasks.cut_off:
            async with self.database.write() as connection:
                await deliveries.put_off(
                    connection, delivery, self.clock(), surely_not_sent=False, counted=False
                )
        self.tasks.cut_off.clear()

    async def _renew(self, delivery: Delivery) -> bool:
        async with self.database.write() as connection:
            return await deliveries.renew(connection, delivery, self.clock() + LEASE)

    async def _send(self, delivery: Delivery, job: Job, *, fresh: bool) -> Posted:
        if delivery.kind is DeliveryKind.FAILURE:
            words = messages.failure(job, messages.failure_lines(job))
            return await self._post(delivery, job, self._letter(delivery, job, words), fresh=fresh)
        limit = await self.post.limit(job.guild_id)
        with tempfile.TemporaryFile() as file:
            try:
                fetched = await self.fetcher.fetch(job, file, limit)
                crash_point("download.whole")
                name = messages.file_name(job, fetched.media.extension)
                letter = self._letter(delivery, job, messages.result(job), Upload(file, name))
                return await self._post(delivery, job, letter, fresh=fresh)
            except Unfetchable as error:
                if error.passing and self.clock() - delivery.created_at < WAIT_FOR_FILE:
                    raise post.NoAnswerError(str(error)) from error
                return await self._explain(delivery, job, error.reason, limit, fresh=fresh)
            except post.TooLargeError:
                return await self._explain(delivery, job, Reason.TOO_LARGE, limit, fresh=fresh)

    async def _post(self, delivery: Delivery, job: Job, letter: Letter, *, fresh: bool) -> Posted:
        """Post, unless an earlier claim did; right before a send, for a download may take long."""
        if not fresh and (found := await self._already_posted(delivery, job)) is not None:
            expected = delivery.kind is DeliveryKind.FAILURE or found.has_file
            return Posted(found.message_id, None if expected else Reason.UNDELIVERABLE)
        return Posted(await self.post.send(letter))

    async def _already_posted(self, delivery: Delivery, job: Job) -> Found | None:
        """Find the message of an earlier claim, where the nonce alone does not protect.

        It does for a while, if the message is the same: a result may come as a file or as a notice.
        """
        sending_at = delivery.sending_at
        if sending_at is None:
            return None
        remembered = self.clock() - sending_at < NONCE_WINDOW
        if remembered and delivery.kind is DeliveryKind.FAILURE:
            return None
        # No earlier than that it was sent; a search from the card on may never get so far.
        after = max(job.card_id or 0, time_snowflake(sending_at - CLOCKS_DIFFER))
        try:
            return await self.post.find(delivery.channel_id, after, messages.marker(job))
        except post.NotAllowedError:
            if not remembered:
                raise
            return None

    async def _explain(
        self, delivery: Delivery, job: Job, reason: Reason, limit: int, *, fresh: bool
    ) -> Posted:
        """Say in the channel why the file is not there."""
        say = language(job.language)
        words = say.say(reasons.sentence(reason))
        if reason is Reason.TOO_LARGE:
            words += "\n" + say("Files here may have {size} at most.", size=text.size(limit))
        letter = self._letter(delivery, job, messages.failure(job, [words]))
        posted = await self._post(delivery, job, letter, fresh=fresh)
        return replace(posted, instead=reason)

    def _letter(
        self, delivery: Delivery, job: Job, words: str, upload: Upload | None = None
    ) -> Letter:
        return Letter(
            channel_id=delivery.channel_id,
            text=words,
            mention=job.requester_id if job.mention else None,
            # A notice that follows a refused upload is another message than the upload.
            nonce=delivery.nonce if upload else f"{delivery.nonce}n",
            reply_to=job.card_id,
            upload=upload,
            buttons=on_result(job, sound=False) if upload else on_failure(job),
        )

    async def _sent(self, delivery: Delivery, posted: Posted) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            sent = await deliveries.mark_sent(connection, delivery, posted.message_id, now)
            if sent:
                await _clear_up(connection, delivery, now, posted.instead)
        if not sent:
            log.warning("delivery_taken_over", job=delivery.job_id)
            return
        crash_point("delivery.committed")
        log.info("delivered", job=delivery.job_id, kind=delivery.kind, attempt=delivery.attempts)

    async def _failed(self, delivery: Delivery, error: PostError, *, fresh: bool) -> None:
        """Try again later, or give up, depending on what went wrong."""
        age = self.clock() - delivery.created_at
        if isinstance(error, post.NotTakenError):
            # Of an earlier claim's send this says nothing.
            again, surely_not_sent = delivery.attempts < MAX_ATTEMPTS, fresh
        elif isinstance(error, post.RestingError):
            again, surely_not_sent = age < WAIT_FOR_DISCORD, fresh
        else:
            passing = isinstance(error, post.NoAnswerError)
            again, surely_not_sent = passing and age < WAIT_FOR_DISCORD, False
        if not again:
            await self._give_up(delivery, error)
            return
        refused = isinstance(error, post.NotTakenError)
        pause = 2.0 ** (delivery.attempts + 1) if refused else age.total_seconds() / 4
        until = self.clock() + timedelta(seconds=min(max(2.0, pause), LONGEST_PAUSE))
        log.warning("delivery_put_off", job=delivery.job_id, until=until, error=str(error))
        async with self.database.write() as connection:
            await deliveries.put_off(
                connection, delivery, until, surely_not_sent=surely_not_sent, counted=refused
            )

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
