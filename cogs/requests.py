"""Making a job of what a person asked for, whether by a command, a button or a form."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import discord

from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.choices import Wish
from bot.jobs.desk import JobView
from bot.language import Sentence
from bot.speech import locale_of
from cogs.permissions import check_permissions, is_reachable
from storage.jobs import Job, NewJob
from storage.routes import Route

_NOT_SEEN = Sentence("The video of this job is in a channel that you cannot see.")
_NOT_FETCHED = Sentence("I am not in this place myself, so I cannot fetch the video from it.")


class Video(NamedTuple):
    """The message with the video that gets a sound."""

    channel_id: int
    message_id: int


async def request(
    interaction: discord.Interaction[Foley],
    kind: str,
    model: str,
    prompt: str,
    options: Mapping[str, Any],
    *,
    private: bool | None = None,
    usual: bool = True,
    video: Video | None = None,
) -> JobView:
    """Accept a request; `video` gets the sound. Raises Refusal.

    `usual`: what the person usually sets fills in what is not set.
    """
    wish = _wish(interaction, private=private, usual=usual)
    if video is not None and video.channel_id == interaction.channel_id and not wish.reachable:
        raise Refusal(_NOT_FETCHED)
    choices = interaction.client.services.choices
    way = await choices.way(interaction.user.id, interaction.guild_id, wish)
    check_permissions(interaction, way)
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
        video_channel_id=video and video.channel_id,
        video_message_id=video and video.message_id,
    )
    return await interaction.client.services.desk.accept(new, wish)


def _wish(interaction: discord.Interaction[Foley], *, private: bool | None, usual: bool) -> Wish:
    reachable = is_reachable(interaction)
    alone = interaction.guild_id is None and reachable
    return Wish(
        # Between the two of us there is nobody to hide a result from.
        private=False if alone else private,
        usual=usual,
        reachable=reachable,
        threads=isinstance(interaction.channel, discord.TextChannel),
        roles=roles_of(interaction),
        places=_places(interaction),
    )


def roles_of(interaction: discord.Interaction[Foley]) -> frozenset[int]:
    """Return the roles that the person has here; the guild's own number is everyone's."""
    if not isinstance(interaction.user, discord.Member):
        return frozenset()
    return frozenset(role.id for role in interaction.user.roles)


def _places(interaction: discord.Interaction[Foley]) -> frozenset[int]:
    channel = interaction.channel
    above = [getattr(channel, name, None) for name in ("parent_id", "category_id")]
    return frozenset(place for place in (interaction.channel_id, *above) if place is not None)


async def again(interaction: discord.Interaction[Foley], job_id: int) -> JobView:
    """Accept the same request once more, with a seed of its own. Raises Refusal."""
    job = await interaction.client.services.shelf.visible(
        job_id, interaction.user.id, interaction.guild_id
    )
    options = {name: value for name, value in job.options.items() if name != "seed"}
    return await request(
        interaction,
        job.kind,
        job.model,
        job.prompt,
        options,
        private=was_private(job),
        usual=False,
        video=video_of(interaction, job),
    )


def video_of(interaction: discord.Interaction[Foley], job: Job) -> Video | None:
    """Return the video that the job's sound was made for, if any.

    Raises Refusal for somebody else's, unless it is where the person can see it.
    """
    if job.video_channel_id is None or job.video_message_id is None:
        return None
    if job.requester_id != interaction.user.id and not _sees(interaction, job.video_channel_id):
        raise Refusal(_NOT_SEEN)
    return Video(job.video_channel_id, job.video_message_id)


def _sees(interaction: discord.Interaction[Foley], channel_id: int) -> bool:
    """Tell whether the person can read a channel; of a private thread only when they are there."""
    if channel_id == interaction.channel_id:
        return True
    guild, person = interaction.guild, interaction.user
    channel = None if guild is None else guild.get_channel_or_thread(channel_id)
    if channel is None or not isinstance(person, discord.Member):
        return False
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False
    allowed = channel.permissions_for(person)
    return allowed.view_channel and allowed.read_message_history


def was_private(job: Job) -> bool | None:
    """Return the wish for a job like this one: private again, or as its person usually does."""
    return True if job.route in {Route.PRIVATE, Route.DIRECT} else None
