"""An event loop whose time jumps to the next timer as soon as nothing is left to do.

Nothing here waits for a socket, a thread or a clock: the network is `tests.simulation.network`,
SQLite runs inline (`tests.simulation.inline`), and so does whatever is given to an executor.

Every callback belongs to a process: the one whose context it runs in. A process can be stopped
between any two callbacks, as SIGSTOP does; one that is never resumed has been killed.
"""

import asyncio
import heapq
import random
import selectors
from asyncio import events
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any, TypeVarTuple

Ts = TypeVarTuple("Ts")

PROCESS: ContextVar[object | None] = ContextVar("PROCESS", default=None)
"""Whose code runs now; None: the outside world's."""

BEGINNING = 1000.0
MOST_AT_ONCE = 200_000
"""Callbacks in one moment; a loop that needs more of them turns in circles."""


class StuckError(Exception):
    """Nothing will ever happen again, or everything happens at once."""


class _Clockwork(selectors.SelectSelector):
    """Where an ordinary loop would wait for sockets, this one moves the time."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        self.loop.advance(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on which hours pass in moments. `rng` decides how long small things take."""

    _ready: deque[events.Handle]
    _scheduled: list[events.TimerHandle]

    def __init__(self, rng: random.Random) -> None:
        self._now = BEGINNING
        self.rng = rng
        self._turns = 0
        self._stopped: dict[object, list[events.Handle]] = {}
        clockwork = _Clockwork()
        clockwork.loop = self
        super().__init__(clockwork)

    def time(self) -> float:
        return self._now

    def advance(self, timeout: float | None) -> None:
        """Let this much time pass; None: there is no timer, and nothing else could come."""
        if timeout is None:
            raise StuckError("everybody waits and no timer is set")
        if timeout > 0:
            self._now += timeout
            self._turns = 0
        self._turns += 1
        if self._turns > MOST_AT_ONCE:
            raise StuckError(f"no end at {self._now}")

    def moment(self, most: float = 0.002) -> float:
        """Return a short time in seconds, another one each time."""
        return self.rng.uniform(0.0001, most)

    def run_in_executor(  # type: ignore[override] # simpler than the overloads of the original
        self,
        executor: Any,  # noqa: ARG002 - there are no threads
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Do the work here, a moment later."""
        future = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:  # noqa: BLE001 - it is the caller's
                future.set_exception(error)

        self.call_later(self.moment(), work)
        return future

    # Processes

    def stop_process(self, process: object) -> None:
        """Run nothing of this process's from now on."""
        held = self._stopped[process] = []
        for place, handle in enumerate(self._ready):
            if _owner(handle) is process:
                held.append(handle)
                # The loop has counted what is ready: nothing may be taken out.
                self._ready[place] = events.Handle(_nothing, (), self)
        timers = [timer for timer in self._scheduled if _owner(timer) is process]
        self._scheduled = [timer for timer in self._scheduled if _owner(timer) is not process]
        heapq.heapify(self._scheduled)
        for timer in timers:
            timer._scheduled = False  # type: ignore[attr-defined] # as the loop does
        held += timers

    def resume_process(self, process: object) -> None:
        """Let a stopped process go on; what was due meanwhile is due now."""
        for handle in self._stopped.pop(process):
            if handle.cancelled():
                continue
            if isinstance(handle, events.TimerHandle):
                # The old handle is what its owner may still cancel; it then does nothing.
                self.call_at(handle.when(), _run, handle, context=_context(handle))
            else:
                self._ready.append(handle)

    def _call_soon(
        self, callback: Callable[..., Any], args: tuple[Any, ...], context: Context | None
    ) -> events.Handle:
        handle = events.Handle(callback, args, self, context)
        held = self._stopped.get(_owner(handle)) if self._stopped else None
        (self._ready if held is None else held).append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> events.TimerHandle:
        timer = super().call_at(when, callback, *args, context=context)
        held = self._stopped.get(_owner(timer)) if self._stopped else None
        if held is not None:
            self._scheduled.remove(timer)
            heapq.heapify(self._scheduled)
            held.append(timer)
        return timer

    def _write_to_self(self) -> None:
        """Wake nobody: there are no threads."""


def _context(handle: events.Handle) -> Context:
    context: Context = handle._context  # type: ignore[attr-defined] # asyncio keeps it there
    return context


def _owner(handle: events.Handle) -> object | None:
    return _context(handle).get(PROCESS)


def _nothing() -> None:
    """Stand in the place of what was stopped."""


def _run(handle: events.Handle) -> None:
    if not handle.cancelled():
        handle._callback(*handle._args)  # type: ignore[attr-defined] # likewise
