"""Random runs over the wire: real processes, kills, deploys, and trouble of both services.

    python -m tests.wire [--seeds 100] [--first 1] [--at-once 6]

The exit code is 1 when a promise was broken; the seed repeats the run as far as clocks allow.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.crash.stores import POSTGRESQL, Stores, stores
from tests.rig.bots import Services
from tests.wire.plan import draw
from tests.wire.play import Outcome, play


@dataclass(frozen=True)
class Options:
    """The command line."""

    seeds: int
    first: int
    at_once: int


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.wire", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many runs")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    # A run waits most of its time.
    at_once = 3 * (os.cpu_count() or 1)
    parser.add_argument("--at-once", type=int, default=at_once, help="how many runs at a time")
    return Options(**vars(parser.parse_args()))


async def play_seed(seed: int, services: Services, opened: Stores, parent: Path) -> Outcome:
    """Play one seed in a folder and a database of its own; a broken promise keeps its logs."""
    plan = draw(seed)
    folder = parent / f"wire-{seed}"
    folder.mkdir()
    outcome = await play(plan, services, await opened.fresh(plan.store, folder), folder)
    await opened.drop(plan.store, folder)
    if not outcome.broken:
        shutil.rmtree(folder)
    return outcome


async def run(options: Options) -> int:
    """Play all seeds; return how many broke a promise."""
    seeds = iter(range(options.first, options.first + options.seeds))
    parent = Path(tempfile.mkdtemp(prefix="foley-"))
    outcomes: list[Outcome] = []
    with stores(POSTGRESQL) as opened:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(options.at_once, options.seeds)):
                group.create_task(_bench(seeds, opened, parent, outcomes))
    commands = sum(outcome.commands for outcome in outcomes)
    paid_twice = sum(outcome.paid_twice for outcome in outcomes)
    bad = [outcome for outcome in outcomes if outcome.broken]
    _say(
        f"{len(outcomes)} runs, {commands} commands, {paid_twice} paid more than once and noted, "
        f"{len(bad)} runs with a broken promise."
    )
    if not bad:
        shutil.rmtree(parent)
    return len(bad)


async def _bench(
    seeds: Iterator[int], opened: Stores, parent: Path, outcomes: list[Outcome]
) -> None:
    async with await Services.start() as services:
        for seed in seeds:
            outcome = await play_seed(seed, services, opened, parent)
            outcomes.append(outcome)
            told = [f"  {sentence}" for sentence in outcome.broken]
            if told:
                told += [str(outcome.plan), f"  its logs: {parent / f'wire-{seed}'}"]
            _say("\n".join([f"[{len(outcomes)}] seed {seed}: {outcome.commands} commands", *told]))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(1 if asyncio.run(run(read_options())) else 0)
