"""People who asked for something: when they were seen, and what they have chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import people
from storage.seen import note_seen


@dataclass(frozen=True)
class Preferences:
    """What a person has chosen for all their jobs.

    `language` None: that of their Discord. `direct` None: not asked yet whether results may come
    by direct message. `defaults`: {kind: {"model": ..., option: value}}.
    """

    language: str | None = None
    mention: bool = True
    private: bool = False
    direct: bool | None = None
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_COLUMNS = [people.c[name] for name in Preferences.__dataclass_fields__]


async def note(connection: AsyncConnection, person_id: int, now: datetime) -> None:
    """Remember that this person asked for something at `now`."""
    await note_seen(connection, people, person_id, now)


async def preferences(connection: AsyncConnection, person_id: int) -> Preferences:
    """Return what this person has chosen; what nobody chose is as Preferences has it."""
    statement = sa.select(*_COLUMNS).where(people.c.id == person_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return Preferences()
    return Preferences(**{**row, "defaults": row["defaults"] or {}})


async def prefer(
    connection: AsyncConnection, person_id: int, now: datetime, **chosen: Any
) -> Preferences:
    """Change some of a person's preferences, by their names; return all of them."""
    await note(connection, person_id, now)
    await connection.execute(sa.update(people).where(people.c.id == person_id).values(**chosen))
    return await preferences(connection, person_id)
