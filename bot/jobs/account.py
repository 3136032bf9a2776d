"""What the account's list and the database say together about lost POSTs."""

from datetime import datetime, timedelta

from bot.jobs.adoption import Evidence
from bot.netmind.client import NetmindClient
from storage import jobs, posts
from storage.database import Database

# POSTs without an outcome that are older do not matter any more.
REMEMBERED = timedelta(minutes=15)


async def look(database: Database, netmind: NetmindClient, now: datetime) -> Evidence:
    """Read the list, then the database: in this order whatever is listed has a POST by then.

    Raises NetmindError, UnavailableError.
    """
    listed = await netmind.list()
    async with database.read() as connection:
        owners = await jobs.of_generations(connection, [each.id for each in listed])
        unclear = await posts.unclear(connection, now - REMEMBERED)
    return Evidence(unclear, listed, owners)
