"""POSTs of which nobody knows whether they made a generation, as job_events tells of them."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs, posts
from storage.database import Database
from storage.jobs import Job
from storage.posts import UnclearPost
from storage.states import JobState
from tests.storage.makers import NOON, add_job, after, claim_job


async def send(connection: AsyncConnection, seconds: float = 0, interaction_id: int = 1) -> Job:
    """Add a job and have its POST sent at this moment."""
    await add_job(connection, interaction_id)
    return await claim_job(connection, now=after(seconds))


async def move(
    connection: AsyncConnection, job: Job, to: JobState, seconds: float, **values: Any
) -> Job:
    moved = await jobs.move(connection, job, to, after(seconds), **values)
    assert moved is not None
    return moved


async def lose(connection: AsyncConnection, seconds: float = 0, until: float = 20) -> Job:
    """Have a POST end without an outcome."""
    job = await send(connection, seconds)
    return await move(connection, job, JobState.UNCERTAIN, until)


async def unclear(connection: AsyncConnection, since: float = -3600) -> list[UnclearPost]:
    return await posts.unclear(connection, after(since))


async def test_without_posts_there_is_nothing_unclear(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        assert await unclear(connection) == []


async def test_a_post_under_way_has_no_end_yet(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection, 5)
        assert await unclear(connection) == [UnclearPost(job.id, after(5), None, settled=False)]
        # However long it takes.
        assert await unclear(connection, since=9999) != []


async def test_a_post_with_an_answer_is_clear(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection)
        await move(connection, job, JobState.GENERATING, 2, generation_id="g")
        assert await unclear(connection) == []


async def test_a_post_that_surely_made_nothing_is_clear(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection)
        await move(connection, job, JobState.QUEUED, 2)
        assert await unclear(connection) == []


async def test_a_post_that_was_refused_is_clear(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection)
        await move(connection, job, JobState.FAILED, 2)
        assert await unclear(connection) == []


async def test_a_lost_post_waits_for_its_outcome(database: Database) -> None:
    async with database.write() as connection:
        job = await lose(connection, 5, 25)
        assert await unclear(connection) == [
            UnclearPost(job.id, after(5), after(25), settled=False)
        ]


@pytest.mark.parametrize("to", [JobState.QUEUED, JobState.FAILED, JobState.CANCELLED])
async def test_a_lost_post_is_settled_when_its_job_has_gone_on(
    database: Database, to: JobState
) -> None:
    async with database.write() as connection:
        job = await move(connection, await lose(connection, 5, 25), to, 40)
        assert await unclear(connection) == [UnclearPost(job.id, after(5), after(25), settled=True)]


async def test_a_lost_post_whose_generation_was_found_is_clear(database: Database) -> None:
    async with database.write() as connection:
        job = await lose(connection)
        job = await move(connection, job, JobState.GENERATING, 40, generation_id="g")
        assert await unclear(connection) == []
        await move(connection, job, JobState.FINISHED, 60)
        assert await unclear(connection) == []


async def test_each_attempt_of_a_job_is_a_post_of_its_own(database: Database) -> None:
    async with database.write() as connection:
        job = await move(connection, await lose(connection, 0, 20), JobState.QUEUED, 30)
        again = await claim_job(connection, now=after(40))
        assert again.id == job.id
        first = UnclearPost(job.id, NOON, after(20), settled=True)
        assert await unclear(connection) == [first, UnclearPost(job.id, after(40), None, False)]
        again = await move(connection, again, JobState.UNCERTAIN, 60)
        assert await unclear(connection) == [
            first,
            UnclearPost(job.id, after(40), after(60), settled=False),
        ]
        await move(connection, again, JobState.GENERATING, 65, generation_id="g")
        assert await unclear(connection) == [first]


async def test_a_job_cancelled_during_its_post_leaves_a_settled_one(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection, 5)
        await move(connection, job, JobState.CANCELLED, 7)
        assert await unclear(connection) == [UnclearPost(job.id, after(5), after(7), settled=True)]


async def test_a_cancelled_job_whose_answer_came_after_all_is_clear(database: Database) -> None:
    async with database.write() as connection:
        job = await send(connection)
        await move(connection, job, JobState.CANCELLED, 7)
        assert await jobs.own_late_generation(connection, job.id, "g", after(9))
        assert await unclear(connection) == []


async def test_what_ended_long_ago_is_not_told(database: Database) -> None:
    async with database.write() as connection:
        await lose(connection, 0, 20)
        assert await unclear(connection, since=20) != []
        assert await unclear(connection, since=20.001) == []


async def test_several_jobs_are_told_apart(database: Database) -> None:
    async with database.write() as connection:
        first = await lose(connection, 0, 20)
        second = await send(connection, 30, interaction_id=2)
        assert await unclear(connection) == [
            UnclearPost(first.id, NOON, after(20), settled=False),
            UnclearPost(second.id, after(30), None, settled=False),
        ]


# Here and not among the jobs, because adoption alone asks


async def test_generations_are_given_with_the_jobs_that_own_them(database: Database) -> None:
    async with database.write() as connection:
        job = await move(
            connection, await send(connection), JobState.GENERATING, 2, generation_id="g"
        )
        assert await jobs.of_generations(connection, ["g", "other"]) == {"g": job}
        assert await jobs.of_generations(connection, []) == {}


async def test_a_job_that_goes_on_does_not_take_a_late_generation(database: Database) -> None:
    async with database.write() as connection:
        job = await move(connection, await lose(connection), JobState.QUEUED, 30)
        assert not await jobs.own_late_generation(connection, job.id, "late", after(40))
        assert await jobs.of_generations(connection, ["late"]) == {}
