"""A guild's jobs, as its moderators see them. Another guild's are as if they did not exist."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs as job_rows
from storage.jobs import Job
from storage.schema import jobs
from storage.states import OPEN, JobState


@dataclass(frozen=True)
class Search:
    """Which of a guild's jobs: all, unless something is said. `since`: asked for then or later.

    `containing`: in the prompt, or at the beginning of the job's number. `model`: how its key
    begins.
    """

    person_id: int | None = None
    containing: str = ""
    states: Collection[JobState] = ()
    model: str | None = None
    since: datetime | None = None


async def page(
    connection: AsyncConnection,
    guild_id: int,
    search: Search,
    limit: int,
    *,
    offset: int = 0,
    before: Job | None = None,
) -> list[Job]:
    """Return some of this guild's jobs, newest first; `before`: only those that come after it."""
    statement = (
        sa.select(jobs)
        .where(*_conditions(guild_id, search), *_after(before))
        .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [job_rows.read(row) for row in (await connection.execute(statement)).mappings()]


async def count(connection: AsyncConnection, guild_id: int, search: Search) -> int:
    """Count this guild's jobs."""
    statement = sa.select(sa.func.count()).select_from(jobs).where(*_conditions(guild_id, search))
    return (await connection.execute(statement)).scalar_one()


async def get_locked(connection: AsyncConnection, guild_id: int, job_id: int) -> Job | None:
    """Return the job, if it is this guild's; nobody moves it until the transaction ends."""
    statement = sa.select(jobs).where(
        jobs.c.id == job_id, jobs.c.guild_id == guild_id, jobs.c.erased_at.is_(None)
    )
    rows = await connection.execute(statement.with_for_update(key_share=True))
    row = rows.mappings().one_or_none()
    return None if row is None else job_rows.read(row)


async def get(connection: AsyncConnection, guild_id: int, job_id: int) -> Job | None:
    """Return the job, if it is this guild's."""
    found = await job_rows.get(connection, job_id)
    there = found is not None and found.guild_id == guild_id and found.erased_at is None
    return found if there else None


def _after(before: Job | None) -> list[sa.ColumnElement[bool]]:
    """Tell which jobs come after this one, where the newest is the first."""
    if before is None:
        return []
    at = before.created_at
    return [jobs.c.created_at <= at, sa.or_(jobs.c.created_at < at, jobs.c.id < before.id)]


def _conditions(guild_id: int, search: Search) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        jobs.c.guild_id == guild_id,
        jobs.c.erased_at.is_(None),
    ]
    if search.person_id is not None:
        conditions.append(jobs.c.requester_id == search.person_id)
    if text := search.containing.strip().lstrip("#"):
        found = jobs.c.prompt.icontains(text, autoescape=True)
        if text.isascii() and text.isdigit():
            found |= sa.cast(jobs.c.id, sa.String).startswith(text)
        conditions.append(found)
    if search.states:
        conditions.append(jobs.c.state.in_(search.states))
        if OPEN.issuperset(search.states):
            # The states say so already; the index of open jobs is found by this.
            conditions.append(jobs.c.ended_at.is_(None))
    if search.model is not None:
        conditions.append(jobs.c.model.startswith(search.model, autoescape=True))
    if search.since is not None:
        conditions.append(jobs.c.created_at >= search.since)
    return conditions
