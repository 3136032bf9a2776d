"""Deliveries: one message that ends a job, sent by whoever holds it and by nobody else."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, jobs
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.routes import Route
from storage.schema import deliveries as deliveries_table
from storage.states import DeliveryState
from tests.storage.makers import (
    ANN,
    BOB,
    CHANNEL,
    LEASE,
    MESSAGE,
    NOON,
    add_job,
    after,
    claim_delivery,
    delivery_of,
    promise,
)

every_end = pytest.mark.parametrize("second", [DeliveryKind.RESULT, DeliveryKind.FAILURE])


async def test_a_promise_waits_in_the_jobs_channel_and_is_due_at_once(database: Database) -> None:
    async with database.write() as connection:
        delivery = await promise(connection)
    assert delivery == Delivery(
        id=1,
        job_id=1,
        kind=DeliveryKind.RESULT,
        channel_id=CHANNEL,
        nonce=delivery.nonce,
        state=DeliveryState.PENDING,
        created_at=NOON,
        lease_until=NOON,
        epoch=0,
        attempts=0,
        sending_at=None,
        message_id=None,
        sent_at=None,
        reason=None,
        told_at=None,
    )


async def test_a_nonce_fits_discord_and_is_each_deliverys_own(database: Database) -> None:
    async with database.write() as connection:
        nonces = {(await promise(connection, number)).nonce for number in range(1, 20)}
    assert len(nonces) == 19
    assert max(map(len, nonces)) <= 25


async def test_deliveries_are_found_by_their_jobs_and_a_job_under_way_has_none(
    database: Database,
) -> None:
    async with database.write() as connection:
        first, second = await promise(connection, 1), await promise(connection, 2)
        under_way = await add_job(connection, 3)
        asked = [first.job_id, under_way.id]
        assert await deliveries.of_jobs(connection, asked) == {first.job_id: first}
        assert await deliveries.of_jobs(connection, []) == {}
        assert second.job_id not in asked


@every_end
async def test_a_job_has_one_terminal_message(database: Database, second: DeliveryKind) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await deliveries.add(connection, job, second, NOON)


async def test_sending_at_keeps_the_first_moment_a_send_may_have_happened(
    database: Database,
) -> None:
    async with database.write() as connection:
        await promise(connection)
        first = await claim_delivery(connection)
        second = await claim_delivery(connection, now=NOON + LEASE)
    assert (first.sending_at, second.sending_at) == (NOON, NOON)


@pytest.mark.parametrize(("surely_not_sent", "expected"), [(True, after(9)), (False, NOON)])
async def test_a_delivery_put_off_forgets_the_send_only_when_it_surely_did_not_happen(
    database: Database, *, surely_not_sent: bool, expected: object
) -> None:
    async with database.write() as connection:
        await promise(connection)
        claimed = await claim_delivery(connection)
        assert await deliveries.put_off(
            connection, claimed, after(9), surely_not_sent=surely_not_sent
        )
        assert await deliveries.claim(connection, 1, after(8), LEASE) == []
        again = await claim_delivery(connection, now=after(9))
    assert (again.sending_at, again.attempts, again.epoch) == (expected, 2, 2)


async def test_a_sent_delivery_knows_its_message_and_is_never_claimed_again(
    database: Database,
) -> None:
    async with database.write() as connection:
        await promise(connection)
        claimed = await claim_delivery(connection)
        assert await deliveries.mark_sent(connection, claimed, MESSAGE, after(3))
        sent = await delivery_of(connection, claimed.job_id)
        assert sent.state is DeliveryState.SENT
        assert (sent.message_id, sent.sent_at) == (MESSAGE, after(3))
        assert await deliveries.claim(connection, 9, NOON + 9 * LEASE, LEASE) == []


async def test_an_undeliverable_one_is_kept_with_its_reason_and_never_claimed_again(
    database: Database,
) -> None:
    async with database.write() as connection:
        await promise(connection)
        claimed = await claim_delivery(connection)
        assert await deliveries.give_up(connection, claimed, "x" * 500)
        kept = await delivery_of(connection, claimed.job_id)
        assert (kept.state, kept.reason) == (DeliveryState.UNDELIVERABLE, "x" * 200)
        assert await deliveries.claim(connection, 9, NOON + 9 * LEASE, LEASE) == []


async def test_ending_one_delivery_leaves_the_others_of_the_same_claim(
    database: Database,
) -> None:
    async with database.write() as connection:
        for number in (1, 2, 3):
            await promise(connection, number)
        sent, kept, given_up = await deliveries.claim(connection, 3, NOON, LEASE)
        assert await deliveries.mark_sent(connection, sent, MESSAGE, NOON)
        assert await deliveries.give_up(connection, given_up, "no way")
        assert await delivery_of(connection, kept.job_id) == kept


async def test_a_stale_holder_can_change_nothing(database: Database) -> None:
    async with database.write() as connection:
        await promise(connection)
        stale = await claim_delivery(connection)
        holder = await claim_delivery(connection, now=NOON + LEASE)
        assert not await deliveries.mark_sent(connection, stale, MESSAGE, after(70))
        assert not await deliveries.give_up(connection, stale, "asleep")
        assert not await deliveries.put_off(connection, stale, after(99), surely_not_sent=True)
        assert await delivery_of(connection, stale.job_id) == holder


async def test_a_delivery_that_nobody_claimed_cannot_be_sent_or_given_up(
    database: Database,
) -> None:
    async with database.write() as connection:
        pending = await promise(connection)
        assert not await deliveries.mark_sent(connection, pending, MESSAGE, NOON)
        assert not await deliveries.give_up(connection, pending, "no way")
        assert not await deliveries.put_off(connection, pending, after(9), surely_not_sent=True)
        assert await delivery_of(connection, pending.job_id) == pending


@pytest.mark.parametrize("end", [DeliveryState.SENT, DeliveryState.UNDELIVERABLE])
async def test_an_ended_delivery_stays_as_it_ended(database: Database, end: DeliveryState) -> None:
    async with database.write() as connection:
        await promise(connection)
        claimed = await claim_delivery(connection)
        if end is DeliveryState.SENT:
            assert await deliveries.mark_sent(connection, claimed, MESSAGE, NOON)
        else:
            assert await deliveries.give_up(connection, claimed, "no way")
        ended = await delivery_of(connection, claimed.job_id)
        assert not await deliveries.mark_sent(connection, claimed, MESSAGE + 1, after(1))
        assert not await deliveries.give_up(connection, claimed, "late")
        assert not await deliveries.put_off(connection, claimed, after(9), surely_not_sent=True)
        assert await delivery_of(connection, claimed.job_id) == ended


async def test_next_due_is_when_the_first_open_delivery_can_be_claimed(database: Database) -> None:
    async with database.write() as connection:
        assert await deliveries.next_due(connection) is None
        for number, due in enumerate((30, 10, 20), start=1):
            await promise(connection, number, now=after(due))
        assert await deliveries.next_due(connection) == after(10)
        claimed = await claim_delivery(connection, now=after(10))
        assert await deliveries.next_due(connection) == after(20)
        await deliveries.mark_sent(connection, claimed, MESSAGE, after(11))
        await deliveries.claim(connection, 9, after(30), LEASE)
        assert await deliveries.next_due(connection) == after(30) + LEASE


async def test_what_could_not_be_posted_is_told_to_its_person_once(database: Database) -> None:
    async with database.write() as connection:
        await promise(connection, 1)
        await promise(connection, 2)
        lost, _ = await deliveries.claim(connection, 2, NOON, LEASE)
        await deliveries.give_up(connection, lost, "gone")
    async with database.write() as connection:
        assert await deliveries.untold(connection, BOB) == []
        assert await deliveries.untold(connection, ANN) == [lost.job_id]
        await deliveries.note_told(connection, [lost.job_id], after(5))
        assert await deliveries.untold(connection, ANN) == []
        assert (await delivery_of(connection, lost.job_id)).told_at == after(5)


async def test_a_result_is_promised_once_more_for_each_time_it_is_asked_for(
    database: Database,
) -> None:
    async with database.write() as connection:
        result = await promise(connection)
        job = await jobs.get(connection, result.job_id)
        assert job is not None
        asked = [
            await deliveries.add_copy(connection, job, number, CHANNEL + 1, after(5))
            for number in (2**63, 2**63, 7)
        ]
        assert asked == [True, False, True]
        assert await deliveries.of_jobs(connection, [job.id]) == {job.id: result}
        copies = [row for row in await all_of(connection) if row.kind is DeliveryKind.COPY]
    assert [copy.channel_id for copy in copies] == [CHANNEL + 1] * 2
    assert max(len(copy.nonce) for copy in copies) < 25


async def test_a_result_by_direct_message_knows_its_person(database: Database) -> None:
    async with database.write() as connection:
        job = replace(await add_job(connection), route=Route.DIRECT)
        await deliveries.add(connection, job, DeliveryKind.RESULT, NOON)
        (delivery,) = await all_of(connection)
    assert delivery.person_id == ANN


async def test_the_channel_of_a_delivery_is_noted_by_who_holds_it_and_nobody_else(
    database: Database,
) -> None:
    async with database.write() as connection:
        waiting = await promise(connection)
        claimed = await claim_delivery(connection)
        assert not await deliveries.mark_sent(connection, waiting, 1, NOON, 5)
        assert await deliveries.mark_sent(connection, claimed, 1, NOON, 6)
        assert (await delivery_of(connection, claimed.job_id)).channel_id == 6


async def all_of(connection: AsyncConnection) -> list[Delivery]:
    rows = (await connection.execute(sa.select(deliveries_table))).mappings()
    return sorted(map(deliveries.read, rows), key=lambda row: row.id)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (deliveries.next_due, "ix_deliveries_due"),
        (lambda connection: deliveries.claim(connection, 4, NOON, LEASE), "ix_deliveries_due"),
        (lambda connection: deliveries.untold(connection, ANN), "ix_deliveries_untold"),
    ],
)
async def test_what_is_asked_for_often_is_found_by_its_own_index(
    database: Database, ask: Any, index: str
) -> None:
    """SQLite takes a partial index only for a condition in the index's own words."""
    asked: list[Any] = []

    def remember(*event: Any) -> None:
        asked.append((event[2], event[3]))

    async with database.write() as connection:
        engine = connection.sync_connection
        sa.event.listen(engine, "before_cursor_execute", remember)
        await ask(connection)
        sa.event.remove(engine, "before_cursor_execute", remember)
        statement, values = asked[0]
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        told = [str(row) for row in plan]
        assert any(index in row for row in told), told
