"""Measure what is promised about speed and size, each against a floor of the same run.

    python -m tests.benchmarks [name ...]

The exit code is 1 when a promise is broken.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence

import structlog

from tests.benchmarks import answers, idle, looking, memory, moving
from tests.benchmarks.report import Report

BENCHMARKS: dict[str, Callable[[], Awaitable[Report]]] = {
    "memory": memory.run,
    "answers": answers.run,
    "looking": looking.run,
    "moving": moving.run,
    "idle": idle.run,
}


def read_names() -> Sequence[str]:
    """Read the command line; return the names of the benchmarks it asks for."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    names: list[str] = parser.parse_args().names
    if unknown := sorted(set(names) - BENCHMARKS.keys()):
        parser.error(f"there is no benchmark {unknown[0]!r}")
    return names or list(BENCHMARKS)


async def run(names: Sequence[str]) -> int:
    """Run one after the other; return how many promises are broken."""
    broken = 0
    for name in names:
        report = await BENCHMARKS[name]()
        sys.stdout.write(f"{report}\n\n")
        sys.stdout.flush()
        broken += len(report.broken)
    return broken


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    raise SystemExit(1 if asyncio.run(run(read_names())) else 0)
