"""Deliveries: messages that must reach Discord exactly once, and the statements that move them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.cases import Case
from storage.jobs import READABLE, Job
from storage.reviews import Review
from storage.routes import Route
from storage.schema import LEFT_UNTOLD, OF_THE_JOB, ON_ITS_WAY, deliveries, jobs
from storage.states import DeliveryState
from storage.upsert import insert

# Discord takes 25 characters at most; 20 random ones never meet again.
NONCE_BYTES = 10


class DeliveryKind(StrEnum):
    """What the message is."""

    RESULT = "result"
    FAILURE = "failure"
    VOICE = "voice"
    """The sound of a result, as a voice message below the result's words."""
    COPY = "copy"
    """The result once more, because its person asked for it."""
    CASE = "case"
    """What somebody has reported, for the moderators of the guild."""
    REVIEW = "review"
    """What moderators are asked about a job."""
    NOTICE = "notice"
    """What a person is told about what moderators did."""
    LOG = "log"
    """How a job has ended, as a line for moderators."""


@dataclass(frozen=True)
class Delivery:
    """One message that must reach Discord exactly once. The fields are the table's columns."""

    id: int
    job_id: int
    kind: DeliveryKind
    channel_id: int
    nonce: str
    state: DeliveryState
    created_at: datetime
    lease_until: datetime
    epoch: int
    attempts: int
    sending_at: datetime | None
    message_id: int | None
    sent_at: datetime | None
    reason: str | None
    told_at: datetime | None
    person_id: int | None = None
    case_id: int | None = None
    review_id: int | None = None
    notice_id: int | None = None


def read(row: sa.RowMapping) -> Delivery:
    """Return the delivery that a row of the table is."""
    typed = {"state": DeliveryState(row["state"]), "kind": DeliveryKind(row["kind"])}
    return Delivery(**{**row, **typed})


async def add(connection: AsyncConnection, job: Job, kind: DeliveryKind, now: datetime) -> None:
    """Promise one message about this job, in the transaction that gives it its reason."""
    await connection.execute(
        sa.insert(deliveries).values(
            job_id=job.id,
            kind=kind,
            channel_id=job.channel_id,
            person_id=job.requester_id if job.route is Route.DIRECT else None,
            nonce=secrets.token_hex(NONCE_BYTES),
            **_pending(now),
        )
    )


async def add_copy(
    connection: AsyncConnection,
    job: Job,
    interaction_id: int,
    channel_id: int | None,
    now: datetime,
) -> bool:
    """Promise the result once more: in a channel, or None: to its person by direct message.

    False: that is promised already.

    The interaction that asked for it makes the nonce, so one that is replayed makes no second.
    """
    statement = insert(connection, deliveries).values(
        job_id=job.id,
        kind=DeliveryKind.COPY,
        channel_id=channel_id or job.channel_id,
        person_id=job.requester_id if channel_id is None else None,
        nonce=f"{interaction_id:x}c",
        **_pending(now),
    )
    added = statement.on_conflict_do_nothing(index_elements=["nonce"]).returning(deliveries.c.id)
    return (await connection.execute(added)).one_or_none() is not None


async def add_voice(
    connection: AsyncConnection, result: Delivery, channel_id: int, now: datetime
) -> None:
    """Promise the sound of a result that is told in this channel."""
    await connection.execute(
        sa.insert(deliveries).values(
            job_id=result.job_id,
            kind=DeliveryKind.VOICE,
            channel_id=channel_id,
            person_id=result.person_id,
            nonce=secrets.token_hex(NONCE_BYTES),
            **_pending(now),
        )
    )


async def add_case(connection: AsyncConnection, case: Case, channel_id: int, now: datetime) -> None:
    """Promise a case to the moderators who read this channel."""
    await connection.execute(
        sa.insert(deliveries).values(
            job_id=case.job_id,
            case_id=case.id,
            kind=DeliveryKind.CASE,
            channel_id=channel_id,
            nonce=secrets.token_hex(NONCE_BYTES),
            **_pending(now),
        )
    )


async def add_review(
    connection: AsyncConnection, review: Review, channel_id: int, now: datetime
) -> None:
    """Promise a question to the moderators who read this channel."""
    await connection.execute(
        sa.insert(deliveries).values(
            job_id=review.job_id,
            review_id=review.id,
            kind=DeliveryKind.REVIEW,
            channel_id=channel_id,
            nonce=secrets.token_hex(NONCE_BYTES),
            **_pending(now),
        )
    )


