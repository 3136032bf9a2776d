"""Leases by name: work that one process at a time does for all of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import leases
from storage.upsert import insert


async def hold(
    connection: AsyncConnection, name: str, holder: str, now: datetime, length: timedelta
) -> bool:
    """Take or keep the lease until `now + length`. False: somebody else holds it."""
    until = now + length
    fresh = insert(connection, leases).values(name=name, holder=holder, until=until)
    statement = fresh.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "until": until},
        where=sa.or_(leases.c.holder == holder, leases.c.until <= now),
    ).returning(leases.c.holder)
    return (await connection.execute(statement)).one_or_none() is not None


async def give_back(connection: AsyncConnection, holder: str) -> None:
    """Let somebody else take over at once what this holder holds."""
    await connection.execute(sa.delete(leases).where(leases.c.holder == holder))


async def alone(connection: AsyncConnection, number: int) -> None:
    """Wait until nobody else is in a transaction that has asked for this number.

    SQLite has one writer anyway; PostgreSQL's lock is gone with the transaction.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
