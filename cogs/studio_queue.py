"""/studio queue, cancel and remove: a guild's jobs that are under way, and how one is ended.

The number of the job stands in the ids of buttons and forms, so that they outlive a restart.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, text
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.form import Field
from bot.jobs.moderators import LONGEST_REASON, Removed, Seen
from bot.language import Sentence
from bot.speech import language_of
from cogs import modal
from cogs.answer import promptly, say_privately
from cogs.authority import check_manager
from cogs.layouts import change, show
from cogs.removal import NOT_ALLOWED, delete_messages
from cogs.studio import below_studio
from cogs.studio_queue_page import PER_PAGE, Page, layout
from storage.guild_jobs import Search
from storage.jobs import Job
from storage.states import OPEN, JobState

_PAGE = re.compile(r"foley:running:[a-z]+:(?P<page>[0-9]{1,6})")
# The button opens a form with the same id.
_CANCEL = re.compile(r"foley:ending:(?P<job>[0-9]{1,18}):(?P<page>[0-9]{1,6})")
_WHY = Field(
    "reason", Sentence("Why? The person reads it."), "", LONGEST_REASON, long=True, required=True
)
_REMOVED = Sentence("It was removed already.")
_SUGGESTED = 25


_TOLD = {"job": "The number of the job, or words of its prompt", "reason": "The person reads it"}


class StudioQueue(commands.Cog):
    """What moderators do about jobs."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.services = bot.services

    async def queue(self, interaction: discord.Interaction[Foley]) -> None:
        """Show the guild's jobs that are under way."""
        page = await promptly(interaction, self._page(interaction, 0), private=True)
        await show(interaction, layout(page, await language_of(interaction)))

    @app_commands.describe(**_TOLD)
    async def cancel(
        self,
        interaction: discord.Interaction[Foley],
        job: int,
        reason: app_commands.Range[str, 1, LONGEST_REASON],
    ) -> None:
        """End a job without a result. Raises Refusal."""
        work = self._cancelled(interaction, job, reason)
        cancelled = await promptly(interaction, work, private=True)
        await say_privately(
            interaction, Sentence.of("🚫 #{number} is cancelled.", number=cancelled.id)
        )

    @app_commands.describe(**_TOLD)
    async def remove(
        self,
        interaction: discord.Interaction[Foley],
        job: int,
        reason: app_commands.Range[str, 1, LONGEST_REASON],
    ) -> None:
        """Take a result away. Raises Refusal."""
        work = self._removed(interaction, job, reason)
        removed, allowed = await promptly(interaction, work, private=True)
        if not allowed:
            raise Refusal(NOT_ALLOWED)
        if not removed.first:
            raise Refusal(_REMOVED)
        await say_privately(
            interaction, Sentence.of("🗑️ #{number} is removed.", number=removed.job.id)
        )

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Turn the page, ask why a job is to be cancelled, or cancel it."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        turned, ending = _PAGE.fullmatch(custom_id), _CANCEL.fullmatch(custom_id)
        if turned is None and ending is None:
            return
        try:
            check_manager(interaction)
            if turned is not None:
                await self._show(interaction, int(turned["page"]))
            elif ending is not None and interaction.type is discord.InteractionType.modal_submit:
                written = dict(modal.written(data["components"]))
                await self._end(interaction, ending, written.get(_WHY.key, ""))
            elif ending is not None:
                await self._ask_why(interaction, ending)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _ask_why(
        self, interaction: discord.Interaction[Foley], ending: re.Match[str]
    ) -> None:
        """Open the form, unless the job cannot be cancelled any more."""
        work = self.services.moderators.open(interaction.guild_id or 0, int(ending["job"]))
        job = await modal.in_time(work)
        say = await language_of(interaction)
        title = say("Cancel #{number}", number=job.id)
        await interaction.response.send_modal(modal.build(title, ending.string, [_WHY], {}, say))

    async def _end(
        self, interaction: discord.Interaction[Foley], ending: re.Match[str], reason: str
    ) -> None:
        work = self._cancelled(interaction, int(ending["job"]), reason)
        job = await promptly(interaction, work, thinking=False)
        await self._show(interaction, int(ending["page"]), job.id)

    async def _show(
        self, interaction: discord.Interaction[Foley], number: int, cancelled: int | None = None
    ) -> None:
        work = self._page(interaction, number, cancelled)
        page = await promptly(interaction, work, thinking=False)
        await change(interaction, layout(page, await language_of(interaction)))

    async def _cancelled(
        self, interaction: discord.Interaction[Foley], job_id: int, reason: str
    ) -> Job:
        guild_id = interaction.guild_id or 0
        return await self.services.moderators.cancel(guild_id, interaction.user.id, job_id, reason)

    async def _removed(
        self, interaction: discord.Interaction[Foley], job_id: int, reason: str
    ) -> tuple[Removed, bool]:
        guild_id = interaction.guild_id or 0
        removed = await self.services.moderators.remove(
            guild_id, interaction.user.id, job_id, reason
        )
        return removed, await delete_messages(self.bot, removed.places)

    async def _page(
        self,
        interaction: discord.Interaction[Foley],
        number: int,
        cancelled: int | None = None,
    ) -> Page:
        page = Page(number, await self._look(interaction, number), cancelled)
        if number >= page.pages:
            # There were more when the button was made.
            number = page.pages - 1
            page = Page(number, await self._look(interaction, number), cancelled)
        return page

    async def _look(self, interaction: discord.Interaction[Foley], number: int) -> Seen:
        search = Search(states=OPEN)
        guild_id = interaction.guild_id or 0
        return await self.services.moderators.look(guild_id, search, number * PER_PAGE, PER_PAGE)


async def _open_jobs(
    interaction: discord.Interaction[Foley], current: str
) -> list[app_commands.Choice[int]]:
    return await _suggested(interaction, current, OPEN)


async def _ended_jobs(
    interaction: discord.Interaction[Foley], current: str
) -> list[app_commands.Choice[int]]:
    return await _suggested(interaction, current, {JobState.FINISHED, JobState.FAILED})


async def _suggested(
    interaction: discord.Interaction[Foley], current: str, states: Collection[JobState]
) -> list[app_commands.Choice[int]]:
    search = Search(containing=current, states=states)
    guild_id = interaction.guild_id or 0
    seen = await interaction.client.services.moderators.look(guild_id, search, 0, _SUGGESTED)
    return [
        app_commands.Choice(name=text.visible(f"#{job.id} {job.prompt}", 100), value=job.id)
        for job, _ in seen.found
    ]


async def setup(bot: Foley) -> None:
    """Load what is below /studio, and its buttons; discord.py calls this."""
    cog = StudioQueue(bot)
    queue: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="queue", description="What is under way in this server", callback=cog.queue
    )
    cancel: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="cancel", description="End somebody's job without a result", callback=cog.cancel
    )
    remove: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="remove", description="Take somebody's result away", callback=cog.remove
    )
    cancel.autocomplete("job")(_open_jobs)
    remove.autocomplete("job")(_ended_jobs)
    for command in (queue, cancel, remove):
        below_studio(bot, command)
    await bot.add_cog(cog)
