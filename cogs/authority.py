"""Who may use the buttons, selects and forms that the answers to /studio bring."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import discord
from discord.utils import snowflake_time

from bot.errors import Refusal
from bot.language import Sentence

DECIDED = Sentence("Somebody has decided this already.")
_NO_MODERATOR = Sentence("Only who may manage messages here decides this.")
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


def check_moderator(interaction: discord.Interaction) -> None:
    """Raise Refusal unless this person may manage messages where they clicked."""
    if not interaction.permissions.manage_messages:
        raise Refusal(_NO_MODERATOR)


def _was_answered(interaction: discord.Interaction) -> bool:
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        return False
    fresh = snowflake_time(interaction.id) - message.created_at < _FRESH
    data: Mapping[str, Any] = interaction.data or {}
    clicked = data.get("custom_id")
    return fresh and any(clicked == shown for shown in _ids(message.components))


def _ids(components: Iterable[object]) -> Iterator[object]:
    """Yield the ids of everything that can be clicked, however deep it lies."""
    for each in components:
        yield getattr(each, "custom_id", None)
        yield from _ids(getattr(each, "children", ()))
        if (accessory := getattr(each, "accessory", None)) is not None:
            yield from _ids([accessory])
