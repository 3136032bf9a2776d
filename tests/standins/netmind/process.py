"""The stand-in as a process of its own: to start, to kill, to talk to over its control port."""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.standins.netmind.handle import PATIENCE, ControlError, Handle, asked, created
from tests.standins.netmind.ledger import Entry

__all__ = ["ControlError", "Entry", "NetmindStandIn", "asked", "created"]

ROOT = Path(__file__).parents[3]


@dataclass
class NetmindStandIn(Handle):
    """A running stand-in. Use it as `async with await NetmindStandIn.start() as netmind`."""

    base_url: str
    control: str
    token: str
    host_port: str
    user_id: str
    process: subprocess.Popen[str]
    session: aiohttp.ClientSession

    @classmethod
    async def start(cls, *, port: int = 0, seed: int = 0) -> Self:
        """Start the process; returns once it listens."""
        command = [sys.executable, "-m", "tests.standins.netmind", "--watch-stdin"]
        command += [f"--port={port}", f"--seed={seed}"]
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own command; a pipe, read in a thread
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        if not line:
            raise ControlError(f"The stand-in ended with {process.wait()} before it listened.")
        return cls(**json.loads(line), process=process, session=aiohttp.ClientSession())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End it politely; again and again if you like."""
        self.process.terminate()
        await self._reap()

    async def kill(self) -> None:
        """End it like a power cut: NetMind is gone."""
        self.process.kill()
        await self._reap()

    async def call(self, name: str, /, **facts: Any) -> Any:
        """Make any control call of `control.Control`, by its name. Raises ControlError."""
        async with self.session.post(f"{self.control}/{name}", json=facts) as response:
            answer = await response.json()
        if response.status != 200:
            raise ControlError(answer["error"])
        return answer["result"]

    async def _reap(self) -> None:
        await asyncio.to_thread(self.process.wait, PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        await self.session.close()
