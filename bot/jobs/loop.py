"""How workers run: one loop a worker, and an owner for what it starts beside the loop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

import structlog
from structlog.contextvars import bind_contextvars

from bot.errors import FoleyError
from storage.errors import BrokenDatabaseError, StorageError

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Trouble that passes, and of which a traceback would tell nothing more.
KNOWN = (FoleyError, StorageError)

# Seconds to wait after a step that went wrong, so that trouble is not made worse.
TROUBLE = 5.0
# Seconds after which a worker looks for work that another process has left.
IDLE = 10.0
# Seconds that work under way has to come to its end when it is stopped. A database statement ends
# well within them; one that is cut off leaves its connection behind, open and perhaps locked.
GRACE = 1.0


class Loop:
    """Runs a worker's step again and again: after the delay it returned, or when woken.

    A step returns in how many seconds there is work again, or None for "not before I am woken".
    Other processes wake nobody here, so after `idle` seconds it is run anyway. `stepped_at`: when
    the last step came to its end, by the event loop's clock.
    """

    def __init__(
        self, name: str, step: Callable[[], Awaitable[float | None]], idle: float = IDLE
    ) -> None:
        self.name = name
        self._step = step
        self._idle = idle
        self.stepped_at: float | None = None
        self._woken = asyncio.Event()
        self._ending = False
        self._over = asyncio.Event()
        self._over.set()

    async def end(self) -> None:
        """Have the loop end after the step under way, and wait for that."""
        self._ending = True
        self._woken.set()
        await self._over.wait()

    def wake(self) -> None:
        """Have the step run now, or once more if it is running."""
        self._woken.set()

    @property
    def is_woken(self) -> bool:
        """Tell whether the step is to run once more."""
        return self._woken.is_set()

    async def run(self) -> None:
        """Run until ended or cancelled; then a step under way has a moment to come to its end."""
        self._over.clear()
        try:
            while not self._ending:
                self._woken.clear()
                delay = await self._do_step()
                self.stepped_at = asyncio.get_running_loop().time()
                if not self._ending:
                    await self._pause(delay)
        finally:
            self._over.set()

    async def _do_step(self) -> float | None:
        step = asyncio.create_task(self._guarded(), name=self.name)
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            await _end({step})
            raise

    async def _guarded(self) -> float | None:
        bind_contextvars(worker=self.name)
        try:
            return await self._step()
        except BrokenDatabaseError as error:
            log.error("database_broken", error=str(error))  # noqa: TRY400 - the sentence says it all
        except KNOWN as error:
            log.warning("step_put_off", error=str(error))
        except Exception:  # the loop must outlive any bug or outage; the step is tried again
            log.exception("step_failed")
        return TROUBLE

    async def _pause(self, delay: float | None) -> None:
        longest = self._idle if delay is None else min(delay, self._idle)
        try:
            async with asyncio.timeout(longest):
                await self._woken.wait()
        except TimeoutError:
            pass


class Tasks(Generic[T]):
    """Owns the tasks that a worker started: keeps them alive, logs what goes wrong, ends them.

    Each works on one row; `cut_off` has the rows whose work was cancelled.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._running: dict[asyncio.Task[None], T] = {}
        self.cut_off: list[T] = []

    def __len__(self) -> int:
        return len(self._running)

    def start(self, row: T, work: Coroutine[Any, Any, None]) -> None:
        """Start the work; what it raises is logged, and its row's lease runs out by itself."""
        task = asyncio.create_task(self._guarded(work), name=self._name)
        self._running[task] = row
        task.add_done_callback(self._done)
        # What is cancelled before it began would complain that nobody has awaited it.
        task.add_done_callback(lambda _: work.close())

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; what goes wrong is told with the ids that it has bound."""
        bind_contextvars(worker=self._name)
        try:
            await work
        except KNOWN as error:
            log.warning("task_put_off", error=str(error))
        except Exception:  # the other tasks go on, and the row's lease runs out by itself
            log.exception("task_failed")

    def _done(self, task: asyncio.Task[None]) -> None:
        row = self._running.pop(task)
        if task.cancelled():
            self.cut_off.append(row)

    async def join(self) -> None:
        """Wait until everything started so far is over."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def stop(self, grace: float = GRACE) -> None:
        """Give what is running so many seconds, cancel what is left, and wait for its end."""
        await _end(set(self._running), grace)


async def _end(tasks: set[asyncio.Task[Any]], grace: float = GRACE) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=grace)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
