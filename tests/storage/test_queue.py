"""The queue as a whole."""

from storage import queue
from storage.database import Database
from storage.states import JobState
from tests.storage.makers import ANN, BOB, NOON, add_job, job_in, set_columns


async def test_what_is_under_way_is_counted_by_kind(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection, 1)
        await job_in(connection, JobState.GENERATING, 2)
        await job_in(connection, JobState.UNCERTAIN, 3)
        await set_columns(
            connection, await job_in(connection, JobState.SUBMITTING, 4), kind="video"
        )
        await set_columns(connection, await job_in(connection, JobState.FINISHED, 5), ended_at=NOON)
        assert await queue.under_way(connection) == {"audio": 2, "video": 1}


async def test_a_persons_open_jobs_come_oldest_first(database: Database) -> None:
    async with database.write() as connection:
        done = await add_job(connection, 1)
        await set_columns(connection, done, state=JobState.FAILED, ended_at=NOON)
        await add_job(connection, 2, requester_id=BOB)
        own = [await add_job(connection, number) for number in (3, 4, 5)]
        assert await queue.of_person(connection, ANN, 2) == own[:2]
        assert await queue.of_person(connection, ANN, 9) == own
