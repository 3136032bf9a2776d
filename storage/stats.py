"""Stats: how much was asked for, in a guild or in all, what became of it, how long it took.

Counts alone leave the database: nothing here tells who asked, or for what. What was deleted is
not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.deliveries import DeliveryKind
from storage.schema import deliveries, job_events, jobs
from storage.states import DeliveryState, JobState

# Seconds. Whole hours would not do: some zones are half an hour or a quarter away from the others.
_QUARTER = 900


@dataclass(frozen=True)
class Asked:
    """How many jobs were asked for in the quarter of an hour that begins at `at`."""

    at: datetime
    model: str
    state: JobState
    count: int


@dataclass(frozen=True)
class Took:
    """How many jobs of a model took so many whole seconds."""

    model: str
    seconds: int
    count: int


@dataclass(frozen=True)
class Totals:
    """What there was. `waited`: until it was begun; `made`: from then to its result."""

    asked: Sequence[Asked]
    waited: Sequence[Took]
    made: Sequence[Took]


@dataclass(frozen=True)
class Everywhere:
    """What there was in all guilds and in direct messages.

    `whole`: from the command to the result. `busiest`: guilds with their jobs, most first; None:
    direct messages. `reasons`: why jobs failed. `again`: how often a request was sent again that
    may have been taken. `kept`: results that are not in Discord, of those that were to be.
    """

    asked: Sequence[Asked]
    waited: Sequence[Took]
    whole: Sequence[Took]
    busiest: Sequence[tuple[int | None, int]]
    reasons: dict[str, int]
    again: int
    kept: int


async def everywhere(
    connection: AsyncConnection, since: datetime, *, guilds: int, again: str, private: str
) -> Everywhere:
    """Return what was asked for since then, with so many guilds.

    `again`: the note of an event that sends a request once more. `private`: the reason of a
    delivery that was never to be posted.
    """
    these = _since(since)
    finished = jobs.c.state == JobState.FINISHED
    failed = (jobs.c.state == JobState.FAILED, jobs.c.reason.is_not(None))
    count = sa.func.count()
    busiest = (
        sa.select(jobs.c.guild_id, count)
        .where(*these)
        .group_by(jobs.c.guild_id)
        .order_by(count.desc(), jobs.c.guild_id)
        .limit(guilds)
    )
    reasons = await _counted(connection, jobs.c.reason, where=(*these, *failed))
    return Everywhere(
        asked=await _asked(connection, *these),
        waited=await _took(connection, jobs.c.created_at, jobs.c.submitted_at, *these),
        whole=await _took(connection, jobs.c.created_at, jobs.c.ended_at, finished, *these),
        busiest=[(guild_id, number) for guild_id, number in await connection.execute(busiest)],
        reasons=dict(sorted((reason, number) for reason, number in reasons)),
        again=await _events(connection, again, since),
        kept=await _undelivered(connection, since, private),
    )


async def _events(connection: AsyncConnection, note: str, since: datetime) -> int:
    """Count events with this note; deleted jobs have none."""
    noted = (job_events.c.note == note, job_events.c.at >= since)
    statement = sa.select(sa.func.count()).select_from(job_events).where(*noted)
    return int((await connection.execute(statement)).scalar_one())


async def _undelivered(connection: AsyncConnection, since: datetime, private: str) -> int:
    statement = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .where(
            deliveries.c.kind == DeliveryKind.RESULT,
            deliveries.c.state == DeliveryState.UNDELIVERABLE,
            deliveries.c.created_at >= since,
            deliveries.c.reason.is_distinct_from(private),
        )
    )
    return int((await connection.execute(statement)).scalar_one())


def _since(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return jobs.c.created_at >= since, jobs.c.erased_at.is_(None)


async def totals(connection: AsyncConnection, guild_id: int, since: datetime) -> Totals:
    """Return what was asked for in a guild since then."""
    these = (jobs.c.guild_id == guild_id, *_since(since))
    finished = jobs.c.state == JobState.FINISHED
    return Totals(
        asked=await _asked(connection, *these),
        waited=await _took(connection, jobs.c.created_at, jobs.c.submitted_at, *these),
        made=await _took(connection, jobs.c.generating_at, jobs.c.ended_at, finished, *these),
    )


async def _asked(connection: AsyncConnection, *these: sa.ColumnElement[bool]) -> list[Asked]:
    quarter = _epoch(connection, jobs.c.created_at) // _QUARTER
    return [
        Asked(datetime.fromtimestamp(number * _QUARTER, UTC), model, JobState(state), count)
        for number, model, state, count in await _counted(
            connection, quarter, jobs.c.model, jobs.c.state, where=these
        )
    ]


async def _took(
    connection: AsyncConnection,
    begin: sa.ColumnElement[Any],
    end: sa.ColumnElement[Any],
    *these: sa.ColumnElement[bool],
) -> list[Took]:
    seconds = _epoch(connection, end) - _epoch(connection, begin)
    both = (begin.is_not(None), end.is_not(None))
    found = await _counted(connection, jobs.c.model, seconds, where=(*both, *these))
    return [Took(model, max(0, seconds), count) for model, seconds, count in found]


def _epoch(connection: AsyncConnection, time: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the whole seconds since 1970."""
    seconds = sa.extract("epoch", time)
    if connection.dialect.name == "sqlite":
        return seconds  # whole already
    return sa.cast(sa.func.floor(seconds), sa.BigInteger)


async def _counted(
    connection: AsyncConnection,
    *by: sa.ColumnElement[Any],
    where: Sequence[sa.ColumnElement[bool]],
) -> Sequence[Any]:
    """Count the jobs by these, in no order."""
    statement = sa.select(*by, sa.func.count()).where(*where).group_by(*by)
    return (await connection.execute(statement)).all()
