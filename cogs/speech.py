"""In which language a person is answered."""

import discord
import structlog

from bot.client import Foley
from bot.language import Language, language, of_discord
from storage.errors import StorageError

log = structlog.get_logger(__name__)


def locale_of(interaction: discord.Interaction[Foley]) -> str:
    """Return the code of the language of the person's Discord."""
    return of_discord(str(interaction.locale))


async def language_of(interaction: discord.Interaction[Foley]) -> Language:
    """Return the language the person has chosen, else that of their Discord."""
    otherwise = locale_of(interaction)
    try:
        return await interaction.client.choices.language(interaction.user.id, otherwise)
    except StorageError as error:
        # What was to be said matters more than the language it is said in.
        log.warning("language_not_known", error=str(error))
        return language(otherwise)
