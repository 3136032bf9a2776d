"""Jobs: whose they are, where they stand, and the only statements that move them.

Every edge is one guarded UPDATE: no row back means that somebody else was first. The edge is
written to job_events in the same transaction, so the caller's commit is the moment it happened.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import events
from storage.errors import KnownInteractionError
from storage.events import JobEvent
from storage.routes import Route
from storage.schema import OF_THE_JOB, ON_ITS_WAY, deliveries, jobs
from storage.states import ENDED, JobState, sources
from storage.upsert import insert


@dataclass(frozen=True)
class NewJob:
    """What a person asked for, before it is a job."""

    interaction_id: int
    requester_id: int
    guild_id: int | None
    channel_id: int
    model: str
    kind: str
    prompt: str
    options: Mapping[str, Any]
    language: str = "en"
    mention: bool = True
    route: Route = Route.CHANNEL
    gallery_id: int | None = None
    voice: bool = False
    spoiler: bool = False
    video_channel_id: int | None = None
    video_message_id: int | None = None


@dataclass(frozen=True)
class Job:
    """One accepted request of one person. The fields are the columns of the table."""

    id: int
    interaction_id: int
    requester_id: int
    guild_id: int | None
    channel_id: int
    card_id: int | None
    card_closed: bool
    model: str
    kind: str
    prompt: str
    options: Mapping[str, Any]
    state: JobState
    created_at: datetime
    changed_at: datetime
    not_before: datetime | None
    attempts: int
    submitted_at: datetime | None
    lease_until: datetime | None
    epoch: int
    generation_id: str | None
    generating_at: datetime | None
    deadline_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    detail: str | None
    cleanup_at: datetime | None
    cleanup_tries: int
    language: str = "en"
    mention: bool = True
    route: Route = Route.CHANNEL
    gallery_id: int | None = None
    voice: bool = False
    spoiler: bool = False
    starred_at: datetime | None = None
    removed_at: datetime | None = None
    video_channel_id: int | None = None
    video_message_id: int | None = None
    video_file_id: str | None = None
    erased_at: datetime | None = None
    logged_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will happen to this job."""
        return self.state in ENDED


# A newer version beside this one may write what this one cannot read, and does it itself.
READABLE = sa.and_(jobs.c.state.in_(list(JobState)), jobs.c.route.in_(list(Route)))


def read(row: sa.RowMapping) -> Job:
    """Return the job that a row of the table is."""
    return Job(**{**row, "state": JobState(row["state"]), "route": Route(row["route"])})


async def add(
    connection: AsyncConnection, new: NewJob, now: datetime, state: JobState = JobState.QUEUED
) -> Job:
    """Accept a request as a queued job, or a held one.

    Raises KnownInteractionError for a second one; the transaction stays usable.
    """
    fresh = insert(connection, jobs).values(
        **{field: getattr(new, field) for field in NewJob.__dataclass_fields__},
        state=state,
        created_at=now,
        changed_at=now,
    )
    # A broken rule would end PostgreSQL's transaction; no row leaves it usable.
    statement = fresh.on_conflict_do_nothing(index_elements=["interaction_id"]).returning(jobs)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise KnownInteractionError(f"Interaction {new.interaction_id} has a job.")
    await events.add(connection, [JobEvent(row["id"], now, None, state, None)])
    return read(row)


