"""Sending: what a claimed delivery says, and bringing that to Discord once.

Whoever finds an old claim does not know whether its message was posted: inside Discord's window
the same nonce makes a second send harmless; past it, our own marker is looked for first.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES, time_snowflake

from bot import messages, post, text
from bot.buttons import on_failure, on_result
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import bulletins, reasons
from bot.jobs.bulletins import Bulletins
from bot.jobs.fetch import Unfetchable
from bot.jobs.inspection import Doubt, Inspector
from bot.jobs.parcel import Packer, Parcel
from bot.jobs.reasons import Reason
from bot.jobs.routing import Place, name_of, place_of
from bot.language import language
from bot.letter import Found, Letter, Upload
from bot.look.finding import Finding
from bot.netmind.catalog import Catalog
from bot.post import Post, PostError
from bot.web.links import MediaLinks
from storage import deliveries, guilds
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.guilds import GuildSettings
from storage.jobs import Job
from storage.routes import Route

log = structlog.get_logger(__name__)

# Discord speaks of "the past few minutes"; an upload has to end within them too.
NONCE_WINDOW = timedelta(seconds=60)
# Discord's clock dates its messages, ours the sends.
CLOCKS_DIFFER = timedelta(minutes=5)
# NetMind without the file: how long it is waited for.
WAIT_FOR_FILE = timedelta(minutes=30)
# A result that is not in the channel stays at NetMind this long, for /job to fetch.
KEEP_UNPOSTED = timedelta(days=7)
# Bytes. Discord has never taken less.
LEAST_LIMIT = 8 * 1024**2
_NOTHING_CHOSEN = GuildSettings()
_ENDS = frozenset({DeliveryKind.RESULT, DeliveryKind.FAILURE})
# A guild's limit may rise again: what was learnt of it is forgotten after this time.
REMEMBERED = timedelta(days=7)


class KeptError(PostError):
    """The message is for nobody but its person, who fetches it."""


class HeldBackError(PostError):
    """Moderators are to decide about the result first, because of this finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"held back: {finding}")
        self.finding = finding


class WithdrawnError(PostError):
    """The result was deleted before this message of it was posted."""


@dataclass(frozen=True)
class Posted:
    """A message that is in Discord; `instead`: it says why the file is not.

    `kept`: NetMind's copy is more than what was posted, or is still to be posted.
    """

    found: Found
    instead: Reason | None = None
    kept: bool = False


@dataclass(frozen=True)
class Errand:
    """A claimed delivery with its job and its place; `fresh`: nobody can have sent it before.

    `earlier`: the message that told of the job's end, for what follows it. `doubt`: why its file is
    hidden until somebody looks. `settings`: what the guild has chosen.
    """

    delivery: Delivery
    job: Job
    place: Place
    fresh: bool
    earlier: Delivery | None = None
    doubt: Finding | None = None
    settings: GuildSettings = _NOTHING_CHOSEN

    @property
    def kind(self) -> DeliveryKind:
        """What the message is."""
        return self.delivery.kind

    @property
    def reports(self) -> bool:
        """Whether there are moderators who want to hear what people think of it."""
        return self.settings.log_channel_id is not None and self.delivery.person_id is None

    @property
    def copy(self) -> int | None:
        """The delivery's number, if it is not the message that tells of the job's end."""
        return None if self.kind in _ENDS else self.delivery.id

    @property
    def wordy(self) -> bool:
        """Whether the message is always the same words: it has no file that may be missing."""
        told = self.kind is DeliveryKind.FAILURE or self.kind in bulletins.KINDS
        return told or self.announces

    @property
    def speaks(self) -> bool:
        """Whether it is to be a voice message."""
        return self.kind is DeliveryKind.VOICE

    @property
    def announces(self) -> bool:
        """Whether the sound itself follows, as a voice message."""
        return self.kind is DeliveryKind.RESULT and self.job.voice


