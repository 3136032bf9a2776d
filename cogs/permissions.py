"""Whether the bot may do what it must where a result goes, before it takes a job."""

import discord

from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.choices import Way
from bot.language import Sentence
from bot.permissions import (
    NEEDED,
    NEEDED_FOR_THREADS,
    NEEDED_IN_THREADS,
    missing,
    missing_in,
)
from storage.routes import Route

_NOT_HERE = Sentence(
    "I could not post the result in this channel. I need: {permissions}. "
    "A moderator can allow that in the channel's settings."
)
_NOT_IN_GALLERY = Sentence(
    "Results go to {channel} here, and I could not post there. I need: {permissions}. "
    "A moderator can allow that in the channel's settings."
)
_NO_GALLERY = Sentence(
    "Results go to a gallery here, and that channel is gone. "
    "A moderator can choose another with /studio results."
)


def is_reachable(interaction: discord.Interaction[Foley]) -> bool:
    """Tell whether the bot is where the person is, so that it can post without an interaction.

    It is not where only the person has it with them: in other servers, and in messages to others.
    """
    if interaction.guild_id is None:
        return not interaction.context.private_channel
    # Commands alone can be invited, too; only where the bot itself is, its client has the guild.
    return interaction.client.get_guild(interaction.guild_id) is not None


def check_permissions(interaction: discord.Interaction[Foley], way: Way) -> None:
    """Raise Refusal if a result could not take this way."""
    if way.private or interaction.guild_id is None:
        return  # an answer to the person, or a direct message, needs no permission
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = NEEDED_IN_THREADS if in_thread else NEEDED
    if way.route is Route.THREAD:
        needed = needed | NEEDED_FOR_THREADS
    if lacking := missing(interaction.app_permissions, needed):
        raise Refusal(Sentence.of(_NOT_HERE.template, permissions=Sentence.row(lacking)))
    if way.route is Route.GALLERY:
        _check_gallery(interaction.guild, way.gallery_id or 0)


def _check_gallery(guild: discord.Guild | None, gallery_id: int) -> None:
    if guild is None or guild.unavailable:
        return  # Discord does not show its channels just now
    gallery = guild.get_channel(gallery_id)
    if gallery is None:
        raise Refusal(_NO_GALLERY)
    if lacking := missing_in(gallery):
        raise Refusal(
            Sentence.of(
                _NOT_IN_GALLERY.template,
                channel=gallery.mention,
                permissions=Sentence.row(lacking),
            )
        )
