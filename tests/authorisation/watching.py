"""The database before and after: what was changed, and whose it is."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

# What nobody did on purpose: what words were found, who was seen or told, and the bot's own notes.
_UNWATCHED = frozenset({"facts", "leases", "word_hits", "alembic_version", "sqlite_sequence"})
_UNWATCHED_COLUMNS = frozenset({"last_seen_at", "told_at"})
_PEOPLE = ("person_id", "requester_id", "reporter_id")

Row = Mapping[str, Any]
Books = Mapping[tuple[str, int], Row]


class Database:
    """The bot's database, read and put back behind its back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = sqlite3.connect(":memory:")
        self._watcher = sqlite3.connect(path)
        self._watcher.row_factory = sqlite3.Row

    def close(self) -> None:
        """Let go of it."""
        self._kept.close()
        self._watcher.close()

    def version(self) -> int:
        """Return a number that changes whenever anybody writes."""
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def keep(self) -> None:
        """Remember how it is now."""
        self._watcher.backup(self._kept)

    def put_back(self) -> None:
        """Have it be as it was kept."""
        with closing(sqlite3.connect(self._path)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it need not outlive the test
            self._kept.backup(target)

    def books(self) -> Books:
        """Return all rows that are watched."""
        named = self._watcher.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [row["name"] for row in named if row["name"] not in _UNWATCHED]
        return {
            (table, row["_number"]): _watched(row)
            for table in tables
            for row in self._watcher.execute(f"SELECT rowid AS _number, * FROM {table}")  # noqa: S608 - our own tables
        }


def _watched(row: sqlite3.Row) -> Row:
    return {name: value for name, value in dict(row).items() if name not in _UNWATCHED_COLUMNS}


def touched(before: Books, after: Books) -> Iterator[tuple[str, Row]]:
    """Yield what was added, changed or taken away, with its table."""
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield key[0], after.get(key) or before[key]


def owners(table: str, row: Row, books: Books) -> tuple[set[int], set[int]]:
    """Return whose row it is: the people and the guilds."""
    people = {row[name] for name in _PEOPLE if row.get(name)}
    guilds = {row["guild_id"]} if row.get("guild_id") else set()
    if table == "people":
        people.add(row["id"])
    if table == "guilds":
        guilds.add(row["id"])
    for name, above in (("job_id", "jobs"), ("case_id", "cases")):
        found = books.get((above, row.get(name) or 0))
        if found is not None:
            more_people, more_guilds = owners(above, found, books)
            people |= more_people
            guilds |= more_guilds
    return people, guilds
