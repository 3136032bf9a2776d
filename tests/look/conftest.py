"""A moderation service that says what a test wants."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import stamina
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.media.workshop import Workshop

Answer = tuple[int, bytes]


@dataclass
class StandIn:
    """Gives its answers one after the other, the last again and again; remembers what it got."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [(200, b'{"flagged": false}')])
    headers: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    calls: int = 0
    breaks: int = 0
    """So many calls find their connection closed."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, it is silent."""

    async def handle(self, request: web.Request) -> web.Response:
        self.calls += 1
        self.headers = dict(request.headers)
        self.parts = {}
        if self.calls <= self.breaks:
            assert request.transport is not None
            request.transport.abort()
        await self.may_answer.wait()
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            self.parts[part.name or ""] = bytes(await part.read())
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body, headers={"Location": "/elsewhere"})


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address on loopback at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/look"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """A second try comes at once; there are no more of them than there really are."""
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """A service on loopback."""
    service = StandIn()
    service.may_answer.set()
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/look", service.handle)
    async with TestServer(app) as server:
        service.url = str(server.make_url("/look"))
        yield service
        service.may_answer.set()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """What the bot talks through."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """A result, of which only the bytes matter."""
    path = tmp_path / "a secret name.mp4"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


@pytest.fixture
def workshop() -> Workshop:
    """The real one."""
    return Workshop()
