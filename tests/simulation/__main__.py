"""Run many seeds: `python -m tests.simulation --seeds 5000 --first 1 --jobs 2`."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TextIO

from tests.simulation.plan import draw
from tests.simulation.run import run
from tests.simulation.soak import try_seeds

CHUNK = 10
PROCESS_LASTS = 20
"""Chunks after which a worker process is replaced, so that nothing piles up."""


@dataclass(frozen=True)
class Options:
    """The command line."""

    seeds: int
    first: int
    jobs: int
    commands: int
    show: bool


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5000, help="how many runs")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--commands", type=int, default=4, help="how many a run has at most")
    parser.add_argument("--show", action="store_true", help="print plan and log of each run")
    return Options(**vars(parser.parse_args()))


def _chunks(options: Options) -> Iterator[range]:
    last = options.first + options.seeds
    for begin in range(options.first, last, CHUNK):
        yield range(begin, min(begin + CHUNK, last))


def soak(options: Options, out: TextIO) -> int:
    """Run all seeds; return how many broke a promise."""
    begun, done, bad, virtual = time.monotonic(), 0, 0, 0.0
    work = partial(try_seeds, commands=options.commands)
    # concurrent.futures' pool, which can replace processes too, was seen to wait for ever in 3.11.
    with get_context("spawn").Pool(options.jobs, maxtasksperchild=PROCESS_LASTS) as pool:
        for outcomes in pool.imap_unordered(work, _chunks(options)):
            for outcome in outcomes:
                done += 1
                virtual += outcome.virtual_seconds
                if outcome.broken:
                    bad += 1
                    out.write(f"\nseed {outcome.seed}:\n  " + "\n  ".join(outcome.broken) + "\n")
            rate = done / (time.monotonic() - begun)
            out.write(f"\r{done} seeds, {bad} bad, {rate:.1f} a second, {virtual / 3600:.0f} h ")
            out.flush()
    out.write("\n")
    return bad


def show(options: Options, out: TextIO) -> int:
    """Run the seeds one after the other, and tell everything about each."""
    bad = 0
    for seed in range(options.first, options.first + options.seeds):
        plan = draw(seed, commands=options.commands)
        out.write(f"{plan}\n")
        verdict = run(plan)
        out.write("\n".join([*verdict.log, "", *verdict.broken]) + "\n")
        bad += bool(verdict.broken)
    return bad


if __name__ == "__main__":
    chosen = read_options()
    sys.exit(min(1, (show if chosen.show else soak)(chosen, sys.stdout)))
