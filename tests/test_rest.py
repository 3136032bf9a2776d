"""How long Discord wants to hear nothing of us."""

from datetime import timedelta

import pytest

from bot.rest import LONGEST, MOST, WINDOW, Rest
from tests.world import MovedClock


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def rest(clock: MovedClock) -> Rest:
    return Rest(clock)


def later(clock: MovedClock, seconds: float) -> None:
    clock.now += timedelta(seconds=seconds)


def test_at_first_everything_may_be_asked(rest: Rest) -> None:
    assert rest.left() == 0


@pytest.mark.parametrize(("asked", "kept"), [(0.5, 0.5), (12, 12), (30, 30), (3600, 30)])
def test_a_rest_lasts_as_long_as_was_asked_and_half_a_minute_at_most(
    rest: Rest, clock: MovedClock, asked: float, kept: float
) -> None:
    rest.begin(asked)
    assert rest.left() == kept
    later(clock, kept)
    assert rest.left() == 0


def test_a_rest_is_said_once(
    rest: Rest, clock: MovedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    rest.begin(10)
    rest.begin(10)
    later(clock, 10)
    rest.begin(10)
    assert capsys.readouterr().out.count("discord_rests") == 2


def test_two_hundred_refusals_in_ten_minutes_lead_to_a_rest(rest: Rest, clock: MovedClock) -> None:
    for _ in range(MOST - 1):
        rest.refused()
        later(clock, 2)
    assert rest.left() == 0
    rest.refused()
    assert rest.left() == LONGEST


def test_refusals_of_long_ago_are_forgotten(rest: Rest, clock: MovedClock) -> None:
    for _ in range(MOST - 1):
        rest.refused()
    later(clock, WINDOW.total_seconds())
    rest.refused()
    assert rest.left() == 0
    assert len(rest._refusals) == 1


def test_after_the_rest_one_more_refusal_begins_the_next(rest: Rest, clock: MovedClock) -> None:
    """So that nine requests in ten are not made while everything is refused."""
    for _ in range(MOST):
        rest.refused()
    later(clock, LONGEST)
    assert rest.left() == 0
    rest.refused()
    assert rest.left() == LONGEST
