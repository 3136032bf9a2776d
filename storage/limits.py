"""Limits: what the people with a role may ask for, and how much of it they have had."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import jobs, limits
from storage.states import JobState
from storage.upsert import insert


@dataclass(frozen=True)
class Limit:
    """What a role says; None: nothing. 0 is as much as anybody likes.

    `role_id` is the guild's own for everyone. `longest` is in seconds. `models` are keys.
    """

    role_id: int
    at_once: int | None = None
    per_day: int | None = None
    longest: int | None = None
    models: Collection[str] | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether it could as well not be there."""
        return (self.at_once, self.per_day, self.longest, self.models) == (None,) * 4


@dataclass(frozen=True)
class Usage:
    """How many jobs are open, and how many of the day count."""

    at_once: int
    today: int


async def of_guild(connection: AsyncConnection, guild_id: int | None) -> list[Limit]:
    """Return what the roles of a guild say, by role."""
    columns = [limits.c[name] for name in Limit.__dataclass_fields__]
    statement = sa.select(*columns).where(limits.c.guild_id == guild_id).order_by(limits.c.role_id)
    return [Limit(**row) for row in (await connection.execute(statement)).mappings()]


async def put(connection: AsyncConnection, guild_id: int, limit: Limit) -> None:
    """Have a role say this from now on; one that says nothing is forgotten."""
    if limit.says_nothing:
        await connection.execute(
            sa.delete(limits).where(
                limits.c.guild_id == guild_id, limits.c.role_id == limit.role_id
            )
        )
        return
    models = None if limit.models is None else sorted(limit.models)
    said = {"at_once": limit.at_once, "per_day": limit.per_day, "longest": limit.longest}
    # JSON's null would be a value.
    said["models"] = sa.null() if models is None else models  # type: ignore[assignment]
    fresh = insert(connection, limits).values(guild_id=guild_id, role_id=limit.role_id, **said)
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=["guild_id", "role_id"], set_=said)
    )


async def usage(
    connection: AsyncConnection,
    since: datetime,
    *,
    guild_id: int | None = None,
    person_id: int | None = None,
) -> Usage:
    """Count the jobs of a guild, of a person, or of a person in a guild; the day begins `since`.

    What failed, was rejected, or was cancelled before it was begun does not count in the day.
    """
    of_whom = [
        column == value
        for column, value in ((jobs.c.guild_id, guild_id), (jobs.c.requester_id, person_id))
        if value is not None
    ]
    given_back = sa.or_(
        jobs.c.state.in_([JobState.FAILED, JobState.REJECTED]),
        sa.and_(jobs.c.state == JobState.CANCELLED, jobs.c.generating_at.is_(None)),
    )
    at_once = sa.select(sa.func.count()).where(jobs.c.ended_at.is_(None), *of_whom)
    today = sa.select(sa.func.count()).where(
        jobs.c.created_at >= since, sa.not_(given_back), *of_whom
    )
    counted = sa.select(at_once.scalar_subquery(), today.scalar_subquery())
    return Usage(*(await connection.execute(counted)).one())
