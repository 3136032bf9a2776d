"""First answers: Discord hears of each command in time, however slow everything behind it is.

The floor is the same program, people and pace, with a quick NetMind and the database to itself.
"""

import asyncio
import itertools
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from tests.benchmarks.blocker import FREE
from tests.benchmarks.report import Report, percentile, ratio, seconds
from tests.benchmarks.running import DATABASE, running
from tests.crash.people import cancel_button
from tests.program import ROOT
from tests.rig.bots import Services
from tests.standins.discord.ledger import Entry
from tests.standins.discord.process import DiscordStandIn, answered
from tests.standins.discord.world import JSON
from tests.standins.netmind.process import created

PROMISED = 3.0
HELD = (1.5, 5.0)
_SHOWN_WITHIN = 20.0
_LOOK = 0.1
_TAKEN = range(200, 300)
# Seconds; long enough that no card has lost its Cancel before somebody presses it.
_MAKING = 5.0


@dataclass(frozen=True)
class Load:
    """Commands in so many seconds, and others of /queue, /jobs and Cancel each.

    `earlier`: jobs that are under way already. `latency`: seconds of each of NetMind's answers.
    `held`: for how many seconds, at least and at most, somebody holds the database each time.
    """

    commands: int = 30
    others: int = 6
    within: float = 4.0
    earlier: int = 8
    latency: float = 0.0
    held: tuple[float, float] | None = None


@dataclass
class Wave:
    """What was given, by kind, as ids of interactions; and how long the answers took."""

    given: dict[str, list[int]] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)
    cards: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, kind: str, interaction_id: int) -> None:
        self.given.setdefault(kind, []).append(interaction_id)


async def run() -> Report:
    """Measure it as it is promised."""
    async with await Services.start() as services:
        floor = await play(services, Load())
        await services.reset()
        ours = await play(services, Load(latency=5.0, held=HELD))
    return _report(ours, floor)


def _report(ours: Wave, floor: Wave) -> Report:
    slowest = max((wait for waits in ours.waits.values() for wait in waits), default=0.0)
    broken = [f"With everything slow: {lost}." for lost in ours.lost]
    broken += [f"With everything quick: {lost}." for lost in floor.lost]
    if slowest >= PROMISED:
        broken.append(f"An answer took {seconds(slowest)} s.")
    return Report(
        "First answers while NetMind takes 5 s for each call and the database is held",
        ("in s", "number", "p50", "p95", "max", "floor p50", "floor max", "p50 against the floor"),
        [_row(kind, ours.waits[kind], floor.waits.get(kind, [])) for kind in ours.waits],
        [
            f"The lock is held for {HELD[0]} to {HELD[1]} s, then free for {FREE[0]} to {FREE[1]}.",
            f"Cards were there after {_spread(ours.cards)}; floor {_spread(floor.cards)}.",
            f"Promise: each first answer within {PROMISED:.0f} s, and a card for each command.",
        ],
        broken,
    )


def _row(kind: str, ours: Sequence[float], floor: Sequence[float]) -> Sequence[str]:
    if not ours or not floor:
        return (kind, str(len(ours)), *"------")
    usual = percentile(ours, 50)
    times = (usual, percentile(ours, 95), max(ours), percentile(floor, 50), max(floor))
    return (kind, str(len(ours)), *map(seconds, times), ratio(usual, percentile(floor, 50)))


def _spread(times: Sequence[float]) -> str:
    if not times:
        return "-"
    return f"{seconds(percentile(times, 50))} s (p50) and {seconds(max(times))} s (max)"


async def play(services: Services, load: Load) -> Wave:
    """Let people give commands to a bot, and see how long each waits for its answer."""
    wave = Wave()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        async with running(services, folder), _blocked(folder / DATABASE, load.held):
            await services.netmind.settings(
                latency_min=load.latency, latency_max=load.latency, audio_making=_MAKING
            )
            for number in range(load.earlier):
                await services.discord.invoke("audio", {"prompt": f"wind {number}", "duration": 1})
            if load.earlier:
                await services.netmind.wait_for(created(), timeout=_SHOWN_WITHIN)
            await _ask(services.discord, load, wave)
            await _until_shown(services.discord, wave)
    _read(await services.discord.ledger(), wave)
    return wave


