"""The one border at which errors become words for people."""

import asyncio

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.errors import Refusal
from bot.language import Language, Sentence
from bot.speech import language_of
from bot.whisper import announced_to_all, whisper
from storage.errors import BrokenDatabaseError, StorageError, UnavailableError

log = structlog.get_logger(__name__)

# Codes of Discord's that mean: another instance of this bot was first, or we were too late.
# 10062 unknown interaction, 40060 already acknowledged.
LOST_RACE = frozenset({10062, 40060})

# Seconds that a newer version, which runs beside this one during a deploy, has for its answer.
OTHERS_FIRST = 1.0

_UNKNOWN_HERE = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
_NO_ANSWER = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)

_STORAGE = Sentence(
    "My memory cannot be reached just now, so nothing was started. Try again in a minute."
)
_CHANGED = Sentence("This command has changed. Reload Discord (Ctrl+R) and try again.")
_UNKNOWN = Sentence("Something went wrong on my side. It is written down for the bot's operator.")


async def tell(interaction: discord.Interaction, error: Exception) -> None:
    """Tell the person what went wrong, so that only they see it; log what is our own fault."""
    cause = _cause(error)
    if isinstance(cause, discord.HTTPException) and cause.code in LOST_RACE:
        log.info("interaction_lost", code=cause.code)
        return
    if _is_discords_trouble(cause):
        log.warning("answer_lost", error=type(cause).__name__)
        return
    if isinstance(cause, _UNKNOWN_HERE):
        await let_others_answer()
    try:
        await _answer(interaction, _words(cause, await language_of(interaction)))
    except _NO_ANSWER as failed:
        log.info("answer_lost", error=type(failed).__name__)


async def let_others_answer() -> None:
    """Give another version, which may know what was asked, the time to be first."""
    await asyncio.sleep(OTHERS_FIRST)


def _cause(error: Exception) -> Exception:
    """Return what the library has wrapped."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, Refusal):
        return error.__cause__
    return error


def _is_discords_trouble(cause: Exception) -> bool:
    """Tell whether Discord was not there to take an answer; another one would fare no better."""
    if isinstance(cause, discord.HTTPException):
        return cause.status == 429 or cause.status >= 500  # noqa: PLR2004 - HTTP's numbers
    return isinstance(cause, _NO_ANSWER)


def note(error: Exception) -> None:
    """Log what went wrong where nobody waits for an answer."""
    if isinstance(error, discord.HTTPException):
        log.info("answer_lost", code=error.code)
    elif isinstance(error, StorageError):
        _note_storage(error)
    else:
        log.error("interaction_failed", exc_info=error)


def _note_storage(error: StorageError) -> None:
    if isinstance(error, UnavailableError) and not isinstance(error, BrokenDatabaseError):
        log.warning("storage_failed", error=str(error))
    else:
        log.error("database_broken", error=str(error))


def _words(cause: Exception, say: Language) -> str:
    if isinstance(cause, Refusal):
        return cause.said(say)
    if isinstance(cause, StorageError):
        _note_storage(cause)
        return say.say(_STORAGE)
    if isinstance(cause, _UNKNOWN_HERE):
        return say.say(_CHANGED)
    log.error("interaction_failed", exc_info=cause)
    return say.say(_UNKNOWN)


async def _answer(interaction: discord.Interaction, words: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(words, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        if announced_to_all(interaction):
            await whisper(interaction, content=words)
        else:
            await interaction.edit_original_response(content=words)
    else:
        await interaction.followup.send(words, ephemeral=True)
