"""What the bot may do, in each guild and channel where it has something to do."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.check.database import reading
from bot.check.finding import Finding, ok, warning, wrong
from bot.language import Sentence
from bot.permissions import (
    NEEDED,
    NEEDED_FOR_THREADS,
    NEEDED_FOR_VOICE,
    NEEDED_IN_FORUMS,
    NEEDED_IN_THREADS,
    missing,
)
from storage.database import Address
from storage.errors import StorageError
from storage.used import Use, UsedGuild, used

MOST_GUILDS = 20
"""Each takes two requests, and its channels one or two each; Discord takes 50 a second."""

MOST_CHANNELS = 5
"""Of each guild."""

_NAME = "permissions"
_AT_ONCE = 5
_ALL = NEEDED | NEEDED_IN_THREADS | NEEDED_FOR_THREADS | NEEDED_FOR_VOICE
_HIDDEN = [NEEDED["view_channel"]]


@dataclass(frozen=True)
class Rights:
    """What may not be done in a place, of what has to be and of what would be good."""

    needed: list[Sentence]
    wished: list[Sentence]


async def look(client: discord.Client, address: Address) -> list[Finding]:
    """Look at the guilds that the database knows, who was there last first."""
    try:
        async with reading(address) as connection:
            guilds = await used(connection)
    except StorageError:  # the database has a finding of its own
        return []
    if not guilds:
        return [ok(_NAME, "No server has used the bot yet.")]
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(guild: UsedGuild) -> list[Finding] | None:
        async with turns:
            return await _guild(client, guild)

    answers = await asyncio.gather(*map(in_turn, guilds[:MOST_GUILDS]))
    return [*summed_up(answers), *_not_looked_at(guilds)]


def summed_up(answers: Sequence[list[Finding] | None]) -> Iterator[Finding]:
    """Yield what is amiss, and how many servers are all right or without the bot (None)."""
    there = [found for found in answers if found is not None]
    gone = len(answers) - len(there)
    for found in there:
        yield from found
    if well := sum(not found for found in there):
        yield ok(_NAME, f"In {_servers(well)} everything is allowed.")
    if gone:
        yield ok(
            _NAME,
            f"In {_servers(gone)} it is no member: people added it to their own account, or it "
            "was removed.",
        )


def _servers(count: int) -> str:
    return "1 server" if count == 1 else f"{count} servers"


def _not_looked_at(guilds: list[UsedGuild]) -> Iterator[Finding]:
    left = len(guilds) - MOST_GUILDS
    crowded = sum(len(guild.channels) > MOST_CHANNELS for guild in guilds[:MOST_GUILDS])
    if left > 0:
        yield ok(_NAME, f"{_servers(left)} more, unused for longer, were not looked at.")
    if crowded:
        yield ok(_NAME, f"Of {_servers(crowded)}, only {MOST_CHANNELS} channels were looked at.")


async def _guild(client: discord.Client, used_guild: UsedGuild) -> list[Finding] | None:
    """Return what is amiss there; None: the bot is not there."""
    assert client.user is not None  # noqa: S101 - it is logged in
    try:
        guild = await client.fetch_guild(used_guild.id, with_counts=False)
        me = await guild.fetch_member(client.user.id)
    except (discord.NotFound, discord.Forbidden):
        return None
    found = [*_of_roles(guild, me)]
    for channel_id, use in [*used_guild.channels.items()][:MOST_CHANNELS]:
        found += await _channel(guild, me, used_guild, channel_id, use)
    return found


def _of_roles(guild: discord.Guild, me: discord.Member) -> Iterator[Finding]:
    lacking = missing(me.guild_permissions, _ALL)
    if lacking:
        yield warning(
            _NAME,
            f"In {named(guild)} the bot's roles lack {_row(lacking)}, which the link below gives.",
        )


async def _channel(
    guild: discord.Guild, me: discord.Member, settings: UsedGuild, channel_id: int, use: Use
) -> list[Finding]:
    try:
        channel = await guild.fetch_channel(channel_id)
        allowed = await _allowed(guild, channel, me)
    except discord.NotFound:
        gone = f"Channel {channel_id} of {named(guild)}, {use}, is not there any more."
        return [warning(_NAME, gone)]
    except discord.Forbidden:
        return [*_said(guild, f"channel {channel_id}", use, Rights(_HIDDEN, []))]
    except discord.InvalidData:
        return []  # a kind of channel that discord.py does not know yet
    rights = rights_in(channel, allowed, settings, use)
    return [*_said(guild, f"#{named(channel)}", use, rights)]


async def _allowed(
    guild: discord.Guild, channel: discord.abc.GuildChannel | discord.Thread, me: discord.Member
) -> discord.Permissions:
    """Return what is allowed in a channel; in a thread, what its parent allows."""
    if not isinstance(channel, discord.Thread):
        return channel.permissions_for(me)
    parent = await guild.fetch_channel(channel.parent_id)
    assert not isinstance(parent, discord.Thread)  # noqa: S101 - threads have no threads
    # Not as the channel has it: who may not write there may not attach files there either.
    return discord.abc.GuildChannel.permissions_for(parent, me)


def rights_in(
    channel: discord.abc.GuildChannel | discord.Thread,
    allowed: discord.Permissions,
    settings: UsedGuild,
    use: Use,
) -> Rights:
    """Return what is not allowed in a channel, for its use and what the guild has chosen."""
    if isinstance(channel, discord.CategoryChannel):
        return Rights([], [])
    needed: Mapping[str, Sentence] = NEEDED
    if isinstance(channel, discord.Thread):
        needed = NEEDED_IN_THREADS
    elif isinstance(channel, discord.ForumChannel):
        needed = NEEDED_IN_FORUMS
    if use is Use.REPORTS:
        return Rights(missing(allowed, needed), [])
    if settings.threads and isinstance(channel, discord.TextChannel):
        needed = {**needed, **NEEDED_FOR_THREADS}
    # Without it sounds come as files.
    wished = NEEDED_FOR_VOICE if settings.voice else {}
    return Rights(missing(allowed, needed), missing(allowed, wished))


def _said(guild: discord.Guild, channel: str, use: Use, rights: Rights) -> Iterator[Finding]:
    place = f"In {channel} of {named(guild)}, {use}, "
    if rights.needed:
        yield wrong(_NAME, f"{place}the bot may not: {_row(rights.needed)}.")
    if rights.wished:
        yield warning(_NAME, f"{place}the bot should also be allowed {_row(rights.wished)}.")


def named(thing: discord.Guild | discord.abc.GuildChannel | discord.Thread) -> str:
    """Return its name, in which only what can be seen is left, and its number."""
    name = "".join(letter for letter in thing.name if letter.isprintable())
    return f"{name} ({thing.id})"


def _row(words: list[Sentence]) -> str:
    return ", ".join(map(str, words))
