"""The database: whether it answers, is whole, takes writes and has this version's schema."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.check.finding import Finding, ok, warning, wrong
from storage import integrity, migrate, writable
from storage.database import Address, Database
from storage.errors import StorageError
from storage.migrate import Schema


async def look(address: Address) -> tuple[Schema | None, Finding]:
    """Look without changing anything; the schema is None if nobody can tell."""
    refusal = None if address.path is None else await asyncio.to_thread(_refusal, address.path)
    if refusal is not None:
        return None, wrong("database", refusal)
    try:
        schema = await _schema(address)
    except StorageError as error:
        return None, wrong("database", str(error))
    return schema, _finding(address.kind, schema)


def _finding(kind: str, schema: Schema) -> Finding:
    match schema:
        case Schema.EMPTY:
            return ok("database", f"{kind}, still empty; it is prepared at the first start.")
        case Schema.OLDER:
            return warning(
                "database",
                f"{kind}, of an older version; the next start brings it up to date. Make a copy "
                "before (docs/operating.md).",
            )
        case Schema.CURRENT:
            return ok("database", f"{kind}, whole and up to date.")
        case Schema.NEWER:
            return wrong(
                "database",
                f"{kind}, written by a newer version of Foley than this one. Start that version, "
                "or restore a copy made before it.",
            )


async def _schema(address: Address) -> Schema:
    if address.path is not None and not address.path.exists():
        return Schema.EMPTY  # to look into it would make it
    await integrity.look(address)
    database = Database.open(address)
    try:
        async with database.write() as connection:
            await writable.check(connection)
        return await migrate.look(database)
    finally:
        await database.close()


@asynccontextmanager
async def reading(address: Address) -> AsyncIterator[AsyncConnection]:
    """Give a connection to a database that is there. Raises StorageError."""
    database = Database.open(address)
    try:
        async with database.read() as connection:
            yield connection
    finally:
        await database.close()


def _refusal(path: Path) -> str | None:
    """Return why nothing can be written into SQLite's file, or where it will be made."""
    folder = next(each for each in path.absolute().parents if each.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"Nothing can be written into {folder}; let the bot's user write there."
    if path.exists() and not os.access(path, os.W_OK):
        return f"{path} cannot be written to; let the bot's user write to it."
    return None
