"""The database that a command works on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import StorageSettings
from storage import migrate
from storage.database import Database


@asynccontextmanager
async def opened(*, upgraded: bool = True) -> AsyncIterator[Database]:
    """Open the database of the settings; `upgraded`: brought to this version's schema before."""
    database = Database.open(StorageSettings.load().database)
    try:
        if upgraded:
            await migrate.upgrade(database)
        yield database
    finally:
        await database.close()
