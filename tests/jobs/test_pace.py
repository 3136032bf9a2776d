"""When the next look is worth it: pure numbers."""

import pytest

from bot.jobs.pace import LONGEST, SHORTEST, Expectation, expectation, next_look

VIDEO = Expectation(early=300, usual=600, late=900)


def looks_until(end: float, expected: Expectation) -> list[float]:
    """Return the ages at which a job that ends at `end` is looked at."""
    ages, age = [], 0.0
    while age < end:
        age += next_look(age, expected)
        ages.append(age)
    return ages


def test_with_fewer_than_three_jobs_seen_the_catalogue_is_trusted() -> None:
    assert expectation([5, 9], 30) == Expectation(3, 30, 60)


def test_with_three_jobs_seen_they_are_trusted() -> None:
    assert expectation([9, 5, 7], 30) == Expectation(5, 7, 9)


def test_single_outliers_do_not_move_the_ends() -> None:
    seen = [10.0] * 48 + [1.0, 900.0]
    assert expectation(seen, 30) == Expectation(10, 10, 10)


@pytest.mark.parametrize("expected", [VIDEO, Expectation(3, 30, 60), Expectation(5, 5, 5)])
@pytest.mark.parametrize("age", [0, 1, 2.9, 30, 299, 300, 600, 899, 900, 5000])
def test_no_look_is_sooner_than_the_shortest_or_later_than_the_longest_wait(
    expected: Expectation, age: float
) -> None:
    longest = LONGEST if age >= expected.early else max(LONGEST, expected.early / 3)
    assert SHORTEST <= next_look(age, expected) <= longest


def test_a_result_is_seen_within_a_few_percent_of_its_age() -> None:
    for end in (310.0, 450.0, 600.0, 890.0):
        assert looks_until(end, VIDEO)[-1] - end <= max(SHORTEST, end * 0.03)


def test_later_than_usual_it_is_looked_at_ever_more_rarely() -> None:
    late = Expectation(3, 10, 20)
    waits = [next_look(age, late) for age in (25, 60, 120, 250, 1000)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_a_whole_hour_costs_few_looks() -> None:
    assert len(looks_until(3600, VIDEO)) < 300
