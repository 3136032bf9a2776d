"""The operator's pause: nothing new is taken, on any server, until it is over."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, facts, jobs
from storage.database import Database
from storage.states import UNDER_WAY, JobState

_NAME = "paused"


class Left(NamedTuple):
    """How much there still is to do."""

    waiting: int
    making: int
    posting: int
    reviewing: int

    def __bool__(self) -> bool:
        """Tell whether there is anything that ends by itself; moderators may take days."""
        return bool(self.waiting or self.making or self.posting)


async def words(connection: AsyncConnection) -> str | None:
    """Return what the operator says of the pause, perhaps nothing; None: there is none."""
    return await facts.get(connection, _NAME)


async def pause(database: Database, said: str) -> None:
    """Begin a pause, or say something else about it."""
    async with database.write() as connection:
        await facts.put(connection, _NAME, said.strip())


async def resume(database: Database) -> bool:
    """End the pause. False: there was none."""
    async with database.write() as connection:
        return await facts.forget(connection, _NAME)


async def left(database: Database) -> Left:
    """Return how much there still is to do."""
    async with database.read() as connection:
        return Left(
            await jobs.count(connection, [JobState.QUEUED]),
            await jobs.count(connection, UNDER_WAY),
            await deliveries.count_open(connection),
            await jobs.count(connection, [JobState.HELD]),
        )
