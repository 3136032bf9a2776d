"""Random runs over the wire break no promise. `make soak` plays many more."""

import asyncio
from pathlib import Path

import pytest

from tests.crash.stores import POSTGRESQL, stores
from tests.rig.bots import Services
from tests.rig.nursery import Nursery
from tests.wire.__main__ import play_seed

SEEDS = (1, 5)


@pytest.mark.timeout(200)
async def test_kills_deploys_and_trouble_of_both_services_break_no_promise(tmp_path: Path) -> None:
    """Two seeds, beside each other, each with a Discord and a NetMind of its own."""
    with stores(POSTGRESQL) as opened:
        async with await Nursery.start() as nursery:

            async def one(seed: int) -> list[str]:
                async with await Services.start(nursery) as services:
                    return (await play_seed(seed, services, opened, tmp_path)).broken

            broken = await asyncio.gather(*map(one, SEEDS))

    assert broken == [[]] * len(SEEDS)
