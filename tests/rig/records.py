"""The database as it lies there: read by plain SQL, without any of the bot's own code."""

import asyncio
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tests.rig.evidence import DeliveryRow, EventRow, JobRow, Records

Row = Mapping[str, Any]
Tables = dict[str, list[Row]]

_NAME = re.compile(r"[a-z_]+")
_OPEN_DELIVERIES = frozenset({"pending", "sending"})
_ENDED = frozenset({"finished", "failed", "cancelled", "rejected"})
# A deletion that waits longer than this is not part of the work at hand.
_LATER = timedelta(minutes=2)


async def read_records(url: str) -> Records:
    """Read the database at `sqlite:///...` or `postgresql://...`; one without tables is empty."""
    path = url.removeprefix("sqlite:///")
    tables = await (_postgres(url) if path == url else asyncio.to_thread(_sqlite, Path(path)))
    return Records(
        jobs=tuple(map(_job, tables.get("jobs", []))),
        deliveries=tuple(map(_delivery, tables.get("deliveries", []))),
        events=tuple(map(_event, tables.get("job_events", []))),
        texts={place: text for name, rows in tables.items() for place, text in _texts(name, rows)},
    )


def at_rest(records: Records, now: datetime) -> bool:
    """Tell whether nothing is left that a worker would do by itself."""
    ended = all(row.state in _ENDED for row in records.jobs)
    sent = not any(row.state in _OPEN_DELIVERIES for row in records.deliveries)
    closed = all(row.card_closed for row in records.jobs)
    due = [row for row in records.jobs if row.cleanup_at and row.cleanup_at < now + _LATER]
    return ended and sent and closed and not due


def _sqlite(path: Path) -> Tables:
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [row["name"] for row in connection.execute(named)]
        connection.execute("BEGIN")  # every table at the same moment
        return {
            name: [dict(row) for row in connection.execute(_everything(name))] for name in names
        }


async def _postgres(url: str) -> Tables:
    connection = await asyncpg.connect(url)
    try:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [row["tablename"] for row in await connection.fetch(named)]
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return {
                name: [dict(row) for row in await connection.fetch(_everything(name))]
                for name in names
            }
    finally:
        await connection.close()


def _everything(table: str) -> str:
    assert _NAME.fullmatch(table)
    return f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 - a name of our own schema, checked


def _job(row: Row) -> JobRow:
    named = {name: row[name] for name in JobRow.__dataclass_fields__}
    closed, cleanup = bool(row["card_closed"]), _time(row["cleanup_at"])
    return JobRow(**named | {"card_closed": closed, "cleanup_at": cleanup})


def _delivery(row: Row) -> DeliveryRow:
    return DeliveryRow(**{name: row[name] for name in DeliveryRow.__dataclass_fields__})


def _event(row: Row) -> EventRow:
    named = {name: row[name] for name in EventRow.__dataclass_fields__}
    return EventRow(**named | {"at": _time(row["at"])})


def _time(value: Any) -> datetime | None:
    """SQLite keeps text without a zone."""
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else None
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _texts(table: str, rows: list[Row]) -> list[tuple[str, str]]:
    columns = rows[0].keys() if rows else ()
    found = [
        (f"{table}.{column}", [row[column] for row in rows if isinstance(row[column], str)])
        for column in columns
    ]
    return [(place, "\n".join(texts)) for place, texts in found if texts]
