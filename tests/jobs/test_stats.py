"""What is made of the counts of a guild."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.jobs.stats import MOST_MODELS, Figures, Spread, begin_of, figures, last_days
from storage.states import JobState
from storage.stats import Asked, Took, Totals

BERLIN = "Europe/Berlin"
SUMMER_ENDS = date(2026, 10, 25)
WEEK = [date(2026, 10, 20) + timedelta(days=number) for number in range(7)]


def asked(at: str, count: int = 1, model: str = "a", state: str = "finished") -> Asked:
    when = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Asked(when, model, JobState(state), count)


def folded(*found: Asked, zone: str = BERLIN, days: list[date] = WEEK) -> Figures:
    return figures(Totals(found, [], []), days, zone)


def by_day(found: Figures) -> dict[date, int]:
    return {day: count for day, count in zip(found.days, found.by_day, strict=True) if count}


def test_a_day_is_the_guilds_own_before_and_after_the_change_of_summer_time() -> None:
    found = folded(
        asked("2026-10-24 21:45"),
        asked("2026-10-24 22:00", 10),
        asked("2026-10-25 22:45", 100),
        asked("2026-10-25 23:00", 1000),
    )
    assert by_day(found) == {
        date(2026, 10, 24): 1,
        SUMMER_ENDS: 110,
        date(2026, 10, 26): 1000,
    }
    assert {hour: count for hour, count in enumerate(found.hours) if count} == {23: 101, 0: 1010}


def test_the_hour_that_comes_twice_holds_both() -> None:
    found = folded(asked("2026-10-25 00:15"), asked("2026-10-25 01:15", 10))
    assert found.hours[2] == 11


def test_a_zone_that_is_not_whole_hours_away_has_its_own_hours() -> None:
    found = folded(asked("2026-10-24 18:00"), asked("2026-10-24 18:15", 10), zone="Asia/Kathmandu")
    assert by_day(found) == {date(2026, 10, 24): 1, SUMMER_ENDS: 10}
    assert (found.hours[23], found.hours[0]) == (1, 10)


@pytest.mark.parametrize(
    ("day", "zone", "begin"),
    [
        (date(2026, 10, 25), BERLIN, "2026-10-24 22:00"),
        (date(2026, 10, 26), BERLIN, "2026-10-25 23:00"),
        (date(2026, 3, 29), "Asia/Beirut", "2026-03-28 22:00"),
        (date(2026, 1, 1), "UTC", "2026-01-01 00:00"),
    ],
)
def test_a_day_begins_at_midnight_there(day: date, zone: str, begin: str) -> None:
    assert begin_of(day, zone) == datetime.fromisoformat(begin).replace(tzinfo=UTC)


def test_today_is_the_last_of_the_days() -> None:
    late = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert last_days(late, BERLIN, 7) == [
        SUMMER_ENDS - timedelta(days=ago) for ago in range(6, -1, -1)
    ]
    assert last_days(late, "UTC", 7)[-1] == date(2026, 10, 24)


def test_every_quarter_of_an_hour_since_the_first_day_began_is_on_one_of_the_days() -> None:
    now = datetime(2026, 11, 3, 12, tzinfo=UTC)
    for zone in (BERLIN, "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"):
        days = last_days(now, zone, 30)
        begin = begin_of(days[0], zone)
        quarters = int((now - begin) / timedelta(minutes=15)) + 1
        times = [begin + timedelta(minutes=15) * number for number in range(quarters)]
        found = folded(
            *(Asked(at, "a", JobState.FINISHED, 1) for at in times), zone=zone, days=days
        )
        own = Counter(at.astimezone(ZoneInfo(zone)).date() for at in times)
        assert found.by_day == [own[day] for day in days]
        assert found.count == quarters


def test_what_is_under_way_has_not_ended() -> None:
    found = folded(
        asked("2026-10-22 12:00", 5, state="queued"),
        asked("2026-10-22 12:00", 3, state="failed"),
        asked("2026-10-22 12:00", 2, state="rejected"),
        asked("2026-10-22 13:00", 1, state="failed"),
    )
    assert found.count == 11
    assert found.ended == {JobState.FAILED: 4, JobState.REJECTED: 2}


def test_the_most_used_model_comes_first_and_more_than_fit_are_one() -> None:
    names = [f"model-{number}" for number in range(MOST_MODELS + 2)]
    found = folded(
        *(asked("2026-10-22 12:00", 1 + number, name) for number, name in enumerate(names))
    )
    *first, others = found.used
    assert [used.model for used in first] == names[:-MOST_MODELS:-1]
    assert (others.model, others.count) == (None, 1 + 2 + 3)
    some = folded(*(asked("2026-10-22 12:00", 1, name) for name in names[:MOST_MODELS]))
    assert [used.model for used in some.used] == names[:MOST_MODELS]


def test_half_are_within_the_median_and_95_of_100_within_the_late() -> None:
    took = [Took("a", seconds, 1) for seconds in range(100, 0, -1)]
    some = (asked("2026-10-22 12:00", model="a"), asked("2026-10-22 12:00", model="b"))
    used = figures(Totals(some, took, [Took("a", 9, 1)]), WEEK, BERLIN).used
    assert [(each.model, each.waited, each.made) for each in used] == [
        ("a", Spread(50, 95), Spread(9, 9)),
        ("b", None, None),
    ]


def test_many_of_one_length_count_as_many() -> None:
    took = [Took("a", 10, 94), Took("a", 3600, 6)]
    (used,) = figures(Totals([asked("2026-10-22 12:00")], took, []), WEEK, BERLIN).used
    assert used.waited == Spread(10, 3600)


def test_the_busiest_hours_are_a_few_and_never_empty_ones() -> None:
    times = {9: 4, 10: 1, 14: 7, 20: 2, 21: 3}
    found = folded(*(asked(f"2026-10-22 {hour:02}:00", count) for hour, count in times.items()))
    assert found.busiest == [11, 16, 23]
    assert folded(asked("2026-10-22 12:00")).busiest == [14]
    assert folded().busiest == []
