"""Claims: in turn, no more than asked for, and never one row for two workers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, events, jobs, queue
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.states import OPEN, DeliveryState, JobState
from tests.storage.makers import (
    LEASE,
    NOON,
    add_job,
    add_jobs,
    after,
    claim_delivery,
    claim_job,
    delivery_of,
    promise,
    set_columns,
)


async def claim_jobs(connection: AsyncConnection, limit: int) -> Sequence[Job]:
    return await queue.claim(connection, limit, NOON, LEASE)


async def claim_deliveries(connection: AsyncConnection, limit: int) -> Sequence[Delivery]:
    return await deliveries.claim(connection, limit, NOON, LEASE)


claims = pytest.mark.parametrize("claim", [claim_jobs, claim_deliveries])
Claim = Callable[[AsyncConnection, int], Awaitable[Sequence[Job] | Sequence[Delivery]]]


async def test_a_claimed_job_is_submitting_under_a_lease(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await set_columns(connection, job, not_before=after(3))
        claimed = await claim_job(connection, now=after(5))
    assert claimed.state is JobState.SUBMITTING
    assert claimed.lease_until == after(5) + LEASE
    assert (claimed.changed_at, claimed.submitted_at) == (after(5), after(5))
    assert (claimed.epoch, claimed.attempts, claimed.not_before) == (1, 1, None)
    async with database.read() as connection:
        assert await jobs.get(connection, job.id) == claimed


async def test_every_claim_of_a_job_raises_its_epoch_and_counts(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
        for expected in (1, 2, 3):
            claimed = await claim_job(connection)
            assert (claimed.epoch, claimed.attempts) == (expected, expected)
            assert await jobs.move(connection, claimed, JobState.QUEUED, NOON)


async def test_a_claim_is_an_edge_and_leaves_its_row(database: Database) -> None:
    async with database.write() as connection:
        for job in await add_jobs(connection, 2):
            await claim_job(connection)
            assert [event.to_state for event in await events.of_job(connection, job.id)] == [
                JobState.QUEUED,
                JobState.SUBMITTING,
            ]


async def test_jobs_are_claimed_in_the_order_they_were_accepted_up_to_the_limit(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_jobs(connection, 5)
        taken = [[job.id for job in await claim_jobs(connection, 2)] for _ in range(4)]
    assert taken == [[1, 2], [3, 4], [5], []]


async def test_deliveries_are_claimed_oldest_first_up_to_the_limit(database: Database) -> None:
    async with database.write() as connection:
        for number in range(1, 6):
            await promise(connection, number)
        taken = [[each.id for each in await claim_deliveries(connection, 2)] for _ in range(4)]
    assert taken == [[1, 2], [3, 4], [5], []]


@claims
async def test_nothing_is_claimed_where_there_is_nothing(database: Database, claim: Claim) -> None:
    async with database.write() as connection:
        assert await claim(connection, 5) == []


async def test_only_queued_jobs_are_claimed(database: Database) -> None:
    async with database.write() as connection:
        for number, state in enumerate(sorted(set(JobState) - {JobState.QUEUED}), start=1):
            await set_columns(connection, await add_job(connection, number), state=state)
        assert await claim_jobs(connection, 99) == []


async def test_a_job_waits_until_its_not_before_and_lets_others_pass(database: Database) -> None:
    async with database.write() as connection:
        first, second = await add_jobs(connection, 2)
        await set_columns(connection, first, not_before=after(10))
        assert [job.id for job in await claim_jobs(connection, 9)] == [second.id]
        just_before = after(10) - timedelta.resolution
        assert await queue.claim(connection, 9, just_before, LEASE) == []
        assert [job.id for job in await queue.claim(connection, 9, after(10), LEASE)] == [first.id]


async def test_a_claimed_job_is_not_claimed_again_even_when_its_lease_is_over(
    database: Database,
) -> None:
    """Its POST may have gone out: it is the watcher's to settle, never to be sent again blindly."""
    async with database.write() as connection:
        await add_job(connection)
        claimed = await claim_job(connection)
        assert await queue.claim(connection, 9, NOON + 2 * LEASE, LEASE) == []
        assert await jobs.in_states(connection, OPEN) == [claimed]


async def test_a_claimed_delivery_is_sending_under_a_lease(database: Database) -> None:
    async with database.write() as connection:
        promised = await promise(connection)
        claimed = await claim_delivery(connection, now=after(5))
    assert claimed.state is DeliveryState.SENDING
    assert (claimed.lease_until, claimed.sending_at) == (after(5) + LEASE, after(5))
    assert (claimed.epoch, claimed.attempts) == (1, 1)
    assert (claimed.nonce, claimed.kind) == (promised.nonce, DeliveryKind.RESULT)
    async with database.read() as connection:
        assert await delivery_of(connection, claimed.job_id) == claimed


async def test_a_lease_ends_at_its_very_moment(database: Database) -> None:
    async with database.write() as connection:
        await promise(connection)
        first = await claim_delivery(connection)
        still_held = first.lease_until - timedelta.resolution
        assert await deliveries.claim(connection, 1, still_held, LEASE) == []
        second = await claim_delivery(connection, now=first.lease_until)
    assert (second.epoch, second.attempts) == (2, 2)
    assert second.lease_until == first.lease_until + LEASE


async def everything(
    database: Database, claim: Claim, start: asyncio.Barrier
) -> list[tuple[int, int]]:
    """Claim by threes, as one process would, until nothing is left."""
    mine: list[tuple[int, int]] = []
    await start.wait()
    while True:
        async with database.write() as connection:
            taken = await claim(connection, 3)
        if not taken:
            return mine
        mine += [(row.id, row.epoch) for row in taken]


@claims
async def test_claimers_in_several_processes_never_get_the_same_row(
    database: Database, other_database: Database, claim: Claim
) -> None:
    async with database.write() as connection:
        for number in range(1, 41):
            await promise(connection, number)
    start = asyncio.Barrier(4)
    shares = await asyncio.gather(
        *(everything(each, claim, start) for each in (database, other_database) * 2)
    )
    # With SKIP LOCKED the last rows may be in other hands when a claimer finds nothing.
    assert sorted(row for share in shares for row in share) == [(id_, 1) for id_ in range(1, 41)]


@claims
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_claimer_passes_over_rows_in_other_hands_and_does_not_wait(
    database: Database, claim: Claim
) -> None:
    async with database.write() as connection:
        for number in range(1, 5):
            await promise(connection, number)
    async with asyncio.timeout(5), database.write() as first, database.write() as second:
        assert [row.id for row in await claim(first, 2)] == [1, 2]
        assert [row.id for row in await claim(second, 4)] == [3, 4]


@claims
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_the_limit_holds_even_when_the_planner_starts_from_the_table(
    database: Database, claim: Claim
) -> None:
    """A subquery of its own would be run once for each row, and each run claims more rows."""
    async with database.write() as connection:
        for number in range(1, 9):
            await promise(connection, number)
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "indexscan"):
            await connection.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        assert [row.id for row in await claim(connection, 2)] == [1, 2]


@claims
async def test_a_claim_that_is_not_committed_did_not_happen(
    database: Database, claim: Claim
) -> None:
    async with database.write() as connection:
        await promise(connection)

    async def claim_and_fail() -> None:
        async with database.write() as connection:
            assert len(await claim(connection, 1)) == 1
            raise KeyError

    with pytest.raises(KeyError):
        await claim_and_fail()
    async with database.write() as connection:
        (again,) = await claim(connection, 1)
        assert again.epoch == 1
