"""Tells people, at their next command, what they could not be told when it happened."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, messages, notice
from bot.client import Foley
from bot.speech import language_of

# Discord takes 2000 characters.
_AT_ONCE = 2


class Reminder(commands.Cog):
    """Nothing that was made gets lost because its channel is gone."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services

    @commands.Cog.listener()
    async def on_app_command_completion(
        self,
        interaction: discord.Interaction[Foley],
        command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu,  # noqa: ARG002 - discord.py's signature
    ) -> None:
        """Tell the person in private, once."""
        try:
            await self._remind(interaction)
        except Exception as error:  # noqa: BLE001 - an event has no other border; it is logged there
            border.note(error)

    async def _remind(self, interaction: discord.Interaction[Foley]) -> None:
        jobs = await self.services.desk.untold(interaction.user.id)
        told = await self.services.notices.untold(interaction.user.id)
        if not jobs and not told:
            return
        say = await language_of(interaction)
        words = [notice.write(each, job, say) for each, job in told[:_AT_ONCE]]
        if jobs:
            words.append(messages.reminder(jobs))
        await interaction.followup.send("\n\n".join(words), ephemeral=True)
        await self.services.desk.note_told([job.id for job in jobs])
        await self.services.notices.note_told([each for each, _ in told[:_AT_ONCE]])


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Reminder(bot))
