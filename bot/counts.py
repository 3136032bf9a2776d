"""Counts of what this process has done since it started, for its operator.

How often, with what outcome, how long: never who, where or what. A restart forgets them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import post
from bot.clock import Clock
from bot.post import PostError
from storage.deliveries import Delivery, DeliveryKind

HOURS = 24
# Seconds.
_LAGS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 86400.0)

POSTED = "posted"
OUTCOMES: dict[type[PostError], str] = {
    post.NotAllowedError: "not_allowed",
    post.ChannelGoneError: "channel_gone",
    post.TooLargeError: "too_large",
    post.NotTakenError: "not_taken",
    post.RestingError: "resting",
    post.NoAnswerError: "no_answer",
}
"""What can become of a message that was not posted."""

NO_ANSWER = "none"
"""The status class of a request that got no answer."""


class Spread:
    """How long things took: how many took no longer than each bound, in seconds."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.total = 0.0
        # The last one is for what took longer than any bound.
        self._counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float, times: int = 1) -> None:
        """Count something that took so long."""
        self.total += seconds * times
        self._counts[bisect_left(self.bounds, seconds)] += times

    @property
    def within(self) -> list[int]:
        """Return how many took no longer, for each bound, and at last how many there were."""
        return [sum(self._counts[: number + 1]) for number in range(len(self._counts))]


class LastDay:
    """Counts by the hour of the last 24 hours, this one among them."""

    def __init__(self) -> None:
        self._by_hour: dict[datetime, Counter[str]] = {}

    def note(self, what: str, now: datetime) -> None:
        """Count one of these now."""
        hour = hour_of(now)
        if hour not in self._by_hour:
            oldest = hour - timedelta(hours=HOURS - 1)
            self._by_hour = {at: each for at, each in self._by_hour.items() if at >= oldest}
        self._by_hour.setdefault(hour, Counter())[what] += 1

    def of(self, hour: datetime) -> Counter[str]:
        """Return the counts of the hour that begins then."""
        return self._by_hour.get(hour, Counter())


def hour_of(time: datetime) -> datetime:
    """Return when the hour began."""
    return time.replace(minute=0, second=0, microsecond=0)


def last_hours(now: datetime) -> list[datetime]:
    """Return the beginnings of the last 24 hours, this one among them, the oldest first."""
    return [hour_of(now) - timedelta(hours=ago) for ago in reversed(range(HOURS))]


@dataclass
class Counts:
    """Is told what happens.

    `calls`: requests to NetMind by call and class of status (`2xx`, or NO_ANSWER). `sends`:
    messages to Discord by outcome. `lag`: from the promise of a job's end to its message.
    """

    clock: Clock
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    sends: Counter[str] = field(
        default_factory=lambda: Counter(dict.fromkeys([POSTED, *OUTCOMES.values()], 0))
    )
    lag: Spread = field(default_factory=lambda: Spread(_LAGS))
    calls_by_hour: LastDay = field(default_factory=LastDay)
    sends_by_hour: LastDay = field(default_factory=LastDay)
    started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock()

    def called(self, call: str, status: int | None) -> None:
        """Note a request to NetMind and the status of its answer; None: there was none."""
        group = NO_ANSWER if status is None else f"{status // 100}xx"
        self.calls[call, group] += 1
        self.calls_by_hour.note(group, self.clock())

    def sent(self, error: PostError | None) -> None:
        """Note a message to Discord; None: it was posted."""
        outcome = POSTED if error is None else OUTCOMES.get(type(error), "other")
        self.sends[outcome] += 1
        self.sends_by_hour.note(outcome, self.clock())

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """Note a delivery whose message is in Discord; only those that end a job have a lag."""
        if delivery.kind in {DeliveryKind.RESULT, DeliveryKind.FAILURE}:
            self.lag.add(max(0.0, (now - delivery.created_at).total_seconds()))
