"""A bot as bare as discord.py allows: one command that says pong.

    python -m tests.benchmarks.bare [--as-ours]

It has the library's own settings, or with --as-ours those of Foley, which keep less.
"""

import argparse
import asyncio
import os
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

OURS: dict[str, Any] = {
    "intents": discord.Intents(guilds=True),
    "max_messages": None,
    "member_cache_flags": discord.MemberCacheFlags.none(),
    "chunk_guilds_at_startup": False,
}
USUAL: dict[str, Any] = {"intents": discord.Intents.default()}


class Bare(discord.AutoShardedClient):
    """It is there, and that is all."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Offer the one command."""
        self.tree.command(description="Say pong")(ping)
        await self.tree.sync()


async def ping(interaction: discord.Interaction) -> None:
    """Answer."""
    await interaction.response.send_message("pong")


async def run(settings: dict[str, Any]) -> None:
    """Be online until killed."""
    Route.BASE = os.environ["DISCORD_API_BASE"]
    async with Bare(**settings) as bot:
        await bot.login(os.environ["DISCORD_TOKEN"])
        _, address, _ = await bot.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        await bot.connect()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.benchmarks.bare", description=__doc__)
    parser.add_argument("--as-ours", action="store_true")
    asyncio.run(run(OURS if parser.parse_args().as_ours else USUAL))
