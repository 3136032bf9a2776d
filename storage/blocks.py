"""Blocks: people who may ask for nothing, in a guild or anywhere."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import blocks
from storage.upsert import insert

EVERYWHERE = 0
"""The guild of a block that holds in every guild, and in direct messages."""


@dataclass(frozen=True)
class Block:
    """Who may ask for nothing; `until` None: until somebody lifts it. The table's columns."""

    guild_id: int
    person_id: int
    until: datetime | None
    reason: str
    by: int
    at: datetime


async def put(connection: AsyncConnection, block: Block) -> None:
    """Block a person; an earlier block in the same guild is replaced."""
    values = {name: getattr(block, name) for name in Block.__dataclass_fields__}
    fresh = insert(connection, blocks).values(**values)
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=["guild_id", "person_id"], set_=values)
    )


async def lift(connection: AsyncConnection, guild_id: int, person_id: int) -> bool:
    """End a person's block. False: there was none."""
    statement = (
        sa.delete(blocks)
        .where(blocks.c.guild_id == guild_id, blocks.c.person_id == person_id)
        .returning(blocks.c.person_id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def of_person(
    connection: AsyncConnection, guild_id: int | None, person_id: int, now: datetime
) -> Block | None:
    """Return the block that keeps a person from asking here and now; one everywhere goes first."""
    statement = (
        _holding(now)
        .where(
            blocks.c.person_id == person_id,
            blocks.c.guild_id.in_([EVERYWHERE, guild_id or EVERYWHERE]),
        )
        .order_by(blocks.c.guild_id)
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Block(**row)


async def of_guild(connection: AsyncConnection, guild_id: int, now: datetime) -> list[Block]:
    """Return the blocks that hold in a guild now, newest first."""
    statement = _holding(now).where(blocks.c.guild_id == guild_id).order_by(blocks.c.at.desc())
    return [Block(**row) for row in (await connection.execute(statement)).mappings()]


def _holding(now: datetime) -> sa.Select[tuple[object, ...]]:
    return sa.select(blocks).where(sa.or_(blocks.c.until.is_(None), blocks.c.until > now))
