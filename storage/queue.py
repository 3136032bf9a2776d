"""The queue: whose turn it is next, what is under way, and which of it is whose.

Turns go round: between guilds, and inside a guild between its people; who writes in direct
messages is a circle of their own, like a guild. A person or a circle that has had its turn goes
to the end of the row, and so does who comes anew: nobody is overtaken for ever.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import events
from storage import jobs as job_rows
from storage.events import JobEvent
from storage.jobs import READABLE, Job
from storage.schema import jobs
from storage.states import UNDER_WAY, JobState

LEFT_FOR = timedelta(minutes=5)
"""Longer than two versions run together: whoever knows a job's model has taken it by then."""

_CIRCLE = sa.func.coalesce(jobs.c.guild_id, jobs.c.requester_id).label("circle")
_WAITING = sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.ended_at.is_(None))


async def claim(
    connection: AsyncConnection,
    limit: int,
    now: datetime,
    lease: timedelta,
    models: Collection[str] | None = None,
) -> list[Job]:
    """Claim up to `limit` queued jobs for submitting, and return them in their turn.

    Jobs of other models than `models` (None: there are no others) are left to another version of
    the program for LEFT_FOR. A claim is a lease until `now + lease`; it raises the job's epoch, so
    that an earlier holder who was only asleep can change nothing any more.
    """
    row = _row(
        sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= now),
        sa.true() if models is None else _can_be_made(models, now),
        READABLE,
    )
    due = (
        sa.select(jobs.c.id)
        .join(row, row.c.id == jobs.c.id)
        .where(_WAITING)
        .order_by(row.c.place)
        .limit(limit)
        .with_for_update(of=jobs, skip_locked=True)
    )
    ids = list((await connection.execute(due)).scalars())
    statement = (
        sa.update(jobs)
        .where(jobs.c.id.in_(ids), jobs.c.state == JobState.QUEUED)
        .values(
            state=JobState.SUBMITTING,
            changed_at=now,
            submitted_at=now,
            not_before=None,
            attempts=jobs.c.attempts + 1,
            epoch=jobs.c.epoch + 1,
            lease_until=now + lease,
        )
        .returning(jobs)
    )
    rows = (await connection.execute(statement)).mappings()
    claimed = sorted(map(job_rows.read, rows), key=lambda job: ids.index(job.id))
    await events.add(
        connection,
        [JobEvent(job.id, now, JobState.QUEUED, JobState.SUBMITTING, None) for job in claimed],
    )
    return claimed


def _can_be_made(models: Collection[str], now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(jobs.c.model.in_(models), jobs.c.created_at <= now - LEFT_FOR)


async def places(connection: AsyncConnection) -> dict[int, int]:
    """Return how many jobs get their turn before it, for each job that is queued."""
    row = _row()
    found = await connection.execute(sa.select(row.c.id, row.c.place))
    return {job_id: place - 1 for job_id, place in found}


def _row(*only: sa.ColumnElement[bool]) -> sa.Subquery:
    """Return the queued jobs that `only` holds for, numbered by their turns from 1 (`place`).

    A person's second job comes after everybody's first, and a circle's second after every
    circle's first. Between those, who has waited longer comes first: since their last turn, or
    since they came.
    """
    of_person, of_circle = _last_turns()
    person: dict[str, Any] = {"partition_by": (_CIRCLE, jobs.c.requester_id)}
    people = (
        sa.select(
            jobs.c.id,
            _CIRCLE,
            sa.func.row_number().over(order_by=jobs.c.id, **person).label("nth"),
            *_waits(of_person.c.at, sa.func.min(jobs.c.created_at).over(**person), "person"),
            of_circle.c.at.label("circle_turn"),
            sa.func.min(jobs.c.created_at).over(partition_by=_CIRCLE).label("circle_came"),
        )
        .outerjoin(
            of_person,
            sa.and_(of_person.c.circle == _CIRCLE, of_person.c.requester_id == jobs.c.requester_id),
        )
        .outerjoin(of_circle, of_circle.c.circle == _CIRCLE)
        .where(_WAITING, *only)
        .cte("people")
    )
    circles = sa.select(
        people.c.id,
        sa.func.row_number()
        .over(
            partition_by=people.c.circle,
            order_by=(people.c.nth, people.c.person_since, people.c.person_served, people.c.id),
        )
        .label("nth"),
        *_waits(people.c.circle_turn, people.c.circle_came, "circle"),
    ).cte("circles")
    order = (circles.c.nth, circles.c.circle_since, circles.c.circle_served, circles.c.id)
    return sa.select(
        circles.c.id, sa.func.row_number().over(order_by=order).label("place")
    ).subquery("row")


def _waits(
    turn: sa.ColumnElement[Any], came: sa.ColumnElement[Any], who: str
) -> list[sa.ColumnElement[Any]]:
    """Return since when they wait, and whether that is since a turn: it goes last of two."""
    served = turn >= came
    return [
        sa.case((served, turn), else_=came).label(f"{who}_since"),
        sa.case((served, 1), else_=0).label(f"{who}_served"),
    ]


def _last_turns() -> tuple[sa.CTE, sa.CTE]:
    """Return when each person and each circle had their last turn since the oldest job waits.

    Earlier turns make no difference to anybody.
    """
    oldest = sa.select(sa.func.min(jobs.c.created_at)).where(_WAITING).scalar_subquery()
    last = sa.func.max(jobs.c.submitted_at).label("at")
    of_person = (
        sa.select(_CIRCLE, jobs.c.requester_id, last)
        .where(jobs.c.submitted_at >= oldest)
        .group_by(_CIRCLE, jobs.c.requester_id)
        .cte("person_turns")
    )
    of_circle = (
        sa.select(of_person.c.circle, sa.func.max(of_person.c.at).label("at"))
        .group_by(of_person.c.circle)
        .cte("circle_turns")
    )
    return of_person, of_circle


async def under_way(connection: AsyncConnection) -> dict[str, int]:
    """Count the jobs that take a place at NetMind, by kind."""
    statement = (
        sa.select(jobs.c.kind, sa.func.count().label("jobs"))
        .where(jobs.c.ended_at.is_(None), jobs.c.state.in_(UNDER_WAY))
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    rows = await connection.execute(statement)
    return {row.kind: row.jobs for row in rows}


async def oldest(
    connection: AsyncConnection, *, guild_id: int | None = None, person_id: int | None = None
) -> Job | None:
    """Return the oldest open job of a guild, of a person, or of a person in a guild."""
    of_whom = [
        column == value
        for column, value in ((jobs.c.guild_id, guild_id), (jobs.c.requester_id, person_id))
        if value is not None
    ]
    statement = (
        sa.select(jobs).where(jobs.c.ended_at.is_(None), *of_whom).order_by(jobs.c.id).limit(1)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else job_rows.read(row)


async def of_person(connection: AsyncConnection, person_id: int, limit: int) -> list[Job]:
    """Return this person's open jobs, oldest first: those are the next to be done."""
    statement = (
        sa.select(jobs)
        .where(jobs.c.requester_id == person_id, jobs.c.ended_at.is_(None))
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return [job_rows.read(row) for row in (await connection.execute(statement)).mappings()]
