"""/jobs and /job: what I asked for, and what became of it. Only the person sees the answer."""

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import messages, text
from bot.buttons import on_private_card
from bot.client import Foley
from bot.jobs.desk import JobView
from bot.kinds import words_for
from cogs.answer import answer, promptly
from cogs.cards import bring
from storage.deliveries import Delivery
from storage.history import Wanted
from storage.jobs import Job
from storage.states import JobState

_SHOWN = 10
_SUGGESTED = 25

_WORDS = {
    JobState.HELD: "⏸️ waits for a moderator",
    JobState.QUEUED: "⏳ in the queue",
    JobState.SUBMITTING: "⏳ in the queue",
    JobState.UNCERTAIN: "⏳ in the queue",
    JobState.GENERATING: "⚙️ being made",
    JobState.FINISHED: "✅ done",
    JobState.FAILED: "⚠️ failed",
    JobState.CANCELLED: "🚫 cancelled",
    JobState.REJECTED: "🚫 not approved",
}


class History(commands.Cog):
    """A person's own jobs."""

    def __init__(self, bot: Foley) -> None:
        self.desk = bot.desk

    @app_commands.command(name="jobs", description="Your newest jobs; only you see the list")
    async def list_jobs(self, interaction: discord.Interaction) -> None:
        """Show the person's newest jobs."""
        work = self.desk.jobs_of(interaction.user.id, Wanted(), 0, _SHOWN)
        found, _ = await promptly(interaction, work, private=True)
        await answer(interaction, _listing(found), ui.View(), private=True)

    @app_commands.command(name="job", description="One of your jobs; only you see it")
    @app_commands.rename(job_id="id")
    @app_commands.describe(job_id="The number of the job, or words of its prompt")
    async def show_job(self, interaction: discord.Interaction[Foley], job_id: int) -> None:
        """Show one job's card."""
        view = await promptly(
            interaction, self.desk.show(job_id, interaction.user.id), private=True
        )
        await answer(interaction, _card(view), on_private_card(view.job), private=True)
        if view.unposted:
            await bring(interaction, view)

    @show_job.autocomplete("job_id")
    async def suggest(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[int]]:
        """Suggest the person's jobs that match what was typed so far."""
        wanted = Wanted(current)
        found, _ = await self.desk.jobs_of(interaction.user.id, wanted, 0, _SUGGESTED)
        return [app_commands.Choice(name=_suggestion(job), value=job.id) for job, _ in found]


def _suggestion(job: Job) -> str:
    return text.visible(f"#{job.id} {_words(job)}: {job.prompt}", 100)


def _listing(found: list[tuple[Job, Delivery | None]]) -> discord.Embed:
    embed = discord.Embed(title="Your jobs", colour=int(messages.Colour.MAKING))
    if not found:
        embed.description = "None yet. Try `/audio prompt: wind over willow branches`."
        return embed
    embed.description = "\n".join(_line(job, delivery) for job, delivery in found)
    embed.set_footer(text="The newest are on top. /job shows one of them.")
    return embed


def _line(job: Job, delivery: Delivery | None) -> str:
    prompt = text.plain(job.prompt, 60)
    when = discord.utils.format_dt(job.created_at, "R")
    link = _link(job, delivery)
    state = f"[{_words(job)}]({link})" if link else _words(job)
    return f"{words_for(job.kind).icon} **#{job.id}** {prompt}\n-# {state} · {when}"


def _words(job: Job) -> str:
    if job.state is JobState.FINISHED and job.reason is not None:
        return "⚠️ made, but not posted"
    return _WORDS[job.state]


def _link(job: Job, delivery: Delivery | None) -> str | None:
    """Return the jump link to the message that ended the job."""
    if delivery is None or delivery.message_id is None:
        return None
    place = job.guild_id or "@me"
    return f"https://discord.com/channels/{place}/{job.channel_id}/{delivery.message_id}"


def _card(view: JobView) -> discord.Embed:
    embed = messages.card(view.job, view.standing)
    link = _link(view.job, view.delivery)
    if link:
        embed.add_field(name="Its message", value=f"[Open it]({link})")
    return embed


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(History(bot))
