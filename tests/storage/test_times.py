"""Times are aware, and in UTC when they come back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from storage import deliveries, jobs
from storage.database import Database
from storage.deliveries import DeliveryKind
from tests.storage.makers import LEASE, NOON, add_job, claim_delivery

ZONES = [timezone(timedelta(hours=hours)) for hours in (-9.5, 0, 2, 13)]


async def test_a_naive_time_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="times are aware and in UTC"):
        async with database.write() as connection:
            await add_job(connection, now=naive)


@pytest.mark.parametrize("zone", ZONES, ids=str)
async def test_a_time_comes_back_in_utc_whatever_zone_it_was_given_in(
    database: Database, zone: timezone
) -> None:
    moment = datetime(2026, 11, 22, 23, 59, 59, 999_999, tzinfo=zone)
    async with database.write() as connection:
        job = await add_job(connection, now=moment)
    assert job.created_at == moment
    assert job.created_at.tzinfo is UTC or job.created_at.utcoffset() == timedelta(0)
    async with database.read() as connection:
        assert await jobs.get(connection, job.id) == job


@pytest.mark.parametrize("zone", ZONES, ids=str)
async def test_times_are_compared_as_moments_whatever_zone_they_were_given_in(
    database: Database, zone: timezone
) -> None:
    now = NOON.astimezone(zone)
    async with database.write() as connection:
        job = await add_job(connection, now=now)
        await deliveries.add(connection, job, DeliveryKind.RESULT, now)
        assert await deliveries.claim(connection, 1, now - timedelta.resolution, LEASE) == []
        (delivery,) = await deliveries.claim(connection, 1, now, LEASE)
        again = await claim_delivery(connection, now=NOON + LEASE)
    assert (delivery.lease_until, delivery.sending_at) == (NOON + LEASE, NOON)
    assert again.sending_at == NOON


async def test_microseconds_survive(database: Database) -> None:
    moment = NOON.replace(microsecond=1)
    async with database.write() as connection:
        assert (await add_job(connection, now=moment)).created_at == moment
