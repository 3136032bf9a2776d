"""/studio stats: how much the bot was used in a server, for those who manage it."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.client import Foley
from bot.language import Sentence
from bot.speech import language_of
from cogs.answer import promptly
from cogs.stats_page import Part, StatsPage, layout
from cogs.studio import below_studio

_DAYS = {7: Sentence("7 days"), 30: Sentence("30 days"), 90: Sentence("90 days")}
_USUAL = 30


class StatsCommand:
    """The command, and what it reads from."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services
        self.catalog = bot.catalog

    @app_commands.describe(days="How many days, today among them; usually 30")
    @app_commands.choices(
        days=[app_commands.Choice(name=str(words), value=days) for days, words in _DAYS.items()]
    )
    async def show(self, interaction: discord.Interaction[Foley], days: int = _USUAL) -> None:
        """Show the figures of the guild to the moderator alone."""
        # A changed Discord client can send any number.
        work = self._drawn(interaction, days if days in _DAYS else _USUAL)
        await _send(interaction, await promptly(interaction, work, private=True))

    async def _drawn(self, interaction: discord.Interaction[Foley], days: int) -> list[Part]:
        figures = await self.services.stats.of_guild(interaction.guild_id or 0, days)
        page = StatsPage(figures, self.catalog, await language_of(interaction))
        return await asyncio.to_thread(page.parts)


async def _send(interaction: discord.Interaction[Foley], parts: Sequence[Part]) -> None:
    files = [
        discord.File(io.BytesIO(each.picture.png), each.picture.name)
        for each in parts
        if each.picture is not None
    ]
    if interaction.response.is_done():
        await interaction.edit_original_response(view=layout(parts), attachments=files)
    else:
        await interaction.response.send_message(view=layout(parts), files=files, ephemeral=True)


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="stats",
        description="How much I am used here, and how it went",
        callback=StatsCommand(bot).show,
    )
    below_studio(bot, command)
