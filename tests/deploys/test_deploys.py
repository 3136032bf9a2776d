"""A rolling deploy under load costs nobody anything. `make deploys` does it many times."""

from pathlib import Path

import pytest

from tests.crash.stores import POSTGRESQL, stores
from tests.deploys.rehearsal import rehearse
from tests.rig.bots import Services


@pytest.mark.timeout(120)
async def test_old_and_new_together_lose_nothing_double_nothing_and_show_no_error(
    tmp_path: Path,
) -> None:
    """Both are on one token and one PostgreSQL while people go on asking."""
    folder = tmp_path / "rolling"
    folder.mkdir()
    with stores(POSTGRESQL) as opened:
        database = await opened.fresh(POSTGRESQL, folder)
        async with await Services.start() as services:
            outcome = await rehearse(services, database, folder, rounds=1, every=0.7, seed=1)

    assert outcome.wrong == []
    assert outcome.commands
    assert max(outcome.drains) < 20
