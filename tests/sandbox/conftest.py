from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.netmind import SandboxNetmind
from bot.sandbox.orders import Order

AUDIO = "hkchengrex/MMAudio"
VIDEO = "hunyuanvideo-community/HunyuanVideo"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 5, 51, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Caller:
    """A client that shows the token, and a server whose clock it moves."""

    def __init__(
        self, server: SandboxNetmind, session: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self.server, self.session, self.clock = server, session, clock

    async def ask(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        async with self.session.request(method, path, json=json) as answer:
            return answer.status, await answer.json()

    async def create(self, model: str = AUDIO, **config: Any) -> dict[str, Any]:
        body = {"model": model, "config": {"prompt": "wind", "duration": 1, **config}}
        status, generation = await self.ask("POST", "/v1/generation", body)
        assert status == 200
        return dict(generation)

    async def get(self, generation: dict[str, Any]) -> dict[str, Any]:
        status, told = await self.ask("GET", f"/v1/generation/{generation['id']}")
        assert status == 200
        return dict(told)

    async def completed(self, **config: Any) -> dict[str, Any]:
        generation = await self.create(**config)
        await self.server.rendered()
        self.clock.move(60)
        return await self.get(generation)

    async def fetch(self, url: str, **headers: str) -> tuple[int, bytes]:
        async with (
            aiohttp.ClientSession() as plain,
            plain.get(url, headers=headers) as answer,
        ):
            return answer.status, await answer.read()


async def canned(order: Order) -> bytes:
    """Take the place of the renderer where only the calls matter."""
    return f"{order.kind}: {order.prompt}".encode()


Opener = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def opened() -> Opener:
    @asynccontextmanager
    async def start(**options: Any) -> AsyncIterator[Caller]:
        clock = Clock()
        async with SandboxNetmind(**{"clock": clock, "render": canned, **options}) as server:
            headers = {"Authorization": f"Bearer {server.token}"}
            timeout = aiohttp.ClientTimeout(total=20)
            async with aiohttp.ClientSession(
                server.base_url, headers=headers, timeout=timeout
            ) as session:
                yield Caller(server, session, clock)

    return start


@pytest.fixture
async def caller(opened: Opener) -> AsyncIterator[Caller]:
    async with opened() as calling:
        yield calling
