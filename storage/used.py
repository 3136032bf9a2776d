"""Where in Discord the bot is used: the guilds and channels in which it has something to do."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.routes import Route
from storage.schema import ON_ITS_WAY, deliveries, guilds, jobs

Place = tuple[int, int]
"""A guild and a channel of it."""


class Use(StrEnum):
    """What a channel is used for, in words for operators."""

    COMMANDS = "allowed for commands"
    REPORTS = "the moderators' channel"
    GALLERY = "the gallery"
    POST = "a message to be posted"
    JOB = "a job under way"


@dataclass
class UsedGuild:
    """A guild, what is chosen there, and its channels that are used: by id, what for.

    `threads`: results get threads of their own; `voice`: sounds come as voice messages.
    """

    id: int
    threads: bool
    voice: bool
    channels: dict[int, Use] = field(default_factory=dict)


async def used(connection: AsyncConnection) -> list[UsedGuild]:
    """Return the guilds with channels that are used, who was there last first.

    A channel is used if it is chosen in the guild's settings, or if a job that is open or a
    message that is to be posted belongs there.
    """
    rows = await connection.execute(
        sa.select(guilds).where(guilds.c.left_at.is_(None)).order_by(guilds.c.last_seen_at.desc())
    )
    jobs_in, posts_to = await _open_jobs(connection), await _on_their_way(connection)
    found = [_of_settings(row) for row in rows]
    by_id = {guild.id: guild for guild in found}
    for places, use in ((posts_to, Use.POST), (jobs_in, Use.JOB)):
        for guild_id, channel_id in places:
            if guild_id in by_id:
                by_id[guild_id].channels.setdefault(channel_id, use)
    return [guild for guild in found if guild.channels]


def _of_settings(row: Row[tuple[int | str | bool | datetime | None, ...]]) -> UsedGuild:
    guild = UsedGuild(row.id, row.route == Route.THREAD, row.voice)
    for channel_id in row.channels or ():
        guild.channels[channel_id] = Use.COMMANDS
    if row.log_channel_id is not None:
        guild.channels[row.log_channel_id] = Use.REPORTS
    if row.route == Route.GALLERY and row.gallery_id is not None:
        guild.channels[row.gallery_id] = Use.GALLERY
    return guild


async def _open_jobs(connection: AsyncConnection) -> list[Place]:
    statement = (
        sa.select(jobs.c.guild_id, jobs.c.channel_id)
        .where(jobs.c.ended_at.is_(None), jobs.c.guild_id.is_not(None))
        .distinct()
    )
    return [(guild, channel) for guild, channel in await connection.execute(statement)]


async def _on_their_way(connection: AsyncConnection) -> list[Place]:
    """Return where messages go, without those that go to one person alone."""
    statement = (
        sa.select(jobs.c.guild_id, deliveries.c.channel_id)
        .join(jobs, jobs.c.id == deliveries.c.job_id)
        .where(ON_ITS_WAY, deliveries.c.person_id.is_(None), jobs.c.guild_id.is_not(None))
        .distinct()
    )
    return [(guild, channel) for guild, channel in await connection.execute(statement)]
