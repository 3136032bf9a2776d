"""Guards that only a second look shows to be needed: each was once taken away unnoticed."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.jobs.outage import Outage
from bot.jobs.submitter import _CLAIMING, Submitter
from storage import jobs, leases, posts, queue
from storage.database import Database
from storage.states import JobState
from tests.storage.makers import (
    LEASE,
    NOON,
    add_job,
    add_jobs,
    after,
    claim_job,
    set_columns,
)


async def test_only_the_newest_claim_of_a_job_is_renewed(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        sleeper = await claim_job(connection)
        assert await jobs.move(connection, sleeper, JobState.QUEUED, after(1))
        holder = await claim_job(connection, now=after(2))
        assert not await jobs.renew(connection, sleeper, after(999))
        assert await jobs.get(connection, holder.id) == holder
        assert await jobs.renew(connection, holder, after(99))
        renewed = await jobs.get(connection, holder.id)
    assert renewed is not None
    assert renewed.lease_until == after(99)


async def test_a_job_that_is_not_submitting_any_more_is_not_renewed(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        claimed = await claim_job(connection)
        uncertain = await jobs.move(connection, claimed, JobState.UNCERTAIN, after(1))
        assert not await jobs.renew(connection, claimed, after(99))
        assert await jobs.get(connection, claimed.id) == uncertain


async def test_an_ended_job_keeps_the_generation_it_has(database: Database) -> None:
    async with database.write() as connection:
        job = await set_columns(connection, await add_job(connection), generation_id="own")
        ended = await jobs.move(connection, job, JobState.CANCELLED, after(1))
        assert not await jobs.own_late_generation(connection, job.id, "late", after(2))
        assert await jobs.get(connection, job.id) == ended


async def test_a_job_cancelled_in_the_queue_has_no_post(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await jobs.move(connection, job, JobState.CANCELLED, after(1))
        assert await posts.unclear(connection, NOON) == []


async def test_a_lost_post_was_sent_when_its_own_job_was_submitted(database: Database) -> None:
    """Another job's POST that was sent meanwhile says nothing of this one."""
    async with database.write() as connection:
        await add_jobs(connection, 2)
        first = await claim_job(connection, now=NOON)
        await claim_job(connection, now=after(10))
        await jobs.move(connection, first, JobState.UNCERTAIN, after(20))
        lost, under_way = await posts.unclear(connection, NOON)
    assert (lost.job_id, lost.sent_at) == (first.id, NOON)
    assert under_way.sent_at == after(10)


def noon() -> datetime:
    return NOON


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_two_processes_together_take_no_more_places_than_there_are(
    database: Database, other_database: Database
) -> None:
    """The second counts the places only when the first has taken its own."""
    nobody: Any = None
    outage = Outage(noon)
    second = Submitter(
        other_database, nobody, nobody, nobody, outage, noon, 1, lambda: None, nobody
    )
    async with database.write() as connection:
        await add_jobs(connection, 2)
    async with database.write() as connection:
        await leases.alone(connection, _CLAIMING)
        assert len(await queue.claim(connection, 1, NOON, LEASE)) == 1
        claiming = asyncio.create_task(second._claim())
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not claiming.done() and not await connection.scalar(waiting):  # noqa: ASYNC110 - PostgreSQL tells, and rings no bell
            await asyncio.sleep(0.005)
    assert await claiming == []
