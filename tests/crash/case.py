"""A case of the matrix: at which points, over which store, with which dice."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.crash.points import LONG, SINGLES
from tests.rig.checker import PaidDouble, paid_doubles, settling, stale_cards, violations
from tests.rig.evidence import Evidence

_EVERY = 5  # the long ones take minutes, so they come in every fifth round


@dataclass(frozen=True)
class Case:
    """Killed at these points, one after the other; the seed decides everything else."""

    points: tuple[str, ...]
    store: str
    seed: int

    def __str__(self) -> str:
        return f"{','.join(self.points)} on {self.store}, seed {self.seed}"

    @property
    def command(self) -> str:
        """Return how to repeat it alone."""
        only = ",".join(self.points)
        return f'python -m tests.crash --only "{only}" --store {self.store} --seed {self.seed}'


@dataclass(frozen=True)
class Outcome:
    """How a case went. `reached`: every life ended where it should. `folder` has the logs."""

    case: Case
    reached: bool
    evidence: Evidence
    took: float
    folder: Path

    @property
    def violations(self) -> list[str]:
        return violations(self.evidence)

    @property
    def settled(self) -> list[float]:
        return sorted(settling(self.evidence).values())

    @property
    def paid_doubles(self) -> list[PaidDouble]:
        return paid_doubles(self.evidence)

    @property
    def stale_cards(self) -> list[str]:
        return stale_cards(self.evidence)


def cases(seed: int, singles: int, pairs: int, stores: Sequence[str]) -> list[Case]:
    """Draw the cases: each point so many times over each store, and so many ordered pairs.

    They come in rounds with their share of pairs, so that a run that is cut short has seen all.
    """
    rng = random.Random(seed)
    drawn = _pairs(rng, pairs, stores)
    found: list[Case] = []
    for number in range(singles):
        names = SINGLES + (LONG if number % _EVERY == 0 else ())
        found += [Case((name,), store, rng.randrange(10**6)) for name in names for store in stores]
        found += islice(drawn, pairs // singles)
    return [*found, *drawn]


def _pairs(rng: random.Random, number: int, stores: Sequence[str]) -> Iterator[Case]:
    for index in range(number):
        points = (rng.choice(SINGLES), rng.choice(SINGLES))
        yield Case(points, stores[index % len(stores)], rng.randrange(10**6))
