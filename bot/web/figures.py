"""What the operator's page tells, out of what was counted: figures, checks and charts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.counts import NO_ANSWER, OUTCOMES, POSTED, Counts
from bot.web.health import Findings
from bot.web.status_page import Chart, Check, Figure, span
from bot.web.svg import Series
from storage.health import Asked, Posted, Waiting
from storage.states import OPEN, UNDER_WAY, JobState

_LATE = 0.95
_NOTHING = "none"


@dataclass(frozen=True)
class History:
    """What the database tells of now and of the last hours."""

    waiting: Waiting
    asked: Sequence[Asked]
    posted: Sequence[Posted]


def checks(findings: Findings) -> list[Check]:
    """Return what is as it should be and what is not, of all that this process has."""
    sayings = [
        ("Database", "answers", "does not answer", findings.database),
        ("Discord", "is connected", "is not connected", findings.gateway),
        ("Workers", "are at work", "stand still", findings.workers),
    ]
    return [
        Check(name, good if well else bad, well=well)
        for name, good, bad, well in sayings
        if well is not None
    ]


def at_the_top(history: History, now: datetime, max_in_flight: int) -> list[Figure]:
    """Return the numbers at the top of the page."""
    waiting = history.waiting
    queued, held = waiting.jobs[JobState.QUEUED], waiting.jobs[JobState.HELD]
    flying = sum(waiting.jobs[state] for state in UNDER_WAY)
    oldest = (
        "nothing waits" if waiting.oldest is None else f"for up to {span(now - waiting.oldest)}"
    )
    moderated = f"; {held:,} more for moderators" if held else ""
    states = _states(history.asked)
    return [
        Figure("Waiting", f"{queued:,}", oldest + moderated),
        Figure("Under way", f"{flying:,}", f"of {max_in_flight:,} places at NetMind"),
        Figure("To be posted", f"{waiting.deliveries:,}", "messages to Discord"),
        _success(states[JobState.FINISHED], states[JobState.FAILED]),
        _within(_lags(history.posted)),
    ]


def _success(finished: int, failed: int) -> Figure:
    """Say which share was finished; what is not all of them is never rounded up to all."""
    ended = finished + failed
    if not ended:
        return Figure("Success", _NOTHING, "nothing has ended in 24 hours")
    share = f"{1000 * finished // ended / 10:g} %"
    return Figure("Success", share, f"of {ended:,} jobs in 24 hours")


def _states(asked: Iterable[Asked]) -> Counter[JobState]:
    states: Counter[JobState] = Counter()
    for each in asked:
        states[each.state] += each.count
    return states


def _lags(posted: Iterable[Posted]) -> Counter[int]:
    lags: Counter[int] = Counter()
    for each in posted:
        lags[each.seconds] += each.count
    return lags


def _within(lags: Counter[int]) -> Figure:
    middle, late = quantile(lags, 0.5), quantile(lags, _LATE)
    if middle is None:
        return Figure("Posted within", _NOTHING, "nothing was posted in 24 hours")
    return Figure(
        "Posted within", f"{middle} s", f"for half of {lags.total():,}; {late} s for 95 of 100"
    )


def quantile(lags: Counter[int], share: float) -> int | None:
    """Return the whole seconds within which this share of them was posted; None: none was."""
    left = lags.total() * share
    for seconds in sorted(lags):
        left -= lags[seconds]
        if left <= 0:
            return seconds + 1
    return None


def of_jobs(history: History, hours: Sequence[datetime]) -> list[Chart]:
    """Return the charts of jobs and of their way to Discord."""
    states = {hour: Counter[JobState]() for hour in hours}
    lags = {hour: Counter[int]() for hour in hours}
    for asked in history.asked:
        states.setdefault(asked.hour, Counter())[asked.state] += asked.count
    for posted in history.posted:
        lags.setdefault(posted.hour, Counter())[posted.seconds] += posted.count
    return [_jobs([states[hour] for hour in hours]), _lag([lags[hour] for hour in hours])]


def _jobs(by_hour: Sequence[Counter[JobState]]) -> Chart:
    def those(*states: JobState) -> list[int]:
        return [sum(each[state] for state in states) for each in by_hour]

    series = [
        Series("finished", "mark", those(JobState.FINISHED)),
        Series("failed", "bad", those(JobState.FAILED)),
        Series("cancelled or rejected", "rest", those(JobState.CANCELLED, JobState.REJECTED)),
        Series("not ended yet", "more-jobs", those(*sorted(OPEN))),
    ]
    return Chart(
        "Jobs",
        "By the hour of the command, and what became of them",
        _summary("Jobs", series),
        series,
    )


def _lag(by_hour: Sequence[Counter[int]]) -> Chart:
    middles = [quantile(each, 0.5) or 0 for each in by_hour]
    lates = [quantile(each, _LATE) or 0 for each in by_hour]
    series = [
        Series("half of them (s)", "mark", middles),
        Series(
            "more for 95 of 100 (s)",
            "rest",
            [late - middle for middle, late in zip(middles, lates, strict=True)],
        ),
    ]
    summary = (
        f"Delivery lag of the last 24 hours: in the slowest hour half were posted within "
        f"{max(middles)} seconds, 95 of 100 within {max(lates)}."
    )
    return Chart(
        "Delivery lag", "Seconds from the end of a job to its message in Discord", summary, series
    )


def of_services(counts: Counts, hours: Sequence[datetime]) -> list[Chart]:
    """Return the charts of how NetMind and Discord answered."""

    def calls(*groups: str) -> list[int]:
        return _by_hour(counts.calls_by_hour.of, hours, groups)

    def sends(*outcomes: str) -> list[int]:
        return _by_hour(counts.sends_by_hour.of, hours, outcomes)

    passing = ("no_answer", "resting", "other")
    refused = [outcome for outcome in OUTCOMES.values() if outcome not in passing]
    netmind = [
        Series("answered", "mark", calls("2xx", "3xx")),
        Series("refused (4xx)", "rest", calls("4xx")),
        Series("trouble (5xx) or no answer", "bad", calls("1xx", "5xx", NO_ANSWER)),
    ]
    discord = [
        Series("posted", "mark", sends(POSTED)),
        Series("refused", "rest", sends(*refused)),
        Series("no answer, or a rest", "bad", sends(*passing)),
    ]
    return [
        Chart(
            "NetMind", "Requests of this process by answer", _summary("Requests", netmind), netmind
        ),
        Chart(
            "Discord", "Messages of this process by outcome", _summary("Messages", discord), discord
        ),
    ]


def _by_hour(
    of: Callable[[datetime], Counter[str]], hours: Sequence[datetime], names: Sequence[str]
) -> list[int]:
    return [sum(of(hour)[name] for name in names) for hour in hours]


def _summary(what: str, series: Sequence[Series]) -> str:
    said = ", ".join(f"{sum(each.values):,g} {each.name}" for each in series)
    return f"{what} of the last 24 hours: {said}."
