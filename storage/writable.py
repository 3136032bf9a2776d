"""Whether a database takes writes, without writing anything."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import UnavailableError


async def check(connection: AsyncConnection) -> None:
    """Raise UnavailableError if this transaction, which is meant for writing, may only read.

    On SQLite, that it was opened is proof enough: it holds the lock for writing.
    """
    if connection.dialect.name != "postgresql":
        return
    answer = await connection.execute(sa.text("SHOW transaction_read_only"))
    if answer.scalar_one() == "on":
        raise UnavailableError(
            "The database takes no writes; DATABASE_URL must name the primary server."
        )
