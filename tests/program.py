"""The program as operators start it: a process of its own, with the settings given alone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code and what it wrote."""

    code: int
    stdout: str
    stderr: str


class Program:
    """A running `python -m bot ...`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *arguments: str, folder: Path, **environment: str) -> Self:
        """Start it in a folder where no `.env` lies."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *arguments),
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> Ended:
        """Signal it and wait for its end."""
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self.ended()

    async def ended(self) -> Ended:
        """Wait for its end."""
        stdout, stderr = await asyncio.wait_for(self._process.communicate(), 30)
        return Ended(self._process.returncode or 0, stdout.decode(), stderr.decode())


@asynccontextmanager
async def running(*arguments: str, folder: Path, **environment: str) -> AsyncIterator[Program]:
    """Start it; whatever the test does, it is gone afterwards."""
    program = await Program.start(*arguments, folder=folder, **environment)
    try:
        yield program
    finally:
        if program._process.returncode is None:
            await program.stop(signal.SIGKILL)
