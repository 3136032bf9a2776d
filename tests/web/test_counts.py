"""What is counted in this process: by outcome, by hour, and how long it took."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import post
from bot.counts import HOURS, OUTCOMES, Counts, LastDay, Spread, last_hours
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.errors import NotSent
from bot.post import Post, PostError
from bot.pulse import Pulse
from bot.rest import Rest
from bot.web.figures import quantile
from storage.deliveries import DeliveryKind

NOW = datetime(2026, 1, 2, 15, 40, tzinfo=UTC)


@given(st.lists(st.floats(0, 100)))
def test_a_spread_tells_how_many_took_no_longer(seconds: list[float]) -> None:
    spread = Spread([1, 5, 20])
    for each in seconds:
        spread.add(each)
    within = [sum(each <= bound for each in seconds) for bound in spread.bounds]
    assert spread.within == [*within, len(seconds)]
    assert spread.total == pytest.approx(sum(seconds))


@given(st.lists(st.timedeltas(timedelta(0), timedelta(hours=40))))
def test_of_what_was_noted_the_last_24_hours_are_known(ages: list[timedelta]) -> None:
    day = LastDay()
    for age in sorted(ages, reverse=True):
        day.note("x", NOW - age)
    hours = last_hours(NOW)
    assert len(hours) == HOURS
    for hour in hours:
        there = [hour <= NOW - age < hour + timedelta(hours=1) for age in ages]
        assert day.of(hour)["x"] == sum(there)


def test_older_hours_take_no_place() -> None:
    day = LastDay()
    for ago in reversed(range(2 * HOURS)):
        day.note("x", NOW - timedelta(hours=ago))
    assert sorted(day._by_hour) == last_hours(NOW)


@pytest.mark.parametrize(
    ("status", "group"), [(200, "2xx"), (404, "4xx"), (503, "5xx"), (None, "none")]
)
def test_a_request_is_counted_by_its_class_of_status(status: int | None, group: str) -> None:
    counts = Counts(lambda: NOW)
    counts.called("get", status)
    assert counts.calls == {("get", group): 1}
    assert counts.calls_by_hour.of(last_hours(NOW)[-1]) == {group: 1}


def test_every_error_of_a_message_has_an_outcome_of_its_own() -> None:
    assert set(OUTCOMES) == {
        each for each in PostError.__subclasses__() if each.__module__ == post.__name__
    }
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "posted"), (post.RestingError(1), "resting"), (PostError(), "other")],
)
def test_a_message_is_counted_by_its_outcome(error: PostError | None, outcome: str) -> None:
    counts = Counts(lambda: NOW)
    counts.sent(error)
    assert +counts.sends == {outcome: 1}


@pytest.mark.parametrize(
    ("kind", "counted"), [("result", 1), ("failure", 1), ("log", 0), ("copy", 0)]
)
def test_only_the_end_of_a_job_has_a_lag(kind: str, counted: int) -> None:
    counts = Counts(lambda: NOW)
    delivery: Any = type("Row", (), {"kind": DeliveryKind(kind), "created_at": NOW})
    counts.delivered(delivery, NOW + timedelta(seconds=3))
    assert counts.lag.within[-1] == counted
    assert counts.lag.total == 3 * counted


def test_the_pulse_knows_the_worst_of_the_last_minute() -> None:
    pulse = Pulse()
    assert pulse.worst == 0
    for lag in (7.0, 0.25, *[0.001] * 59):
        pulse.note(lag)
    assert pulse.worst == 0.25
    pulse.note(-1)
    assert pulse.worst == 0.001
    assert pulse.lag.within[-1] == 62


async def test_the_pulse_beats_while_it_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr("bot.pulse._BEAT", 0.0)
    pulse = Pulse()
    async with pulse.beating():
        while pulse.lag.within[-1] < 3:  # noqa: ASYNC110 - the pulse rings for nobody
            await asyncio.sleep(0)
    beats = pulse.lag.within[-1]
    await asyncio.sleep(0)
    assert pulse.lag.within[-1] == beats


async def test_a_request_that_nobody_answers_is_counted_as_such(quick_retries: None) -> None:  # noqa: ARG001 - at work for its sake
    counts = Counts(lambda: NOW)
    async with open_session() as session:
        nowhere = NetmindClient(session, "http://127.0.0.1:9", "key", on_call=counts.called)
        with pytest.raises(NotSent):
            await nowhere.list()
    assert counts.calls == {("list", "none"): nowhere.calls["list"]}


async def test_a_message_that_is_not_even_sent_is_counted_as_such() -> None:
    counts, rest, nobody = Counts(lambda: NOW), Rest(lambda: NOW), cast("Any", None)
    rest.begin(10)
    with pytest.raises(post.RestingError):
        await Post(nobody, rest, counts.sent).send(nobody)
    assert +counts.sends == {"resting": 1}


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([0.5, 0.95]))
def test_a_quantile_is_the_least_time_in_which_that_share_was_posted(
    seconds: list[int], share: float
) -> None:
    found = quantile(Counter(seconds), share)
    assert found is not None
    assert sum(each < found for each in seconds) >= share * len(seconds)
    assert sum(each < found - 1 for each in seconds) < share * len(seconds)
