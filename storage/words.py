"""Words that moderators do not want in prompts, and what of them was found lately."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import word_hits, words
from storage.upsert import insert

EVERYWHERE = 0
"""The guild whose words hold in all guilds and outside them; what is found outside is its, too."""

# How many rows one statement brings; SQLite counts the values in it.
_AT_ONCE = 500


@dataclass(frozen=True)
class NewWord:
    """A rule before it is kept. `reason` is what the person reads; `trial`: it only notes."""

    kind: str
    text: str
    reason: str = ""
    trial: bool = False


@dataclass(frozen=True)
class Word:
    """A rule of a guild, or of EVERYWHERE. The fields are the columns of the table."""

    id: int
    guild_id: int
    kind: str
    text: str
    reason: str
    trial: bool
    by: int
    at: datetime


@dataclass(frozen=True)
class Hit:
    """A rule found in what somebody asked for; `trial`: it was made all the same."""

    id: int
    guild_id: int
    interaction_id: int
    person_id: int
    at: datetime
    kind: str
    text: str
    trial: bool
    prompt: str


async def version(connection: AsyncConnection, guild_id: int) -> tuple[int, int]:
    """Return what changes whenever the guild's rules do: how many there are, and their ids' sum."""
    # A rule that is changed gets a new id, and ids only grow.
    statement = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(words.c.id), 0)).where(
        words.c.guild_id == guild_id
    )
    count, total = (await connection.execute(statement)).one()
    return int(count), int(total)


async def of_guild(connection: AsyncConnection, guild_id: int) -> list[Word]:
    """Return all the guild's own rules, oldest first."""
    statement = sa.select(words).where(words.c.guild_id == guild_id).order_by(words.c.id)
    return [Word(**row) for row in (await connection.execute(statement)).mappings()]


async def put(
    connection: AsyncConnection, guild_id: int, new: Iterable[NewWord], by: int, now: datetime
) -> None:
    """Keep these rules, each instead of the one of the same kind and text, if there is one."""
    every = list(new)
    await remove(connection, guild_id, [(word.kind, word.text) for word in every])
    rows = [
        {
            "guild_id": guild_id,
            "kind": word.kind,
            "text": word.text,
            "reason": word.reason,
            "trial": word.trial,
            "by": by,
            "at": now,
        }
        for word in every
    ]
    if rows:
        # Somebody else may keep the same rule at this moment.
        once = insert(connection, words).on_conflict_do_nothing(
            index_elements=["guild_id", "kind", "text"]
        )
        await connection.execute(once, rows)


async def remove(
    connection: AsyncConnection, guild_id: int, names: Collection[tuple[str, str]]
) -> int:
    """Forget the rules with these kinds and texts; return how many there were."""
    every, count = list(names), 0
    for start in range(0, len(every), _AT_ONCE):
        named = sa.tuple_(words.c.kind, words.c.text).in_(every[start : start + _AT_ONCE])
        statement = sa.delete(words).where(words.c.guild_id == guild_id, named)
        count += (await connection.execute(statement)).rowcount
    return count


async def note_hits(
    connection: AsyncConnection,
    found: Collection[Word],
    now: datetime,
    *,
    guild_id: int,
    interaction_id: int,
    person_id: int,
    prompt: str,
) -> None:
    """Remember which rules were found in a prompt; of one interaction each rule once."""
    rows = [
        {
            "guild_id": guild_id,
            "interaction_id": interaction_id,
            "person_id": person_id,
            "at": now,
            "kind": word.kind,
            "text": word.text,
            "trial": word.trial,
            "prompt": prompt,
        }
        for word in found
    ]
    if rows:
        once = insert(connection, word_hits).on_conflict_do_nothing(
            index_elements=["interaction_id", "kind", "text"]
        )
        await connection.execute(once, rows)


async def forget_hits(connection: AsyncConnection, before: datetime) -> None:
    """Forget what was found before this time, in every guild."""
    await connection.execute(sa.delete(word_hits).where(word_hits.c.at < before))


async def any_hits(connection: AsyncConnection, before: datetime) -> bool:
    """Tell whether something was found before this time."""
    statement = sa.select(sa.exists().where(word_hits.c.at < before))
    return bool((await connection.execute(statement)).scalar_one())


async def recent_hits(connection: AsyncConnection, guild_id: int, limit: int) -> list[Hit]:
    """Return what was found last in this guild, newest first."""
    statement = (
        sa.select(word_hits)
        .where(word_hits.c.guild_id == guild_id)
        .order_by(word_hits.c.id.desc())
        .limit(limit)
    )
    return [Hit(**row) for row in (await connection.execute(statement)).mappings()]
