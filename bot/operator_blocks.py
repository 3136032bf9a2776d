"""The operator's blocks: people who may ask for nothing, in any guild or in direct messages."""

from datetime import datetime, timedelta

from bot.jobs.rules import lift_block, put_block
from storage import blocks
from storage.blocks import EVERYWHERE, Block
from storage.database import Database

# Blocks of the operator's are by nobody on Discord.
_NOBODY = 0


async def put(
    database: Database, person_id: int, reason: str, length: timedelta | None, now: datetime
) -> Block:
    """Block a person everywhere; `length` None: until it is lifted."""
    until = None if length is None else now + length
    block = Block(EVERYWHERE, person_id, until, reason.strip(), _NOBODY, now)
    async with database.write() as connection:
        await put_block(connection, block, now)
    return block


async def lift(database: Database, person_id: int, now: datetime) -> bool:
    """End a person's block. False: there was none."""
    async with database.write() as connection:
        return await lift_block(connection, EVERYWHERE, person_id, _NOBODY, now)


async def every(database: Database, now: datetime) -> list[Block]:
    """Return who is blocked everywhere, newest first."""
    async with database.read() as connection:
        return await blocks.of_guild(connection, EVERYWHERE, now)
