"""Whether the bot may do in a channel what it must, before it takes a job there."""

import discord

from bot.errors import Refusal
from bot.language import Sentence
from bot.permissions import NEEDED, NEEDED_IN_THREADS, missing


def check_permissions(interaction: discord.Interaction) -> None:
    """Raise Refusal if the result could not be posted in this channel."""
    if interaction.guild_id is None:
        return  # in a direct message there is nothing to be allowed
    allowed = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = NEEDED_IN_THREADS if in_thread else NEEDED
    if lacking := missing(allowed, needed):
        raise Refusal(
            Sentence.of(
                "I could not post the result in this channel. I need: {permissions}. "
                "A moderator can allow that in the channel's settings.",
                permissions=", ".join(lacking),
            )
        )
