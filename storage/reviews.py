"""Reviews: jobs that moderators decide about, and the people who need none."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.review_states import Matter, ReviewState
from storage.schema import reviews, trusted
from storage.upsert import insert


@dataclass(frozen=True)
class NewReview:
    """What moderators of a guild are asked about a job, until when.

    `finding`: what about the result did not look right; None: the guild wants to be asked.
    """

    guild_id: int
    job_id: int
    what: Matter
    expires_at: datetime
    finding: str | None = None


@dataclass(frozen=True)
class Review:
    """One question to moderators. The fields are the table's columns.

    `decided_by` None, though it is decided: nobody did in time.
    """

    id: int
    guild_id: int
    job_id: int
    what: Matter
    finding: str | None
    created_at: datetime
    expires_at: datetime
    state: ReviewState
    decided_by: int | None
    decided_at: datetime | None
    words: str | None


def read(row: sa.RowMapping) -> Review:
    """Return the review that a row of the table is."""
    typed = {"what": Matter(row["what"]), "state": ReviewState(row["state"])}
    return Review(**{**row, **typed})


async def add(connection: AsyncConnection, new: NewReview, now: datetime) -> Review | None:
    """Ask about a job. None: that was asked before."""
    fresh = insert(connection, reviews).values(
        **{field: getattr(new, field) for field in NewReview.__dataclass_fields__},
        state=ReviewState.OPEN,
        created_at=now,
    )
    once = fresh.on_conflict_do_nothing(index_elements=["job_id", "what"])
    row = (await connection.execute(once.returning(reviews))).mappings().one_or_none()
    return None if row is None else read(row)


async def get(connection: AsyncConnection, review_id: int) -> Review | None:
    """Return the review, or None."""
    return await _one(connection, reviews.c.id == review_id)


async def of_job(connection: AsyncConnection, job_id: int, what: Matter) -> Review | None:
    """Return what was asked about a job, or None."""
    return await _one(connection, reviews.c.job_id == job_id, reviews.c.what == what)


async def _one(connection: AsyncConnection, *where: sa.ColumnElement[bool]) -> Review | None:
    row = (await connection.execute(sa.select(reviews).where(*where))).mappings().one_or_none()
    return None if row is None else read(row)


async def decide(  # noqa: PLR0917 - the columns of a row, in their order
    connection: AsyncConnection,
    review: Review,
    to: ReviewState,
    by: int | None,
    now: datetime,
    words: str | None = None,
) -> Review | None:
    """Decide an open review. None: somebody else was first, and nothing was changed."""
    statement = (
        sa.update(reviews)
        .where(reviews.c.id == review.id, reviews.c.state == ReviewState.OPEN)
        .values(state=to, decided_by=by, decided_at=now, words=words)
        .returning(reviews)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else read(row)


async def expired(connection: AsyncConnection, now: datetime, limit: int) -> list[Review]:
    """Return open reviews whose time is over, longest first."""
    statement = (
        sa.select(reviews)
        .where(reviews.c.state == ReviewState.OPEN, reviews.c.expires_at <= now)
        .order_by(reviews.c.expires_at)
        .limit(limit)
    )
    return [read(row) for row in (await connection.execute(statement)).mappings()]


async def next_expiry(connection: AsyncConnection) -> datetime | None:
    """Return when the next open review is over; None: none is open."""
    statement = sa.select(sa.func.min(reviews.c.expires_at)).where(
        reviews.c.state == ReviewState.OPEN
    )
    at: datetime | None = (await connection.execute(statement)).scalar_one()
    return at


async def trust(
    connection: AsyncConnection, guild_id: int, person_id: int, by: int, now: datetime
) -> None:
    """Have nobody asked about this person's jobs any more."""
    fresh = insert(connection, trusted).values(
        guild_id=guild_id, person_id=person_id, by=by, at=now
    )
    await connection.execute(fresh.on_conflict_do_nothing(index_elements=["guild_id", "person_id"]))


async def trust_no_more(connection: AsyncConnection, guild_id: int, person_id: int) -> bool:
    """Have moderators asked again. False: they were."""
    statement = (
        sa.delete(trusted)
        .where(trusted.c.guild_id == guild_id, trusted.c.person_id == person_id)
        .returning(trusted.c.person_id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def is_trusted(connection: AsyncConnection, guild_id: int, person_id: int) -> bool:
    """Tell whether nobody is asked about this person's jobs."""
    statement = sa.select(trusted.c.person_id).where(
        trusted.c.guild_id == guild_id, trusted.c.person_id == person_id
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def trusted_in(connection: AsyncConnection, guild_id: int) -> list[int]:
    """Return whose jobs need no review in a guild, newest first."""
    statement = (
        sa.select(trusted.c.person_id)
        .where(trusted.c.guild_id == guild_id)
        .order_by(trusted.c.at.desc())
    )
    return list((await connection.execute(statement)).scalars())
