"""/jobs and /job: what I asked for, and what became of it. Only the person sees the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, text
from bot.client import Foley
from bot.language import Language
from bot.speech import language_of
from cogs.answer import promptly
from cogs.history_page import FILTERS, PER_PAGE, Page, layout, state_of
from cogs.history_query import Filter, Query, filter_of, fitting, is_cut
from cogs.layouts import change, show
from cogs.own_card import show_privately
from storage.history import Wanted
from storage.jobs import Job

_SUGGESTED = 25


class History(commands.Cog):
    """A person's own jobs."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services
        self.catalog = bot.catalog

    @app_commands.command(name="jobs", description="Your jobs, newest first")
    @app_commands.describe(
        search="Words of the prompt, or the number of the job",
        state="Only jobs that stand like this",
        starred="Only those with your star",
    )
    @app_commands.choices(
        state=[app_commands.Choice(name=str(said), value=key) for key, said in FILTERS.items()]
    )
    async def list_jobs(
        self,
        interaction: discord.Interaction[Foley],
        search: str = "",
        state: str = Filter.ALL,
        starred: bool = False,  # noqa: FBT001, FBT002 - discord.py's signature
    ) -> None:
        """Show the first page of the person's jobs."""
        query = Query(0, filter_of(state), starred, fitting(search))
        page, say = await promptly(interaction, self._look(interaction, query), private=True)
        await show(interaction, self._drawn(replace(page, cut=is_cut(search)), say))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Turn the page: what it shall show stands in the id of what was clicked."""
        data: Mapping[str, Any] = interaction.data or {}
        query = Query.read(str(data.get("custom_id", "")), data.get("values", ()))
        if interaction.type is not discord.InteractionType.component or query is None:
            return
        try:
            work = self._look(interaction, query)
            page, say = await promptly(interaction, work, thinking=False)
            await change(interaction, self._drawn(page, say))
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _look(
        self, interaction: discord.Interaction[Foley], query: Query
    ) -> tuple[Page, Language]:
        say = await language_of(interaction)
        page = await self._page(interaction.user.id, query)
        if query.page >= page.pages:
            # There were more when the button was made.
            page = await self._page(interaction.user.id, replace(query, page=page.pages - 1))
        return page, say

    async def _page(self, person_id: int, query: Query) -> Page:
        found, count = await self.services.desk.jobs_of(
            person_id, query.wanted, query.page * PER_PAGE, PER_PAGE
        )
        return Page(query, found, count)

    def _drawn(self, page: Page, say: Language) -> discord.ui.LayoutView:
        return layout(page, self.catalog.kinds()[0], say)

    @app_commands.command(name="job", description="One of your jobs, and its file")
    @app_commands.rename(job_id="id")
    @app_commands.describe(job_id="The number of the job, or words of its prompt")
    async def show_job(self, interaction: discord.Interaction[Foley], job_id: int) -> None:
        """Show one job's card."""
        await show_privately(interaction, job_id)

    @show_job.autocomplete("job_id")
    async def suggest(
        self, interaction: discord.Interaction[Foley], current: str
    ) -> list[app_commands.Choice[int]]:
        """Suggest the person's jobs that match what was typed so far."""
        say = await language_of(interaction)
        wanted = Wanted(current)
        found, _ = await self.services.desk.jobs_of(interaction.user.id, wanted, 0, _SUGGESTED)
        return [app_commands.Choice(name=_suggestion(job, say), value=job.id) for job, _ in found]


def _suggestion(job: Job, say: Language) -> str:
    return text.visible(f"#{job.id} {state_of(job, say)}: {job.prompt}", 100)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(History(bot))
