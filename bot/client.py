"""The discord.py client: intents, cogs, command sync, the error border."""

import asyncio
import hashlib
import importlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot import border, ids
from bot.language import fingerprint
from bot.netmind.catalog import Catalog
from bot.services import Services
from bot.translator import Translator
from storage import facts
from storage.database import Database

log = structlog.get_logger(__name__)

# How discord.py 2.7.1 names the tasks of commands, buttons and forms.
_PEOPLE = (
    "CommandTree-invoker",
    "discord-ui-view-dispatch",
    "discord-ui-dynamic-item",
    "discord-ui-modal-dispatch",
    "discord.py: on_app_command_completion",
    "discord.py: on_interaction",
)

_SYNCED = "commands:"

COGS = (
    "cogs.generate",
    "cogs.buttons",
    "cogs.remix",
    "cogs.consent",
    "cogs.studio",
    "cogs.limits",
    "cogs.block",
    "cogs.where",
    "cogs.changes",
    "cogs.words",
    "cogs.studio_queue",
    "cogs.studio_log",
    "cogs.stats",
    "cogs.review",
    "cogs.reviewing",
    "cogs.panel",
    "cogs.sound",
    "cogs.report",
    "cogs.history",
    "cogs.queue",
    "cogs.preferences",
    "cogs.privacy",
    "cogs.help",
    "cogs.reminder",
)


class Tree(app_commands.CommandTree["Foley"]):
    """The command tree, with the one error border."""

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Hand every error of a command to the border."""
        await border.tell(interaction, error)


class Foley(commands.AutoShardedBot):
    """The bot as Discord sees it. It holds what cogs need and nothing else.

    It asks for no privileged intents and keeps no messages or members in memory.
    """

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        services: Services,
        *,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
    ) -> None:
        super().__init__(
            shard_count=shard_count,
            # None means all of them, which the library's annotation does not say.
            shard_ids=cast("list[int]", shard_ids and list(shard_ids)),
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )
        self.services = services
        self.catalog = catalog
        self._database = database
        # How many commands Discord was given at the login; 0: it had them already.
        self.synced = 0
        # Whatever the library does for an interaction, it begins here.
        parsers = self._connection.parsers
        parsers["INTERACTION_CREATE"] = partial(_hear, parsers["INTERACTION_CREATE"])

    async def setup_hook(self) -> None:
        """Load the cogs and give Discord the commands, if they have changed."""
        await self.load_cogs()
        await self.tree.set_translator(Translator())
        await self._sync()

    async def load_cogs(self) -> None:
        """Load them, once; discord.py's extensions would execute each file anew for each client."""
        if not self.cogs:
            for name in COGS:
                await importlib.import_module(name).setup(self)

    async def close(self) -> None:
        """Close; the library's own way fails for a client that never logged in."""
        if isinstance(self.loop, asyncio.AbstractEventLoop):
            await super().close()

    async def leave(self, patience: float) -> None:
        """Hear no more of Discord; what people have begun may end within so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await asyncio.gather(*(shard.disconnect() for shard in self.shards.values()))
                while begun := _begun():  # one may lead to another
                    await asyncio.wait(begun)
        except TimeoutError:
            late = _begun()
            log.warning("left_in_haste", unanswered=len(late))
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def forget_sync(self) -> None:
        """Have the commands be given to Discord at the next login, changed or not."""
        async with self._database.write() as connection:
            await facts.forget_all(connection, _SYNCED)

    async def _sync(self) -> None:
        # To say everything in each language takes a while, and seldom has anything changed.
        digest = self.commands_digest()
        name = synced_fact(self.application_id)
        async with self._database.read() as connection:
            if await facts.get(connection, name) == digest:
                return
        await self.tree.sync()
        async with self._database.write() as connection:
            await facts.put(connection, name, digest)
        self.synced = len(self.tree.get_commands())
        log.info("commands_synced", count=self.synced)

    def commands_digest(self) -> str:
        """Return what changes when a command does, or what is said of it in some language."""
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        told = json.dumps([commands_now, fingerprint()], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def synced_fact(application_id: int | None) -> str:
    """Return under which name the digest is kept of what Discord was last given."""
    return f"{_SYNCED}{application_id}"


def _hear(parse: Callable[[Any], None], event: Any) -> None:
    """Have every task that the event leads to know what it is about."""
    with ids.about_interaction(event):
        parse(event)


def _begun() -> set[asyncio.Task[Any]]:
    """Return what runs because of people; only the names tell, the library keeps no list."""
    return {task for task in asyncio.all_tasks() if task.get_name().startswith(_PEOPLE)}
