"""/studio: what moderators choose for their guild. Discord itself says who may."""

from typing import Any, ClassVar

import discord
from discord import app_commands
from discord.ext import commands

from bot import messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.language import LANGUAGES, Language, Sentence, language, spoken
from bot.permissions import missing_in
from bot.speech import language_of, locale_of
from cogs.answer import answer, promptly
from storage.guilds import GuildSettings
from storage.routes import Route

OWN_LANGUAGE = "own"
WHERE = {
    Route.CHANNEL: Sentence("in the channel where it was asked for"),
    Route.THREAD: Sentence("in a thread for each, below its card"),
    Route.GALLERY: Sentence("in one gallery channel or forum"),
    Route.PRIVATE: Sentence("to its person alone, until they publish it with Post here"),
}

NOT_SEEN = Sentence("I cannot see that channel.")
_NO_SERVER = Sentence("This is about a server. Use it there.")

Gallery = discord.TextChannel | discord.ForumChannel


Written = discord.TextChannel
"""A channel that messages are written to; those for news are of the same kind."""


def channel_of(interaction: discord.Interaction, value: Any, kind: Any) -> Any:
    """Return the channel that an option names, if it is of this kind. Raises Refusal."""
    channel = interaction.guild and interaction.guild.get_channel(value.id)
    if not isinstance(channel, kind):
        raise Refusal(NOT_SEEN)
    return channel


class WrittenTransformer(app_commands.Transformer):
    """Takes text and news channels."""

    type = discord.AppCommandOptionType.channel
    channel_types: ClassVar = [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> Written:
        """Return the channel itself. Raises Refusal."""
        channel: Written = channel_of(interaction, value, Written)
        return channel


class GalleryTransformer(app_commands.Transformer):
    """Takes text, news and forum channels. Media channels are not in Discord's own document."""

    type = discord.AppCommandOptionType.channel
    channel_types: ClassVar = [
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.forum,
    ]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> Gallery:
        """Return the channel itself. Raises Refusal."""
        channel: Gallery = channel_of(interaction, value, Gallery)
        return channel


async def _check_server(interaction: discord.Interaction) -> bool:
    """Raise Refusal outside servers: what holds for none of them holds for all.

    Discord does not offer /studio there; a command can be made up.
    """
    if interaction.guild_id is not None:
        return True
    refusal = Refusal(_NO_SERVER)
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        raise refusal
    # The library hands only errors of its own to the border.
    raise app_commands.CommandInvokeError(command, refusal)


# Who has the bot only for themselves is not asked by Discord whether they manage the guild.
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_guild=True)
class Studio(commands.GroupCog, group_name="studio", group_description="For moderators"):
    """A guild's choices."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Take these commands only in servers; discord.py asks this."""
        return await _check_server(interaction)

    @app_commands.command(name="show", description="What holds in this server")
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """Show the guild's settings."""
        work = self.services.choices.of_guild(interaction.guild_id or 0)
        await self._tell(interaction, await promptly(interaction, work, private=True))

    @app_commands.command(name="results", description="Where results are posted")
    @app_commands.describe(where="Where results go", gallery="The gallery, if there is to be one")
    @app_commands.choices(
        where=[app_commands.Choice(name=str(words), value=str(key)) for key, words in WHERE.items()]
    )
    async def results(
        self,
        interaction: discord.Interaction[Foley],
        where: str,
        gallery: app_commands.Transform[Gallery, GalleryTransformer] | None = None,
    ) -> None:
        """Choose where results are posted. Raises Refusal."""
        route = next((each for each in WHERE if each == where), None)
        if route is None:
            raise Refusal(Sentence("There is no such way. Choose one from the list."))
        if route is Route.GALLERY:
            _check_gallery(gallery)
        gallery_id = gallery.id if gallery and route is Route.GALLERY else None
        await self._choose(interaction, route=route, gallery_id=gallery_id)

    @app_commands.command(name="voice", description="Whether sounds come as voice messages")
    @app_commands.describe(on="Voice messages, or files with a picture of the sound")
    async def voice(self, interaction: discord.Interaction[Foley], on: bool) -> None:  # noqa: FBT001 - Discord's parameter
        """Choose how sounds come."""
        await self._choose(interaction, voice=on)

    @app_commands.command(name="reports", description="Where you read what people report")
    @app_commands.describe(channel="The channel for reports; none: nothing can be reported")
    async def reports(
        self,
        interaction: discord.Interaction[Foley],
        channel: app_commands.Transform[Written, WrittenTransformer] | None = None,
    ) -> None:
        """Choose where moderators are told of what people report. Raises Refusal."""
        if channel is not None:
            check_channel(channel)
        await self._choose(interaction, log_channel_id=None if channel is None else channel.id)

    @app_commands.command(name="language", description="The language of what everybody reads")
    @app_commands.describe(language="Everybody's own, or one for all")
    async def language(self, interaction: discord.Interaction[Foley], language: str) -> None:
        """Choose the language of public messages. Raises Refusal."""
        if language not in {OWN_LANGUAGE, *spoken()}:
            raise Refusal(Sentence("I do not speak that language. Choose one from the list."))
        await self._choose(interaction, language=None if language == OWN_LANGUAGE else language)

    @language.autocomplete("language")
    async def suggest(
        self, interaction: discord.Interaction[Foley], current: str
    ) -> list[app_commands.Choice[str]]:
        """Suggest what we speak."""
        say = language(locale_of(interaction))
        names = {
            OWN_LANGUAGE: say("everybody's own"),
            **{code: LANGUAGES[code] for code in spoken()},
        }
        return [
            app_commands.Choice(name=name, value=code)
            for code, name in names.items()
            if current.casefold() in name.casefold()
        ]

    async def _choose(self, interaction: discord.Interaction[Foley], **chosen: object) -> None:
        guild_id = interaction.guild_id or 0
        work = self.services.rules.choose(guild_id, interaction.user.id, **chosen)
        told = await promptly(interaction, work, private=True)
        await self._tell(interaction, told.settings)

    async def _tell(self, interaction: discord.Interaction[Foley], settings: GuildSettings) -> None:
        say = await language_of(interaction)
        await answer(interaction, _shown(settings, say), deaf([]), private=True)


