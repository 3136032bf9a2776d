"""/studio log and lines: a guild's jobs, as pages, as a file, and as lines in a channel."""

import tempfile
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, text
from bot.client import Foley
from bot.job_table import JobTable
from bot.language import Sentence
from bot.speech import language_of
from cogs.answer import promptly, say_privately
from cogs.authority import check_manager
from cogs.history_page import FILTERS
from cogs.history_query import Filter, filter_of
from cogs.layouts import change, show
from cogs.studio import below_studio
from cogs.studio_log_page import PER_PAGE, LogPage, layout
from cogs.studio_log_query import LogQuery

# Bytes of a message that are not the file.
_ENVELOPE = 64 * 1024
_LONGEST_MODEL = 64


class StudioLog(commands.Cog):
    """What moderators look up."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services
        self.catalog = bot.catalog

    @app_commands.describe(
        person="Only what this person asked for",
        words="Words of the prompt, or the number of the job",
        state="Only jobs that stand like this",
        model="Only jobs of this model; its key, or how that begins",
        days="Only jobs of so many days",
        export="All of it as a file for a spreadsheet",
    )
    @app_commands.choices(
        state=[app_commands.Choice(name=str(said), value=key) for key, said in FILTERS.items()]
    )
    async def log(  # noqa: PLR0917 - discord.py's signature
        self,
        interaction: discord.Interaction[Foley],
        person: discord.User | None = None,
        words: str = "",
        state: str = Filter.ALL,
        model: app_commands.Range[str, 0, _LONGEST_MODEL] = "",
        days: app_commands.Range[int, 1, 3650] | None = None,
        export: bool = False,  # noqa: FBT001, FBT002 - Discord's parameter
    ) -> None:
        """Show the first page of what is looked for, or send all of it as a file."""
        person_id = None if person is None else person.id
        query = LogQuery(0, person_id, filter_of(state), days or 0, model.strip(), words)
        if export:
            await self._export(interaction, query)
            return
        page = await promptly(interaction, self._page(interaction, query), private=True)
        await show(interaction, layout(page, await language_of(interaction)))

    @app_commands.describe(on="One line for each job, or none")
    async def lines(self, interaction: discord.Interaction[Foley], on: bool) -> None:  # noqa: FBT001 - Discord's parameter
        """Choose whether each job that ends is a line for moderators. Raises Refusal."""
        work = self.services.rules.write_lines(
            interaction.guild_id or 0, interaction.user.id, on=on
        )
        told = await promptly(interaction, work, private=True)
        channel = f"<#{told.settings.log_channel_id}>"
        await say_privately(
            interaction,
            Sentence.of("Each job that ends is a line in {channel} from now on.", channel=channel)
            if on
            else Sentence("Jobs are not written as lines any more."),
        )

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Turn the page."""
        data: Mapping[str, Any] = interaction.data or {}
        query = LogQuery.read(str(data.get("custom_id", "")))
        if interaction.type is not discord.InteractionType.component or query is None:
            return
        try:
            check_manager(interaction)
            page = await promptly(interaction, self._page(interaction, query), thinking=False)
            await change(interaction, layout(page, await language_of(interaction)))
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _page(self, interaction: discord.Interaction[Foley], query: LogQuery) -> LogPage:
        page = await self._look(interaction, query)
        if query.page >= page.pages:
            # There were more when the button was made.
            page = await self._look(interaction, replace(query, page=page.pages - 1))
        return page

    async def _look(self, interaction: discord.Interaction[Foley], query: LogQuery) -> LogPage:
        search = query.search(self.services.moderators.clock())
        guild_id, offset = interaction.guild_id or 0, query.page * PER_PAGE
        return LogPage(
            query, await self.services.moderators.look(guild_id, search, offset, PER_PAGE)
        )

    async def _export(self, interaction: discord.Interaction[Foley], query: LogQuery) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        with tempfile.TemporaryFile() as file:
            table = JobTable(file, interaction.filesize_limit - _ENVELOPE)
            count = await self._fill(table, interaction.guild_id or 0, query)
            file.seek(0)
            say = await language_of(interaction)
            told = say.count("{count} job", "{count} jobs", table.rows)
            if table.rows < count:
                told = say(
                    "The file has the newest {rows} of {count} jobs. Narrow the search for others.",
                    rows=table.rows,
                    count=count,
                )
            attached = discord.File(file, "jobs.csv")
            await interaction.edit_original_response(content=told, attachments=[attached])

    async def _fill(self, table: JobTable, guild_id: int, query: LogQuery) -> int:
        """Write what is looked for, as far as it fits; return how much there is."""
        search = replace(query.search(self.services.moderators.clock()), containing=query.words)
        seen = await self.services.moderators.look(guild_id, search, 0, 1)
        async with aclosing(self.services.moderators.every(guild_id, search)) as every:
            async for job, told in every:
                model = self.catalog.get(job.model)
                if not table.add(job, told, None if model is None else model.seconds(job.options)):
                    break
        return seen.count

    async def suggest(
        self, interaction: discord.Interaction[Foley], current: str
    ) -> list[app_commands.Choice[str]]:
        """Suggest the models on offer; jobs of others are found by their keys."""
        say = await language_of(interaction)
        named = [(say.word(model.title), model.key) for model in self.catalog.models]
        return [
            app_commands.Choice(name=text.visible(f"{title} ({key})", 100), value=key)
            for title, key in named
            if current.casefold() in f"{title} {key}".casefold()
        ][:25]


async def setup(bot: Foley) -> None:
    """Load what is below /studio, and its buttons; discord.py calls this."""
    cog = StudioLog(bot)
    log: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="log", description="What was asked for in this server", callback=cog.log
    )
    log.autocomplete("model")(cog.suggest)
    lines: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="lines", description="Write each job that ends into your channel", callback=cog.lines
    )
    for command in (log, lines):
        below_studio(bot, command)
    await bot.add_cog(cog)
