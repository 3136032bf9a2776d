"""The short form of the matrix: the bot dies at some of the points, and nobody is the worse for it.

`make crash` plays all of them.
"""

import pytest

from tests.crash.case import Case, Outcome
from tests.crash.matrix import play_all
from tests.crash.stores import POSTGRESQL, SQLITE, stores
from tests.crash.table import progress

# Those that wait longest for a lease to run out come first.
CASES = [
    Case(("upload.unread",), POSTGRESQL, 1),
    Case(("create.unread",), SQLITE, 3),
    Case(("job.committed", "card.closing"), SQLITE, 1),
    Case(("cancel.committed",), POSTGRESQL, 1),
]
AT_ONCE = len(CASES)


def failed(outcome: Outcome) -> bool:
    return not outcome.reached or bool(outcome.violations)


@pytest.mark.timeout(240)
async def test_a_crash_harms_nobody() -> None:
    """Nothing is lost, doubled, given to the wrong person or paid twice without being counted."""
    with stores(SQLITE, POSTGRESQL) as opened:
        outcomes = [outcome async for outcome in play_all(CASES, opened, at_once=AT_ONCE)]
    assert len(outcomes) == len(CASES)
    assert [progress(1, 1, outcome) for outcome in outcomes if failed(outcome)] == []
