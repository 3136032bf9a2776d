"""The crash matrix: kill the bot at every point, alone and in pairs, and judge what is left.

    python -m tests.crash [--seed N] [--singles 20] [--pairs 300] [--minutes 60] [--store both]
    python -m tests.crash --only "submit.sending,delivery.posted" --store sqlite --seed 7

The exit code is 1 when a promise was broken, or when a point alone was not reached.
"""

import argparse
import asyncio
import os
import random
import sys
from dataclasses import dataclass

from tests.crash.case import Case, Outcome, cases
from tests.crash.matrix import play_all
from tests.crash.points import EVERYWHERE
from tests.crash.stores import POSTGRESQL, SQLITE, stores
from tests.crash.table import progress, table

_STORES = {SQLITE: (SQLITE,), POSTGRESQL: (POSTGRESQL,), "both": (SQLITE, POSTGRESQL)}


@dataclass(frozen=True)
class Options:
    """The command line."""

    seed: int
    singles: int
    pairs: int
    minutes: float
    store: str
    only: str
    at_once: int


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--singles", type=int, default=20, help="how often each point alone")
    parser.add_argument("--pairs", type=int, default=300, help="how many ordered pairs")
    parser.add_argument("--minutes", type=float, default=60, help="begin no case after these")
    parser.add_argument("--store", choices=list(_STORES), default="both")
    parser.add_argument("--only", default="", help="this case alone: points, comma-separated")
    # A case waits most of its time, for leases to run out.
    at_once = 3 * (os.cpu_count() or 1)
    parser.add_argument("--at-once", type=int, default=at_once, help="how many cases at a time")
    options = Options(**vars(parser.parse_args()))
    if unknown := set(filter(None, options.only.split(","))) - set(EVERYWHERE):
        known = ", ".join(EVERYWHERE)
        parser.error(f"there is no point {min(unknown)!r}; there are {known}")
    return options


def chosen(options: Options) -> list[Case]:
    kinds = _STORES[options.store]
    if options.only:
        points = tuple(options.only.split(","))
        return [Case(points, kind, options.seed) for kind in kinds]
    return cases(options.seed, options.singles, options.pairs, kinds)


async def run(options: Options) -> list[Outcome]:
    """Play the cases, telling how each went."""
    wanted = chosen(options)
    outcomes: list[Outcome] = []
    with stores(*_STORES[options.store]) as opened:
        at_once = min(options.at_once, len(wanted))
        played = play_all(wanted, opened, at_once=at_once, seconds=options.minutes * 60)
        async for outcome in played:
            outcomes.append(outcome)
            _say(progress(len(outcomes), len(wanted), outcome))
    if len(outcomes) < len(wanted):
        _say(f"The time was over before {len(wanted) - len(outcomes)} of the cases.")
    return outcomes


def failed(outcome: Outcome) -> bool:
    missed = not outcome.reached and len(outcome.case.points) == 1
    return missed or bool(outcome.violations)


def main() -> int:
    options = read_options()
    _say(f"Seed {options.seed}.")
    outcomes = asyncio.run(run(options))
    _say(table(outcomes))
    return 1 if any(map(failed, outcomes)) else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
