"""A job moves along the edges written in storage.states and along no others."""

import pytest

from storage import events, jobs
from storage.database import Database
from storage.events import JobEvent
from storage.states import ENDED, JOB_EDGES, JobState
from tests.storage.makers import add_job, after, claim_job, job_in, set_columns

every_state = pytest.mark.parametrize("state", list(JobState))


@every_state
async def test_every_edge_can_be_taken(database: Database, state: JobState) -> None:
    for number, to in enumerate(sorted(JOB_EDGES[state]), start=1):
        async with database.write() as connection:
            job = await job_in(connection, state, number)
            moved = await jobs.move(connection, job, to, after(5))
        assert moved is not None
        assert (moved.state, moved.changed_at) == (to, after(5))
        async with database.read() as connection:
            assert await jobs.get(connection, job.id) == moved


@every_state
async def test_every_other_edge_is_refused_and_changes_nothing(
    database: Database, state: JobState
) -> None:
    async with database.write() as connection:
        job = await job_in(connection, state)
        for to in set(JobState) - JOB_EDGES[state]:
            with pytest.raises(ValueError, match=f"no edge leads from {state} to {to}"):
                await jobs.move(connection, job, to, after(5))
        assert await jobs.get(connection, job.id) == job
        assert len(await events.of_job(connection, job.id)) == 1


@pytest.mark.parametrize("end", sorted(ENDED))
async def test_an_end_has_its_time_and_nothing_else_has(database: Database, end: JobState) -> None:
    (source, *_) = [state for state, leads_to in JOB_EDGES.items() if end in leads_to]
    async with database.write() as connection:
        job = await job_in(connection, source)
        assert (job.ended, job.ended_at) == (False, None)
        moved = await jobs.move(connection, job, end, after(5), reason="why", detail="Because.")
    assert moved is not None
    assert (moved.ended, moved.ended_at) == (True, after(5))
    assert (moved.reason, moved.detail) == ("why", "Because.")


async def test_an_edge_inside_the_life_leaves_the_end_open(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        job = await claim_job(connection)
        again = await jobs.move(connection, job, JobState.QUEUED, after(5), not_before=after(9))
    assert again is not None
    assert (again.ended_at, again.not_before) == (None, after(9))


async def test_a_job_that_has_moved_since_is_left_alone(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        ended = await jobs.move(connection, job, JobState.CANCELLED, after(1))
        assert await jobs.move(connection, job, JobState.SUBMITTING, after(2)) is None
        assert await jobs.get(connection, job.id) == ended
        assert len(await events.of_job(connection, job.id)) == 2


async def test_a_job_back_in_its_old_state_is_not_the_one_a_sleeper_remembers(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection)
        sleeper = await claim_job(connection)
        assert await jobs.move(connection, sleeper, JobState.QUEUED, after(1))
        successor = await claim_job(connection, now=after(2))
        assert sleeper.state is successor.state
        assert await jobs.move(connection, sleeper, JobState.GENERATING, after(3)) is None
        assert await jobs.get(connection, successor.id) == successor


async def test_whoever_raises_the_epoch_shuts_the_earlier_holder_out(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        holder = await claim_job(connection)
        taken = await set_columns(connection, holder, epoch=holder.epoch + 1)
        assert await jobs.move(connection, holder, JobState.GENERATING, after(1)) is None
        assert await jobs.move(connection, taken, JobState.UNCERTAIN, after(1)) is not None


async def test_moving_one_job_moves_no_other(database: Database) -> None:
    async with database.write() as connection:
        job, other = await add_job(connection, 1), await add_job(connection, 2)
        await jobs.move(connection, job, JobState.CANCELLED, after(1))
        assert await jobs.get(connection, other.id) == other


async def test_every_edge_leaves_one_row_in_order(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        job = await claim_job(connection, now=after(1))
        making = await jobs.move(
            connection,
            job,
            JobState.GENERATING,
            after(2),
            generation_id="g",
            generating_at=after(2),
        )
        assert making is not None
        await jobs.move(connection, making, JobState.FAILED, after(3), note="expired")
    async with database.read() as connection:
        assert await events.of_job(connection, job.id) == [
            JobEvent(job.id, after(0), None, JobState.QUEUED, None),
            JobEvent(job.id, after(1), JobState.QUEUED, JobState.SUBMITTING, None),
            JobEvent(job.id, after(2), JobState.SUBMITTING, JobState.GENERATING, None),
            JobEvent(job.id, after(3), JobState.GENERATING, JobState.FAILED, "expired"),
        ]


async def test_events_of_one_job_are_not_those_of_another(database: Database) -> None:
    async with database.write() as connection:
        job, other = await add_job(connection, 1), await add_job(connection, 2)
        await jobs.move(connection, job, JobState.CANCELLED, after(1))
        assert len(await events.of_job(connection, other.id)) == 1
