"""Break each guard in a copy of the tree, alone, and see a test notice it.

    python -m tests.mutations [--only NAME ...]

The exit code is 1 when a mutant survived, or when the tests fail without any.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutations.mutant import Mutant
from tests.mutations.table import MUTANTS
from tests.mutations.trial import ROOT, copy, failure, noticed

_AT_ONCE = 2


def read_mutants() -> list[Mutant]:
    """Read the command line; return the mutants it asks for."""
    parser = argparse.ArgumentParser(prog="tests.mutations", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[""], help="mutants whose names begin so")
    only: list[str] = parser.parse_args().only
    chosen = [mutant for mutant in MUTANTS if mutant.name.startswith(tuple(only))]
    if not chosen:
        parser.error(f"no mutant's name begins with {only}")
    return chosen


def run(mutants: Sequence[Mutant], tree: Path) -> int:
    """Try them two at a time, telling how each fares; return how many survived."""
    survived = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tests = pool.map(lambda mutant: noticed(mutant, tree), mutants)
        for mutant, test in zip(mutants, tests, strict=True):
            _say(f"{mutant.name}\n    {test or 'SURVIVED'}")
            survived += test is None
    return survived


def main() -> int:
    mutants = read_mutants()
    began = time.monotonic()
    with TemporaryDirectory(prefix="foley-mutations-") as folder:
        tree = Path(folder)
        copy(ROOT, tree)
        nodes = sorted({node for mutant in mutants for node in mutant.nodes})
        if test := failure(tree, nodes):
            _say(f"Without any mutant, this fails: {test}")
            return 1
        _say(f"Without any mutant, the {len(nodes)} tests pass.")
        survived = run(mutants, tree)
    took = time.monotonic() - began
    _say(f"{len(mutants)} mutants, {survived} survived; it took {took:.0f} s.")
    return 1 if survived else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
