"""A schema as its database itself words it, to be compared with another one's."""

import re

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database


async def definitions(database: Database) -> set[str]:
    """Return every table, column, constraint and index as the database itself words it."""
    async with database.read() as connection:
        if connection.dialect.name == "sqlite":
            return await _sqlite_definitions(connection)
        return await _postgres_definitions(connection)


async def _sqlite_definitions(connection: AsyncConnection) -> set[str]:
    statement = sa.text(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
    )
    return {
        f"{row.name}: {part}"
        for row in await connection.execute(statement)
        for part in _parts(" ".join(row.sql.split()))
    }


def _parts(statement: str) -> list[str]:
    """Split at the commas and brackets of the first level: a column that came later stands last."""
    parts, depth = [""], 0
    for letter in statement:
        depth += (letter == "(") - (letter == ")")
        if (letter == "," and depth == 1) or (letter == "(" and depth == 1) or depth < 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [each for part in parts for each in _reference_apart(part.strip(" )"))]


def _reference_apart(part: str) -> list[str]:
    """Split off what a column refers to: with one that came later it stands, without a name."""
    part = re.sub(r"^CONSTRAINT fk_\w+ FOREIGN KEY\((\w+)\)", r"\1", part)
    column, references, target = part.partition(" REFERENCES ")
    if not references:
        return [part]
    name = column.split()[0]
    return [*([column] if column != name else []), f"{name} REFERENCES {target}"]


async def _postgres_definitions(connection: AsyncConnection) -> set[str]:
    statements = (
        """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
               column_default, is_identity
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name != 'alembic_version'
        """,
        """
        SELECT indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename != 'alembic_version'
        """,
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
              AND conrelid::regclass::text != 'alembic_version'
        """,
    )
    return {
        " ".join(map(str, row))
        for statement in statements
        for row in await connection.execute(sa.text(statement))
    }
