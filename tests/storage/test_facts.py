"""Facts: one value a name, the newest."""

from storage import facts
from storage.database import Database


async def test_a_fact_is_unknown_until_it_is_put_and_then_the_newest(database: Database) -> None:
    async with database.write() as connection:
        assert await facts.get(connection, "commands") is None
        await facts.put(connection, "commands", "1")
        await facts.put(connection, "other", "x")
        await facts.put(connection, "commands", "2")
    async with database.read() as connection:
        assert await facts.get(connection, "commands") == "2"
        assert await facts.get(connection, "other") == "x"
