"""The tally: which jobs have ended, and how long they took to make, in all processes together.

It is read from the database when somebody asks, and only what is new since the last time.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import InitVar, dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.counts import Spread
from storage import health
from storage.database import Database
from storage.states import ENDED, JobState

# Seconds. A generation takes from a few of them to half an hour.
_BOUNDS = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
# PostgreSQL shows an event when its transaction ends, which may be after one with a higher number.
_SETTLED = timedelta(seconds=10)


@dataclass
class Tally:
    """Counts from the first look on. `ended`: by model and state; `making`: by model.

    `models`: those that are known to be there, even if none of their jobs has ended yet.
    """

    database: Database
    clock: Clock
    models: InitVar[Collection[str]] = ()
    ended: Counter[tuple[str, JobState]] = field(default_factory=Counter)
    making: dict[str, Spread] = field(default_factory=dict)
    _seen: int | None = None
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self, models: Collection[str]) -> None:
        self.making.update({model: Spread(_BOUNDS) for model in models})
        self.ended.update({(model, state): 0 for model in models for state in sorted(ENDED)})

    async def look(self) -> None:
        """Count what has ended since the last look. Raises StorageError."""
        async with self._alone, self.database.read() as connection:
            newest = await health.newest_event(connection, self.clock() - _SETTLED)
            if self._seen is not None and newest > self._seen:
                for each in await health.ended(connection, self._seen, newest):
                    self._add(each)
            self._seen = max(newest, self._seen or 0)

    def _add(self, some: health.Ended) -> None:
        self.ended[some.model, some.state] += some.count
        if some.seconds is not None:
            self.making.setdefault(some.model, Spread(_BOUNDS)).add(some.seconds, some.count)