@asynccontextmanager
async def _blocked(path: Path, held: tuple[float, float] | None) -> AsyncIterator[None]:
    """Within this, somebody holds the database's lock most of the time."""
    if held is None:
        yield
        return
    command = (sys.executable, "-m", "tests.benchmarks.blocker", str(path), *map(str, held))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline(), "it has ended"
        yield
    finally:
        process.kill()
        await process.communicate()


# People.


async def _ask(discord: DiscordStandIn, load: Load, wave: Wave) -> None:
    """Give commands, evenly; some people look around, some press Cancel as soon as they can."""
    every, begun = load.commands // load.others, monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(load.commands):
            await asyncio.sleep(begun + number * load.within / load.commands - monotonic())
            made = await discord.invoke("audio", {"prompt": f"rain {number}", "duration": 1})
            wave.add("/audio", made)
            if number % every == 0:
                wave.add("/queue", await discord.invoke("queue"))
                wave.add("/jobs", await discord.invoke("jobs"))
                group.create_task(_cancel(discord, made, wave))


async def _cancel(discord: DiscordStandIn, command: int, wave: Wave) -> None:
    shown = await _card(discord, command, monotonic() + _SHOWN_WITHIN)
    # Without a card there is nothing to press, and that is noted later.
    if shown is not None:
        button = cancel_button(shown)
        assert button is not None
        wave.add("Cancel", await discord.click(int(shown["id"]), button))


async def _card(discord: DiscordStandIn, command: int, until: float) -> JSON | None:
    """Return the card that answers a command; None if it is not there in time."""
    while True:
        original = (await discord.interaction(command))["original_id"]
        shown = await discord.message(original) if original else {}
        if shown.get("embeds"):
            return shown
        if monotonic() > until:
            return None
        await asyncio.sleep(_LOOK)


# What became of it.


async def _until_shown(discord: DiscordStandIn, wave: Wave) -> None:
    """Wait until each command has its card and all have their answers, but not for ever."""
    until = monotonic() + _SHOWN_WITHIN
    for command in wave.given["/audio"]:
        await _card(discord, command, until)
    for interaction_id in itertools.chain(*wave.given.values()):
        with suppress(TimeoutError):
            left = max(_LOOK, until - monotonic())
            await discord.wait_for(answered(interaction_id), timeout=left)


def _read(ledger: Sequence[Entry], wave: Wave) -> None:
    """Read off Discord's own times how long people waited, and who waits still."""
    begun = {e.interaction_id: _at(e) for e in ledger if e.kind == "interaction"}
    taken = [e for e in ledger if e.kind == "http" and e.status in _TAKEN]
    answers = [e for e in taken if (e.route or "").endswith("/callback")]
    for kind, made in wave.given.items():
        firsts = _firsts(answers, made)
        wave.waits[kind] = [_since(begun[number], entry) for number, entry in firsts.items()]
        wave.lost += [f"{kind} {each} has no answer in time" for each in made if each not in firsts]
    commands = wave.given["/audio"]
    cards = _firsts((entry for entry in taken if _has_embed(entry.body)), commands)
    wave.cards = [_since(begun[number], entry) for number, entry in cards.items()]
    wave.lost += [f"/audio {each} has no card" for each in commands if each not in cards]


def _firsts(entries: Iterable[Entry], made: Collection[int]) -> Mapping[int, Entry]:
    """Return the first of the entries for each of the interactions that has one."""
    firsts: dict[int, Entry] = {}
    for entry in entries:
        if entry.interaction_id is not None and entry.interaction_id in made:
            firsts.setdefault(entry.interaction_id, entry)
    return firsts


def _has_embed(body: Any) -> bool:
    return isinstance(body, dict) and bool((body.get("data") or body).get("embeds"))


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.at)


def _since(begun: datetime, entry: Entry) -> float:
    return (_at(entry) - begun).total_seconds()
