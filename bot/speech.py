"""In which language a person is answered."""

import asyncio
from typing import Any

import discord
import structlog

from bot.jobs.choices import Choices
from bot.language import Language, language, of_discord
from storage.errors import StorageError

log = structlog.get_logger(__name__)

# Seconds. What was to be said matters more than the language it is said in.
_PATIENCE = 1.0


def locale_of(interaction: discord.Interaction[Any]) -> str:
    """Return the code of the language of the person's Discord."""
    return of_discord(str(interaction.locale))


async def language_of(interaction: discord.Interaction[Any]) -> Language:
    """Return the language the person has chosen, else that of their Discord."""
    otherwise = locale_of(interaction)
    choices: Choices = interaction.client.services.choices
    try:
        async with asyncio.timeout(_PATIENCE):
            return await choices.language(interaction.user.id, otherwise)
    except (StorageError, TimeoutError) as error:
        log.warning("language_not_known", error=str(error) or type(error).__name__)
        return language(otherwise)
