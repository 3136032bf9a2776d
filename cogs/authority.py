"""Who may use the buttons, selects and forms that the answers to /studio bring."""

from datetime import timedelta

import discord
from discord.utils import snowflake_time

from bot.errors import Refusal
from bot.language import Sentence

_NO_MANAGER = Sentence("Only who manages this server may do that.")
# An admin may give /studio to others than who manages the server, and Discord tells nobody; but
# nobody else gets its answers.
_FRESH = timedelta(minutes=15)


def check_manager(interaction: discord.Interaction) -> None:
    """Raise Refusal unless this person manages the guild, or has just been answered by /studio."""
    if interaction.guild_id is None:
        raise Refusal(_NO_MANAGER)
    if not (interaction.permissions.manage_guild or _was_answered(interaction)):
        raise Refusal(_NO_MANAGER)


def _was_answered(interaction: discord.Interaction) -> bool:
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        return False
    return snowflake_time(interaction.id) - message.created_at < _FRESH
