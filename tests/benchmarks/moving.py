"""Moving house: an export and its import into PostgreSQL, in processes of their own.

The floor is SQLite's own dump, written by Python alone and packed as the export is; and reading
that into a new file. The peer that shows what the program itself takes is an empty database.
"""

import asyncio
import hashlib
import itertools
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from storage import migrate, schema
from storage.database import Database
from tests.benchmarks.report import MB, Report, megabytes, ratio, seconds
from tests.program import ROOT
from tests.storage.stores import running_postgres, sqlite_file

JOBS = 100_000
MOST_MEMORY = 50 * MB
"""More than the program itself takes."""
_STATES = (None, "queued", "submitting", "generating", "finished")
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 10_000

DUMP = """
import gzip, sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database, gzip.open(sys.argv[2], "wt", 6) as file:
    for statement in database.iterdump():
        file.write(statement + "\\n")
"""
READ = """
import gzip, sqlite3, sys
with gzip.open(sys.argv[1], "rt") as file, sqlite3.connect(sys.argv[2]) as database:
    database.executescript(file.read())
"""
# A process begins with the peak of whoever has started it, so that is a small one.
RUNNER = """
import os, sys
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Cost:
    """What a process has taken: CPU seconds, and bytes of memory at its peak."""

    cpu: float
    peak: int


@dataclass(frozen=True)
class Moved:
    """What each way cost, and how many bytes of the export and of the dump were written."""

    export: Cost
    bring: Cost
    idle: Cost
    dump: Cost
    read: Cost
    exported: int
    dumped: int


async def run() -> Report:
    """Measure it as it is promised."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        moved = await measure(Path(name), JOBS)
    more = max(moved.export.peak, moved.bring.peak) - moved.idle.peak
    return Report(
        f"Moving {JOBS:,} jobs from SQLite to PostgreSQL",
        ("", "CPU s", "peak MB", "file MB", "CPU against the floor"),
        [
            _row("export of an empty database", moved.idle, 0, None),
            _row("export from SQLite", moved.export, moved.exported, moved.dump),
            _row("import into PostgreSQL", moved.bring, moved.exported, moved.read),
            _row("floor: SQLite's dump, packed", moved.dump, moved.dumped, None),
            _row("floor: that dump into SQLite", moved.read, moved.dumped, None),
        ],
        [
            f"Each job has {len(_STATES) - 1} events and a delivery.",
            "The import compares every row again; the floor does not, and has all in memory.",
            "The CPU of PostgreSQL's own processes is not counted.",
            f"Promise: at most {megabytes(MOST_MEMORY)} MB more than for an empty database.",
        ],
        [f"It took {megabytes(more)} MB more than for an empty one."] if more > MOST_MEMORY else [],
    )


def _row(title: str, cost: Cost, file: int, floor: Cost | None) -> tuple[str, ...]:
    against = "" if floor is None else ratio(cost.cpu, floor.cpu)
    return title, seconds(cost.cpu), megabytes(cost.peak), megabytes(file) if file else "", against


async def measure(folder: Path, jobs: int) -> Moved:
    """Fill a file, move it, and do the same the plain way."""
    full, empty, zipped, dump = (folder / name for name in ("a.db", "b.db", "a.zip", "a.sql.gz"))
    for path, count in ((full, jobs), (empty, 0)):
        await make(path, count)
    idle = await _bot(f"sqlite:///{empty}", "export", str(folder / "empty.zip"))
    export = await _bot(f"sqlite:///{full}", "export", str(zipped))
    with running_postgres() as server:
        target = (await server.create("moved")).address.postgres
        bring = await _bot(target or "", "import", str(zipped))
    dumping = await cost_of(sys.executable, "-c", DUMP, str(full), str(dump))
    reading = await cost_of(sys.executable, "-c", READ, str(dump), str(folder / "c.db"))
    return Moved(export, bring, idle, dumping, reading, zipped.stat().st_size, dump.stat().st_size)


async def _bot(address: str, *words: str) -> Cost:
    return await cost_of(sys.executable, "-m", "bot", *words, DATABASE_URL=address)


async def cost_of(*command: str, **environment: str) -> Cost:
    """Run a program to its end. Raises RuntimeError if it does not end well."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-c", RUNNER, *command),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[1:4]} ended with {process.returncode}")
    cpu, peak = said.split()[-2:]
    return Cost(float(cpu), int(peak) * 1024)


async def make(path: Path, jobs: int) -> None:
    """Make a database of so many jobs that have ended well, past every guard."""
    database: Database = sqlite_file(path).open()
    await migrate.upgrade(database)
    async with database.write() as connection:
        seen = {"id": 1, "first_seen_at": _BEGIN, "last_seen_at": _BEGIN}
        for table in (schema.people, schema.guilds):
            await connection.execute(sa.insert(table).values(seen))
        for first in range(1, jobs + 1, _BATCH):
            numbers = range(first, min(first + _BATCH, jobs + 1))
            await connection.execute(sa.insert(schema.jobs), [_job(each) for each in numbers])
            events = [event for each in numbers for event in _events(each)]
            await connection.execute(sa.insert(schema.job_events), events)
            promised = [_delivery(each) for each in numbers]
            await connection.execute(sa.insert(schema.deliveries), promised)
    await database.close()


def _at(number: int, later: int = 0) -> datetime:
    return _BEGIN + timedelta(seconds=30 * number + later)


def _job(number: int) -> dict[str, object]:
    return {
        "id": number,
        "interaction_id": 10**17 + number,
        "requester_id": 1,
        "guild_id": 1,
        "channel_id": 10**17,
        "model": "stable-audio",
        "kind": "audio",
        "prompt": f"wind over willow branches, the {number}th time, with rain on a tin roof",
        "options": {"duration": 10, "seed": number * 7919 % 2**31},
        "state": "finished",
        "created_at": _at(number),
        "changed_at": _at(number, 20),
        "submitted_at": _at(number, 2),
        "generating_at": _at(number, 3),
        "ended_at": _at(number, 20),
        "generation_id": hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest(),
    }


def _events(number: int) -> list[dict[str, object]]:
    return [
        {"job_id": number, "at": _at(number, later), "from_state": came, "to_state": went}
        for later, (came, went) in enumerate(itertools.pairwise(_STATES))
    ]


def _delivery(number: int) -> dict[str, object]:
    return {
        "job_id": number,
        "kind": "result",
        "channel_id": 10**17,
        "nonce": f"{number:020x}",
        "state": "sent",
        "created_at": _at(number, 20),
        "lease_until": _at(number, 80),
        "message_id": 10**18 + number,
        "sent_at": _at(number, 21),
    }
