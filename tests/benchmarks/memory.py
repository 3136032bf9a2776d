"""Memory: large results that are ready at the same moment cost the bot next to nothing.

The floor is one file, carried by aiohttp alone; the peer is the same with the whole file in memory.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from bot.netmind.client import NetmindClient, open_session
from tests.benchmarks.gauge import Gauge, watched
from tests.benchmarks.report import MB, Report, megabytes, ratio, seconds
from tests.benchmarks.running import TEMPORARY, running
from tests.program import ROOT
from tests.rig.bots import Services
from tests.standins.discord.faults import Fault
from tests.standins.discord.ledger import Entry
from tests.standins.discord.routes import CHANNEL
from tests.standins.netmind.process import NetmindStandIn, asked, created

MOST_GROWTH = 20 * MB
_MODEL = "hkchengrex/MMAudio"
# Seconds on the clock of NetMind's stand-in, which is pushed.
_MAKING = 3600.0
_DELIVERED_WITHIN = 300.0
_BOOSTED = 3


@dataclass(frozen=True)
class Load:
    """So many results of so many bytes each.

    `stalled`: seconds that Discord lets each upload wait before it reads on; only so they overlap.
    """

    files: int = 8
    size: int = 100 * MB
    stalled: float = 3.0


@dataclass(frozen=True)
class Delivered:
    """What it took to deliver them; `whole`: each file came as NetMind had it."""

    gauge: Gauge
    took: float
    whole: bool


async def run() -> Report:
    """Measure it as it is promised."""
    load = Load()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        async with await Services.start() as services:
            ours = await deliver(services, Path(name), load)
            floor = await carry(services, load.size, whole=False)
            peer = await carry(services, load.size, whole=True)
    return _report(load, ours, floor, peer)


def _report(load: Load, ours: Delivered, floor: Gauge, peer: Gauge) -> Report:
    size, gauge = load.size // MB, ours.gauge
    at_once = max(gauge.reading, gauge.writing, 1)
    each = gauge.growth / at_once
    broken = [] if ours.whole else ["Not each file arrived as NetMind had it."]
    if gauge.growth > MOST_GROWTH:
        broken.append(f"It grew by more than {megabytes(MOST_GROWTH)} MB.")
    return Report(
        f"Memory: {load.files} results of {size} MB, ready at the same moment",
        ("in MB", "idle", "peak", "growth", "anonymous growth", "children", "growth each"),
        [
            _row(f"Foley: {load.files}, {at_once} at once", at_once, gauge),
            _row("aiohttp alone, piece by piece: 1", 1, floor),
            _row("aiohttp alone, the whole file in memory: 1", 1, peer),
        ],
        [
            f"Growth for each at once: {ratio(each, floor.growth)} of piece by piece (the floor).",
            f"Growth for each at once: {ratio(each, peer.growth)} of the whole file (the peer).",
            f"At most {gauge.writing} downloads and {gauge.reading} uploads overlapped.",
            f"Discord let each upload wait for {load.stalled:.0f} s, so that they overlap.",
            f"All were posted {seconds(ours.took)} s after they were ready.",
            f"Promise: growth of {megabytes(MOST_GROWTH)} MB at most.",
        ],
        broken,
    )


def _row(what: str, at_once: int, gauge: Gauge) -> Sequence[str]:
    sizes = (
        gauge.idle_resident,
        gauge.resident,
        gauge.growth,
        gauge.anonymous_growth,
        gauge.children,
        gauge.growth / at_once,
    )
    return (what, *map(megabytes, sizes))


# Ours.


async def deliver(services: Services, folder: Path, load: Load) -> Delivered:
    """Have the bot deliver them in a boosted guild, each in a channel of its own."""
    discord, netmind = services.discord, services.netmind
    await discord.change_guild(premium_tier=_BOOSTED)
    channels = [await discord.add_channel(f"sounds-{number}") for number in range(load.files)]
    async with running(services, folder) as bot:
        # What a first delivery loads is there from then on, whatever the size.
        await discord.invoke("audio", {"prompt": "a first one", "duration": 1})
        await netmind.wait_for(asked("delete"), timeout=_DELIVERED_WITHIN)
        await netmind.settings(audio_pending=0.0, audio_making=_MAKING, file_size=load.size)
        await discord.plan(
            Fault(delay=load.stalled).on("POST", f"{CHANNEL}/messages", times=load.files)
        )
        async with watched(bot.process.pid, folder / TEMPORARY) as gauge:
            took = await _deliver_all(services, channels)
    return Delivered(gauge, took, await _is_whole(services, load))


async def _deliver_all(services: Services, channels: Sequence[int]) -> float:
    """Give a command in each channel, end all generations at once; return how long it took."""
    for number, channel in enumerate(channels):
        options = {"prompt": f"rain number {number}", "duration": 1}
        await services.discord.invoke("audio", options, channel=channel)
    for number in range(len(channels)):
        await services.netmind.wait_for(created(f"rain number {number}"), timeout=60)
    await services.netmind.advance(_MAKING)
    begun = monotonic()
    for channel in channels:
        await services.discord.wait_for(_posted(channel), timeout=_DELIVERED_WITHIN)
    return monotonic() - begun


def _posted(channel: int) -> Callable[[Entry], bool]:
    """For `wait_for`: a file was posted in this channel."""
    return lambda entry: entry.channel_id == channel and bool(entry.files) and entry.status == 200


async def _is_whole(services: Services, load: Load) -> bool:
    made = {generation["sha256"] for generation in await services.netmind.generations()}
    files = [file for entry in await services.discord.ledger() for file in entry.files]
    large = [file for file in files if file["size"] >= load.size]
    # A picture may come with it.
    return len(large) == load.files and made <= {file["sha256"] for file in files}


# Floor and peer.


async def carry(services: Services, size: int, *, whole: bool) -> Gauge:
    """Have the carrier take one file of this size from NetMind to Discord."""
    discord = services.discord
    facts = {
        "post": f"{discord.api_base}/channels/{discord.home.channel}/messages",
        "token": discord.token,
        "links": [await _link(services.netmind, each) for each in (0, size)],
        "whole": whole,
    }
    async with _carrier() as carrier:
        await _tell(carrier, json.dumps(facts))
        async with watched(carrier.pid, ROOT) as gauge:
            await _tell(carrier, "go")
    return gauge


async def _link(netmind: NetmindStandIn, size: int) -> str:
    """Have a result of at least this size made; return its link."""
    await netmind.settings(audio_pending=0.0, audio_making=0.0, file_size=size)
    async with open_session() as session:
        client = NetmindClient(session, netmind.base_url, netmind.token)
        made = await client.create(_MODEL, {"prompt": "something to carry"})
        return (await client.get(made.id)).results[0].url


@asynccontextmanager
async def _carrier() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.carrier"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _tell(process: asyncio.subprocess.Process, line: str) -> None:
    """Say something to it and wait until it says something."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line.encode() + b"\n")
    assert await process.stdout.readline(), "it has ended"
