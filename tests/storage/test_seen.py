"""People and guilds: first seen once, last seen each time."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import guilds, people, schema
from storage.database import Database
from tests.storage.makers import ANN, BOB, NOON, after

Note = Callable[[AsyncConnection, int, datetime], Awaitable[None]]


@pytest.mark.parametrize(
    ("note", "table"), [(people.note, schema.people), (guilds.note, schema.guilds)]
)
async def test_the_first_time_stays_and_the_last_time_moves(
    database: Database, note: Note, table: sa.Table
) -> None:
    async with database.write() as connection:
        await note(connection, ANN, NOON)
        await note(connection, BOB, after(5))
        await note(connection, ANN, after(9))
    async with database.read() as connection:
        seen = sa.select(table.c.id, table.c.first_seen_at, table.c.last_seen_at)
        rows = (await connection.execute(seen.order_by(table.c.id))).all()
    assert [tuple(row) for row in rows] == [(ANN, NOON, after(9)), (BOB, after(5), after(5))]
