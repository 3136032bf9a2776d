"""Notices: each person is told once, by direct message or with their next command."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, notices, people
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.notices import NoticeKind
from storage.schema import deliveries as rows
from tests.storage.makers import ANN, BOB, LEASE, NOON, add_job, after


async def tell(
    connection: AsyncConnection,
    person_id: int = ANN,
    what: NoticeKind = NoticeKind.REMOVED,
    *,
    agreed: bool | None = None,
) -> None:
    await people.note(connection, person_id, NOON)
    await people.prefer(connection, person_id, NOON, direct=agreed)
    await notices.add(connection, person_id, 1, what, "Too loud.", NOON)


async def promised(connection: AsyncConnection) -> list[Any]:
    statement = sa.select(rows.c.kind, rows.c.person_id, rows.c.notice_id)
    return [tuple(row) for row in await connection.execute(statement)]


async def test_who_has_not_agreed_is_told_later_and_gets_no_direct_message(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection)
        for agreed in (None, False):
            await tell(connection, agreed=agreed)
        (found,) = await notices.untold(connection, ANN)
        assert (found.what, found.words, found.at) == (NoticeKind.REMOVED, "Too loud.", NOON)
        assert await promised(connection) == []
        assert await notices.get(connection, found.id) == found
        await notices.note_told(connection, [found.id], after(5))
        assert await notices.untold(connection, ANN) == []


async def test_who_has_agreed_gets_one_direct_message_and_is_told_nothing_else(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection)
        for _ in range(2):
            await tell(connection, BOB, NoticeKind.REPORT_REMOVED, agreed=True)
        assert await promised(connection) == [(DeliveryKind.NOTICE, BOB, 1)]
        assert await notices.untold(connection, BOB) == []


async def test_a_direct_message_that_cannot_be_sent_leaves_it_to_the_next_command(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection)
        await tell(connection, agreed=True)
        (claimed,) = await deliveries.claim(connection, 5, NOON, LEASE)
        assert await notices.untold(connection, ANN) == []
        await deliveries.give_up(connection, claimed, "closed")
        assert [each.what for each in await notices.untold(connection, ANN)] == ["removed"]
        # It is nothing that the job's own message would be.
        assert await deliveries.untold(connection, ANN) == []
