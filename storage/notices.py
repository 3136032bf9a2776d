"""Notices: what people are told about what moderators did, once each."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.deliveries import NONCE_BYTES, DeliveryKind
from storage.schema import ON_ITS_WAY, deliveries, notices, people
from storage.states import DeliveryState
from storage.upsert import insert


class NoticeKind(StrEnum):
    """What a moderator did; to whom it is told."""

    CANCELLED = "cancelled"
    """Ended a job: to its person."""
    REMOVED = "removed"
    """Took a result away: to its person."""
    HIDDEN = "hidden"
    """Hid a result: to its person."""
    BLOCKED = "blocked"
    """Took a result away and blocked its person: to them."""
    REPORT_REMOVED = "report_removed"
    """Took a reported result away: to who reported it."""
    REPORT_HIDDEN = "report_hidden"
    """Hid it: to who reported it."""
    REPORT_DISMISSED = "report_dismissed"
    """Left it: to who reported it."""


@dataclass(frozen=True)
class Notice:
    """One thing that one person is told. The fields are the table's columns."""

    id: int
    person_id: int
    job_id: int
    what: NoticeKind
    words: str | None
    at: datetime
    told_at: datetime | None


def read(row: sa.RowMapping) -> Notice:
    """Return the notice that a row of the table is."""
    return Notice(**{**row, "what": NoticeKind(row["what"])})


async def add(  # noqa: PLR0917 - the columns of a row, in their order
    connection: AsyncConnection,
    person_id: int,
    job_id: int,
    what: NoticeKind,
    words: str | None,
    now: datetime,
) -> None:
    """Have a person told something about a job, once; by direct message if they agreed to those.

    The person is known already. Who has not agreed is told with their next command.
    """
    fresh = insert(connection, notices).values(
        person_id=person_id, job_id=job_id, what=what, words=words, at=now
    )
    once = fresh.on_conflict_do_nothing(index_elements=["job_id", "person_id", "what"])
    notice_id = (await connection.execute(once.returning(notices.c.id))).scalar_one_or_none()
    agreed = sa.select(people.c.direct).where(people.c.id == person_id)
    if notice_id is None or not (await connection.execute(agreed)).scalar_one():
        return
    await connection.execute(
        sa.insert(deliveries).values(
            job_id=job_id,
            notice_id=notice_id,
            kind=DeliveryKind.NOTICE,
            # Known once their direct messages are open.
            channel_id=0,
            person_id=person_id,
            nonce=secrets.token_hex(NONCE_BYTES),
            state=DeliveryState.PENDING,
            created_at=now,
            lease_until=now,
        )
    )


async def get(connection: AsyncConnection, notice_id: int) -> Notice | None:
    """Return the notice, or None."""
    statement = sa.select(notices).where(notices.c.id == notice_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else read(row)


async def untold(connection: AsyncConnection, person_id: int) -> list[Notice]:
    """Return what this person was not told and is not being told by direct message."""
    on_its_way = sa.exists().where(
        deliveries.c.notice_id == notices.c.id,
        ON_ITS_WAY,
    )
    statement = (
        sa.select(notices)
        .where(notices.c.person_id == person_id, notices.c.told_at.is_(None), sa.not_(on_its_way))
        .order_by(notices.c.id)
    )
    return [read(row) for row in (await connection.execute(statement)).mappings()]


async def note_told(
    connection: AsyncConnection, notice_ids: Collection[int], now: datetime
) -> None:
    """Remember that the people know."""
    await connection.execute(
        sa.update(notices).where(notices.c.id.in_(notice_ids)).values(told_at=now)
    )
