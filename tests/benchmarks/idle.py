"""Idle: what a bot takes that nobody asks for anything, beside bare discord.py in the same run.

The floor has Foley's settings of the library and one command (bare.py); the peer likewise, but with
the library's own settings. All are on one Discord at the same time.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.benchmarks.report import MB, Report, megabytes, ratio
from tests.crash.stores import POSTGRESQL, Stores, stores
from tests.program import ROOT
from tests.rig.bots import Services

MANY = 2_500
MOST_MORE = 100 * MB
MOST_CPU = 1.0
MOST_STATEMENTS = 250
# Discord wants a shard for each 2,500 guilds at least, and recommends one for each 1,000.
_SHARDS = 3
_MINUTE = 60.0
_STARTS_WITHIN = 180.0
# Who takes less CPU than this in so many seconds has done what belongs to the start.
_QUIET, _LOOK = 0.05, 5.0

FLOOR, PEER, SQLITE, POSTGRES = "floor", "peer", "sqlite", "postgres"
FOLEYS = (SQLITE, POSTGRES)
_PROGRAMS: Mapping[str, Sequence[str]] = {
    FLOOR: ("-m", "tests.benchmarks.bare", "--as-ours"),
    PEER: ("-m", "tests.benchmarks.bare"),
    SQLITE: ("-m", "bot", "run"),
    POSTGRES: ("-m", "bot", "run"),
}
_TITLES = {
    FLOOR: "discord.py, Foley's settings",
    PEER: "discord.py, its own settings",
    SQLITE: "Foley, SQLite",
    POSTGRES: "Foley, PostgreSQL",
}
# These are measured by nothing but the statements that they give the database.
_TOLD: Mapping[str, Sequence[str]] = {
    f"{name}_told": ("-m", "tests.benchmarks.told", "run") for name in FOLEYS
}
_STATEMENTS = "statements"


@dataclass(frozen=True)
class Rest:
    """What a process takes while nothing is asked of it: bytes, and seconds of CPU a minute.

    `own`: what is resident and no other process shares.
    """

    resident: int
    own: int
    cpu: float


@dataclass(frozen=True)
class Idle:
    """What each takes in so many guilds, and how many requests came of it.

    `statements`: how many a minute each of the programs gives its database that tell them.
    """

    guilds: int
    rests: Mapping[str, Rest]
    requests: int
    statements: Mapping[str, int]


async def run() -> Report:
    """Measure it as it is promised."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, stores(POSTGRESQL) as opened:
        async with await Services.start() as services:
            few = await rest(services, opened, Path(name), 1, {**_PROGRAMS, **_TOLD})
            await services.reset()
            many = await rest(services, opened, Path(name), MANY, _PROGRAMS)
    return _report([few, many])


def _report(idles: Sequence[Idle]) -> Report:
    statements = idles[0].statements
    told = " and ".join(f"{statements[f'{name}_told']} ({_TITLES[name]})" for name in FOLEYS)
    return Report(
        f"Idle, in 1 and in {MANY:,} guilds",
        ("", "guilds", "MB", "own MB", "CPU s a minute", "MB more than the floor", "ratio"),
        [_row(idle, name) for idle in idles for name in _PROGRAMS],
        [
            f"Statements a minute: {told}.",
            f"Requests to Discord or NetMind: {sum(idle.requests for idle in idles)}.",
            f"Promise: at most {megabytes(MOST_MORE)} MB more than the floor.",
            f"Promise: {MOST_CPU:.0f} s of CPU, {MOST_STATEMENTS} statements a minute at most.",
            "Promise: no request.",
        ],
        [sentence for idle in idles for sentence in _broken(idle)],
    )


def _row(idle: Idle, name: str) -> Sequence[str]:
    mine, floor = idle.rests[name], idle.rests[FLOOR]
    return (
        _TITLES[name],
        f"{idle.guilds:,}",
        *map(megabytes, (mine.resident, mine.own)),
        f"{mine.cpu:.3f}",
        megabytes(mine.resident - floor.resident),
        ratio(mine.resident, floor.resident),
    )


