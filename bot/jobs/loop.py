"""How workers run: one loop a worker, and an owner for what it starts beside the loop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

# Seconds to wait after a step that went wrong, so that trouble is not made worse.
TROUBLE = 5.0
# Seconds that work under way has to come to its end when it is stopped. A database statement ends
# well within them; one that is cut off leaves its connection behind, open and perhaps locked.
GRACE = 1.0


class Loop:
    """Runs a worker's step again and again: after the delay it returned, or when woken.

    A step returns in how many seconds there is work again, or None for "not before I am woken".
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[float | None]]) -> None:
        self.name = name
        self._step = step
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Have the step run now, or once more if it is running."""
        self._woken.set()

    async def run(self) -> None:
        """Run until cancelled; a step under way has a moment to come to its end."""
        while True:
            self._woken.clear()
            step = asyncio.create_task(self._guarded(), name=self.name)
            try:
                delay = await asyncio.shield(step)
            except asyncio.CancelledError:
                await _end({step})
                raise
            await self._pause(delay)

    async def _guarded(self) -> float | None:
        try:
            return await self._step()
        except Exception:  # the loop must outlive any bug or outage; the step is tried again
            log.exception("step_failed", worker=self.name)
            return TROUBLE

    async def _pause(self, delay: float | None) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._woken.wait()
        except TimeoutError:
            pass


class Tasks:
    """Owns the tasks that a worker started: keeps them alive, logs what goes wrong, ends them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work; what it raises is logged, and its row's lease runs out by itself."""
        task = asyncio.create_task(work, name=self._name)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", worker=self._name, exc_info=error)

    async def join(self) -> None:
        """Wait until everything started so far is over."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def stop(self) -> None:
        """Give what is running a moment, cancel what is left, and wait for it to be over."""
        await _end(set(self._running))


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=GRACE)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
