"""Rehearse rolling deploys on PostgreSQL: old and new together, under load, again and again.

    python -m tests.deploys [--rounds 20] [--every 1.2] [--seed N]

Each command costs a message and two or three edits, and Discord takes about one of each a second
in a channel; more than that only makes a queue. The exit code is 1 when anything was lost,
doubled, or shown as an error to anybody.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.crash.stores import POSTGRESQL, stores
from tests.deploys.rehearsal import Outcome, rehearse
from tests.rig.bots import Services


@dataclass(frozen=True)
class Options:
    """The command line."""

    rounds: int
    every: float
    seed: int


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.deploys", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how many deploys")
    parser.add_argument("--every", type=float, default=1.2, help="seconds between two commands")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    return Options(**vars(parser.parse_args()))


async def run(options: Options) -> Outcome:
    """Play it with a Discord, a NetMind and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="foley-") as name, stores(POSTGRESQL) as opened:
        folder = Path(name)
        async with await Services.start() as services:
            return await rehearse(
                services,
                await opened.fresh(POSTGRESQL, folder),
                folder,
                rounds=options.rounds,
                every=options.every,
                seed=options.seed,
            )


def main() -> int:
    options = read_options()
    outcome = asyncio.run(run(options))
    median, most = statistics.median(outcome.drains), max(outcome.drains)
    lines = [
        f"Seed {options.seed}: {options.rounds} deploys, {outcome.commands} commands.",
        f"From SIGTERM to the exit: median {median:.1f} s, at most {most:.1f} s.",
        *(outcome.wrong or ["Nothing was lost, doubled or shown as an error."]),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
