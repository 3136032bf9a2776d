"""Whether anything waits to be done."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from storage import waiting
from storage.database import Database
from storage.schema import deliveries, jobs
from storage.states import ENDED, DeliveryState, JobState
from tests.storage.makers import NOON, after, job_in, promise, set_columns

ON_THEIR_WAY = {JobState.QUEUED, JobState.SUBMITTING, JobState.UNCERTAIN, JobState.GENERATING}


async def test_only_a_job_that_goes_on_by_itself_waits(database: Database) -> None:
    """What a moderator has to decide may wait for days."""
    found: dict[JobState, bool] = {}
    for number, state in enumerate(JobState, start=1):
        async with database.write() as connection:
            job = await job_in(connection, state, number)
            if state in ENDED:
                await set_columns(connection, job, ended_at=NOON)
            found[state] = await waiting.anything(connection, NOON)
            await set_columns(connection, job, state=JobState.FAILED, ended_at=NOON)
    assert {state for state, waits in found.items() if waits} == ON_THEIR_WAY


@pytest.mark.parametrize(
    ("values", "waits"),
    [
        ({"state": DeliveryState.PENDING, "lease_until": after(9)}, True),
        ({"state": DeliveryState.SENDING, "lease_until": after(10)}, True),
        ({"state": DeliveryState.PENDING, "lease_until": after(11)}, False),
        ({"state": DeliveryState.SENT, "lease_until": NOON}, False),
        ({"state": DeliveryState.UNDELIVERABLE, "lease_until": NOON}, False),
    ],
)
async def test_a_message_waits_that_is_due_in_time(
    database: Database,
    values: Mapping[str, object],
    waits: bool,  # noqa: FBT001 - pytest gives it by its name
) -> None:
    async with database.write() as connection:
        await promise(connection)
        await connection.execute(sa.update(jobs).values(state=JobState.FINISHED, ended_at=NOON))
        await connection.execute(sa.update(deliveries).values(**values))
        assert await waiting.anything(connection, after(10)) is waits
