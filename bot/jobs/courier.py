"""The courier: brings every delivery to Discord, once.

A claim is written down before anything is sent. What is sent, and how a message that may be there
already is found, is the sender's (bot/jobs/sending.py). While Discord has trouble, messages are
kept for a day.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ids, post, trace
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import asking
from bot.jobs.lease import LEASE, LeaseLostError, held
from bot.jobs.loop import Tasks
from bot.jobs.lost_cards import find_card
from bot.jobs.persist import written
from bot.jobs.reasons import Reason
from bot.jobs.sending import (
    KEEP_UNPOSTED,
    HeldBackError,
    KeptError,
    Posted,
    Sender,
    WithdrawnError,
)
from bot.post import Post, PostError
from storage import deliveries, guilds, jobs, notices
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.review_states import Matter
from storage.routes import Route

log = structlog.get_logger(__name__)

AT_ONCE = 4
# How often Discord may refuse a message before we stop asking.
MAX_ATTEMPTS = 6
# Discord without an answer: how long it is waited for.
WAIT_FOR_DISCORD = timedelta(hours=24)
# Seconds between two attempts at most: what is over is noticed within this time.
LONGEST_PAUSE = 30.0


@dataclass
class Courier:
    """Claims deliveries and has them sent, a few at once.

    `on_sent` is told of each that is in Discord, and when that was written down.
    """

    database: Database
    post: Post
    sender: Sender
    clock: Clock
    on_change: Callable[[], None]
    on_sent: Callable[[Delivery, datetime], None]
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
        ids.note_delivery(delivery)
        async with self.database.read() as connection:
            job = await jobs.get(connection, delivery.job_id)
        if job is None:
            return
        ids.note_job(job)
        with trace.step("deliver", job.interaction_id) as span:
            span.note(kind=delivery.kind)
            await self._bring(delivery, job, now)

    async def _bring(self, delivery: Delivery, job: Job, now: datetime) -> None:
        try:
            async with held(lambda: self._renew(delivery), or_stop=True):
                job = await self._with_card(job)
                posted = await self.sender.send(delivery, job, fresh=delivery.sending_at == now)
        except KeptError:
            await self._keep(delivery)
        except WithdrawnError as error:
            await self._withdraw(delivery, error)
        except HeldBackError as error:
            await self._hold_back(delivery, job, error)
        except PostError as error:
            if not await self._found_another_way(delivery, job, error):
                await self._failed(delivery, error, fresh=delivery.sending_at == now)
        except LeaseLostError:
            log.warning("delivery_taken_over")
        else:
            crash_point("delivery.posted")
            await written(lambda: self._sent(delivery, job, posted))
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

    async def _sent(self, delivery: Delivery, job: Job, posted: Posted) -> None:
        now, found = self.clock(), posted.found
        async with self.database.write() as connection:
            sent = await deliveries.mark_sent(
                connection, delivery, found.message_id, now, found.channel_id
            )
            if sent:
                await _clear_up(connection, delivery, now, posted.instead, keep=posted.kept)
                if delivery.notice_id is not None:
                    await notices.note_told(connection, [delivery.notice_id], now)
                if delivery.kind is DeliveryKind.RESULT and job.voice:
                    await deliveries.add_voice(connection, delivery, found.channel_id, now)
        if not sent:
            log.warning("delivery_taken_over")
            return
        crash_point("delivery.committed")
        log.info("delivered", kind=delivery.kind, attempt=delivery.attempts)
        self.on_sent(delivery, now)

    async def _found_another_way(self, delivery: Delivery, job: Job, error: PostError) -> bool:
        """Take the channel of the command, where a guild's thread or gallery is closed to us."""
        closed = isinstance(error, post.NotAllowedError | post.ChannelGoneError)
        elsewhere = job.route in {Route.THREAD, Route.GALLERY}
        if not closed or not elsewhere or delivery.kind is not DeliveryKind.RESULT:
            return False
        log.warning("place_is_closed", route=job.route, error=str(error))
        async with self.database.write() as connection:
            now = self.clock()
            held_still = await deliveries.put_off(
                connection, delivery, now, surely_not_sent=False, counted=False
            )
            if held_still:
                await jobs.set_route(connection, job.id, Route.CHANNEL)
        return True

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
        log.warning("delivery_put_off", until=until, error=str(error))
        async with self.database.write() as connection:
            await deliveries.put_off(
                connection, delivery, until, surely_not_sent=surely_not_sent, counted=refused
            )

    async def _keep(self, delivery: Delivery) -> None:
        """Leave the message to its person: /job brings it, and the next command says so."""
        async with self.database.write() as connection:
            if await deliveries.give_up(connection, delivery, Reason.PRIVATE):
                await _clear_up(connection, delivery, self.clock(), Reason.PRIVATE)
        log.info("kept_for_its_person")

    async def _withdraw(self, delivery: Delivery, error: WithdrawnError) -> None:
        """Send nothing; whoever took the result away has planned the rest."""
        log.info("withdrawn", kind=delivery.kind, why=str(error))
        async with self.database.write() as connection:
            await deliveries.give_up(connection, delivery, str(error))

    async def _hold_back(self, delivery: Delivery, job: Job, error: HeldBackError) -> None:
        """Ask moderators about a result; its message is promised anew when they approve it."""
        now = self.clock()
        async with self.database.write() as connection:
            if not await deliveries.withdraw(connection, delivery):
                return
            settings = await guilds.settings(connection, job.guild_id)
            await asking.ask(connection, settings, job, Matter.RESULT, now, error.finding)
            await jobs.set_reason(connection, job.id, Reason.IN_REVIEW)
        log.info("held_back", finding=error.finding)

    async def _give_up(self, delivery: Delivery, error: Exception) -> None:
        if isinstance(error, post.NotTakenError):
            log.error("message_refused", kind=delivery.kind, error=str(error))
        else:
            log.warning("undeliverable", kind=delivery.kind, error=str(error))
        async with self.database.write() as connection:
            if await deliveries.give_up(connection, delivery, str(error)):
                await _clear_up(connection, delivery, self.clock(), Reason.UNDELIVERABLE)


async def _clear_up(
    connection: AsyncConnection,
    delivery: Delivery,
    now: datetime,
    unposted: Reason | None,
    *,
    keep: bool = False,
) -> None:
    """Plan the generation's deletion: now if its file is in Discord, else when nobody came."""
    if delivery.kind not in {DeliveryKind.RESULT, DeliveryKind.VOICE}:
        return
    if unposted is not None:
        await jobs.set_reason(connection, delivery.job_id, unposted)
    if unposted is not None or keep:
        now += KEEP_UNPOSTED
    await jobs.plan_cleanup(connection, delivery.job_id, now)
