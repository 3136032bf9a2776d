"""The stand-in's time: the machine's (or its caller's), plus what the tests have added."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DISCORD_EPOCH_MS = 1_420_070_400_000


def machine_time() -> datetime:
    return datetime.now(UTC)


@dataclass
class Clock:
    """Time that a test may push forward, and the snowflakes made of it."""

    offset: float = 0.0
    last_snowflake: int = 0
    source: Callable[[], datetime] = machine_time

    def now(self) -> datetime:
        return self.source() + timedelta(seconds=self.offset)

    def age(self, moment: datetime) -> float:
        """Seconds since the moment."""
        return (self.now() - moment).total_seconds()

    def snowflake(self) -> int:
        """Return an id that says when it was made; each is larger than the one before."""
        made = (int(self.now().timestamp() * 1000) - DISCORD_EPOCH_MS) << 22
        self.last_snowflake = max(made, self.last_snowflake + 1)
        return self.last_snowflake
