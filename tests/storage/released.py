"""What operators of older versions have in their databases: see tests/upgrades."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import migrate
from storage.database import Database
from tests.storage.stores import Store
from tests.upgrades.__main__ import FOLDER

RELEASED = sorted(path.stem for path in FOLDER.glob("*.sql"))

# Tables by name, each row as the database gives it.
Tables = dict[str, list[Mapping[str, Any]]]


def dump(revision: str) -> str:
    """Return the statements that make this version's database in SQLite."""
    return (FOLDER / f"{revision}.sql").read_text("utf-8")


async def bring_in(revision: str, store: Store) -> None:
    """Make an empty store be what that version left behind."""
    if store.address.path is not None:
        _write_file(revision, store.address.path)
        return
    database = store.open()
    try:
        async with database.rebuild() as connection:
            await connection.run_sync(migrate_to, revision)
            await connection.run_sync(_write_server, rows_of(revision))
    finally:
        await database.close()


def migrate_to(connection: sa.Connection, revision: str) -> None:
    """Bring an older schema to this revision, which need not be the newest one."""
    migrate._run(connection, revision)


def _write_file(revision: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump(revision))


def rows_of(revision: str) -> Tables:
    """Return all rows, by table, as SQLite keeps them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(dump(revision))
        connection.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [row["name"] for row in connection.execute(named)]
        return {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - our own names
            for name in names
        }


def _write_server(connection: sa.Connection, tables: Tables) -> None:
    """Write the rows of a file into PostgreSQL, and have it count on from them."""
    there = sa.MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        for row in tables[table.name] if table.name != "alembic_version" else ():
            connection.execute(sa.insert(table).values(_heard(table, row)))
    for given in tables["sqlite_sequence"]:
        sequence = sa.func.pg_get_serial_sequence(given["name"], "id")
        connection.execute(sa.select(sa.func.setval(sequence, given["seq"])))


def _heard(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _hear(table.c[name], value) for name, value in row.items() if value is not None}


def _hear(column: sa.Column[Any], value: Any) -> Any:
    """Return what SQLite keeps as a number or as text in PostgreSQL's own type."""
    if isinstance(column.type, sa.Boolean):
        return bool(value)
    if isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return json.loads(value) if isinstance(column.type, sa.JSON) else value


Reader = Sequence[sa.Select[Any]]


async def readers(database: Database) -> Reader:
    """Return what reads every row and column that is there now."""
    async with database.read() as connection:
        return await connection.run_sync(_readers)


def _readers(connection: sa.Connection) -> Reader:
    there = sa.MetaData()
    there.reflect(connection)
    return [
        sa.select(sa.literal(table.name), *map(_plain, table.columns)).order_by(*table.primary_key)
        for table in there.sorted_tables
        if table.name != "alembic_version"
    ]


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text)


async def everything(connection: AsyncConnection, reader: Reader) -> list[Any]:
    """Return what they read."""
    return [row for select in reader for row in await connection.execute(select)]
