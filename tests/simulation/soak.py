"""One seed after the other, in a process of the pool."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulation.plan import draw
from tests.simulation.run import run


@dataclass(frozen=True)
class Outcome:
    """What one seed showed."""

    seed: int
    broken: list[str]
    virtual_seconds: float


def try_seed(seed: int, commands: int) -> Outcome:
    """Run a seed; an error of the rig itself is a finding too."""
    try:
        verdict = run(draw(seed, commands=commands))
    except Exception:  # noqa: BLE001 - it is told, with its seed
        return Outcome(seed, [f"rig: {traceback.format_exc()}"], 0.0)
    return Outcome(seed, verdict.broken, verdict.virtual_seconds)


def try_seeds(seeds: Iterable[int], commands: int) -> list[Outcome]:
    """Run these seeds."""
    return [try_seed(seed, commands) for seed in seeds]
