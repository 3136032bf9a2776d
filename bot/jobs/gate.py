"""The gate: who may ask for a job here and now. It raises Refusal with what and until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import discord.utils
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.errors import FoleyError, Refusal
from bot.jobs import limits, pause
from bot.jobs.estimate import Estimates
from bot.jobs.limits import Allowed, Over, Whose
from bot.language import Sentence
from bot.netmind.catalog import Catalog
from storage import blocks, guilds, queue
from storage import limits as said
from storage.blocks import EVERYWHERE, Block
from storage.jobs import Job, NewJob

# Seconds; nobody is told that something is done in no time.
_SOON = 5.0
_NAMED = 10
_PAUSED = Sentence(
    "The moderators of this server have paused me. What is under way goes on; ask again later."
)
_PAUSED_BY_OPERATOR = Sentence(
    "I take nothing new for the time being. What is under way goes on; ask again later."
)
_NOT_HERE = Sentence("I may not be used in this channel. Try {channels}.")


class OverLimitError(FoleyError):
    """One more job is more than a limit allows. `busy`: the oldest job that takes a place."""

    def __init__(self, over: Over, frees_at: datetime, busy: Job | None) -> None:
        super().__init__(f"over the limit of {over.limit}")
        self.over = over
        self.frees_at = frees_at
        self.busy = busy


@dataclass(frozen=True)
class _Share:
    """Whose jobs are counted together, and how many of them may be."""

    whose: Whose
    allowed: Allowed
    time_zone: str = "UTC"
    guild_id: int | None = None
    person_id: int | None = None


@dataclass
class Gate:
    """Checks blocks and limits. `bot` is what the operator allows each person, over all guilds."""

    catalog: Catalog
    estimates: Estimates
    bot: Allowed

    async def check_person(
        self, connection: AsyncConnection, new: NewJob, places: Collection[int], now: datetime
    ) -> None:
        """Raise Refusal for who is blocked, and where or while nothing may be asked for.

        `places`: the channel, and what it is in.
        """
        settings = await guilds.settings(connection, new.guild_id)
        block = await blocks.of_person(connection, new.guild_id, new.requester_id, now)
        if block is not None:
            raise Refusal(*blocked(block, settings.appeal))
        if settings.paused:
            raise Refusal(_PAUSED)
        if (said := await pause.words(connection)) is not None:
            words = [Sentence.row([text.plain(said, 300)])] if said else []
            raise Refusal(_PAUSED_BY_OPERATOR, *words)
        if settings.channels and new.guild_id and set(places).isdisjoint(settings.channels):
            named = Sentence.row([f"<#{channel}>" for channel in settings.channels][:_NAMED])
            raise Refusal(Sentence.of(_NOT_HERE.template, channels=named))

    async def check_limits(
        self, connection: AsyncConnection, job: Job, roles: Collection[int], now: datetime
    ) -> None:
        """Look at a new job that is in the database already, in its transaction.

        The row of its person, and that of its guild, are locked: two jobs never pass each other.
        Raises Refusal, or OverLimitError.
        """
        own = _Share(Whose.BOT, self.bot, person_id=job.requester_id)
        await self._count(connection, own, now)
        if job.guild_id is None:
            return
        guild = await guilds.settings(connection, job.guild_id)
        allowed = limits.best(await said.of_guild(connection, job.guild_id), roles)
        self._check_wish(allowed, job)
        zone, cap = guild.time_zone, Allowed(guild.cap_at_once, guild.cap_per_day)
        for share in (
            _Share(Whose.PERSON, allowed, zone, job.guild_id, job.requester_id),
            _Share(Whose.GUILD, cap, zone, job.guild_id),
        ):
            await self._count(connection, share, now)

    def _check_wish(self, allowed: Allowed, job: Job) -> None:
        model = self.catalog.get(job.model)
        if model is None:
            return
        models = self.catalog.of_kind(job.kind)
        if sentence := limits.not_allowed(allowed, job, model, models):
            raise Refusal(sentence)

    async def _count(self, connection: AsyncConnection, share: _Share, now: datetime) -> None:
        if share.allowed.at_once is None and share.allowed.per_day is None:
            return
        begin, end = limits.day(now, share.time_zone)
        whom = {"guild_id": share.guild_id, "person_id": share.person_id}
        over = limits.over(share.allowed, await said.usage(connection, begin, **whom), share.whose)
        if over is not None:
            raise OverLimitError(over, end, await queue.oldest(connection, **whom))

    async def words(self, error: OverLimitError, now: datetime) -> Sentence:
        """Say which limit it is and when it frees."""
        if error.over.today:
            when = discord.utils.format_dt(error.frees_at, "R")
            return limits.refusal(error.over, Sentence.of("The day turns over {when}.", when=when))
        seconds = _SOON if error.busy is None else await self._left(error.busy, now)
        return limits.refusal(
            error.over,
            Sentence.of("The next should be done in about {time}.", time=text.seconds(seconds)),
        )

    async def _left(self, job: Job, now: datetime) -> float:
        usual = (await self.estimates.of(job.model)).usual
        if job.generating_at is None:
            return usual
        return max(_SOON, usual - (now - job.generating_at).total_seconds())


def blocked(block: Block, appeal: str | None) -> list[Sentence]:
    """Say that somebody is blocked, why, until when, and what they can do."""
    if block.guild_id == EVERYWHERE:
        words = [Sentence("You cannot use this bot.")]
    else:
        words = [Sentence("The moderators of this server do not let you use this bot here.")]
    if block.reason:
        words.append(Sentence.of("Their reason: {reason}", reason=text.plain(block.reason, 300)))
    if block.until is not None:
        when = discord.utils.format_dt(block.until, "R")
        words.append(Sentence.of("It ends {when}.", when=when))
    if appeal and block.guild_id != EVERYWHERE:
        words.append(Sentence.row([text.plain(appeal, 500)]))
    return words
