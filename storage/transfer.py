"""Rows on their way out of one database and into another, in a form that says the same in both.

A row is a dict that JSON can say: times in ISO 8601 and UTC, columns of JSON as they are. A column
without a value is left out, because JSON's null is one. Rows come in the order of their primary
key, letters by their bytes. Nothing here names a table: what is in the schema goes along.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import StorageError
from storage.schema import UtcDateTime, metadata

BATCH = 1000

# Each database has an order of letters of its own; by their bytes both agree.
_BY_BYTES = {"sqlite": "BINARY", "postgresql": "C"}

# SQLite's own table of the last ids.
_GIVEN = sa.table("sqlite_sequence", sa.column("name", sa.Text), sa.column("seq", sa.BigInteger))

Row = dict[str, Any]


class NotEmptyError(StorageError):
    """Rows can only be brought into a database that has none."""


class RowsRefusedError(StorageError):
    """The database does not take the rows; str() names the table."""


def tables() -> list[sa.Table]:
    """Return every table, each after those that it refers to."""
    return metadata.sorted_tables


async def rows(connection: AsyncConnection, table: sa.Table) -> AsyncIterator[list[Row]]:
    """Yield the table's rows, BATCH at a time."""
    said = [(column.name, _say(column)) for column in table.columns]
    order = [_ordered(connection, column) for column in table.primary_key]
    batch = sa.select(*map(_readable, table.columns)).order_by(*order).limit(BATCH)
    statement = batch
    while found := (await connection.execute(statement)).mappings().all():
        yield [
            {name: say(value) for name, say in said if (value := row[name]) is not None}
            for row in found
        ]
        last = [sa.literal(found[-1][each.name], each.type) for each in table.primary_key]
        statement = batch.where(sa.tuple_(*order) > sa.tuple_(*last))


def _ordered(connection: AsyncConnection, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.String):
        return sa.collate(column, _BY_BYTES[connection.dialect.name])
    return column


def _readable(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.JSON):
        # Its text tells null from nothing.
        return sa.cast(column, sa.Text).label(column.name)
    return column


def _say(column: sa.Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UtcDateTime):
        return datetime.isoformat
    return json.loads if isinstance(column.type, sa.JSON) else _same


def _same(value: Any) -> Any:
    return value


async def put(connection: AsyncConnection, table: sa.Table, batch: Sequence[Row]) -> None:
    """Write rows as they were said. Raises RowsRefusedError."""
    hear = {column.name: _hear(column) for column in table.columns}
    empty = {column.name: _nothing(column) for column in table.columns}
    try:
        values = [empty | {name: hear[name](value) for name, value in row.items()} for row in batch]
        await connection.execute(sa.insert(table), values)
    except (TypeError, ValueError, KeyError) as error:
        raise RowsRefusedError(f"A row of {table.name} cannot be read: {error}.") from error
    except sa.exc.IntegrityError as error:
        # The lines after the first may repeat the row.
        why = str(error.orig).partition("\n")[0]
        raise RowsRefusedError(f"The database refuses rows of {table.name}: {why}.") from error


def _hear(column: sa.Column[Any]) -> Callable[[Any], Any]:
    return datetime.fromisoformat if isinstance(column.type, UtcDateTime) else _same


def _nothing(column: sa.Column[Any]) -> Any:
    return sa.null() if isinstance(column.type, sa.JSON) else None


async def claim_empty(connection: AsyncConnection) -> None:
    """See that no table has a row, and let nobody write one before the transaction's end.

    Raises NotEmptyError.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables())
        await connection.execute(sa.text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    full = [table.name for table in tables() if await _has_rows(connection, table)]
    if full:
        raise NotEmptyError(
            f"The database has rows already, in {', '.join(full)}. "
            "Name an empty one in DATABASE_URL."
        )


async def _has_rows(connection: AsyncConnection, table: sa.Table) -> bool:
    return bool(await connection.scalar(sa.select(sa.exists().select_from(table))))


async def last_id(connection: AsyncConnection, table: sa.Table) -> int | None:
    """Return the highest id that was ever given, deleted rows' too; None: it gives none itself."""
    if table.autoincrement_column is None:
        return None
    if connection.dialect.name == "sqlite":
        given = sa.select(_GIVEN.c.seq).where(_GIVEN.c.name == table.name)
        return await connection.scalar(given) or 0
    sequence = sa.text(str(await connection.scalar(sa.select(_sequence(table)))))
    last, called = sa.column("last_value", sa.BigInteger), sa.column("is_called", sa.Boolean)
    state = (await connection.execute(sa.select(last, called).select_from(sequence))).one()
    return int(state.last_value) if state.is_called else int(state.last_value) - 1


async def set_last_id(connection: AsyncConnection, table: sa.Table, last: int) -> None:
    """Have the next id be higher than this, and than any that is there."""
    there = await connection.scalar(sa.select(sa.func.max(table.autoincrement_column)))
    highest = max(last, there or 0)
    if connection.dialect.name == "sqlite":
        await connection.execute(sa.delete(_GIVEN).where(_GIVEN.c.name == table.name))
        await connection.execute(sa.insert(_GIVEN).values(name=table.name, seq=highest))
        return
    # Where none was given yet, 1 is the next, not the last.
    value = sa.literal(max(highest, 1), sa.BigInteger)
    await connection.execute(sa.select(sa.func.setval(_sequence(table), value, highest > 0)))


def _sequence(table: sa.Table) -> sa.Function[Any]:
    assert table.autoincrement_column is not None  # noqa: S101 - asked for such tables alone
    return sa.func.pg_get_serial_sequence(table.name, table.autoincrement_column.name)
