"""/help: what can be done here, and with which models."""

import discord
from discord import app_commands
from discord.ext import commands

from bot import messages, text
from bot.client import Foley
from bot.kinds import words_for
from bot.netmind.model import Model


class Help(commands.Cog):
    """Explains the bot."""

    def __init__(self, bot: Foley) -> None:
        self.catalog = bot.catalog

    @app_commands.command(name="help", description="What this bot can do")
    async def explain(self, interaction: discord.Interaction) -> None:
        """Show the commands and the models."""
        embed = discord.Embed(
            title="Sound and video from words",
            colour=int(messages.Colour.MAKING),
            description="\n".join(
                [
                    *(self._line(kind) for kind in self.catalog.kinds()),
                    "",
                    "`/jobs` lists what you asked for, `/job` shows one of them.",
                    "The card that answers you follows the work and has a Cancel button.",
                    "The result comes as a new message and mentions you.",
                ]
            ),
        )
        for model in self.catalog.models:
            embed.add_field(name=model.title, value=_about(model), inline=False)
        embed.set_footer(text="What comes out is made by AI.")
        await interaction.response.send_message(embed=embed, ephemeral=True)

    def _line(self, kind: str) -> str:
        return f"{words_for(kind).icon} `/{kind}` {words_for(kind).make}"


def _about(model: Model) -> str:
    usual = text.seconds(model.typical_seconds)
    return " ".join(filter(None, [f"Usually takes {usual}.", model.licence]))


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Help(bot))
