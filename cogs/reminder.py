"""Tells people, at their next command, what could not be posted when it was done."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, messages
from bot.client import Foley


class Reminder(commands.Cog):
    """Nothing that was made gets lost because its channel is gone."""

    def __init__(self, bot: Foley) -> None:
        self.desk = bot.desk

    @commands.Cog.listener()
    async def on_app_command_completion(
        self,
        interaction: discord.Interaction,
        command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu,  # noqa: ARG002 - discord.py's signature
    ) -> None:
        """Tell the person in private, once."""
        try:
            await self._remind(interaction)
        except Exception as error:  # noqa: BLE001 - an event has no other border; it is logged there
            border.note(error)

    async def _remind(self, interaction: discord.Interaction) -> None:
        jobs = await self.desk.untold(interaction.user.id)
        if jobs:
            await interaction.followup.send(messages.reminder(jobs), ephemeral=True)
            await self.desk.note_told([job.id for job in jobs])


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Reminder(bot))
