"""Answering within Discord's three seconds, whatever the database does."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
import discord
from discord import ui

from bot.client import Foley
from bot.language import Sentence
from bot.speech import language_of
from bot.whisper import announced_to_all, note_announced, whisper

T = TypeVar("T")

# Seconds. After these Discord is told that the answer comes later; it waits for 3.
PATIENCE = 1.5
# Before the second try; all of it has to fit into Discord's three seconds.
_PAUSE = 0.5
_ALREADY_ANSWERED = 40060

NO_ANSWER = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What may become of an answer: Discord refuses it, or is not there."""


async def promptly(
    interaction: discord.Interaction,
    work: Awaitable[T],
    *,
    thinking: bool = True,
    private: bool = False,
) -> T:
    """Return what the work returns; if that takes long, tell Discord that the answer comes later.

    `thinking`: the answer is a new message; else it is an edit of the one with the button.
    `private`: only the person will see it.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    try:
        if not done:
            note_announced(interaction, to_all=thinking and not private)
            await interaction.response.defer(thinking=thinking, ephemeral=private)
    finally:
        # Whatever Discord says, nothing that was begun is left behind.
        result = await task
    return result


async def answer(
    interaction: discord.Interaction, embed: discord.Embed, view: ui.View, *, private: bool = False
) -> int | None:
    """Answer, or fill in the answer that was announced; return the message's id if it is told.

    Trouble of Discord's is met with a second try. Raises what is in NO_ANSWER.
    """
    try:
        return await _answer(interaction, embed, view, private=private)
    except NO_ANSWER as error:
        if not _may_pass(error):
            raise
    await asyncio.sleep(_PAUSE)
    try:
        return await _answer(interaction, embed, view, private=private)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ANSWERED:
            raise
        return (await interaction.original_response()).id


async def _answer(
    interaction: discord.Interaction, embed: discord.Embed, view: ui.View, *, private: bool
) -> int | None:
    if interaction.response.is_done():
        if private and announced_to_all(interaction):
            return await whisper(interaction, embed=embed, view=view)
        return (await interaction.edit_original_response(embed=embed, view=view)).id
    sent = await interaction.response.send_message(embed=embed, view=view, ephemeral=private)
    return sent.message_id


def _may_pass(error: Exception) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500  # noqa: PLR2004 - HTTP's numbers
    return True


async def say_privately(interaction: discord.Interaction[Foley], sentence: Sentence) -> None:
    """Tell the person alone; an answer that was announced has to be a private one."""
    said = (await language_of(interaction)).say(sentence)
    if interaction.response.is_done():
        await interaction.edit_original_response(content=said)
    else:
        await interaction.response.send_message(said, ephemeral=True)
