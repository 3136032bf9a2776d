"""What only a newer version understands is left to it: both work on one database for a while."""

import sqlalchemy as sa

from storage import deliveries, jobs, queue
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.queue import LEFT_FOR
from storage.schema import deliveries as delivery_rows
from storage.schema import jobs as job_rows
from storage.states import JobState
from tests.storage.makers import LEASE, NOON, add_job, job_in


async def test_a_message_of_an_unknown_kind_is_left(database: Database) -> None:
    async with database.write() as connection:
        for number in (1, 2):
            job = await job_in(connection, JobState.FINISHED, number)
            await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
        unknown = sa.update(delivery_rows).where(delivery_rows.c.job_id == 1)
        await connection.execute(unknown.values(kind="postcard"))
        assert [each.job_id for each in await deliveries.claim(connection, 5, NOON, LEASE)] == [2]
        await connection.execute(sa.delete(delivery_rows).where(delivery_rows.c.job_id == 2))
        # Or a worker would ask for it again and again.
        assert await deliveries.next_due(connection) is None


async def test_a_message_about_a_job_that_takes_an_unknown_way_is_left(database: Database) -> None:
    async with database.write() as connection:
        job = await job_in(connection, JobState.FINISHED)
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
        await connection.execute(sa.update(job_rows).values(route="pigeon"))
        assert await deliveries.claim(connection, 5, NOON, LEASE) == []
        assert await deliveries.next_due(connection) is None


async def test_a_job_that_takes_an_unknown_way_is_left(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection, 1)
        await connection.execute(sa.update(job_rows).values(route="pigeon"))
        await add_job(connection, 2)
        assert [job.id for job in await jobs.in_states(connection, [JobState.QUEUED])] == [2]
        assert [job.id for job in await queue.claim(connection, 5, NOON, LEASE)] == [2]


async def test_a_job_of_an_unknown_model_is_left_for_some_minutes(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection, 1, model="newest")
        await add_job(connection, 2, model="known")
        claimed = await queue.claim(connection, 5, NOON, LEASE, ["known"])
        assert [job.id for job in claimed] == [2]
        claimed = await queue.claim(connection, 5, NOON + LEFT_FOR, LEASE, ["known"])
        assert [job.id for job in claimed] == [1]
