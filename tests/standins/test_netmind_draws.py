"""Faults and outcomes drawn by chance."""

import json
import random

from tests.standins.netmind.draws import OPERATIONS, random_fault, random_outcome
from tests.standins.netmind.faults import Fault
from tests.standins.netmind.outcomes import Outcome

DRAWS = 4000


def some_faults(seed: int) -> list[Fault]:
    rng = random.Random(seed)
    return [random_fault(rng) for _ in range(DRAWS)]


def some_outcomes(seed: int) -> list[Outcome]:
    rng = random.Random(seed)
    return [random_outcome(rng) for _ in range(DRAWS)]


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    assert some_faults(1) == some_faults(1) != some_faults(2)
    assert some_outcomes(1) == some_outcomes(1) != some_outcomes(2)


def test_every_fault_is_drawn_sooner_or_later() -> None:
    drawn = some_faults(3)
    assert {fault.operation for fault in drawn} == set(OPERATIONS)
    wanted = {400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503, 504}
    assert wanted <= {fault.status for fault in drawn}
    assert {fault.drop for fault in drawn} == {None, "close", "reset", "hang"}
    spoils = {"reset", "stall", "short", "unended", "long", "trickle"}
    assert {fault.spoil for fault in drawn} == {None} | spoils
    contents = {"html", "empty", "malformed", "huge", "deep", "bomb"}
    assert {fault.page for fault in drawn} == {None} | contents
    twists = {"backwards", "odd_word", "no_result", "shifted", "doubled", "cut", "emptied"}
    assert {fault.twist for fault in drawn} == {None} | twists
    waits = {fault.headers.get("Retry-After") for fault in drawn if fault.status == 429}
    assert {None, "1", "60", "1000000000"} <= waits
    assert any(fault.retry_date for fault in drawn)
    assert {"chain", "loop"} < {fault.redirect for fault in drawn}
    assert any(fault.drop and fault.accept for fault in drawn)
    assert any(fault.drop and not fault.accept for fault in drawn)
    assert any(fault.delay for fault in drawn)
    assert any(fault.hold for fault in drawn)


def test_every_outcome_is_drawn_and_most_go_well() -> None:
    drawn = some_outcomes(4)
    assert any(outcome.endless for outcome in drawn)
    assert any(outcome.making == 0 for outcome in drawn)
    assert any(outcome.result_after is None for outcome in drawn)
    assert any(outcome.unlisted_for is None for outcome in drawn)
    assert any(outcome.unfound_for for outcome in drawn)
    assert any(outcome.clock_offset for outcome in drawn)
    assert any(outcome.link for outcome in drawn)
    assert {"media", "html", "empty"} == {outcome.content for outcome in drawn}
    assert (
        sum(outcome == Outcome(pending=outcome.pending, making=outcome.making) for outcome in drawn)
        > DRAWS * 0.4
    )


def test_draws_survive_the_way_to_another_process() -> None:
    for fault in some_faults(5)[:300]:
        assert Fault(**json.loads(json.dumps(fault.to_json()))) == fault
    for outcome in some_outcomes(5)[:300]:
        assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
