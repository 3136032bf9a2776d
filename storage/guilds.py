"""Guilds in which something was asked for: what their moderators have chosen for all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.looks import Look
from storage.routes import Route
from storage.schema import guilds
from storage.seen import note_seen


@dataclass(frozen=True)
class GuildSettings:
    """What holds for everybody in a guild.

    `language` None: each person's own. `gallery_id` is the channel or forum of Route.GALLERY.
    `refused_size`: a file of so many bytes was too large at `refused_at`, whatever the guild's
    limit should be. `log_channel_id`: where moderators read what people report. `time_zone`: an
    IANA name; the day of limits turns over there. The caps are for all people together.
    `appeal`: what who is blocked can do. `paused`: nothing new is taken. `channels`: where the bot
    may be used, by channel or category; None: everywhere. `spoilers`: the channels, categories and
    roles whose results are hidden until somebody looks. `review_prompts`: moderators are asked
    before anything is made; `review_results`: before it is posted; `review_hours`: so long, and
    then it is approved if `review_approves`. `look`: what is done with a result that does not look
    right; `look_closed`: so is with one that could not be looked at. `log_lines_since`: jobs that
    ended since then are lines for moderators.
    """

    language: str | None = None
    route: Route = Route.CHANNEL
    gallery_id: int | None = None
    voice: bool = False
    refused_size: int | None = None
    refused_at: datetime | None = None
    log_channel_id: int | None = None
    time_zone: str = "UTC"
    cap_at_once: int | None = None
    cap_per_day: int | None = None
    appeal: str | None = None
    paused: bool = False
    channels: Collection[int] | None = None
    spoilers: Collection[int] | None = None
    review_prompts: bool = False
    review_results: bool = False
    review_hours: int = 24
    review_approves: bool = False
    look: Look = Look.HIDE
    look_closed: bool = False
    log_lines_since: datetime | None = None


@dataclass(frozen=True)
class Membership:
    """A guild, whether the bot was ever in it as a member, and whether it has left."""

    guild_id: int
    joined: bool
    left: bool


_NEVER_JOINED = sa.not_(guilds.c.joined)
_COLUMNS = [guilds.c[name] for name in GuildSettings.__dataclass_fields__]


async def note(
    connection: AsyncConnection, guild_id: int, now: datetime, *, there: bool = True
) -> None:
    """Remember that something was asked for in this guild at `now`; `there`: the bot is in it."""
    await note_seen(connection, guilds, guild_id, now)
    if there:
        await set_there(connection, [guild_id])


async def set_there(connection: AsyncConnection, guild_ids: Collection[int]) -> None:
    """Remember that the bot is in these guilds, as far as they are known."""
    await connection.execute(
        sa.update(guilds)
        .where(guilds.c.id.in_(guild_ids), sa.or_(guilds.c.left_at.is_not(None), _NEVER_JOINED))
        .values(left_at=None, joined=True)
    )


async def set_left(connection: AsyncConnection, guild_ids: Collection[int], at: datetime) -> None:
    """Remember that the bot is in these guilds no more, if nobody has before."""
    await connection.execute(
        sa.update(guilds)
        .where(guilds.c.id.in_(guild_ids), guilds.c.left_at.is_(None))
        .values(left_at=at)
    )


async def memberships(connection: AsyncConnection) -> list[Membership]:
    """Return of each guild that is known whether the bot was in it and has left it."""
    columns = (guilds.c.id, guilds.c.joined, guilds.c.left_at)
    rows = await connection.execute(sa.select(*columns).order_by(guilds.c.id))
    return [Membership(row.id, row.joined, row.left_at is not None) for row in rows]


async def settings(connection: AsyncConnection, guild_id: int | None) -> GuildSettings:
    """Return what holds in this guild; outside guilds nothing special does."""
    statement = sa.select(*_COLUMNS).where(guilds.c.id == guild_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return GuildSettings()
    return GuildSettings(**{**row, "route": Route(row["route"]), "look": Look(row["look"])})


async def choose(
    connection: AsyncConnection, guild_id: int, now: datetime, **chosen: Any
) -> GuildSettings:
    """Change some of a guild's settings, by their names; return all of them."""
    await note(connection, guild_id, now)
    await connection.execute(sa.update(guilds).where(guilds.c.id == guild_id).values(**chosen))
    return await settings(connection, guild_id)
