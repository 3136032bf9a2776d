"""A job's card for its person alone, in their language, and its file if that is in no channel."""

from dataclasses import replace

import discord

from bot import messages
from bot.buttons import on_private_card
from bot.client import Foley
from bot.jobs.desk import JobView
from bot.language import Language
from bot.speech import language_of
from cogs.answer import answer, promptly
from cogs.cards import bring
from cogs.history_page import link_to


async def show_privately(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Answer with the card of the person's own job. Raises Refusal."""
    view, say = await promptly(interaction, _look(interaction, job_id), private=True)
    await answer(interaction, _card(view, say), on_private_card(view.job), private=True)
    if view.unposted:
        await bring(interaction, view)


async def _look(interaction: discord.Interaction[Foley], job_id: int) -> tuple[JobView, Language]:
    view = await interaction.client.services.desk.show(job_id, interaction.user.id)
    say = await language_of(interaction)
    # Its guild's language is for what others read too.
    return replace(view, job=replace(view.job, language=say.code)), say


def _card(view: JobView, say: Language) -> discord.Embed:
    embed = messages.card(view.job, view.standing, alone=True)
    link = link_to(view.job, view.delivery)
    if link:
        embed.description = f"{embed.description}\n[{say('Open its message')}]({link})"
    return embed