def _check_gallery(gallery: Gallery | None) -> None:
    if gallery is None:
        raise Refusal(Sentence("Name the gallery as well: /studio results gallery."))
    check_channel(gallery)


def check_channel(channel: Gallery) -> None:
    """Raise Refusal unless the bot may post there."""
    if lacking := missing_in(channel):
        raise Refusal(
            Sentence.of(
                "I could not post in {channel}. I need: {permissions}.",
                channel=channel.mention,
                permissions=Sentence.row(lacking),
            )
        )


def _shown(settings: GuildSettings, say: Language) -> discord.Embed:
    where = say.say(WHERE.get(settings.route, WHERE[Route.CHANNEL]))
    if settings.route is Route.GALLERY:
        where += f": <#{settings.gallery_id}>"
    sounds = (
        say("as voice messages; where I may not send one, as files")
        if settings.voice
        else say("as files, each with a picture of the sound")
    )
    told = say("nowhere; /studio reports chooses a channel")
    if settings.log_channel_id is not None:
        told = f"<#{settings.log_channel_id}>"
    spoken_here = LANGUAGES.get(settings.language or "", say("everybody's own"))
    return discord.Embed(
        title=f"🎛️ {say('This server')}",
        colour=int(messages.Colour.MAKING),
        description="\n".join(
            [
                say("Results go: **{where}**", where=where),
                say("Sounds come: **{how}**", how=sounds),
                say("Language: **{language}**", language=spoken_here),
                say("Reports go: **{where}**", where=told),
            ]
        ),
    )


def below_studio(
    bot: Foley, command: app_commands.Group | app_commands.Command[Any, ..., Any]
) -> None:
    """Offer a command below /studio, which is there before; it is taken only in servers."""
    inner = command.walk_commands() if isinstance(command, app_commands.Group) else [command]
    for each in inner:
        if isinstance(each, app_commands.Command):
            each.add_check(_check_server)
    studio = bot.tree.get_command("studio")
    if not isinstance(studio, app_commands.Group):
        message = "the cog of /studio is loaded first"
        raise TypeError(message)
    studio.add_command(command, override=True)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Studio(bot))
