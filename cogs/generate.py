"""One slash command for each kind in the catalogue, and the card that answers it."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Foley
from bot.jobs.desk import JobView
from bot.kinds import words_for
from bot.translator import said_later
from cogs.answer import promptly
from cogs.cards import show_card
from cogs.options import parameters
from cogs.requests import request


class Generate(commands.Cog):
    """Makes jobs from slash commands."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Make a command for each kind of model."""
        for kind in self.bot.catalog.kinds():
            self.bot.tree.add_command(self._command(kind))

    async def cog_unload(self) -> None:
        """Take the commands away again."""
        for kind in self.bot.catalog.kinds():
            self.bot.tree.remove_command(kind)

    def _command(self, kind: str) -> app_commands.Command[Any, ..., None]:
        async def callback(interaction: discord.Interaction[Foley], **chosen: Any) -> None:
            await self.request(interaction, kind, **chosen)

        parameters(self.bot.catalog, kind).attach(callback)
        return app_commands.Command(
            name=kind,
            description=said_later(words_for(kind).make),
            callback=callback,
        )

    async def request(
        self, interaction: discord.Interaction[Foley], kind: str, prompt: str, **chosen: Any
    ) -> None:
        """Accept the request and answer with its card. Raises Refusal."""
        private = chosen.pop("private", None)
        work = self._request(interaction, kind, prompt, chosen, private=private)
        await show_card(interaction, await promptly(interaction, work, private=bool(private)))

    async def _request(
        self,
        interaction: discord.Interaction[Foley],
        kind: str,
        prompt: str,
        chosen: dict[str, Any],
        *,
        private: bool | None,
    ) -> JobView:
        model = chosen.pop("model", None) or await self._usual(interaction, kind)
        return await request(interaction, kind, model, prompt, chosen, private=private)

    async def _usual(self, interaction: discord.Interaction[Foley], kind: str) -> str:
        """Return the model that this person usually takes."""
        offered = [model.key for model in self.bot.catalog.of_kind(kind)]
        usual = (await self.bot.services.choices.of_person(interaction.user.id)).defaults.get(
            kind, {}
        )
        model = usual.get("model")
        return model if model in offered else offered[0]


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Generate(bot))
