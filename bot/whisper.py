"""Saying to one person what was announced to everybody, before anybody knew that it is private."""

from typing import Any

import discord
import structlog

log = structlog.get_logger(__name__)

# Where an interaction keeps that its answer was announced to everybody.
_SEEN_BY_ALL = "seen_by_all"


def note_announced(interaction: discord.Interaction[Any], *, to_all: bool) -> None:
    """Remember who sees the answer that was announced."""
    interaction.extras[_SEEN_BY_ALL] = to_all


def announced_to_all(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether everybody sees that an answer is on its way."""
    return bool(interaction.extras.get(_SEEN_BY_ALL))


async def whisper(interaction: discord.Interaction[Any], **said: Any) -> int:
    """Send it to the person alone, and take back what all have seen; return its message's id.

    Discord turns the first message after an announcement into what was announced, so that has to
    be something else first.
    """
    await interaction.edit_original_response(content="🔒")
    told = await interaction.followup.send(ephemeral=True, wait=True, **said)
    try:
        await interaction.delete_original_response()
    except discord.HTTPException as error:
        log.info("lock_left_standing", code=error.code)
    return int(told.id)
