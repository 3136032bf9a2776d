"""Erasure: emptying what a person or a guild leaves behind, and forgetting the bare rows.

A job is emptied first: only its number, whose it was, what it was made with and its times stay.
The bare row goes when its generation is deleted at NetMind and no limit counts it any more.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs as job_rows
from storage.jobs import Job
from storage.review_states import ReviewState
from storage.routes import Route
from storage.schema import (
    ON_ITS_WAY,
    audit,
    blocks,
    cases,
    deliveries,
    guilds,
    jobs,
    limits,
    notices,
    people,
    reviews,
    trusted,
    word_hits,
    words,
)
from storage.states import DeliveryState, JobState

KEPT_BARE = timedelta(hours=48)
"""So long after it was asked for a job counts in limits, also when it is emptied."""

# A request to NetMind that a cancelled job leaves behind is answered by then, and its card closed.
_SETTLED = timedelta(hours=1)

# What a guild has beside its jobs.
OF_GUILD = (cases, reviews, trusted, limits, blocks, audit, words, word_hits)

_EMPTY = {
    "prompt": "",
    "options": {},
    "language": "en",
    "mention": True,
    "route": Route.CHANNEL,
    "gallery_id": None,
    "voice": False,
    "spoiler": False,
    "starred_at": None,
    "reason": None,
    "detail": None,
    "video_channel_id": None,
    "video_message_id": None,
    "video_file_id": None,
}


async def being_sent(connection: AsyncConnection, person_id: int, now: datetime) -> bool:
    """Tell whether a message about this person's jobs or reports, or to them, is being posted.

    Until the end of the transaction nobody begins to post another.
    """
    own_jobs = sa.select(jobs.c.id).where(jobs.c.requester_id == person_id)
    own_cases = sa.select(cases.c.id).where(cases.c.reporter_id == person_id)
    own_notices = sa.select(notices.c.id).where(notices.c.person_id == person_id)
    statement = (
        sa.select(deliveries.c.state, deliveries.c.lease_until)
        .where(
            ON_ITS_WAY,
            sa.or_(
                deliveries.c.job_id.in_(own_jobs),
                deliveries.c.case_id.in_(own_cases),
                deliveries.c.notice_id.in_(own_notices),
            ),
        )
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries)
    )
    rows = (await connection.execute(statement)).all()
    return any(row.state == DeliveryState.SENDING and row.lease_until > now for row in rows)


async def withdraw(connection: AsyncConnection, person_id: int, now: datetime) -> None:
    """Have nothing more posted of this person's jobs that have ended."""
    await connection.execute(
        sa.update(jobs)
        .where(
            jobs.c.requester_id == person_id,
            jobs.c.ended_at.is_not(None),
            jobs.c.removed_at.is_(None),
            sa.exists().where(deliveries.c.job_id == jobs.c.id, ON_ITS_WAY),
        )
        .values(removed_at=now)
    )


async def cancel_open(
    connection: AsyncConnection, whose: sa.ColumnElement[bool], now: datetime
) -> list[Job]:
    """Cancel the open jobs that `whose` holds for; return them."""
    statement = (
        sa.select(jobs).where(whose, jobs.c.ended_at.is_(None)).order_by(jobs.c.id)
    ).with_for_update()
    found = [job_rows.read(row) for row in (await connection.execute(statement)).mappings()]
    for job in found:
        cleanup_at = now if job.generation_id else None
        await job_rows.move(connection, job, JobState.CANCELLED, now, cleanup_at=cleanup_at)
    return found


async def erase_person(
    connection: AsyncConnection, person_id: int, now: datetime, *, cards_too: bool
) -> None:
    """Erase what is stored about a person without open jobs, but for what moderators decided.

    `cards_too`: their cards are deleted in Discord, so nobody needs to edit them any more.
    """
    own = jobs.c.requester_id == person_id
    await connection.execute(sa.delete(cases).where(cases.c.reporter_id == person_id))
    for table in (word_hits, notices, trusted):
        await connection.execute(sa.delete(table).where(table.c.person_id == person_id))
    await _empty(connection, own, now, cards_too=cards_too)
    await connection.execute(
        sa.update(people)
        .where(people.c.id == person_id)
        .values(
            first_seen_at=now,
            last_seen_at=now,
            erased_at=now,
            language=None,
            mention=True,
            private=False,
            direct=None,
            defaults=sa.null(),
        )
    )
    await forget(connection, now, whose=own)


async def erase(connection: AsyncConnection, job_ids: Collection[int], now: datetime) -> None:
    """Empty these jobs, if they have ended."""
    await _empty(connection, jobs.c.id.in_(job_ids), now, cards_too=True)


async def _empty(
    connection: AsyncConnection, whose: sa.ColumnElement[bool], now: datetime, *, cards_too: bool
) -> None:
    which = sa.and_(whose, jobs.c.ended_at.is_not(None), jobs.c.erased_at.is_(None))
    ids = sa.select(jobs.c.id).where(which)
    for table in (cases, reviews, notices, deliveries):
        await connection.execute(sa.delete(table).where(table.c.job_id.in_(ids)))
    cleanup_at = sa.case(
        (jobs.c.generation_id.is_not(None), sa.literal(now, jobs.c.cleanup_at.type))
    )
    closed = {"card_closed": True} if cards_too else {}
    await connection.execute(
        sa.update(jobs)
        .where(which)
        .values(
            **_EMPTY,
            **closed,
            erased_at=now,
            removed_at=now,
            cleanup_at=cleanup_at,
            cleanup_tries=0,
        )
    )


