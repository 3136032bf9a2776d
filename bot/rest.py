"""How long Discord wants to hear nothing of us.

Discord shuts out an address that makes 10,000 refused requests (401, 403, 429) in ten minutes.
A refusal that means us, not one message, and too many of the others, lead to a rest.
"""

from collections import deque
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=10)
# Refusals in that window; a fiftieth of what Discord takes.
MOST = 200
# Seconds; what is over is noticed within this time.
LONGEST = 30.0


class Rest:
    """Counts refusals, and tells whether it is time for a rest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusals: deque[datetime] = deque()
        self._until: datetime | None = None

    def begin(self, seconds: float) -> None:
        """Ask nothing for so many seconds, half a minute at most."""
        until = self._clock() + timedelta(seconds=min(seconds, LONGEST))
        if self.left() == 0:
            log.warning("discord_rests", until=until, refusals=len(self._refusals))
        self._until = until

    def refused(self) -> None:
        """Count one refused request."""
        now = self._clock()
        self._refusals.append(now)
        while self._refusals[0] <= now - WINDOW:
            self._refusals.popleft()
        if len(self._refusals) >= MOST:
            self.begin(LONGEST)

    def left(self) -> float:
        """Return for how many seconds nothing may be asked."""
        if self._until is None:
            return 0.0
        return max(0.0, (self._until - self._clock()).total_seconds())
