"""Usage: how much the whole bot has done, for who runs it. Figures alone, by UTC."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.jobs.reasons import Reason
from bot.jobs.settler import UNKNOWN
from bot.jobs.stats import Spread, begin_of, last_days, spread
from storage import health, stats
from storage.database import Database
from storage.states import UNDER_WAY, JobState
from storage.stats import Everywhere

_ZONE = "UTC"
_HOURS = 24
_GUILDS = 10

Outcomes = Counter[JobState]


@dataclass(frozen=True)
class ModelUsage:
    """One model: what became of its jobs, how long they waited and took from command to result."""

    model: str
    outcomes: Outcomes
    waited: Spread | None
    whole: Spread | None


@dataclass(frozen=True)
class Now:
    """What is to be done at this moment."""

    waiting: int
    under_way: int
    held: int
    to_be_posted: int


@dataclass(frozen=True)
class Usage:
    """What there was on these days, today among them.

    `models`: the most used first. `hours`: the jobs of each hour of the day, from 0 to 23.
    `servers`, `reasons`, `again`, `kept`: see storage.stats.Everywhere.
    """

    days: Sequence[tuple[date, Outcomes]]
    models: Sequence[ModelUsage]
    hours: Sequence[int]
    servers: Sequence[tuple[int | None, int]]
    reasons: dict[str, int]
    again: int
    kept: int
    now: Now

    @property
    def outcomes(self) -> Outcomes:
        """Return what became of all jobs."""
        return sum((outcomes for _, outcomes in self.days), Counter())


def success(outcomes: Outcomes) -> float | None:
    """Return the share that was finished of what was either finished or failed; None: nothing."""
    ended = outcomes[JobState.FINISHED] + outcomes[JobState.FAILED]
    return outcomes[JobState.FINISHED] / ended if ended else None


async def of_days(database: Database, days: int, now: datetime) -> Usage:
    """Return what there was on so many days. Raises StorageError."""
    shown = last_days(now, _ZONE, days)
    since = begin_of(shown[0], _ZONE)
    async with database.read() as connection:
        found = await stats.everywhere(
            connection, since, guilds=_GUILDS, again=UNKNOWN, private=Reason.PRIVATE
        )
        waiting = await health.waiting(connection)
    return _folded(found, shown, _now(waiting))


def _folded(found: Everywhere, days: Sequence[date], now: Now) -> Usage:
    by_day = {day: Outcomes() for day in days}
    by_model: dict[str, Outcomes] = {}
    hours: Counter[int] = Counter()
    for each in found.asked:
        by_day.setdefault(each.at.date(), Outcomes())[each.state] += each.count
        by_model.setdefault(each.model, Outcomes())[each.state] += each.count
        hours[each.at.hour] += each.count
    order = sorted(by_model, key=lambda model: (-by_model[model].total(), model))
    return Usage(
        days=sorted(by_day.items()),
        models=[
            ModelUsage(
                model, by_model[model], spread(found.waited, {model}), spread(found.whole, {model})
            )
            for model in order
        ],
        hours=[hours[hour] for hour in range(_HOURS)],
        servers=found.busiest,
        reasons=found.reasons,
        again=found.again,
        kept=found.kept,
        now=now,
    )


def _now(waiting: health.Waiting) -> Now:
    return Now(
        waiting=waiting.jobs[JobState.QUEUED],
        under_way=sum(waiting.jobs[state] for state in UNDER_WAY),
        held=waiting.jobs[JobState.HELD],
        to_be_posted=waiting.deliveries,
    )
