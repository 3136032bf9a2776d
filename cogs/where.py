"""/studio pause, channels, spoilers: where and when the bot may be used, and what is hidden."""

from collections.abc import Collection, Iterator
from typing import Any, ClassVar

import discord
from discord import app_commands

from bot import messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.rules import Told
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import answer, promptly
from cogs.studio import below_studio, channel_of

Place = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.CategoryChannel
# Discord has no more channels or roles in a server than fit; so many are named to people.
_MOST = 50
_SHOWN = 20
_NOTHING = Sentence("Say at least one thing that is to change.")
_TOO_MANY = Sentence.of("I keep {count} at most; a category counts as one.", count=_MOST)


class PlaceTransformer(app_commands.Transformer):
    """Takes channels and categories. Media channels are not in Discord's own document."""

    type = discord.AppCommandOptionType.channel
    channel_types: ClassVar = [
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.forum,
        discord.ChannelType.voice,
        discord.ChannelType.category,
    ]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> Place:
        """Return the channel itself. Raises Refusal."""
        channel: Place = channel_of(interaction, value, Place)
        return channel


class Where:
    """The commands; they share how they answer."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services

    @app_commands.describe(on="Pause, or go on")
    async def pause(self, interaction: discord.Interaction[Foley], on: bool) -> None:  # noqa: FBT001 - Discord's parameter
        """Take nothing new for the time being, or again."""
        await self._choose(interaction, paused=on)

    @app_commands.describe(
        allow="A channel or category in which I may be used",
        forget="One in which I may no longer be used",
        everywhere="In every channel again",
    )
    async def channels(
        self,
        interaction: discord.Interaction[Foley],
        allow: app_commands.Transform[Place, PlaceTransformer] | None = None,
        forget: app_commands.Transform[Place, PlaceTransformer] | None = None,
        everywhere: bool = False,  # noqa: FBT001, FBT002 - Discord's parameter
    ) -> None:
        """Choose where the bot may be used. Raises Refusal."""
        if allow is None and forget is None and not everywhere:
            raise Refusal(_NOTHING)
        told = await self.services.rules.of_guild(interaction.guild_id or 0)
        before = () if everywhere else told.settings.channels or ()
        await self._choose(interaction, channels=_changed(before, _ids(allow), _ids(forget)))

    @app_commands.describe(
        on="Hide them, or not",
        channel="Results of this channel or category",
        role="Results of people with this role",
    )
    async def spoilers(
        self,
        interaction: discord.Interaction[Foley],
        on: bool,  # noqa: FBT001 - Discord's parameter
        channel: app_commands.Transform[Place, PlaceTransformer] | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Choose whose results are hidden until somebody looks. Raises Refusal."""
        meant = {*_ids(channel), *_ids(role)}
        if not meant:
            raise Refusal(_NOTHING)
        told = await self.services.rules.of_guild(interaction.guild_id or 0)
        before = told.settings.spoilers or ()
        changed = _changed(before, meant, ()) if on else _changed(before, (), meant)
        await self._choose(interaction, spoilers=changed)

    async def _choose(self, interaction: discord.Interaction[Foley], **chosen: object) -> None:
        work = self.services.rules.choose(interaction.guild_id or 0, interaction.user.id, **chosen)
        told = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        await answer(interaction, _shown(told, interaction.guild, say), deaf([]), private=True)


def _ids(thing: Place | discord.Role | None) -> list[int]:
    return [] if thing is None else [thing.id]


def _changed(
    before: Collection[int], more: Collection[int], less: Collection[int]
) -> list[int] | None:
    """Return the numbers that are left, None if there are none. Raises Refusal for too many."""
    after = sorted({*before, *more} - {*less})
    if len(after) > _MOST:
        raise Refusal(_TOO_MANY)
    return after or None


def _shown(told: Told, guild: discord.Guild | None, say: Language) -> discord.Embed:
    settings = told.settings
    lines = [
        say("Where I may be used: {channels}", channels=_row(settings.channels, guild))
        if settings.channels
        else say("I may be used in every channel."),
        say("Hidden until somebody looks: results of {where}", where=_row(settings.spoilers, guild))
        if settings.spoilers
        else say("No results are hidden."),
    ]
    if settings.paused:
        lines.insert(0, say("I am paused: nothing new is taken, what is under way goes on."))
    return discord.Embed(
        title=f"{'⏸️' if settings.paused else '📍'} {say('Where I am used')}",
        colour=int(messages.Colour.WAITING if settings.paused else messages.Colour.MAKING),
        description="\n".join(lines),
    )


def _row(ids: Collection[int] | None, guild: discord.Guild | None) -> str:
    named = list(_named(ids or (), guild))
    return ", ".join(named[:_SHOWN]) + (" …" if len(named) > _SHOWN else "")


def _named(ids: Collection[int], guild: discord.Guild | None) -> Iterator[str]:
    for each in ids:
        if guild is not None and each == guild.id:
            yield "@everyone"
        elif guild is not None and guild.get_role(each) is not None:
            yield f"<@&{each}>"
        else:
            yield f"<#{each}>"


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    where = Where(bot)
    for callback, description in (
        (where.pause, "Take nothing new for the time being"),
        (where.channels, "Where I may be used"),
        (where.spoilers, "Whose results are hidden until somebody looks"),
    ):
        command: app_commands.Command[Any, ..., None] = app_commands.Command(
            name=callback.__name__, description=description, callback=callback
        )
        below_studio(bot, command)
