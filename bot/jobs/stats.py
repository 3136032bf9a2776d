"""Stats: how a guild has used the bot. Figures only: nobody's name, nobody's words."""

import asyncio
import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from storage import guilds, stats
from storage.database import Database
from storage.states import ENDED, JobState
from storage.stats import Asked, Took, Totals

MOST_MODELS = 5
"""So many are shown one by one; of more, all but the most used are one line."""

_LATE = 0.95
_HOURS = 24
_BUSIEST = 3


@dataclass(frozen=True)
class Spread:
    """Seconds: half of the jobs took no longer than `median`, 95 of 100 no longer than `late`."""

    median: int
    late: int


@dataclass(frozen=True)
class Used:
    """One model by its key, or with None all that are not shown one by one.

    `days`: the jobs of each day. `waited`, `made`: None where there was nothing to measure.
    """

    model: str | None
    days: Sequence[int]
    waited: Spread | None
    made: Spread | None

    @property
    def count(self) -> int:
        """Return its jobs of all days."""
        return sum(self.days)


@dataclass(frozen=True)
class Figures:
    """What there was on these days, today among them, by the clock of `time_zone`.

    `used`: the most used first. `hours`: the jobs of each hour of the day, from 0 to 23. `ended`:
    how the jobs ended that have ended.
    """

    time_zone: str
    days: Sequence[date]
    used: Sequence[Used]
    hours: Sequence[int]
    ended: dict[JobState, int]

    @property
    def count(self) -> int:
        """Return all jobs."""
        return sum(self.hours)

    @property
    def by_day(self) -> Sequence[int]:
        """Return the jobs of each day."""
        return [sum(counts) for counts in zip(*(each.days for each in self.used), strict=True)]

    @property
    def busiest(self) -> Sequence[int]:
        """Return the hours of the day with most jobs, a few at most."""
        order = sorted(range(_HOURS), key=lambda hour: -self.hours[hour])
        return sorted(hour for hour in order[:_BUSIEST] if self.hours[hour])


@dataclass
class Stats:
    """Reads what there was in a guild."""

    database: Database
    clock: Clock

    async def of_guild(self, guild_id: int, days: int) -> Figures:
        """Return the figures of so many days, today among them."""
        now = self.clock()
        async with self.database.read() as connection:
            time_zone = (await guilds.settings(connection, guild_id)).time_zone
            shown = last_days(now, time_zone, days)
            totals = await stats.totals(connection, guild_id, begin_of(shown[0], time_zone))
        return await asyncio.to_thread(figures, totals, shown, time_zone)


def last_days(now: datetime, time_zone: str, count: int) -> list[date]:
    """Return the last days by the calendar of that zone, the oldest first."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return [today - timedelta(days=ago) for ago in reversed(range(count))]


def begin_of(day: date, time_zone: str) -> datetime:
    """Return when a day begins in that zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def figures(totals: Totals, days: Sequence[date], time_zone: str) -> Figures:
    """Put together what is shown of these days."""
    by_model, hours = _folded(totals.asked, days, ZoneInfo(time_zone))
    ended: Counter[JobState] = Counter()
    for asked in totals.asked:
        if asked.state in ENDED:
            ended[asked.state] += asked.count
    used = [
        Used(
            name,
            [sum(by_model[model][day] for model in models) for day in days],
            spread(totals.waited, models),
            spread(totals.made, models),
        )
        for name, models in _shown(by_model)
    ]
    return Figures(time_zone, days, used, [hours[hour] for hour in range(_HOURS)], dict(ended))


def _folded(
    asked: Iterable[Asked], days: Collection[date], zone: ZoneInfo
) -> tuple[dict[str, Counter[date]], Counter[int]]:
    """Count by the zone's own clock: the jobs of each model by day, and all by hour of the day."""
    by_model: dict[str, Counter[date]] = {}
    hours: Counter[int] = Counter()
    for each in asked:
        local = each.at.astimezone(zone)
        if local.date() in days:
            by_model.setdefault(each.model, Counter())[local.date()] += each.count
            hours[local.hour] += each.count
    return by_model, hours


def _shown(by_model: dict[str, Counter[date]]) -> list[tuple[str | None, Collection[str]]]:
    """Name the models, the most used first, each with itself; the last may be many."""
    order = sorted(by_model, key=lambda model: (-by_model[model].total(), model))
    if len(order) <= MOST_MODELS:
        return [(model, {model}) for model in order]
    shown, others = order[: MOST_MODELS - 1], order[MOST_MODELS - 1 :]
    return [*((model, {model}) for model in shown), (None, set(others))]


def spread(took: Iterable[Took], models: Collection[str]) -> Spread | None:
    """Return how long these models took; None: there was nothing to measure."""
    counts: Counter[int] = Counter()
    for each in took:
        if each.model in models:
            counts[each.seconds] += each.count
    return Spread(_share(counts, 0.5), _share(counts, _LATE)) if counts else None


def _share(counts: Counter[int], share: float) -> int:
    """Return the least number of seconds in which this share of them was ready."""
    left = math.ceil(counts.total() * share)
    for seconds in sorted(counts):
        left -= counts[seconds]
        if left <= 0:
            return seconds
    return max(counts)