async def add_log(connection: AsyncConnection, job_id: int, channel_id: int, now: datetime) -> None:
    """Promise the line of a job to the moderators who read this channel, unless that was done."""
    line = insert(connection, deliveries).values(
        job_id=job_id,
        kind=DeliveryKind.LOG,
        channel_id=channel_id,
        nonce=secrets.token_hex(NONCE_BYTES),
        **_pending(now),
    )
    await connection.execute(
        line.on_conflict_do_nothing(index_elements=["job_id"], index_where=sa.text("kind = 'log'"))
    )


def _pending(now: datetime) -> dict[str, Any]:
    return {"state": DeliveryState.PENDING, "created_at": now, "lease_until": now}


async def claim(
    connection: AsyncConnection, limit: int, now: datetime, lease: timedelta
) -> list[Delivery]:
    """Claim up to `limit` deliveries that nobody holds, oldest first, until `now + lease`.

    Kinds that only a newer version knows are left to it. They come back in state sending.
    `sending_at` is the first moment at which a send may have happened; earlier than `now`, somebody
    has held the delivery before and may have sent it.
    """
    due = (
        sa.select(deliveries.c.id)
        .where(
            ON_ITS_WAY,
            _known(),
            deliveries.c.lease_until <= now,
        )
        # The sign keeps SQLite from walking through all rows in this order, the sent ones too.
        .order_by(sa.literal_column("+deliveries.id"))
        .limit(limit)
        .with_for_update(skip_locked=True)
        # PostgreSQL may run a subquery once a row, and each run would claim more of them.
        .cte("due")
    )
    statement = (
        sa.update(deliveries)
        .where(deliveries.c.id.in_(sa.select(due.c.id)), deliveries.c.lease_until <= now)
        .values(
            state=DeliveryState.SENDING,
            lease_until=now + lease,
            sending_at=sa.func.coalesce(
                deliveries.c.sending_at, sa.literal(now, deliveries.c.sending_at.type)
            ),
            epoch=deliveries.c.epoch + 1,
            attempts=deliveries.c.attempts + 1,
        )
        .returning(deliveries)
    )
    rows = (await connection.execute(statement)).mappings()
    return sorted(map(read, rows), key=lambda row: row.id)


def _known() -> sa.ColumnElement[bool]:
    """Say of a delivery that this version can send it; a newer one beside it sends the rest."""
    of_a_job = sa.exists().where(jobs.c.id == deliveries.c.job_id, READABLE)
    return sa.and_(deliveries.c.kind.in_(list(DeliveryKind)), of_a_job)


async def renew(connection: AsyncConnection, delivery: Delivery, until: datetime) -> bool:
    """Hold a claimed delivery longer. False: it is not held by this claim any more."""
    return await _set(connection, delivery, lease_until=until)


async def put_off(
    connection: AsyncConnection,
    delivery: Delivery,
    until: datetime,
    *,
    surely_not_sent: bool,
    counted: bool = True,
) -> bool:
    """Give the claim back; nobody takes it before `until`. False: it was not ours any more.

    `counted`: it was an attempt, of which there are only so many.
    """
    values: dict[str, Any] = {"sending_at": None} if surely_not_sent else {}
    if not counted:
        values["attempts"] = delivery.attempts - 1
    return await _set(connection, delivery, lease_until=until, **values)


async def mark_sent(
    connection: AsyncConnection,
    delivery: Delivery,
    message_id: int,
    now: datetime,
    channel_id: int | None = None,
) -> bool:
    """Write down the message's id, and its channel if that is another than it was promised in.

    False: somebody else holds the delivery.
    """
    return await _set(
        connection,
        delivery,
        state=DeliveryState.SENT,
        message_id=message_id,
        sent_at=now,
        channel_id=channel_id or delivery.channel_id,
    )


async def give_up(connection: AsyncConnection, delivery: Delivery, reason: str) -> bool:
    """Keep the delivery as undeliverable. False: somebody else holds it."""
    return await _set(connection, delivery, state=DeliveryState.UNDELIVERABLE, reason=reason)


