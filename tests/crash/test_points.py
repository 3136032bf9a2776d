"""The crash points of the code and those of the matrix are the same."""

import random
import re
from collections import Counter

import pytest

from bot.crash import POINTS
from tests.crash.case import cases
from tests.crash.points import EVERYWHERE, SINGLES, ZOMBIES, lives
from tests.crash.traps import TRAPS
from tests.program import ROOT

_CALL = re.compile(r'\bcrash_point\("([^"]*)"\)')
_CALLS_OF_ANY_KIND = re.compile(r"\bcrash_point\((?!name: str)")


def _sources() -> list[str]:
    folders = ("bot", "cogs", "storage")
    return [path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_every_crash_point_stands_in_the_code_once() -> None:
    found = Counter(name for text in _sources() for name in _CALL.findall(text))
    assert found == Counter(POINTS)


def test_no_crash_point_is_named_by_anything_but_a_plain_word() -> None:
    """Otherwise the test above would miss it."""
    of_any_kind = sum(len(_CALLS_OF_ANY_KIND.findall(text)) for text in _sources())
    assert of_any_kind == len(POINTS)


@pytest.mark.parametrize("point", EVERYWHERE)
def test_every_point_ends_a_life(point: str) -> None:
    """In the code it is armed; outside it is a trap. Three commands are given in any case."""
    planned = lives((point,), random.Random(1))
    *killed, last = planned
    assert killed[-1].armed or killed[-1].ends_at in TRAPS
    assert last.ends_at is None
    assert sum(life.commands for life in planned) >= 3


def test_settling_is_reached_over_a_life_that_leaves_something_to_settle() -> None:
    first, second, last = lives(("settle.deciding",), random.Random(1))
    assert (first.ends_at or "").startswith("submit.")
    assert (second.ends_at, last.ends_at) == ("settle.deciding", None)
    after_it = lives(("submit.sending", "settle.deciding"), random.Random(1))
    assert [life.ends_at for life in after_it] == ["submit.sending", "settle.deciding", None]


def test_a_recovery_is_killed_five_times() -> None:
    ends = [life.ends_at for life in lives(("recovery.delivery.posting",), random.Random(1))]
    assert ends == ["delivery.posting"] * 5 + [None]


def test_the_same_seed_draws_the_same_cases() -> None:
    assert cases(7, 2, 10, ["sqlite"]) == cases(7, 2, 10, ["sqlite"])
    assert cases(7, 2, 10, ["sqlite"]) != cases(8, 2, 10, ["sqlite"])


def test_every_point_is_played_over_each_store_before_any_is_played_again() -> None:
    drawn = cases(1, 2, 10, ["sqlite", "postgresql"])
    first = [case for case in drawn if len(case.points) == 1][: 2 * len(EVERYWHERE)]
    played = Counter((*case.points, case.store) for case in first)
    assert played == Counter((p, s) for p in EVERYWHERE for s in ("sqlite", "postgresql"))
    assert sum(len(case.points) == 2 for case in drawn) == 10
    assert not set(ZOMBIES) & set(SINGLES)