async def expired(connection: AsyncConnection, before: datetime, limit: int) -> list[int]:
    """Return the jobs that ended before this time, of the `limit` oldest that may be emptied.

    One that moderators have yet to decide about may not, nor one whose message is on its way.
    """
    oldest = (
        sa.select(jobs.c.id, jobs.c.ended_at)
        .where(
            jobs.c.ended_at.is_not(None),
            jobs.c.erased_at.is_(None),
            sa.not_(sa.exists().where(deliveries.c.job_id == jobs.c.id, ON_ITS_WAY)),
            sa.not_(
                sa.exists().where(
                    reviews.c.job_id == jobs.c.id, reviews.c.state == ReviewState.OPEN
                )
            ),
        )
        .order_by(jobs.c.id)
        .limit(limit)
        .subquery()
    )
    statement = sa.select(oldest.c.id).where(oldest.c.ended_at < before)
    return list((await connection.execute(statement)).scalars())


def _over(now: datetime) -> sa.ColumnElement[bool]:
    """Tell which bare jobs nobody needs any more."""
    return sa.and_(
        jobs.c.erased_at.is_not(None),
        jobs.c.cleanup_at.is_(None),
        jobs.c.created_at <= now - KEPT_BARE,
        jobs.c.changed_at <= now - _SETTLED,
    )


def _placed(now: datetime) -> sa.ColumnElement[bool]:
    """Tell which bare jobs still say where they were asked for, although their card is closed."""
    return sa.and_(
        jobs.c.erased_at.is_not(None),
        jobs.c.channel_id != 0,
        sa.or_(jobs.c.card_closed, jobs.c.changed_at <= now - _SETTLED),
    )


def _alone() -> sa.ColumnElement[bool]:
    """Tell which people had their data deleted, did not come back, and have nothing left."""
    return sa.and_(
        people.c.erased_at.is_not(None),
        people.c.last_seen_at <= people.c.erased_at,
        sa.not_(sa.exists().where(jobs.c.requester_id == people.c.id)),
        sa.not_(sa.exists().where(cases.c.reporter_id == people.c.id)),
        sa.not_(sa.exists().where(notices.c.person_id == people.c.id)),
        sa.not_(sa.exists().where(trusted.c.person_id == people.c.id)),
    )


async def forgettable(connection: AsyncConnection, now: datetime) -> bool:
    """Tell whether there is something to forget."""
    statement = sa.select(
        sa.or_(
            sa.exists().where(_over(now)),
            sa.exists().where(_placed(now)),
            sa.exists().where(_alone()),
        )
    )
    return bool((await connection.execute(statement)).scalar_one())


async def forget(
    connection: AsyncConnection,
    now: datetime,
    limit: int | None = None,
    *,
    whose: sa.ColumnElement[bool] | None = None,
) -> None:
    """Delete bare jobs, `limit` at most, and the people who have nothing else."""
    mine = sa.true() if whose is None else whose
    await connection.execute(
        sa.update(jobs)
        .where(mine, _placed(now))
        .values(card_id=None, channel_id=0, card_closed=True)
    )
    over = sa.select(jobs.c.id).where(mine, _over(now)).limit(limit)
    await connection.execute(sa.delete(jobs).where(jobs.c.id.in_(over)))
    await connection.execute(sa.delete(people).where(_alone()))


async def left_guild(connection: AsyncConnection, before: datetime) -> int | None:
    """Return a guild that the bot left before this time, or None."""
    statement = sa.select(guilds.c.id).where(guilds.c.left_at < before).limit(1)
    return (await connection.execute(statement)).scalar_one_or_none()


async def erase_guild(
    connection: AsyncConnection, guild_id: int, before: datetime, now: datetime, limit: int
) -> None:
    """Erase a guild that the bot left before this time: `limit` jobs, and with the last the rest.

    What people made there later, with the bot that they have with them, belongs to no guild then.
    """
    row = sa.select(guilds.c.left_at).where(guilds.c.id == guild_id, guilds.c.left_at < before)
    left_at = (await connection.execute(row.with_for_update())).scalar_one_or_none()
    if left_at is None:
        return  # it has come back
    here = jobs.c.guild_id == guild_id
    await cancel_open(connection, sa.and_(here, jobs.c.created_at <= left_at), now)
    own = sa.select(jobs.c.id).where(here, jobs.c.erased_at.is_(None), jobs.c.created_at <= left_at)
    ids = list((await connection.execute(own.order_by(jobs.c.id).limit(limit))).scalars())
    await erase(connection, ids, now)
    if len(ids) < limit:
        await connection.execute(sa.update(jobs).where(here).values(guild_id=None))
        for table in OF_GUILD:
            await connection.execute(sa.delete(table).where(table.c.guild_id == guild_id))
        await connection.execute(sa.delete(guilds).where(guilds.c.id == guild_id))
