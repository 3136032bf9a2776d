"""The bot as a process of the simulation: it is started, stopped, paused and killed."""

import asyncio
import contextvars
from dataclasses import dataclass, field
from typing import Any

from bot.app import App, open_app, run
from bot.config import Settings
from bot.look.looker import Looker
from bot.netmind.catalog import Catalog
from storage.errors import UnavailableError
from tests.simulation.loop import PROCESS
from tests.simulation.machine import Killed, Machine
from tests.simulation.workshop import Closed

_PATIENCE = 5.0


@dataclass(eq=False)
class Process:
    """One run of the program.

    `deadly` says at which crash points it is killed: name -> passes. `downtime` is how many seconds
    the platform takes to start it again. `stopped`: somebody asked it to end.
    """

    machine: Machine
    settings: Settings
    catalog: Catalog
    name: str
    deadly: dict[str, int] = field(default_factory=dict)
    downtime: float = 3.0
    app: App | None = None
    killed: bool = False
    paused: bool = False
    stopped: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    main: asyncio.Task[None] = field(init=False)
    _outside: contextvars.Context = field(default_factory=contextvars.copy_context)

    def start(self) -> None:
        """Begin to run, in a context by which all that it starts is known to be its own."""
        context = contextvars.copy_context()
        context.run(PROCESS.set, self)
        self.main = self.machine.loop.create_task(self._run(), name=self.name, context=context)
        self.main.add_done_callback(self._ended, context=self._outside)

    async def _run(self) -> None:
        async with open_app(self.settings, self.catalog, self.machine.now) as app:
            sender = app.workers.courier.sender
            sender.packer.workshop = Closed()
            sender.inspector.looker = Looker(sender.packer.workshop)
            self.app = app
            await run(app, self.stopping)

    def _ended(self, _: object) -> None:
        self.over.set()

    @property
    def alive(self) -> bool:
        return not self.killed and not self.main.done()

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Return what of it is still at work."""
        return self.machine.tasks_of(self)

    def complaints(self) -> list[str]:
        """Return what is wrong about the end of a process that was not killed."""
        found = [f"{self.name}: task {task.get_name()} is left" for task in self.tasks()]
        opened = self.machine.connections.get(self, [])
        if left := sum(not connection.closed for connection in opened):
            found.append(f"{self.name}: {left} connections to the database are left open")
        error = None if self.main.cancelled() or not self.main.done() else self.main.exception()
        if isinstance(error, UnavailableError) and self.machine.anybody_paused:
            error = None  # the other one was stopped while it held the database's only writer
        return [*found, f"{self.name} ended with {error!r}"] if error else found

    def reached(self, point: str) -> None:
        """Die here, if that was planned."""
        if self.killed or point not in self.deadly:
            return
        self.deadly[point] -= 1
        if self.deadly[point] == 0:
            self.kill()
            raise Killed(point)

    def kill(self) -> None:
        """End as SIGKILL does: nothing of it runs again, its connections close."""
        if not self.alive:
            return
        self.killed = self.machine.anybody_killed = True
        if not self.paused:
            self.machine.loop.stop_process(self)
        self.machine.network.cut(self)
        for connection in self.machine.connections.get(self, ()):
            connection.die()
        self.machine.loop.call_soon(self.over.set, context=self._outside)

    def pause(self) -> None:
        """Stop as SIGSTOP does: it keeps what it holds."""
        self.paused = self.machine.anybody_paused = True
        self.machine.loop.stop_process(self)

    def go_on(self) -> None:
        """Go on as after SIGCONT."""
        self.paused = False
        self.machine.loop.resume_process(self)

    async def bury(self) -> None:
        """Let what is left of a killed process come to its end; it reaches nobody any more."""
        self.machine.network.refused.add(self)
        self.machine.loop.resume_process(self)
        for _ in range(20):
            left = self.tasks()
            if not left:
                return
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_PATIENCE)
