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
from pathlib import Path

import structlog
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES, time_snowflake
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import messages, post, text
from bot.buttons import on_failure, on_result
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import reasons
from bot.jobs.fetch import Unfetchable
from bot.jobs.lease import LEASE, LeaseLostError, held
from bot.jobs.loop import Tasks
from bot.jobs.lost_cards import find_card
from bot.jobs.parcel import Packer, Parcel
from bot.jobs.persist import written
from bot.jobs.reasons import Reason
from bot.jobs.routing import Place, name_of, place_of
from bot.language import language
from bot.netmind.catalog import Catalog
from bot.post import Found, Letter, Post, PostError, Upload
from bot.web.links import MediaLinks
from storage import deliveries, guilds, jobs
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.routes import Route

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
# Bytes. Discord has never taken less.
LEAST_LIMIT = 8 * 1024**2
# A guild's limit may rise again: what was learnt of it is forgotten after this time.
REMEMBERED = timedelta(days=7)


class KeptError(PostError):
    """The message is for nobody but its person, who fetches it."""


@dataclass(frozen=True)
class Posted:
    """A message that is in Discord; `instead`: it says why the file is not.

    `shrunk`: NetMind's copy is more than what was posted.
    """

    found: Found
    instead: Reason | None = None
    shrunk: bool = False


@dataclass(frozen=True)
class Errand:
    """A claimed delivery with its job and its place; `fresh`: nobody can have sent it before."""

    delivery: Delivery
    job: Job
    place: Place
    fresh: bool

    @property
    def copy(self) -> int | None:
        """The delivery's number, if it brings the result once more."""
        return self.delivery.id if self.delivery.kind is DeliveryKind.COPY else None