async def move(
    connection: AsyncConnection,
    job: Job,
    to: JobState,
    now: datetime,
    *,
    note: str | None = None,
    **values: Any,
) -> Job | None:
    """Take one edge, if the job is still where `job` says and nobody has claimed it since.

    Return the job as it is now, or None: somebody else was first and nothing was changed.
    """
    if job.state not in sources(to):
        message = f"no edge leads from {job.state} to {to}"
        raise ValueError(message)
    statement = (
        sa.update(jobs)
        .where(jobs.c.id == job.id, jobs.c.state == job.state, jobs.c.epoch == job.epoch)
        .values(state=to, changed_at=now, **_ending(to, now), **values)
        .returning(jobs)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    await events.add(connection, [JobEvent(job.id, now, job.state, to, note)])
    return read(row)


def _ending(to: JobState, now: datetime) -> dict[str, Any]:
    return {"ended_at": now} if to in ENDED else {}


async def renew(connection: AsyncConnection, job: Job, until: datetime) -> bool:
    """Hold a claimed job longer. False: it is not held by this claim any more."""
    statement = (
        sa.update(jobs)
        .where(jobs.c.id == job.id, jobs.c.state == JobState.SUBMITTING, jobs.c.epoch == job.epoch)
        .values(lease_until=until)
        .returning(jobs.c.id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def get(connection: AsyncConnection, job_id: int) -> Job | None:
    """Return the job, or None."""
    return await _one(connection, jobs.c.id == job_id)


async def of_interaction(connection: AsyncConnection, interaction_id: int) -> Job | None:
    """Return the job that this interaction made, or None."""
    return await _one(connection, jobs.c.interaction_id == interaction_id)


async def _one(connection: AsyncConnection, where: sa.ColumnElement[bool]) -> Job | None:
    row = (await connection.execute(sa.select(jobs).where(where))).mappings().one_or_none()
    return None if row is None else read(row)


async def in_states(connection: AsyncConnection, states: Collection[JobState]) -> list[Job]:
    """Return the open jobs in these states, oldest first."""
    return await _many(
        connection, jobs.c.state.in_(states), jobs.c.ended_at.is_(None), order=jobs.c.id
    )


async def count(connection: AsyncConnection, states: Collection[JobState]) -> int:
    """Count the open jobs in these states."""
    return await _count(connection, jobs.c.state.in_(states))


async def next_not_before(connection: AsyncConnection) -> datetime | None:
    """Return when the first of the queued jobs that have to wait may be tried again."""
    statement = sa.select(sa.func.min(jobs.c.not_before)).where(
        jobs.c.state == JobState.QUEUED, jobs.c.ended_at.is_(None)
    )
    at: datetime | None = (await connection.execute(statement)).scalar_one()
    return at


async def _count(connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> int:
    counted = sa.select(sa.func.count()).select_from(jobs)
    # The states say already that these are open; the index of open jobs is found by this.
    statement = counted.where(jobs.c.ended_at.is_(None), *where)
    return (await connection.execute(statement)).scalar_one()


async def making_seconds(connection: AsyncConnection, model: str, newest: int) -> list[float]:
    """Return how many seconds this model's newest finished generations took, newest first."""
    statement = (
        sa.select(jobs.c.generating_at, jobs.c.ended_at)
        .where(
            jobs.c.model == model,
            jobs.c.state == JobState.FINISHED,
            jobs.c.generating_at.is_not(None),
        )
        .order_by(jobs.c.id.desc())
        .limit(newest)
    )
    rows = await connection.execute(statement)
    return [(row.ended_at - row.generating_at).total_seconds() for row in rows]


async def set_card(connection: AsyncConnection, job_id: int, card_id: int) -> None:
    """Remember which message is the job's card."""
    await connection.execute(
        sa.update(jobs).where(jobs.c.id == job_id).values(card_id=card_id, card_closed=False)
    )


async def set_reason(
    connection: AsyncConnection, job_id: int, reason: str | None, detail: str | None = None
) -> None:
    """Note why a finished job's file is not in the channel; None: it is, or will be."""
    await connection.execute(
        sa.update(jobs).where(jobs.c.id == job_id).values(reason=reason, detail=detail)
    )


async def reopen_card(connection: AsyncConnection, job_id: int) -> None:
    """Have the job's card tell its end anew, if others than its person see it."""
    await connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.route.not_in([Route.PRIVATE, Route.DIRECT]))
        .values(card_closed=False)
    )


async def set_star(connection: AsyncConnection, job_id: int, at: datetime | None) -> None:
    """Star a job, or take its star away."""
    await connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(starred_at=at))


async def set_removed(connection: AsyncConnection, job_id: int, now: datetime) -> None:
    """Note that an ended job's message was deleted; NetMind's copy is to be deleted now."""
    await connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.ended_at.is_not(None))
        .values(
            removed_at=sa.func.coalesce(jobs.c.removed_at, sa.literal(now, jobs.c.removed_at.type))
        )
    )
    await plan_cleanup(connection, job_id, now)


async def set_hidden(connection: AsyncConnection, job_id: int) -> None:
    """Have the job's file be hidden wherever it is posted from now on."""
    await connection.execute(
        sa.update(jobs).where(jobs.c.id == job_id).values(spoiler=True, voice=False)
    )


async def set_route(connection: AsyncConnection, job_id: int, route: Route) -> None:
    """Have the job's messages take another way from now on."""
    await connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(route=route))


