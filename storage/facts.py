"""Small facts that must outlive a restart, such as which commands Discord was last given."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import facts
from storage.upsert import insert


async def get(connection: AsyncConnection, name: str) -> str | None:
    """Return the fact's value, or None."""
    statement = sa.select(facts.c.value).where(facts.c.name == name)
    return (await connection.execute(statement)).scalar_one_or_none()


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Write the fact down, over an older value."""
    fresh = insert(connection, facts).values(name=name, value=value)
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


async def forget(connection: AsyncConnection, name: str) -> bool:
    """Forget the fact. False: it was not known."""
    statement = sa.delete(facts).where(facts.c.name == name).returning(facts.c.name)
    return (await connection.execute(statement)).one_or_none() is not None


async def forget_all(connection: AsyncConnection, beginning: str) -> None:
    """Forget the facts whose names begin so."""
    await connection.execute(sa.delete(facts).where(facts.c.name.startswith(beginning)))
