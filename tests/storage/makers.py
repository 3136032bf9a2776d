"""Jobs and times for the tests, made in as few words as possible."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, guilds, jobs, people, queue
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job, NewJob
from storage.schema import jobs as jobs_table
from storage.states import JobState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
ANN = 80_351_110_224_678_912
BOB = 80_351_110_224_678_913
GUILD = 41_771_983_423_143_937
CHANNEL = 41_771_983_423_143_938
MESSAGE = 1_146_000_000_000_000_001


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def new_job(
    interaction_id: int = 1,
    *,
    requester_id: int = ANN,
    guild_id: int | None = GUILD,
    prompt: str = "wind over willow branches",
    model: str = "stable-audio",
    options: Mapping[str, Any] | None = None,
) -> NewJob:
    return NewJob(
        interaction_id=interaction_id,
        requester_id=requester_id,
        guild_id=guild_id,
        channel_id=CHANNEL,
        model=model,
        kind="audio",
        prompt=prompt,
        options=options or {"duration": 10},
    )


async def add_job(
    connection: AsyncConnection, interaction_id: int = 1, *, now: datetime = NOON, **asked: Any
) -> Job:
    new = new_job(interaction_id, **asked)
    await people.note(connection, new.requester_id, now)
    await guilds.note(connection, GUILD, now)
    return await jobs.add(connection, new, now)


async def add_jobs(connection: AsyncConnection, how_many: int) -> list[Job]:
    return [await add_job(connection, number) for number in range(1, how_many + 1)]


async def set_columns(connection: AsyncConnection, job: Job, **values: Any) -> Job:
    """Write past every guard, to build what is hard to reach."""
    await connection.execute(
        sa.update(jobs_table).where(jobs_table.c.id == job.id).values(**values)
    )
    changed = await jobs.get(connection, job.id)
    assert changed is not None
    return changed


async def job_in(connection: AsyncConnection, state: JobState, interaction_id: int = 1) -> Job:
    return await set_columns(connection, await add_job(connection, interaction_id), state=state)


async def claim_job(connection: AsyncConnection, *, now: datetime = NOON) -> Job:
    (job,) = await queue.claim(connection, 1, now, LEASE)
    return job


async def finish(
    connection: AsyncConnection, job: Job, seconds: float, *, now: datetime = NOON
) -> Job:
    """Take the oldest queued job, which must be this one, through to the end."""
    claimed = await claim_job(connection, now=now)
    assert claimed.id == job.id
    generation_id = f"generation-{job.id}"
    making = await jobs.move(
        connection,
        claimed,
        JobState.GENERATING,
        now,
        generation_id=generation_id,
        generating_at=now,
    )
    assert making is not None
    ended = await jobs.move(connection, making, JobState.FINISHED, now + timedelta(seconds=seconds))
    assert ended is not None
    return ended


async def promise(
    connection: AsyncConnection,
    interaction_id: int = 1,
    kind: DeliveryKind = DeliveryKind.RESULT,
    *,
    now: datetime = NOON,
) -> Delivery:
    """Add a job and the message that ends it."""
    job = await add_job(connection, interaction_id)
    await deliveries.add(connection, job, kind, now)
    return await delivery_of(connection, job.id)


async def delivery_of(connection: AsyncConnection, job_id: int) -> Delivery:
    return (await deliveries.of_jobs(connection, [job_id]))[job_id]


async def claim_delivery(connection: AsyncConnection, *, now: datetime = NOON) -> Delivery:
    (delivery,) = await deliveries.claim(connection, 1, now, LEASE)
    return delivery
