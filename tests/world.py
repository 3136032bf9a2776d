"""The whole bot in one process: the real client in simcord, the real workers, the sandbox NetMind.

Time is moved: `World.later()` moves the clock that the bot and the sandbox share, `World.work()`
lets every worker do what there is to do at that moment.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle

from bot.app import App, open_app
from bot.config import Settings
from bot.errors import Refusal
from bot.netmind.catalog import Catalog
from bot.sandbox.netmind import SandboxNetmind
from storage import deliveries, jobs
from storage.deliveries import Delivery
from storage.jobs import Job

TOKEN = "a-token-for-tests"


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """Everything a test of behaviour needs."""

    app: App
    netmind: SandboxNetmind
    env: simcord.Env
    guild: GuildHandle
    channel: ChannelHandle
    mira: MemberActor
    jonas: MemberActor
    clock: MovedClock

    async def work(self, rounds: int = 4) -> None:
        """Let every worker do what there is to do now."""
        workers = self.app.workers
        for _ in range(rounds):
            await workers.submitter.step()
            await workers.submitter.tasks.join()
            await self.netmind.rendered()
            await workers.watcher.step()
            await workers.courier.step()
            await workers.courier.tasks.join()
            await workers.cards.step()
            await workers.janitor.step()

    async def later(self, seconds: float) -> None:
        """Move the time, then let every worker do what there is to do."""
        self.clock.now += timedelta(seconds=seconds)
        await self.work()

    async def finish(self, seconds: float = 60) -> None:
        """Move the time in small steps, as watchers live it, until `seconds` have gone by."""
        await self.work()
        for _ in range(10):
            await self.later(seconds / 10)

    async def ask(self, prompt: str, command: str = "audio", **options: Any) -> Any:
        """Have Mira type the command."""
        return await self.mira.slash(self.channel, command, prompt=prompt, **options)

    async def job(self, job_id: int = 1) -> Job:
        """Return the job as the database has it."""
        async with self.app.database.read() as connection:
            found = await jobs.get(connection, job_id)
        assert found is not None
        return found

    async def delivery(self, job_id: int = 1) -> Delivery | None:
        """Return the job's delivery as the database has it."""
        async with self.app.database.read() as connection:
            return (await deliveries.of_jobs(connection, [job_id])).get(job_id)

    def posts(self) -> list[discord.Message]:
        """Return what the channel shows, oldest first."""
        return self.channel.history()


def settings_for(netmind_url: str, tmp_path: Path, **more: Any) -> Settings:
    """Return settings that know nothing of this machine's environment."""
    host, port = netmind_url.removeprefix("http://").split(":")
    values: dict[str, Any] = {
        "discord_token": TOKEN,
        "netmind_api_token": "sandbox-token",
        "netmind_base_url": netmind_url,
        "download_allow": f"{host}:{port}",
        "data_dir": tmp_path,
    }
    return Settings.load(_env_file=None, **(values | more))


@asynccontextmanager
async def open_world(
    tmp_path: Path, sandbox: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[World]:
    """Open everything; two people stand in a channel."""
    clock = MovedClock()
    async with (
        SandboxNetmind(clock=clock, **(sandbox or {})) as netmind,
        open_app(settings_for(netmind.base_url, tmp_path, **more), Catalog.load(), clock) as app,
        _started(app) as env,
    ):
        guild = env.create_guild("The Sound Shop")
        channel = guild.create_text_channel("studio")
        mira = guild.add_member(env.create_user("mira"))
        jonas = guild.add_member(env.create_user("jonas"))
        yield World(app, netmind, env, guild, channel, mira, jonas, clock)


@asynccontextmanager
async def _started(app: App) -> AsyncIterator[simcord.Env]:
    """Start simcord; at the end, anything that a cog raised and that is no refusal fails the test.

    simcord.run() cannot be used here: it ends in another context than it began in, as fixtures do.
    """
    env = simcord.Env(app.client, shard_count=1)
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()
    causes = [getattr(error, "original", error) for error in env.errors]
    surprises = [cause for cause in causes if not isinstance(cause, Refusal)]
    if surprises:
        raise BaseExceptionGroup("the bot raised", surprises)
