"""What is counted for the operator of everybody's jobs, and what is not."""

from typing import Any

import pytest

from storage import deliveries, health, jobs
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.health import Asked, Ended, Posted, Waiting
from storage.states import OPEN, JobState
from tests.storage.makers import (
    NOON,
    add_job,
    after,
    claim_delivery,
    finish,
    job_in,
    promise,
    set_columns,
)

HOUR = 3600
NOTHING: dict[JobState, int] = dict.fromkeys(OPEN, 0)


async def test_a_database_that_is_there_answers(database: Database) -> None:
    async with database.read() as connection:
        await health.answers(connection)


async def test_nothing_waits_in_an_empty_database(database: Database) -> None:
    async with database.read() as connection:
        assert await health.waiting(connection) == Waiting(NOTHING, None, 0)


async def test_what_waits_is_counted_by_state_and_the_oldest_queued_tells_since_when(
    database: Database,
) -> None:
    """Neither one that is under way for longer nor one that has ended makes a difference."""
    async with database.write() as connection:
        await set_columns(connection, await add_job(connection, 1), state=JobState.GENERATING)
        over: dict[str, Any] = {"state": JobState.FAILED, "ended_at": after(5)}
        await set_columns(connection, await add_job(connection, 2), **over)
        await add_job(connection, 3, now=after(60))
        await add_job(connection, 4, now=after(30))
        await job_in(connection, JobState.HELD, 5)
    async with database.read() as connection:
        found = await health.waiting(connection)
    counts = {JobState.GENERATING: 1, JobState.QUEUED: 2, JobState.HELD: 1}
    assert found == Waiting(NOTHING | counts, after(30), 0)


async def test_messages_wait_until_they_are_posted_or_given_up(database: Database) -> None:
    async with database.write() as connection:
        for number in (1, 2, 3):
            await promise(connection, number)
        delivery = await claim_delivery(connection)
        assert (await health.waiting(connection)).deliveries == 3
        await deliveries.mark_sent(connection, delivery, 1, NOON)
        assert (await health.waiting(connection)).deliveries == 2
        await deliveries.give_up(connection, await claim_delivery(connection), "gone")
        assert (await health.waiting(connection)).deliveries == 1


async def test_what_has_ended_between_two_events_is_counted_by_model_state_and_time(
    database: Database,
) -> None:
    async with database.write() as connection:
        await finish(connection, await add_job(connection, 1), 10)
        before = await health.newest_event(connection, after(10))
        for number in (2, 3):
            await finish(connection, await add_job(connection, number), 7)
        cancelled = await add_job(connection, 4, model="other")
        await jobs.move(connection, cancelled, JobState.CANCELLED, after(8))
        until = await health.newest_event(connection, after(8))
        await finish(connection, await add_job(connection, 5), 9)
        found = await health.ended(connection, before, until)
    assert sorted(found, key=str) == [
        Ended("other", JobState.CANCELLED, None, 1),
        Ended("stable-audio", JobState.FINISHED, 7, 2),
    ]


async def test_the_newest_event_is_the_last_that_is_old_enough(database: Database) -> None:
    async with database.write() as connection:
        assert await health.newest_event(connection, after(99)) == 0
        await add_job(connection, 1)
        first = await health.newest_event(connection, NOON)
        await add_job(connection, 2, now=after(20))
        assert await health.newest_event(connection, after(19.9)) == first > 0
        assert await health.newest_event(connection, after(20)) > first


async def test_jobs_are_counted_by_the_hour_they_were_asked_for_and_their_state(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection, 1, now=after(-1))
        await add_job(connection, 2)
        failed = await add_job(connection, 3, now=after(HOUR - 1))
        await set_columns(connection, failed, state=JobState.FAILED, ended_at=after(2 * HOUR))
        await add_job(connection, 4, now=after(HOUR))
        erased = await add_job(connection, 5, now=after(HOUR))
        await set_columns(connection, erased, erased_at=after(HOUR))
        found = await health.asked(connection, NOON)
    assert sorted(found, key=str) == [
        Asked(NOON, JobState.FAILED, 1),
        Asked(NOON, JobState.QUEUED, 1),
        Asked(after(HOUR), JobState.QUEUED, 1),
    ]


@pytest.mark.parametrize(
    ("what", "promised", "found"),
    [
        (DeliveryKind.RESULT, 0.0, [Posted(after(HOUR), 3600, 1)]),
        (DeliveryKind.FAILURE, HOUR - 2.0, [Posted(after(HOUR), 2, 1)]),
        (DeliveryKind.COPY, 0.0, []),
        (DeliveryKind.RESULT, -1.0, []),
    ],
    ids=["a result", "a failure", "a copy", "too old"],
)
async def test_only_the_ends_of_jobs_are_counted_as_posted(
    database: Database, what: DeliveryKind, promised: float, found: list[Posted]
) -> None:
    async with database.write() as connection:
        job = await add_job(connection, 1)
        await deliveries.add(connection, job, what, after(promised))
        delivery = await claim_delivery(connection, now=after(promised))
        await deliveries.add(connection, await add_job(connection, 2), what, after(promised))
        await deliveries.mark_sent(connection, delivery, 1, after(HOUR))
        assert await health.posted(connection, NOON) == found
