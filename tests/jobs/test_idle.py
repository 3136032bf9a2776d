"""A bot that nobody asks for anything asks nobody for anything; `make bench` measures the rest."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.jobs.lookout import Lookout
from tests.world import World

# Each is a trip to PostgreSQL, again and again.
MOST_A_ROUND = 15


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What databases are asked."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", tell)
    yield told
    sa.event.remove(sa.Engine, "before_cursor_execute", tell)


async def test_an_idle_round_of_the_workers_takes_few_statements_and_no_request(
    world: World, statements: list[str]
) -> None:
    await world.work()
    statements.clear()
    requests = len(world.env.http_requests)

    for loop in world.app.workers.bell.loops:
        assert await loop._step() is None

    assert len(statements) <= MOST_A_ROUND, statements
    assert world.netmind.ledger == []
    assert len(world.env.http_requests) == requests


async def test_one_statement_finds_out_for_all_workers_that_there_is_nothing_to_do(
    world: World, statements: list[str]
) -> None:
    await Lookout(world.app.database, world.clock, lambda: None).step()
    assert len(statements) == 1
