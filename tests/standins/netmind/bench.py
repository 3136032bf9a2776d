"""What the stand-in's own tests share: a world with a clock in their hand, and the real client."""

import asyncio
import io
import selectors
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp

from bot.netmind.client import NetmindClient, open_session
from bot.netmind.download import Downloader
from bot.netmind.protocol import Generation
from tests.standins.netmind.handle import Handle
from tests.standins.netmind.world import NetmindWorld

T = TypeVar("T")

SOUND = "hkchengrex/MMAudio"
FILM = "hunyuanvideo-community/HunyuanVideo"
LONG = 20.0
SHORT = 0.3
"""Seconds that the client waits for an answer, and in a hurry."""


@dataclass
class Hand:
    """A clock that only moves when it is told to."""

    time: datetime = field(default_factory=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Bench:
    """A stand-in and the production client that talks to it."""

    netmind: Handle
    client: NetmindClient
    downloader: Downloader

    async def make(self, prompt: str = "wind", model: str = SOUND) -> Generation:
        return await self.client.create(model, {"prompt": prompt})

    async def finish(self, prompt: str = "wind", model: str = SOUND) -> Generation:
        """Create a generation and look at it when it has ended."""
        made = await self.make(prompt, model)
        await self.netmind.advance(60)
        return await self.client.get(made.id)

    async def fetch(self, link: str, max_bytes: int = 1_000_000) -> bytes:
        into = io.BytesIO()
        await self.downloader.fetch(link, into, max_bytes=max_bytes)
        return into.read()

    def hurry(self) -> None:
        """Let the client give up soon on whoever does not answer."""
        soon = aiohttp.ClientTimeout(total=None, connect=LONG, sock_read=SHORT)
        self.client._timeout = self.downloader._timeout = soon

    async def last(self, kind: str = "http") -> Any:
        """Return the newest entry of this kind."""
        return [entry for entry in await self.netmind.ledger() if entry.kind == kind][-1]


@asynccontextmanager
async def at_bench(netmind: Handle) -> AsyncIterator[Bench]:
    """Talk to a stand-in with the production client."""
    host, port = netmind.host_port.split(":")
    async with (
        open_session() as session,
        Downloader(frozenset({(host, int(port))}), stall=LONG, total=LONG) as downloader,
    ):
        client = NetmindClient(session, netmind.base_url, netmind.token, timeout=LONG)
        yield Bench(netmind, client, downloader)


@asynccontextmanager
async def bench_of_ones_own(**options: Any) -> AsyncIterator[Bench]:
    """Open a world in this loop, by a clock that stands still."""
    options = {"now": Hand()} | options
    async with NetmindWorld(**options) as netmind, at_bench(netmind) as bench:
        yield bench


class _Jumping(selectors.SelectSelector):
    """When nothing is ready, nothing is waited for: time jumps to what comes next."""

    jumped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout is not None:
            self.jumped += timeout
        return ready


def in_jumping_time(work: Coroutine[Any, Any, T]) -> T:
    """Run something that needs no threads in a loop where waiting takes no time."""
    selector = _Jumping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: time.monotonic() + selector.jumped  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
