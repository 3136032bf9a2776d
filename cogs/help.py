"""/help: what can be done here, with which models, and what becomes of what people write."""

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import messages, text
from bot.client import Foley
from bot.kinds import words_for
from bot.language import COMMAND, MENU, Language, Sentence
from bot.netmind.model import Model
from bot.speech import language_of
from bot.version import version
from cogs.answer import promptly
from cogs.layouts import deaf_layout, show
from storage.routes import Route

# Characters. Discord takes 4,000 in all; commands and models get what the fixed texts leave.
_FOR_COMMANDS = 1400
_FOR_MODELS = 1400

_WHERE = {
    Route.CHANNEL: Sentence("Here it comes into the channel where you ask."),
    Route.THREAD: Sentence("Here it comes into a thread below the card."),
    Route.GALLERY: Sentence("Here it comes into the gallery: {channel}."),
    Route.PRIVATE: Sentence("Here only you get it, until you publish it with Post here."),
}


class Help(commands.Cog):
    """Explains the bot."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.version = version()

    @app_commands.command(name="help", description="What this bot can do")
    async def explain(self, interaction: discord.Interaction[Foley]) -> None:
        """Show the commands and the models."""
        layout = await promptly(interaction, self._drawn(interaction), private=True)
        await show(interaction, layout)

    async def _drawn(self, interaction: discord.Interaction[Foley]) -> ui.LayoutView:
        say = await language_of(interaction)
        usual = await self.bot.services.desk.usual()
        parts = [
            [f"## {say('Sound and video from words')}", *self._commands(say)],
            [f"### {say('Models')}", *_models(usual, say)],
            [f"### {say('Where it goes')}", *await self._where(interaction.guild_id, say)],
            list(self._small_print(say)),
        ]
        box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(messages.Colour.MAKING))
        for number, lines in enumerate(parts):
            if number:
                box.add_item(ui.Separator())
            box.add_item(ui.TextDisplay("\n".join(lines)))
        return deaf_layout(box)

    def _commands(self, say: Language) -> Iterator[str]:
        kinds = self.bot.catalog.kinds()
        offered = self.bot.tree.get_commands(type=discord.AppCommandType.chat_input)
        named = {*kinds, self.explain.name}
        others = [each for each in offered if each.name not in named and _for_all(each)]
        lines = [
            f"{words_for(kind).icon} `/{_typed(kind, say)}` {say.say(words_for(kind).make)}"
            for kind in kinds
        ]
        lines += [f"`/{_typed(each.name, say)}` {say.word(each.description)}" for each in others]
        yield from _fitting(lines, _FOR_COMMANDS)
        menus = self.bot.tree.get_commands(type=discord.AppCommandType.message)
        if names := ", ".join(f"`{say.name(MENU, menu.name)}`" for menu in menus):
            yield "-# " + say("In the menu of a message, under Apps: {names}", names=names)

    async def _where(self, guild_id: int | None, say: Language) -> Iterator[str]:
        lines = [
            say("A card follows the work. The result is a message of its own and mentions you."),
            say("With `private: True` only you get it."),
        ]
        if guild_id is not None:
            guild = await self.bot.services.choices.of_guild(guild_id)
            if where := _WHERE.get(guild.route):
                lines.insert(1, say(where.template, channel=f"<#{guild.gallery_id}>"))
        return iter(lines)

    def _small_print(self, say: Language) -> Iterator[str]:
        yield "-# " + say("What comes out is made by AI.")
        yield "-# " + say(
            "NetMind gets your words, not your name. I keep them for `/jobs`. NetMind's copy of a "
            "file is deleted once it is posted, else after a week."
        )
        yield f"-# Foley {self.version}"


def _for_all(command: app_commands.Command[Any, ..., Any] | app_commands.Group) -> bool:
    """Tell whether the command is for more than those who manage a guild."""
    return command.default_permissions is None


def _models(usual: Sequence[tuple[Model, float]], say: Language) -> Iterator[str]:
    blocks = ["\n".join(_about(model, seconds, say)) for model, seconds in usual]
    return _fitting(blocks, _FOR_MODELS)


def _about(model: Model, seconds: float, say: Language) -> Iterator[str]:
    takes = say("usually takes {time}", time=text.seconds(seconds))
    title = text.plain(say.word(model.title), 60)
    yield f"{words_for(model.kind).icon} **{title}** `/{_typed(model.kind, say)}` · {takes}"
    if model.takes_video:
        yield say("It can also make the sound for a video.")
    if model.licence:
        yield f"-# {text.plain(say.word(model.licence), 150)}"


def _typed(command: str, say: Language) -> str:
    return say.name(COMMAND, command)


def _fitting(blocks: Sequence[str], room: int) -> Iterator[str]:
    """Yield blocks from the first on while there is room, then an ellipsis for what is left."""
    for block in blocks:
        room -= len(block) + 1
        if room < 0:
            yield "…"
            return
        yield block


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Help(bot))
