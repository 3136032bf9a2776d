"""Health: how much waits, what has ended and how long things took; counts alone, of everybody.

Rows are numbered as time goes by. So what is new is found from the newest row backwards, which
needs no index of times; a row that another process has dated a moment apart makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.deliveries import DeliveryKind
from storage.schema import ON_ITS_WAY, deliveries, job_events, jobs
from storage.states import ENDED, OPEN, DeliveryState, JobState

_HOUR = 3600


@dataclass(frozen=True)
class Waiting:
    """What is to be done. `oldest`: since when the first of the queued jobs waits."""

    jobs: dict[JobState, int]
    oldest: datetime | None
    deliveries: int


@dataclass(frozen=True)
class Ended:
    """How many jobs of a model ended so; `seconds`: whole ones that a finished one took to make."""

    model: str
    state: JobState
    seconds: int | None
    count: int


@dataclass(frozen=True)
class Asked:
    """How many jobs that were asked for in this hour are in this state now."""

    hour: datetime
    state: JobState
    count: int


@dataclass(frozen=True)
class Posted:
    """How many ends of jobs were posted in this hour, so many seconds after they were promised."""

    hour: datetime
    seconds: int
    count: int


async def answers(connection: AsyncConnection) -> None:
    """Ask the database for nothing but an answer."""
    await connection.execute(sa.select(1))


async def waiting(connection: AsyncConnection) -> Waiting:
    """Count what is under way or waits; every state that is not an end is there."""
    still_open = jobs.c.ended_at.is_(None)
    states = sa.select(jobs.c.state, sa.func.count()).where(still_open).group_by(jobs.c.state)
    counts = {JobState(state): count for state, count in await connection.execute(states)}
    oldest = sa.select(sa.func.min(jobs.c.created_at)).where(
        still_open, jobs.c.state == JobState.QUEUED
    )
    undelivered = sa.select(sa.func.count()).select_from(deliveries).where(ON_ITS_WAY)
    return Waiting(
        jobs={state: counts.get(state, 0) for state in JobState if state in OPEN},
        oldest=(await connection.execute(oldest)).scalar_one(),
        deliveries=(await connection.execute(undelivered)).scalar_one(),
    )


async def newest_event(connection: AsyncConnection, until: datetime) -> int:
    """Return the number of the last event that was dated so; 0: there is none."""
    statement = _newest(job_events, job_events.c.at <= until)
    number: int | None = (await connection.execute(statement)).scalar_one_or_none()
    return number or 0


async def ended(connection: AsyncConnection, after: int, until: int) -> list[Ended]:
    """Count the jobs that ended with the events after the one number, up to the other."""
    seconds = sa.case(
        (
            job_events.c.to_state == JobState.FINISHED,
            _epoch(connection, jobs.c.ended_at) - _epoch(connection, jobs.c.generating_at),
        )
    )
    statement = (
        sa.select(jobs.c.model, job_events.c.to_state, seconds, sa.func.count())
        .join(jobs, jobs.c.id == job_events.c.job_id)
        .where(job_events.c.id.between(after + 1, until), job_events.c.to_state.in_(ENDED))
        .group_by(jobs.c.model, job_events.c.to_state, seconds)
    )
    return [
        Ended(model, JobState(state), None if took is None else max(0, took), count)
        for model, state, took, count in await connection.execute(statement)
    ]


async def asked(connection: AsyncConnection, since: datetime) -> list[Asked]:
    """Count the jobs that were asked for since then by hour and state; deleted ones are gone."""
    hour = _epoch(connection, jobs.c.created_at) // _HOUR
    these = (_after(jobs, jobs.c.created_at < since), jobs.c.erased_at.is_(None))
    return [
        Asked(_hour(number), JobState(state), count)
        for number, state, count in await _counted(connection, (hour, jobs.c.state), these)
    ]


async def posted(connection: AsyncConnection, since: datetime) -> list[Posted]:
    """Count the ends of jobs that were promised since then and are posted, by hour and seconds."""
    hour = _epoch(connection, deliveries.c.sent_at) // _HOUR
    seconds = _epoch(connection, deliveries.c.sent_at) - _epoch(connection, deliveries.c.created_at)
    these = (
        _after(deliveries, deliveries.c.created_at < since),
        deliveries.c.state == DeliveryState.SENT,
        deliveries.c.kind.in_([DeliveryKind.RESULT, DeliveryKind.FAILURE]),
    )
    return [
        Posted(_hour(number), max(0, took), count)
        for number, took, count in await _counted(connection, (hour, seconds), these)
    ]


def _newest(table: sa.Table, where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(table.c.id).where(where).order_by(table.c.id.desc()).limit(1)


def _after(table: sa.Table, earlier: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say of a row that it is newer than the last one that is too old."""
    last = sa.func.coalesce(_newest(table, earlier).scalar_subquery(), 0)
    return table.c.id > last


def _epoch(connection: AsyncConnection, time: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the whole seconds since 1970."""
    seconds = sa.extract("epoch", time)
    if connection.dialect.name == "sqlite":
        return seconds  # whole already
    return sa.cast(sa.func.floor(seconds), sa.BigInteger)


def _hour(number: int) -> datetime:
    return datetime.fromtimestamp(number * _HOUR, UTC)


async def _counted(
    connection: AsyncConnection,
    by: Sequence[sa.ColumnElement[Any]],
    where: Sequence[sa.ColumnElement[bool]],
) -> Sequence[Any]:
    statement = sa.select(*by, sa.func.count()).where(*where).group_by(*by)
    return (await connection.execute(statement)).all()
