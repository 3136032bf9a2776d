"""Answering within Discord's three seconds, whatever the database does."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import discord

T = TypeVar("T")

# Seconds. After these Discord is told that the answer comes later; it waits for 3.
PATIENCE = 1.5


async def promptly(
    interaction: discord.Interaction, work: Awaitable[T], *, thinking: bool = True
) -> T:
    """Return what the work returns; if that takes long, tell Discord that the answer comes later.

    `thinking`: the answer is a new message; else it is an edit of the one with the button.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        await interaction.response.defer(thinking=thinking)
    return await task