def learnt_limit(refused: int) -> int:
    """Return how large a file may be where one of this size was refused."""
    return max(LEAST_LIMIT, refused * 9 // 10)


@dataclass
class Sender:
    """Brings claimed deliveries to Discord. Each call raises a PostError if it cannot.

    `links`: makes links to files that are too large; None: nobody could follow one.
    """

    database: Database
    post: Post
    packer: Packer
    bulletins: Bulletins
    inspector: Inspector
    catalog: Catalog
    clock: Clock
    links: MediaLinks | None = None

    async def send(self, delivery: Delivery, job: Job, *, fresh: bool) -> Posted:
        """Post what the delivery promises, or what can be had of it, unless that was done."""
        if delivery.kind in bulletins.KINDS:
            return await self._announce(delivery, job, fresh=fresh)
        errand = await self._errand(delivery, job, fresh=fresh)
        if errand.wordy:
            return await self._tell(errand)
        limit = await self._limit(errand)
        try:
            return await self._bring(errand, limit)
        except Unfetchable as error:
            if error.passing and self.clock() - delivery.created_at < WAIT_FOR_FILE:
                raise post.NoAnswerError(str(error)) from error
            return await self._explain(errand, error.reason, limit)

    async def _announce(self, delivery: Delivery, job: Job, *, fresh: bool) -> Posted:
        """Post what moderators read about a job, or its person about them."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foley-")))
            bulletin = await self.bulletins.write(delivery, job, folder)
            if bulletin is None:
                raise WithdrawnError("There is nothing to say any more.")
            place = await place_of(delivery, job, self.post)
            errand = Errand(delivery, job, place, fresh)
            uploads = []
            if bulletin.picture is not None:
                file = stack.enter_context(bulletin.picture.open("rb"))
                uploads.append(Upload(file, f"preview-{job.id}.png"))
            letter = Letter(
                channel_id=place.channel_id,
                text=bulletin.text,
                mention=None,
                nonce=_nonce(errand, ""),
                uploads=uploads,
                buttons=bulletin.buttons,
            )
            return await self._post(errand, letter)

    async def _errand(self, delivery: Delivery, job: Job, *, fresh: bool) -> Errand:
        if job.route is Route.PRIVATE and delivery.kind is not DeliveryKind.COPY:
            raise KeptError("Only its person gets it.")
        if job.removed_at is not None and delivery.kind is not DeliveryKind.FAILURE:
            raise WithdrawnError("It was deleted.")
        earlier = None
        async with self.database.read() as connection:
            if delivery.kind not in _ENDS:
                earlier = await deliveries.last_sent(connection, job.id)
            settings = await guilds.settings(connection, job.guild_id)
        place = await place_of(delivery, job, self.post, earlier)
        return Errand(delivery, job, place, fresh, earlier, settings=settings)

    async def _tell(self, errand: Errand) -> Posted:
        job = errand.job
        if errand.announces:
            letter = self._letter(errand, messages.result(job), with_result=True)
            return replace(await self._post(errand, letter), kept=True)
        words = messages.failure(job, messages.failure_lines(job))
        return await self._post(errand, self._letter(errand, words))

    async def _bring(self, errand: Errand, limit: int) -> Posted:
        """Post the file; in another form if Discord does not take the first."""
        with tempfile.TemporaryDirectory(prefix="foley-") as name:
            folder = Path(name)
            parcel = await self._pack(errand, folder, limit, spoken=errand.speaks)
            crash_point("download.whole")
            doubt = await self._doubt(errand, parcel)
            if doubt is not None:
                errand = replace(errand, doubt=doubt.finding)
                if parcel.voice is not None:  # Discord hides none
                    parcel = await self._pack(errand, folder, limit)
            try:
                return await self._hand_over(errand, parcel)
            except post.TooLargeError:
                limit = await self._learn(errand.job, parcel.size)
            except (post.NotAllowedError, post.NotTakenError) as error:
                if parcel.voice is None:
                    raise
                log.warning("voice_message_refused", error=str(error))
            try:
                return await self._hand_over(errand, await self._pack(errand, folder, limit))
            except post.TooLargeError as error:
                raise Unfetchable(Reason.TOO_LARGE, passing=False) from error

    async def _doubt(self, errand: Errand, parcel: Parcel) -> Doubt | None:
        """Look at what is to be posted. Raises HeldBackError if moderators decide about it.

        Nothing is held back that was announced, or that an earlier claim has posted.
        """
        inspector, place = self.inspector, errand.place
        doubt = await inspector.doubt(
            errand.delivery, errand.job, errand.settings, place.channel_id, parcel
        )
        if doubt is None or not doubt.hold or errand.kind is not DeliveryKind.RESULT:
            return doubt
        if not errand.fresh and await self._already_posted(errand) is not None:
            return doubt
        raise HeldBackError(doubt.finding)

    async def _pack(
        self, errand: Errand, folder: Path, limit: int, *, spoken: bool = False
    ) -> Parcel:
        brought = errand.earlier if errand.kind is DeliveryKind.COPY else None
        return await self.packer.pack(errand.job, brought, folder, limit, spoken=spoken)

    async def _hand_over(self, errand: Errand, parcel: Parcel) -> Posted:
        job, size, doubt = errand.job, parcel.original_size, errand.doubt
        if doubt is not None:
            parcel = parcel.hidden()
        with parcel.opened(language(job.language)) as uploads:
            if parcel.voice is not None:
                letter = _spoken(errand, uploads)
            elif errand.speaks:
                words = messages.below(job, errand.delivery.id, original_size=size, doubt=doubt)
                letter = replace(_spoken(errand, uploads, "f"), text=words)
            else:
                words = messages.result(job, copy=errand.copy, original_size=size, doubt=doubt)
                letter = replace(self._letter(errand, words, with_result=True), uploads=uploads)
            posted = await self._post(errand, letter)
        return replace(posted, kept=parcel.voice is not None or size is not None)

    async def _limit(self, errand: Errand) -> int:
        """Return how many bytes a file may have there, as far as is known."""
        if errand.delivery.person_id is not None:
            return DEFAULT_FILE_SIZE_LIMIT_BYTES
        guild_id = errand.job.guild_id
        limit = await self.post.limit(guild_id)
        known = errand.settings
        if known.refused_size is None or known.refused_at is None:
            return limit
        if self.clock() - known.refused_at >= REMEMBERED:
            return limit
        return min(limit, learnt_limit(known.refused_size))

    async def _learn(self, job: Job, refused: int) -> int:
        """Remember that a file of so many bytes was refused; return what may be tried then."""
        log.warning("file_refused_for_its_size", size=refused)
        now = self.clock()
        if job.guild_id is not None:
            async with self.database.write() as connection:
                await guilds.choose(
                    connection, job.guild_id, now, refused_size=refused, refused_at=now
                )
        less = min(learnt_limit(refused), DEFAULT_FILE_SIZE_LIMIT_BYTES)
        if refused <= less:
            raise Unfetchable(Reason.TOO_LARGE, passing=False)
        return less

    async def _post(self, errand: Errand, letter: Letter) -> Posted:
        """Post, unless an earlier claim did; right before a send, for a download may take long."""
        if not errand.fresh and (found := await self._already_posted(errand)) is not None:
            expected = errand.wordy or found.has_file
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
        if remembered and errand.wordy:
            return None
        # No earlier than that it was sent; a search from the card on may never get so far.
        after = max(place.reply_to or 0, time_snowflake(sending_at - CLOCKS_DIFFER))
        marker = messages.marker(errand.job, errand.copy)
        spoken_to = place.reply_to if errand.speaks else None
        try:
            return await self.post.find(place.channel_id, after, marker, spoken_to)
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
            letter = self._letter(errand, words, with_result=True)
            # A notice that follows a refused upload is another message than the upload.
            posted = await self._post(errand, replace(letter, nonce=_nonce(errand, "n")))
            return replace(posted, instead=None, kept=True)
        say = language(job.language)
        words = say.say(reasons.sentence(reason))
        if reason is Reason.TOO_LARGE:
            words += "\n" + say("Files here may have {size} at most.", size=text.size(limit))
        letter = self._letter(errand, messages.failure(job, [words], copy=errand.copy))
        return replace(await self._post(errand, letter), instead=reason)

    def _letter(self, errand: Errand, words: str, *, with_result: bool = False) -> Letter:
        """Write the letter; `with_result`: it brings the result or shows the way to it."""
        job, place = errand.job, errand.place
        film = job.kind == "video" and bool(self.catalog.taking_video())
        return Letter(
            channel_id=place.channel_id,
            text=words,
            mention=job.requester_id if job.mention else None,
            nonce=_nonce(errand, "" if with_result else "n"),
            reply_to=place.reply_to,
            buttons=(
                on_result(job, sound=film, report=errand.reports)
                if with_result
                else on_failure(job)
            ),
            forum_post=name_of(job) if place.forum else None,
        )


def _spoken(errand: Errand, uploads: Sequence[Upload], form: str = "") -> Letter:
    """Write what follows the message that has told of a sound already."""
    place = errand.place
    nonce = _nonce(errand, form)
    return Letter(place.channel_id, "", None, nonce, reply_to=place.reply_to, uploads=uploads)


def _nonce(errand: Errand, form: str) -> str:
    """Return what keeps the message single; one that comes in another form is another message."""
    return f"{errand.delivery.nonce}{form}"
