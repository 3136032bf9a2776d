"""Randomised runs of the whole bot: whatever goes wrong meanwhile, no promise is broken.

`python -m tests.simulation --first SEED --seeds 1 --commands 4 --show` tells everything about one.
"""

import pytest

from tests.simulation.plan import draw
from tests.simulation.run import run

FIRST, SEEDS, MOST_COMMANDS = 1_000_000, 24, 4
CHUNKS = 6

FIXED_SEEDS: tuple[int, ...] = ()
"""Seeds from a soak, with its usual number of commands, that once showed a bug."""

PLANS = [
    *(draw(s, commands=MOST_COMMANDS) for s in range(FIRST, FIRST + SEEDS)),
    *map(draw, FIXED_SEEDS),
]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_promise_is_broken(chunk: int) -> None:
    """Short runs, each with troubles of its own, and those that once failed."""
    broken = {
        str(plan): verdict.broken for plan in PLANS[chunk::CHUNKS] if (verdict := run(plan)).broken
    }

    assert not broken, "\n\n".join(f"{plan}\n{told}" for plan, told in broken.items())


def test_the_same_seed_gives_the_same_run() -> None:
    """Two runs of a plan leave the same log, to the millisecond."""
    plan = PLANS[0]

    first, second = run(plan), run(plan)

    assert first.log == second.log
    assert first.log
