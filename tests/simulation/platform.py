"""What the bot runs on: it starts processes, and starts another one when one has ended."""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import Settings
from bot.netmind.catalog import Catalog
from tests.simulation.machine import Machine
from tests.simulation.process import Process

GRACE = 30.0
"""Seconds from SIGTERM to SIGKILL."""


@dataclass
class Platform:
    """Keeps one process running; for a while there may be more."""

    machine: Machine
    settings: Settings
    catalog: Catalog
    processes: list[Process] = field(default_factory=list)
    closed: bool = False
    _watching: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self) -> Process:
        """Start a process; when it ends although nobody asked for that, another one follows."""
        process = Process(
            self.machine, self.settings, self.catalog, f"bot-{len(self.processes) + 1}"
        )
        self.processes.append(process)
        process.start()
        self._spawn(self._watch(process))
        return process

    @property
    def newest(self) -> Process:
        return self.processes[-1]

    async def _watch(self, process: Process) -> None:
        await process.over.wait()
        if self._needs_another(process):
            await asyncio.sleep(process.downtime)
        if self._needs_another(process):
            self.start()

    def _needs_another(self, ended: Process) -> bool:
        return not self.closed and not ended.stopped and ended is self.newest

    async def restart(self, downtime: float) -> None:
        """Stop the newest process, then start another."""
        old = self.newest
        await self.stop(old)
        await asyncio.sleep(downtime)
        if old is self.newest:
            self.start()

    async def deploy(self, together: float) -> None:
        """Start the next process, and stop the one before only later."""
        old = self.newest
        self.start()
        await asyncio.sleep(together)
        await self.stop(old)

    async def pause(self, seconds: float) -> None:
        """Stop the process as SIGSTOP does; another one takes over; the first then goes on."""
        old = self.newest
        if not old.alive or old.paused:
            return
        old.pause()
        self.start()
        await asyncio.sleep(seconds)
        old.go_on()
        await asyncio.sleep(5)
        await self.stop(old)

    async def stop(self, process: Process) -> None:
        """SIGTERM, and SIGKILL for who does not listen."""
        process.stopped = True
        if process.paused:
            process.go_on()
        if not process.alive:
            return
        process.stopping.set()
        await asyncio.wait([process.main], timeout=GRACE)
        if process.alive:
            process.kill()

    async def close(self) -> list[str]:
        """End everything; say what was left where nothing should be."""
        self.closed = True
        left: list[str] = []
        for process in self.processes:
            await self.stop(process)
            if process.killed:
                await process.bury()
            else:
                left += process.complaints()
        for task in self._watching:
            task.cancel()
        return left

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)


class Lock:
    """Somebody else's hold on the database: reads go on, writes wait."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)

    def take(self) -> bool:
        """Take it, if nobody writes at this very moment."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def release(self) -> None:
        self._connection.close()
