"""Stats: how much was asked for in a guild, what became of it and how long it took.

Counts alone leave the database: nothing here tells who asked, or for what. What was deleted is
not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import jobs
from storage.states import JobState

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
    """What there was in a guild. `waited`: until it was begun; `made`: from then to its result."""

    asked: Sequence[Asked]
    waited: Sequence[Took]
    made: Sequence[Took]


async def totals(connection: AsyncConnection, guild_id: int, since: datetime) -> Totals:
    """Return what was asked for in a guild since then."""
    these = (jobs.c.guild_id == guild_id, jobs.c.created_at >= since, jobs.c.erased_at.is_(None))
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
