"""Makes this machine a part of the simulation: clocks, chance, threads and sockets."""

import asyncio
import random
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from unittest.mock import patch

import aiohappyeyeballs
import aiosqlite.core
import discord
import discord.gateway
import discord.utils
from discord.gateway import DiscordWebSocket
from discord.http import Route

import bot.crash
from tests.simulation.heart import Heart
from tests.simulation.inline import Inline, NoThread
from tests.simulation.loop import BEGINNING, PROCESS, VirtualLoop
from tests.simulation.network import Network

START = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The process has been killed at this point of its code."""


class Machine:
    """The loop, its clocks and its network."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"machine {seed}")
        self.loop = VirtualLoop(self.rng)
        self.network = Network(self.loop)
        self.network.install()
        self.anybody_killed = False
        self.anybody_paused = False
        self.connections: dict[object, list[Inline]] = {}
        self._tasks: weakref.WeakKeyDictionary[asyncio.Task[Any], object | None] = (
            weakref.WeakKeyDictionary()
        )
        self.loop.set_task_factory(self._task)

    def now(self) -> datetime:
        """Return the present of everybody."""
        return START + timedelta(seconds=self.loop.time() - BEGINNING)

    def _task(
        self, loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, context=context)
        self._tasks[task] = PROCESS.get() if context is None else context.get(PROCESS)
        return task

    def tasks_of(self, process: object | None) -> list[asyncio.Task[Any]]:
        """Return what of this process's is not done yet."""
        return [task for task, owner in self._tasks.items() if owner is process and not task.done()]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within this, clocks tell the loop's time, and chance is the seed's."""
        with ExitStack() as stack:
            for owner, name, substitute in self._substitutes():
                stack.enter_context(patch.object(owner, name, substitute))
            before = random.getstate()
            stack.callback(random.setstate, before)
            random.seed(self.rng.random())
            yield

    def _substitutes(self) -> Iterator[tuple[Any, str, Any]]:
        for clock in ("monotonic", "perf_counter"):
            yield time, clock, self.loop.time
        yield time, "time", lambda: self.now().timestamp()
        yield discord.utils, "utcnow", self.now
        yield discord.gateway, "KeepAliveHandler", Heart
        # The bot changes these for good; the next run must begin as the first did.
        yield Route, "BASE", Route.BASE
        yield DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY
        yield discord.VoiceClient, "warn_nacl", False
        yield discord.VoiceClient, "warn_dave", False
        yield aiohappyeyeballs, "start_connection", self.network.reach
        yield aiosqlite.core, "SimpleQueue", Inline
        yield aiosqlite.core, "Thread", NoThread
        yield Inline, "opened", self.connections
        yield uuid, "uuid4", lambda: uuid.UUID(int=self.rng.getrandbits(128), version=4)
        yield _module("secrets"), "token_hex", lambda size=32: self.rng.randbytes(size).hex()
        yield _module("secrets"), "token_urlsafe", lambda size=32: self.rng.randbytes(size).hex()
        yield bot.crash, "_armed", {"any": 1}
        yield bot.crash, "_pass", _pass


def _module(name: str) -> ModuleType:
    return __import__(name)


def _pass(name: str) -> None:
    """Tell the process whose code this is that it passes a crash point."""
    process = PROCESS.get()
    if process is not None:
        process.reached(name)  # type: ignore[attr-defined] # tests.simulation.process.Process
