"""Bring the schema up to date, one process at a time.

The whole upgrade is one transaction under a lock: SQLite's writer lock, or an advisory lock on
PostgreSQL. A second process waits, then finds nothing to do.

An older version may work on PostgreSQL all the while, and waits for what is being changed. The
tables are taken all at once: where that has to wait itself, we give way and begin anew, before
PostgreSQL finds that two wait for each other (after a second) and breaks off the older one's work.
"""

import asyncio
from enum import Enum
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import integrity
from storage.database import Database
from storage.errors import NewerSchemaError, UnavailableError

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = sa.table("alembic_version", sa.column("version_num"))
# Any number will do, as long as it is always the same one.
_LOCK = 7_305_100_897
# Milliseconds for which the tables are waited for, while whoever comes later waits behind us.
_IN_LINE = 500
# Seconds between two tries, and how many there are: an export holds its tables for a minute.
_PAUSE = 1.0
_TRIES = 80
# PostgreSQL's codes: two waited for each other; it took too long.
_IN_THE_WAY = {"40P01", "57014"}


class Schema(Enum):
    """How the database's schema relates to this program's."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


async def look(database: Database) -> Schema:
    """Tell how the schema relates to ours. Raises UnavailableError."""
    async with database.read() as connection:
        return await connection.run_sync(_look)


async def upgrade(database: Database) -> Schema:
    """Bring the schema to this program's; return what it was before.

    Raises NewerSchemaError or BrokenDatabaseError, and then nothing was touched; UnavailableError.
    """
    await integrity.check(database.address)
    for _ in range(_TRIES):
        try:
            return await _upgrade(database)
        except UnavailableError as error:
            if not _may_pass(error):
                raise
        await asyncio.sleep(_PAUSE)
    raise UnavailableError(
        "Another program holds the database's tables; end it, or start again when it is done."
    )


def _may_pass(error: UnavailableError) -> bool:
    """Tell whether somebody's work was in the way."""
    driver = getattr(error.__cause__, "orig", None)
    return getattr(driver, "sqlstate", None) in _IN_THE_WAY


async def _upgrade(database: Database) -> Schema:
    async with database.rebuild() as connection:
        await _lock(connection)
        before = await connection.run_sync(_look)
        if before is Schema.NEWER:
            raise NewerSchemaError(
                "The database was written by a newer version of Foley. "
                "Start that version, or restore a backup made before it."
            )
        if before is not Schema.CURRENT:
            await _take_tables(connection)
            await connection.run_sync(_run)
        return before


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def _take_tables(connection: AsyncConnection) -> None:
    """Have PostgreSQL give us every table there is; SQLite's lock is for all of them."""
    if connection.dialect.name != "postgresql":
        return
    found = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    if found:
        names = ", ".join(f'"{name}"' for name in sorted(found))
        await connection.execute(sa.text(f"SET LOCAL statement_timeout = {_IN_LINE:d}"))
        await connection.execute(sa.text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        await connection.execute(sa.text("SET LOCAL statement_timeout = 0"))


def relation(revision: str | None) -> Schema:
    """Tell how a schema of this revision relates to ours; None: there is none yet."""
    newest, *older = _revisions()
    if revision is None:
        return Schema.EMPTY
    if revision == newest:
        return Schema.CURRENT
    return Schema.OLDER if revision in older else Schema.NEWER


def newest() -> str:
    """Return the revision of this program's schema."""
    return _revisions()[0]


@cache
def _revisions() -> tuple[str, ...]:
    """Return those of the migrations beside this file, the newest first; their names begin so."""
    names = (path.name for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    return tuple(sorted((name.partition("_")[0] for name in names), reverse=True))


def _look(connection: sa.Connection) -> Schema:
    """Read what Alembic has written down."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return relation(None)
    return relation(connection.scalar(sa.select(_VERSION.c.version_num)))


def _run(connection: sa.Connection, revision: str = "head") -> None:
    # Alembic takes 9 MB, and at most starts there is nothing to do for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
