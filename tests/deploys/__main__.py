"""Rehearse deploys under load, again and again.

    python -m tests.deploys [--rounds 20] [--every 1.2] [--seed N] [--old REF]
                            [--store sqlite | --platform NAME]

On PostgreSQL, which is the default, old and new are together for a while. On SQLite the old one
ends before the new one starts; who asks in between is told by Discord that nobody is there, and
what was asked before goes on. --platform rehearses by one platform's rules (platforms.py), or by
those of all.

With --old each deploy is of the code that lies here over that commit's, on a database of its own:
the new process brings the schema up to date while the old one works.

Each command costs a message and two or three edits, and Discord takes about one of each a second
in a channel; more than that only makes a queue. The exit code is 1 when anything was lost,
doubled, or shown as an error to anybody.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.crash.stores import POSTGRESQL, SQLITE, Stores, stores
from tests.deploys.platforms import PLATFORMS, ROLLING, STOP_START, Platform
from tests.deploys.rehearsal import Outcome, rehearse
from tests.deploys.summary import summary
from tests.rig.bots import Services
from tests.rig.nursery import Nursery
from tests.upgrades.old_code import code_of

# Seconds for which NetMind makes a sound: some are under way at each deploy.
_MAKING = 2.0
# Bytes; more than Discord takes, so that a child has to make it smaller.
_LARGE = 12_000_000
_STORES = {POSTGRESQL: ROLLING, SQLITE: STOP_START}


@dataclass(frozen=True)
class Options:
    """The command line."""

    rounds: int
    every: float
    seed: int
    old: str | None
    store: str
    platform: str | None

    @property
    def platforms(self) -> dict[str, Platform]:
        """Return by whose rules it is rehearsed."""
        if self.platform is None:
            return {self.store: _STORES[self.store]}
        return PLATFORMS if self.platform == "all" else {self.platform: PLATFORMS[self.platform]}


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.deploys", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how many deploys")
    parser.add_argument("--every", type=float, default=1.2, help="seconds between two commands")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--old", help="a commit, tag or branch that is deployed over")
    rules = parser.add_mutually_exclusive_group()
    rules.add_argument("--store", choices=_STORES, default=POSTGRESQL)
    rules.add_argument("--platform", choices=[*PLATFORMS, "all"])
    return Options(**vars(parser.parse_args()))


async def run(options: Options) -> dict[str, list[Outcome]]:
    """Play it with a Discord, a NetMind and databases of its own; the outcomes by platform."""
    kinds = {platform.store for platform in options.platforms.values()}
    with tempfile.TemporaryDirectory(prefix="foley-") as name, stores(*kinds) as opened:
        async with await Services.start() as services:
            outcomes = {}
            for title, platform in options.platforms.items():
                folder = Path(name) / title
                folder.mkdir()
                outcomes[title] = await deploys(options, platform, services, opened, folder)
            return outcomes


async def deploys(
    options: Options, platform: Platform, services: Services, opened: Stores, folder: Path
) -> list[Outcome]:
    """Rehearse by a platform's rules."""
    if options.old is None:
        return [await play(options, services, opened, folder, platform, rounds=options.rounds)]
    with code_of(options.old) as code:
        async with await Nursery.start(code) as old:
            return [
                await play(
                    options, services, opened, folder / f"deploy_{number}", platform, first=old
                )
                for number in range(options.rounds)
            ]


async def play(
    options: Options,
    services: Services,
    opened: Stores,
    folder: Path,
    platform: Platform,
    *,
    first: Nursery | None = None,
    rounds: int = 1,
) -> Outcome:
    """Rehearse so many deploys over one new database."""
    folder.mkdir(exist_ok=True)
    await services.reset()
    size = _LARGE if platform.to_all else 0
    await services.netmind.settings(audio_making=_MAKING, file_size=size)
    database = await opened.fresh(platform.store, folder)
    return await rehearse(
        services,
        database,
        folder,
        rounds=rounds,
        every=options.every,
        seed=options.seed,
        first=first,
        platform=platform,
    )


def main() -> int:
    options = read_options()
    outcomes = asyncio.run(run(options))
    told = "\n\n".join(summary(title, found) for title, found in outcomes.items())
    sys.stdout.write(f"Seed {options.seed}, {options.rounds} deploys each.\n\n{told}\n")
    return any(outcome.wrong for found in outcomes.values() for outcome in found)


if __name__ == "__main__":
    raise SystemExit(main())
