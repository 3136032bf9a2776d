"""The stand-in's time: somebody's clock, plus what the tests have added."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Clock:
    """Time that a test may push forward; `source` tells the present, aware and in UTC."""

    source: Callable[[], datetime] = _utc_now
    offset: float = 0.0

    def now(self) -> datetime:
        return self.source() + timedelta(seconds=self.offset)