def learnt_limit(refused: int) -> int:
    """Return how large a file may be where one of this size was refused."""
    return max(LEAST_LIMIT, refused * 9 // 10)


@dataclass
class Courier:
    """Claims deliveries and sends them, a few at once.

    `links`: makes links to files that are too large; None: nobody could follow one.
    """

    database: Database
    post: Post
    packer: Packer
    catalog: Catalog
    clock: Clock
    on_change: Callable[[], None]
    links: MediaLinks | None = None
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
        except KeptError:
            await self._keep(delivery)
        except PostError as error:
            if not await self._found_another_way(delivery, job, error):
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
        if job.route is Route.PRIVATE and delivery.kind is not DeliveryKind.COPY:
            raise KeptError("Only its person gets it.")
        place = await place_of(delivery, job, self.post)
        errand = Errand(delivery, job, place, fresh)
        if delivery.kind is DeliveryKind.FAILURE:
            words = messages.failure(job, messages.failure_lines(job))
            return await self._post(errand, self._letter(errand, words))
        limit = await self._limit(errand)
        try:
            return await self._bring(errand, limit)
        except Unfetchable as error:
            if error.passing and self.clock() - delivery.created_at < WAIT_FOR_FILE:
                raise post.NoAnswerError(str(error)) from error
            return await self._explain(errand, error.reason, limit)

    async def _bring(self, errand: Errand, limit: int) -> Posted:
        """Post the file, or a smaller one if Discord takes less than it said."""
        with tempfile.TemporaryDirectory(prefix="foley-") as folder:
            parcel = await self._pack(errand, Path(folder), limit)
            crash_point("download.whole")
            try:
                return await self._hand_over(errand, parcel)
            except post.TooLargeError:
                refused = parcel.path.stat().st_size
            less = min(learnt_limit(refused), DEFAULT_FILE_SIZE_LIMIT_BYTES)
            await self._learn(errand.job, refused)
            if refused <= less:
                raise Unfetchable(Reason.TOO_LARGE, passing=False)
            try:
                return await self._hand_over(errand, await self._pack(errand, Path(folder), less))
            except post.TooLargeError as error:
                raise Unfetchable(Reason.TOO_LARGE, passing=False) from error

    async def _pack(self, errand: Errand, folder: Path, limit: int) -> Parcel:
        async with self.database.read() as connection:
            posted = (await deliveries.of_jobs(connection, [errand.job.id])).get(errand.job.id)
        earlier = posted if errand.copy is not None else None
        return await self.packer.pack(errand.job, earlier, folder, limit)

    async def _hand_over(self, errand: Errand, parcel: Parcel) -> Posted:
        size = parcel.original_size
        words = messages.result(errand.job, copy=errand.copy, original_size=size)
        with parcel.path.open("rb") as file:
            letter = self._letter(errand, words, Upload(file, parcel.name))
            posted = await self._post(errand, letter)
        return replace(posted, shrunk=size is not None)

    async def _limit(self, errand: Errand) -> int:
        """Return how many bytes a file may have there, as far as is known."""
        if errand.delivery.person_id is not None:
            return DEFAULT_FILE_SIZE_LIMIT_BYTES
        guild_id = errand.job.guild_id
        limit = await self.post.limit(guild_id)
        async with self.database.read() as connection:
            known = await guilds.settings(connection, guild_id)
        if known.refused_size is None or known.refused_at is None:
            return limit
        if self.clock() - known.refused_at >= REMEMBERED:
            return limit
        return min(limit, learnt_limit(known.refused_size))

    async def _learn(self, job: Job, refused: int) -> None:
        log.warning("file_refused_for_its_size", guild=job.guild_id, size=refused)
        if job.guild_id is not None:
            async with self.database.write() as connection:
                await guilds.choose(
                    connection,
                    job.guild_id,
                    self.clock(),
                    refused_size=refused,
                    refused_at=self.clock(),
                )

    async def _post(self, errand: Errand, letter: Letter) -> Posted:
        """Post, unless an earlier claim did; right before a send, for a download may take long."""
        if not errand.fresh and (found := await self._already_posted(errand)) is not None:
            expected = errand.delivery.kind is DeliveryKind.FAILURE or found.has_file
            return Posted(found, None if expected else Reason.UNDELIVERABLE)
        return Posted(await self.post.send(letter))

    async def _already_posted(self, errand: Errand) -> Found | None:
        """Find the message of an earlier claim, where the nonce alone does not protect.

        It does for a while, if the message is the same: a result may come as a file or as a notice.
        """
        delivery, place = errand.delivery, errand.place
        sending_at = delivery.sending_at
        if sending_at is None:
            return None
        if place.forum:
            return await self.post.find_forum_post(place.channel_id, name_of(errand.job))
        remembered = self.clock() - sending_at < NONCE_WINDOW
        if remembered and delivery.kind is DeliveryKind.FAILURE:
            return None
        # No earlier than that it was sent; a search from the card on may never get so far.
        after = max(place.reply_to or 0, time_snowflake(sending_at - CLOCKS_DIFFER))
        marker = messages.marker(errand.job, errand.copy)
        try:
            return await self.post.find(place.channel_id, after, marker)
        except post.NotAllowedError:
            if not remembered:
                raise
            return None

    async def _explain(self, errand: Errand, reason: Reason, limit: int) -> Posted:
        """Say why the file is not there; a link is the next best thing."""
        job = errand.job
        if reason is Reason.TOO_LARGE and self.links is not None:
            until = self.clock() + KEEP_UNPOSTED
            words = messages.linked(job, self.links.make(job.id, until), until, copy=errand.copy)
            posted = await self._post(errand, self._letter(errand, words, shown=True))
            return replace(posted, instead=None, shrunk=True)
        say = language(job.language)
        words = say.say(reasons.sentence(reason))
        if reason is Reason.TOO_LARGE:
            words += "\n" + say("Files here may have {size} at most.", size=text.size(limit))
        letter = self._letter(errand, messages.failure(job, [words], copy=errand.copy))
        return replace(await self._post(errand, letter), instead=reason)

    def _letter(
        self, errand: Errand, words: str, upload: Upload | None = None, *, shown: bool = False
    ) -> Letter:
        """Write the letter; `shown`: it has no file, but shows the way to it."""
        delivery, job, place = errand.delivery, errand.job, errand.place
        film = job.kind == "video" and bool(self.catalog.taking_video())
        return Letter(
            channel_id=place.channel_id,
            text=words,
            mention=job.requester_id if job.mention else None,
            # A notice that follows a refused upload is another message than the upload.
            nonce=delivery.nonce if upload else f"{delivery.nonce}n",
            reply_to=place.reply_to,
            upload=upload,
            buttons=on_result(job, sound=film) if upload or shown else on_failure(job),
            forum_post=name_of(job) if place.forum else None,
        )

    async def _sent(self, delivery: Delivery, posted: Posted) -> None:
        now = self.clock()
        async with self.database.write() as connection:
            sent = await deliveries.mark_sent(
                connection, delivery, posted.found.message_id, now, posted.found.channel_id
            )
            if sent:
                await _clear_up(connection, delivery, now, posted.instead, keep=posted.shrunk)
        if not sent:
            log.warning("delivery_taken_over", job=delivery.job_id)
            return
        crash_point("delivery.committed")
        log.info("delivered", job=delivery.job_id, kind=delivery.kind, attempt=delivery.attempts)

    async def _found_another_way(self, delivery: Delivery, job: Job, error: PostError) -> bool:
        """Take the channel of the command, where a guild's thread or gallery is closed to us."""
        closed = isinstance(error, post.NotAllowedError | post.ChannelGoneError)
        if not closed or job.route not in {Route.THREAD, Route.GALLERY}:
            return False
        log.warning("place_is_closed", job=job.id, route=job.route, error=str(error))
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
        log.warning("delivery_put_off", job=delivery.job_id, until=until, error=str(error))
        async with self.database.write() as connection:
            await deliveries.put_off(
                connection, delivery, until, surely_not_sent=surely_not_sent, counted=refused
            )

    async def _keep(self, delivery: Delivery) -> None:
        """Leave the message to its person: /job brings it, and the next command says so."""
        async with self.database.write() as connection:
            if await deliveries.give_up(connection, delivery, Reason.PRIVATE):
                await _clear_up(connection, delivery, self.clock(), Reason.PRIVATE)
        log.info("kept_for_its_person", job=delivery.job_id)

    async def _give_up(self, delivery: Delivery, error: Exception) -> None:
        log.error("undeliverable", job=delivery.job_id, error=str(error))
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
    if delivery.kind is not DeliveryKind.RESULT:
        return
    if unposted is not None:
        await jobs.set_reason(connection, delivery.job_id, unposted)
    if unposted is not None or keep:
        now += KEEP_UNPOSTED
    await jobs.plan_cleanup(connection, delivery.job_id, now)