def _held(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    """Say that this claim still holds the delivery."""
    return (
        deliveries.c.id == delivery.id,
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.epoch == delivery.epoch,
    )


async def _set(connection: AsyncConnection, delivery: Delivery, **values: Any) -> bool:
    statement = (
        sa.update(deliveries).where(*_held(delivery)).values(**values).returning(deliveries.c.id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


def telling() -> sa.ColumnElement[bool]:
    """Say of a job that a message about it is still on its way to people."""
    return sa.exists().where(
        deliveries.c.job_id == jobs.c.id,
        ON_ITS_WAY,
        OF_THE_JOB,
    )


async def is_telling(connection: AsyncConnection, job_id: int) -> bool:
    """Tell whether a message about this job is still on its way to people."""
    statement = sa.select(jobs.c.id).where(jobs.c.id == job_id, telling())
    return (await connection.execute(statement)).one_or_none() is not None


async def untold(connection: AsyncConnection, person_id: int) -> list[int]:
    """Return this person's jobs whose end could not be posted and was told in no other way."""
    statement = (
        sa.select(deliveries.c.job_id)
        .distinct()
        .join(jobs, jobs.c.id == deliveries.c.job_id)
        .where(
            LEFT_UNTOLD,
            OF_THE_JOB,
            jobs.c.requester_id == person_id,
            # Moderators may have taken it away, and that is what there is to tell.
            sa.or_(jobs.c.removed_at.is_(None), deliveries.c.kind == DeliveryKind.FAILURE),
        )
        .order_by(deliveries.c.job_id)
    )
    return list((await connection.execute(statement)).scalars())


async def note_told(connection: AsyncConnection, job_ids: Collection[int], now: datetime) -> None:
    """Remember that people know what could not be posted."""
    await connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.job_id.in_(job_ids),
            deliveries.c.state == DeliveryState.UNDELIVERABLE,
            OF_THE_JOB,
        )
        .values(told_at=now)
    )


async def next_due(connection: AsyncConnection) -> datetime | None:
    """Return when the next delivery can be claimed; None: there is none."""
    statement = sa.select(sa.func.min(deliveries.c.lease_until)).where(ON_ITS_WAY, _known())
    at: datetime | None = (await connection.execute(statement)).scalar_one()
    return at


async def count_open(connection: AsyncConnection) -> int:
    """Count the messages that are still to be sent."""
    statement = sa.select(sa.func.count()).select_from(deliveries).where(ON_ITS_WAY)
    return (await connection.execute(statement)).scalar_one()


async def messages_of(connection: AsyncConnection, job_id: int) -> list[tuple[int, int]]:
    """Return channel and id of each message that brought this job's file or its notice."""
    statement = sa.select(deliveries.c.channel_id, deliveries.c.message_id).where(
        deliveries.c.job_id == job_id, deliveries.c.message_id.is_not(None), OF_THE_JOB
    )
    return [(channel, message) for channel, message in await connection.execute(statement)]


async def job_of(connection: AsyncConnection, message_id: int) -> int | None:
    """Return the job whose file or notice this message brought, or None."""
    statement = sa.select(deliveries.c.job_id).where(
        deliveries.c.message_id == message_id, OF_THE_JOB
    )
    return (await connection.execute(statement)).scalar_one_or_none()


async def of_cases(connection: AsyncConnection, case_ids: Collection[int]) -> dict[int, Delivery]:
    """Return the messages that tell moderators of these cases, by case."""
    statement = sa.select(deliveries).where(deliveries.c.case_id.in_(case_ids))
    rows = (await connection.execute(statement)).mappings()
    return {row["case_id"]: read(row) for row in rows}


async def of_review(connection: AsyncConnection, review_id: int) -> Delivery | None:
    """Return the message that asks moderators, or None."""
    statement = sa.select(deliveries).where(deliveries.c.review_id == review_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else read(row)


async def withdraw(connection: AsyncConnection, delivery: Delivery) -> bool:
    """Take back a claimed message that was never sent. False: somebody else holds it."""
    statement = sa.delete(deliveries).where(*_held(delivery)).returning(deliveries.c.id)
    return (await connection.execute(statement)).one_or_none() is not None


async def of_jobs(connection: AsyncConnection, job_ids: Collection[int]) -> dict[int, Delivery]:
    """Return the messages that end these jobs, by job; a job under way has none."""
    if not job_ids:
        return {}
    statement = sa.select(deliveries).where(
        deliveries.c.job_id.in_(job_ids),
        deliveries.c.kind.in_([DeliveryKind.RESULT, DeliveryKind.FAILURE]),
    )
    rows = (await connection.execute(statement)).mappings()
    return {row["job_id"]: read(row) for row in rows}


async def last_sent(connection: AsyncConnection, job_id: int) -> Delivery | None:
    """Return the last message that brought this job's result: its words, or then its sound."""
    statement = (
        sa.select(deliveries)
        .where(
            deliveries.c.job_id == job_id,
            deliveries.c.kind.in_([DeliveryKind.RESULT, DeliveryKind.VOICE]),
            deliveries.c.state == DeliveryState.SENT,
        )
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else read(row)