async def open_by_direct(connection: AsyncConnection, person_id: int) -> None:
    """Have this person's open private jobs end in a direct message: they have agreed to it."""
    await connection.execute(
        sa.update(jobs)
        .where(
            jobs.c.requester_id == person_id,
            jobs.c.route == Route.PRIVATE,
            jobs.c.ended_at.is_(None),
        )
        .values(route=Route.DIRECT)
    )


async def set_video_file(connection: AsyncConnection, job_id: int, file_id: str) -> None:
    """Note NetMind's copy of the video that gets a sound."""
    await connection.execute(
        sa.update(jobs).where(jobs.c.id == job_id).values(video_file_id=file_id)
    )


async def with_open_card(connection: AsyncConnection, limit: int) -> list[Job]:
    """Return ended jobs whose card does not say so yet, oldest first.

    One whose message is still on its way is left out: its card would tell of what is not there.
    So is one without a card: it may have ended before its card was noted.
    """
    on_its_way = sa.exists().where(
        deliveries.c.job_id == jobs.c.id,
        ON_ITS_WAY,
        OF_THE_JOB,
    )
    return await _many(
        connection,
        jobs.c.card_id.is_not(None),
        jobs.c.ended_at.is_not(None),
        sa.not_(jobs.c.card_closed),
        sa.not_(on_its_way),
        order=jobs.c.id,
        limit=limit,
    )


async def without_card(
    connection: AsyncConnection, since: datetime, until: datetime, limit: int
) -> list[Job]:
    """Return jobs of that time of which nobody noted the card, oldest first."""
    return await _many(
        connection,
        jobs.c.card_id.is_(None),
        sa.not_(jobs.c.card_closed),
        jobs.c.created_at.between(since, until),
        order=jobs.c.id,
        limit=limit,
    )


async def close_cards(connection: AsyncConnection, job_ids: Collection[int]) -> None:
    """Remember that these jobs' cards tell how they ended, or can no longer be made to."""
    await connection.execute(sa.update(jobs).where(jobs.c.id.in_(job_ids)).values(card_closed=True))


async def due_cleanups(connection: AsyncConnection, now: datetime, limit: int) -> list[Job]:
    """Return the jobs whose generation is to be deleted by now, longest due first."""
    return await _many(connection, jobs.c.cleanup_at <= now, order=jobs.c.cleanup_at, limit=limit)


async def next_cleanup(connection: AsyncConnection) -> datetime | None:
    """Return when the next generation is to be deleted."""
    statement = sa.select(sa.func.min(jobs.c.cleanup_at)).where(jobs.c.cleanup_at.is_not(None))
    at: datetime | None = (await connection.execute(statement)).scalar_one()
    return at


async def plan_cleanup(connection: AsyncConnection, job_id: int, at: datetime) -> None:
    """Have the job's generation deleted at this time, if it has one."""
    await connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.generation_id.is_not(None))
        .values(cleanup_at=at)
    )


async def own_late_generation(
    connection: AsyncConnection, job_id: int, generation_id: str, now: datetime
) -> bool:
    """Note a generation that arrived for a job which had ended meanwhile, to be deleted now.

    False: the job goes on without it.
    """
    statement = (
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.generation_id.is_(None), jobs.c.ended_at.is_not(None))
        .values(generation_id=generation_id, cleanup_at=now)
        .returning(jobs.c.id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def of_generations(
    connection: AsyncConnection, generation_ids: Collection[str]
) -> dict[str, Job]:
    """Return the jobs that own these generations, by generation."""
    found = await _many(connection, jobs.c.generation_id.in_(generation_ids), order=jobs.c.id)
    return {job.generation_id or "": job for job in found}


async def put_off_cleanup(connection: AsyncConnection, job_id: int, at: datetime | None) -> None:
    """Try the deletion again at this time; None: it is done, or given up."""
    await connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id)
        .values(cleanup_at=at, cleanup_tries=jobs.c.cleanup_tries + 1)
    )


async def _many(
    connection: AsyncConnection,
    *where: sa.ColumnElement[bool],
    order: sa.ColumnElement[Any],
    limit: int | None = None,
) -> list[Job]:
    statement = sa.select(jobs).where(READABLE, *where).order_by(order).limit(limit)
    return [read(row) for row in (await connection.execute(statement)).mappings()]