def _broken(idle: Idle) -> list[str]:
    floor, where = idle.rests[FLOOR], f"in {idle.guilds} guilds"
    found = [f"There were {idle.requests} requests {where}."] if idle.requests else []
    for name in FOLEYS:
        mine = idle.rests[name]
        if mine.resident - floor.resident > MOST_MORE:
            found.append(f"{_TITLES[name]} takes too much memory {where}.")
        if mine.cpu > MOST_CPU:
            found.append(f"{_TITLES[name]} takes too much of the CPU {where}.")
    if max(idle.statements.values(), default=0) > MOST_STATEMENTS:
        found.append(f"There were too many statements {where}.")
    return found


async def rest(
    services: Services,
    opened: Stores,
    folder: Path,
    guilds: int,
    programs: Mapping[str, Sequence[str]],
) -> Idle:
    """Start them all in so many guilds, and see what they take in a minute once they have begun.

    It is their second start: at the first, Foley makes its tables and tells Discord its commands.
    """
    place = folder / f"in_{guilds}"
    environments = {name: await _prepare(services, opened, place, name) for name in programs}
    async with _together(programs, environments) as pids:
        await _at_rest(services, pids.values(), len(pids))
    shards, online = _SHARDS if guilds > 1 else 1, await _online(services)
    await services.discord.settings(shards=shards)
    await services.discord.add_furnished_guilds(guilds - 1)
    async with _together(programs, environments) as pids:
        await _at_rest(services, pids.values(), online + len(pids) * shards)
        told = {name: _told(place / name) for name in pids.keys() & _TOLD.keys()}
        before, requests = {name: _cpu(pid) for name, pid in pids.items()}, await _asked(services)
        await asyncio.sleep(_MINUTE)
        return Idle(
            guilds,
            {name: Rest(*_memory(pid), _cpu(pid) - before[name]) for name, pid in pids.items()},
            await _asked(services) - requests,
            {name: _told(place / name) - count for name, count in told.items()},
        )


def _told(folder: Path) -> int:
    return len((folder / _STATEMENTS).read_text().splitlines())


async def _prepare(
    services: Services, opened: Stores, folder: Path, name: str
) -> Mapping[str, str]:
    """Give a program a folder and a database of its own; return its environment."""
    place = folder / name
    place.mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(place),
        "STATEMENTS": str(place / _STATEMENTS),
        **services.environment,
    }
    if name.startswith(POSTGRES):
        database = place.with_name(f"{folder.name}_{name}")
        environment["DATABASE_URL"] = await opened.fresh(POSTGRESQL, database)
    return environment


@asynccontextmanager
async def _together(
    programs: Mapping[str, Sequence[str]], environments: Mapping[str, Mapping[str, str]]
) -> AsyncIterator[dict[str, int]]:
    """Run them; their process ids by name."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(_process(program, environments[name]))
            for name, program in programs.items()
        }


@asynccontextmanager
async def _process(program: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[int]:
    folder = Path(environment["DATA_DIR"])
    with (folder / "output").open("a") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *program), cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def _at_rest(services: Services, pids: Collection[int], online: int) -> None:
    """Wait until so many have come online, and these have nothing to do."""
    until = monotonic() + _STARTS_WITHIN
    while monotonic() < until:
        before = [_cpu(pid) for pid in pids]
        await asyncio.sleep(_LOOK)
        spent = max(_cpu(pid) - cpu for pid, cpu in zip(pids, before, strict=True))
        if await _online(services) == online and spent < _QUIET:
            return
    raise TimeoutError("They have not come to rest.")


async def _online(services: Services) -> int:
    return sum(entry.kind == "gateway.identify" for entry in await services.discord.ledger())


async def _asked(services: Services) -> int:
    """Return how often anything was asked of Discord or NetMind so far."""
    discord = [entry for entry in await services.discord.ledger() if entry.kind == "http"]
    return len(discord) + len(await services.netmind.ledger())


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process's threads have taken so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _memory(pid: int) -> tuple[int, int]:
    """Return the bytes that are resident, and those that are its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(size) * 1024 for name, size, _ in map(str.split, lines)}
    return sizes["Rss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"]
