"""History: what a person has asked for, page by page."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs as job_rows
from storage.jobs import Job
from storage.schema import jobs
from storage.states import JobState


@dataclass(frozen=True)
class Wanted:
    """Which of a person's jobs: all, unless something is said.

    `containing`: in the prompt, or at the beginning of the job's number.
    """

    containing: str = ""
    states: Collection[JobState] = ()
    starred: bool = False


async def page(
    connection: AsyncConnection, person_id: int, wanted: Wanted, offset: int, limit: int
) -> list[Job]:
    """Return some of this person's jobs, newest first."""
    statement = (
        sa.select(jobs)
        .where(*_conditions(person_id, wanted))
        .order_by(jobs.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [job_rows.read(row) for row in (await connection.execute(statement)).mappings()]


async def count(connection: AsyncConnection, person_id: int, wanted: Wanted) -> int:
    """Count this person's jobs."""
    statement = sa.select(sa.func.count()).select_from(jobs).where(*_conditions(person_id, wanted))
    return (await connection.execute(statement)).scalar_one()


def _conditions(person_id: int, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        jobs.c.requester_id == person_id,
        jobs.c.erased_at.is_(None),
    ]
    if text := wanted.containing.strip().lstrip("#"):
        found = jobs.c.prompt.icontains(text, autoescape=True)
        if text.isascii() and text.isdigit():
            found |= sa.cast(jobs.c.id, sa.String).startswith(text)
        conditions.append(found)
    if wanted.states:
        conditions.append(jobs.c.state.in_(wanted.states))
    if wanted.starred:
        conditions.append(jobs.c.starred_at.is_not(None))
    return conditions
