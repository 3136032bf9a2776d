"""Whether the process lives, and whether it is ready: what platforms and operators ask.

Alive is whoever answers. Ready is who can do what this process is for: the database answers, the
gateway is connected and the workers take their steps, as far as there are any here.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord
import structlog
from aiohttp import web

from bot.jobs.loop import Loop
from storage import health
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger(__name__)

# Seconds within which each worker takes a step. One that waits for an API may take minutes.
LATELY = 300.0
# Seconds that the database has to answer.
PATIENCE = 2.0


@dataclass(frozen=True)
class Findings:
    """What is as it should be; None: this process has none."""

    database: bool
    gateway: bool | None
    workers: bool | None
    draining: bool = False

    @property
    def amiss(self) -> list[str]:
        """Name what keeps the process from being ready."""
        parts = {"database": self.database, "gateway": self.gateway, "workers": self.workers}
        wrong = [name for name, well in parts.items() if well is False]
        return ["draining", *wrong] if self.draining else wrong


@dataclass
class Health:
    """Looks how the process is. `connected`, `loops`: None and empty if it has none.

    `draining` is set when it takes nothing new any more.
    """

    database: Database
    connected: Callable[[], bool] | None
    loops: Sequence[Loop]
    draining: bool = False

    def routes(self) -> list[web.RouteDef]:
        """Return what is served: /health/ready."""
        return [web.get("/health/ready", self.answer)]

    async def answer(self, _: web.Request) -> web.Response:
        """Say whether the process is ready, and if not, what it lacks."""
        amiss = (await self.look()).amiss
        return web.json_response(
            {"ready": not amiss, "amiss": amiss},
            status=503 if amiss else 200,
            headers={"Cache-Control": "no-store"},
        )

    async def look(self) -> Findings:
        """Look at everything now."""
        return Findings(
            database=await self._database_answers(),
            gateway=self.connected and self.connected(),
            workers=self._at_work() if self.loops else None,
            draining=self.draining,
        )

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE), self.database.read() as connection:
                await health.answers(connection)
        except (StorageError, TimeoutError) as error:
            log.warning("database_is_silent", error=str(error))
            return False
        return True

    def _at_work(self) -> bool:
        now = asyncio.get_running_loop().time()
        steps = [loop.stepped_at for loop in self.loops]
        return all(at is not None and now - at <= LATELY for at in steps)


def connected(client: discord.AutoShardedClient) -> bool:
    """Tell whether every shard of this process has its connection to Discord."""
    shards = client.shards.values()
    return client.is_ready() and not any(shard.is_closed() for shard in shards)
