"""Bring the schema up to date, one process at a time.

The whole upgrade is one transaction under a lock: SQLite's writer lock, or an advisory lock on
PostgreSQL. A second process waits, then finds nothing to do.
"""

from enum import Enum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import integrity
from storage.database import Database
from storage.errors import NewerSchemaError

# Any number will do, as long as it is always the same one.
_LOCK = 7_305_100_897


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
    async with database.rebuild() as connection:
        await _lock(connection)
        before = await connection.run_sync(_look)
        if before is Schema.NEWER:
            raise NewerSchemaError(
                "The database was written by a newer version of Foley. "
                "Start that version, or restore a backup made before it."
            )
        if before is not Schema.CURRENT:
            await connection.run_sync(_run)
        return before


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def relation(revision: str | None) -> Schema:
    """Tell how a schema of this revision relates to ours; None: there is none yet."""
    script = ScriptDirectory.from_config(_config())
    if revision is None:
        return Schema.EMPTY
    if revision == script.get_current_head():
        return Schema.CURRENT
    known = {each.revision for each in script.walk_revisions()}
    return Schema.OLDER if revision in known else Schema.NEWER


def _look(connection: sa.Connection) -> Schema:
    return relation(MigrationContext.configure(connection).get_current_revision())


def _run(connection: sa.Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
