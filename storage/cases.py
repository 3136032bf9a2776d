"""Cases: results that somebody has reported to the moderators of their guild."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.case_states import CaseAction, CaseState
from storage.schema import cases, jobs
from storage.upsert import insert


@dataclass(frozen=True)
class NewCase:
    """What a person reports: a job, the message they saw it in, and what is wrong with it."""

    guild_id: int
    job_id: int
    reporter_id: int
    channel_id: int
    message_id: int
    words: str


@dataclass(frozen=True)
class Case(NewCase):
    """One report of one person. The fields are the table's columns."""

    id: int
    created_at: datetime
    state: CaseState
    decided_by: int | None
    decided_at: datetime | None
    action: CaseAction | None = None


def read(row: sa.RowMapping) -> Case:
    """Return the case that a row of the table is."""
    action = row["action"] and CaseAction(row["action"])
    return Case(**{**row, "state": CaseState(row["state"]), "action": action})


async def add(connection: AsyncConnection, new: NewCase, now: datetime) -> Case | None:
    """Open a case. None: this person has reported this job before."""
    fresh = insert(connection, cases).values(
        **{field: getattr(new, field) for field in NewCase.__dataclass_fields__},
        state=CaseState.OPEN,
        created_at=now,
    )
    once = fresh.on_conflict_do_nothing(index_elements=["job_id", "reporter_id"])
    row = (await connection.execute(once.returning(cases))).mappings().one_or_none()
    return None if row is None else read(row)


async def get(connection: AsyncConnection, case_id: int) -> Case | None:
    """Return the case, or None."""
    return await _one(connection, cases.c.id == case_id)


async def of_reporter(connection: AsyncConnection, job_id: int, reporter_id: int) -> Case | None:
    """Return the case that this person has opened about a job, or None."""
    return await _one(connection, cases.c.job_id == job_id, cases.c.reporter_id == reporter_id)


async def _one(connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> Case | None:
    row = (await connection.execute(sa.select(cases).where(*where))).mappings().one_or_none()
    return None if row is None else read(row)


async def decide(  # noqa: PLR0917 - the columns of a row, in their order
    connection: AsyncConnection,
    case: Case,
    to: CaseState,
    moderator_id: int,
    now: datetime,
    action: CaseAction | None = None,
) -> list[Case]:
    """Decide an open case, and by REMOVED all other open ones of its job; return those decided.

    Nothing: somebody else was first, and nothing was changed.
    """
    # Whoever decides another case of the same job waits here: neither holds what the other needs.
    await connection.execute(
        sa.select(jobs.c.id).where(jobs.c.id == case.job_id).with_for_update(key_share=True)
    )
    decision = {"state": to, "decided_by": moderator_id, "decided_at": now, "action": action}
    decided = await _decide(connection, cases.c.id == case.id, decision)
    if decided and to is CaseState.REMOVED:
        decided += await _decide(connection, cases.c.job_id == case.job_id, decision)
    return decided


async def _decide(
    connection: AsyncConnection, which: sa.ColumnElement[bool], decision: dict[str, object]
) -> list[Case]:
    statement = (
        sa.update(cases)
        .where(which, cases.c.state == CaseState.OPEN)
        .values(**decision)
        .returning(cases)
    )
    return [read(row) for row in (await connection.execute(statement)).mappings()]
