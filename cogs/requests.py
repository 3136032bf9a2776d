"""Making a job of what a person asked for, whether by a command, a button or a form."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.client import Foley
from bot.jobs.choices import Wish
from bot.jobs.desk import JobView
from cogs.permissions import check_permissions
from cogs.speech import locale_of
from storage.jobs import Job, NewJob
from storage.routes import Route


async def request(
    interaction: discord.Interaction[Foley],
    kind: str,
    model: str,
    prompt: str,
    options: Mapping[str, Any],
    *,
    private: bool | None = None,
) -> JobView:
    """Accept a request. Raises Refusal."""
    check_permissions(interaction)
    new = NewJob(
        interaction_id=interaction.id,
        requester_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        model=model,
        kind=kind,
        prompt=prompt.strip(),
        options={name: value for name, value in options.items() if value is not None},
        language=locale_of(interaction),
    )
    return await interaction.client.desk.accept(new, Wish(private=private))


async def again(interaction: discord.Interaction[Foley], job_id: int) -> JobView:
    """Accept the same request once more, with a seed of its own. Raises Refusal."""
    job = await interaction.client.shelf.visible(job_id, interaction.user.id, interaction.guild_id)
    options = {name: value for name, value in job.options.items() if name != "seed"}
    return await request(
        interaction, job.kind, job.model, job.prompt, options, private=was_private(job)
    )


def was_private(job: Job) -> bool | None:
    """Return the wish for a job like this one: private again, or as its person usually does."""
    return True if job.route in {Route.PRIVATE, Route.DIRECT} else None
