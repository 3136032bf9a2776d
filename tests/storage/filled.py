"""A database with rows in every table, drawn from a seed; a new table is drawn by itself."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import transfer
from storage.database import Database
from storage.schema import UtcDateTime
from storage.text import OutsideText

ROWS = 12
# What orders letters in its own way, quotes, breaks lines, or is more than a char in C or Java.
_LETTERS = "aZbY_ é߀'\"\\\n\u2028%{}語\N{WATER WAVE}"
_TREES: list[Any] = [
    None,
    {},
    [],
    {"seed": 2**60 + 1, "a": 1.5, "b": [True, None, {"z": "\ud83c", "a": ""}]},
    "語 \N{WATER WAVE}",
    0,
]


async def fill(database: Database, seed: int) -> None:
    """Write ROWS rows into every table, then delete the last of each that nothing refers to."""
    draw = random.Random(seed)
    keys: dict[str, list[Any]] = {}
    async with database.rebuild() as connection:
        for table in transfer.tables():
            rows = [_row(table, number, draw, keys) for number in range(ROWS)]
            await connection.execute(sa.insert(table), rows)
            for column in table.columns:
                keys[f"{table.name}.{column.name}"] = [row[column.name] for row in rows]
        for table in reversed(transfer.tables()):
            number = table.autoincrement_column
            if number is not None:
                highest = sa.select(sa.func.max(number)).scalar_subquery()
                await connection.execute(sa.delete(table).where(number == highest))


def _row(
    table: sa.Table, number: int, draw: random.Random, keys: dict[str, list[Any]]
) -> dict[str, Any]:
    return {column.name: _value(table, column, number, draw, keys) for column in table.columns}


def _value(
    table: sa.Table,
    column: sa.Column[Any],
    number: int,
    draw: random.Random,
    keys: dict[str, list[Any]],
) -> Any:
    if column.nullable and draw.random() < 0.3:
        return sa.null() if isinstance(column.type, sa.JSON) else None
    for reference in column.foreign_keys:
        return keys[reference.target_fullname][number]  # each parent once: nothing is twice
    if column is table.autoincrement_column:
        return number * 3 + 1
    if among := _allowed(table, column):
        return draw.choice(among)
    return _DRAWN[type(column.type)](column, number, draw)


def _allowed(table: sa.Table, column: sa.Column[Any]) -> list[str]:
    rules = [
        str(each.sqltext) for each in table.constraints if isinstance(each, sa.CheckConstraint)
    ]
    fitting = [rule for rule in rules if rule.startswith(f"{column.name} IN ")]
    return re.findall(r"'(\w+)'", "".join(fitting))


def _text(column: sa.Column[Any], number: int, draw: random.Random) -> str:
    longest = getattr(column.type, "longest", None) or getattr(column.type, "length", None) or 40
    room = min(longest, 40) - 2
    letters = "".join(draw.choices(_LETTERS, k=draw.randrange(room)))
    return f"{letters[:room]}{number:02}"


def _big(_column: sa.Column[Any], number: int, draw: random.Random) -> int:
    return draw.randrange(2**53, 2**63 - ROWS) // ROWS * ROWS + number


def _time(_column: sa.Column[Any], number: int, draw: random.Random) -> datetime:
    microseconds = draw.choice([0, 1, 120_000, 999_999])
    return datetime(2026, 10, 25, tzinfo=UTC) + timedelta(hours=number, microseconds=microseconds)


_DRAWN: dict[type[Any], Callable[[sa.Column[Any], int, random.Random], Any]] = {
    sa.BigInteger: _big,
    sa.Integer: lambda _column, _number, draw: draw.randrange(2**31),
    sa.Boolean: lambda _column, _number, draw: draw.random() < 0.5,
    sa.JSON: lambda _column, _number, draw: draw.choice(_TREES),
    UtcDateTime: _time,
} | dict.fromkeys((sa.String, sa.Text, OutsideText), _text)
