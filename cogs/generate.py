"""One slash command for each kind in the catalogue, and the card that answers it."""

from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot import border, messages
from bot.client import Foley
from bot.crash import crash_point
from bot.jobs.desk import Desk, JobView
from cogs.answer import NO_ANSWER, answer, promptly
from cogs.cancel import CancelButton, cancel_view
from cogs.options import parameters
from cogs.permissions import check_permissions
from storage.jobs import NewJob

log = structlog.get_logger(__name__)


class Generate(commands.Cog):
    """Makes jobs from slash commands."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Make a command for each kind of model."""
        self.bot.add_dynamic_items(CancelButton)
        for kind in self.bot.catalog.kinds():
            self.bot.tree.add_command(self._command(kind))

    async def cog_unload(self) -> None:
        """Take the commands away again."""
        for kind in self.bot.catalog.kinds():
            self.bot.tree.remove_command(kind)

    def _command(self, kind: str) -> app_commands.Command[Any, ..., None]:
        async def callback(interaction: discord.Interaction, **chosen: Any) -> None:
            await self.request(interaction, kind, **chosen)

        parameters(self.bot.catalog, kind).attach(callback)
        return app_commands.Command(
            name=kind,
            description=f"Make a {messages.noun(kind)} from words",
            callback=callback,
        )

    async def request(
        self, interaction: discord.Interaction, kind: str, prompt: str, **chosen: Any
    ) -> None:
        """Accept the request and answer with its card. Raises Refusal."""
        check_permissions(interaction)
        model = chosen.pop("model", None) or self.bot.catalog.of_kind(kind)[0].key
        new = NewJob(
            interaction_id=interaction.id,
            requester_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id or 0,
            model=model,
            kind=kind,
            prompt=prompt.strip(),
            options={name: value for name, value in chosen.items() if value is not None},
        )
        view = await promptly(interaction, self.bot.desk.accept(new))
        await show_card(interaction, self.bot.desk, view)


async def show_card(interaction: discord.Interaction, desk: Desk, view: JobView) -> None:
    """Answer with the job's card and remember which message it is."""
    embed = messages.card(view.job, view.standing)
    try:
        card_id = await answer(interaction, embed, cancel_view(view.job))
    except NO_ANSWER as error:
        if isinstance(error, discord.HTTPException) and error.code in border.LOST_RACE:
            raise
        # The job is on disk and goes on; its result is a message of its own.
        log.warning("card_not_shown", job=view.job.id, error=type(error).__name__)
        return
    crash_point("card.sent")
    if card_id is not None:
        await desk.note_card(view.job.id, card_id)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Generate(bot))
