"""The pulse: how late the event loop is with what is due, looked at once a second."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.counts import Spread

_BEAT = 1.0
_MINUTE = 60
# Seconds.
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Pulse:
    """`lag`: by how many seconds a beat came too late."""

    def __init__(self) -> None:
        self.lag = Spread(_BOUNDS)
        self._last: deque[float] = deque(maxlen=_MINUTE)

    @property
    def worst(self) -> float:
        """Return the longest lag of the last minute, in seconds."""
        return max(self._last, default=0.0)

    def note(self, lag: float) -> None:
        """Note by how much one beat came too late."""
        self.lag.add(max(0.0, lag))
        self._last.append(max(0.0, lag))

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Look until left."""
        task = asyncio.create_task(self._beat(), name="pulse")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _beat(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + _BEAT
            await asyncio.sleep(_BEAT)
            self.note(clock() - due)
