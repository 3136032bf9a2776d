"""Answering within Discord's three seconds, whatever the database does."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import discord
from discord import ui

T = TypeVar("T")

# Seconds. After these Discord is told that the answer comes later; it waits for 3.
PATIENCE = 1.5


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
    if not done:
        await interaction.response.defer(thinking=thinking, ephemeral=private)
    return await task


async def answer(
    interaction: discord.Interaction, embed: discord.Embed, view: ui.View, *, private: bool = False
) -> int | None:
    """Answer, or fill in the answer that was announced; return the message's id if it is told."""
    if interaction.response.is_done():
        return (await interaction.edit_original_response(embed=embed, view=view)).id
    told = await interaction.response.send_message(embed=embed, view=view, ephemeral=private)
    return told.message_id
