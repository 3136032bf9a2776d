"""A deploy under load costs nobody anything. `make deploys` does it many times."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.version import version
from tests.crash.stores import POSTGRESQL, SQLITE, stores
from tests.deploys.platforms import STOP_START
from tests.deploys.rehearsal import rehearse
from tests.rig.bots import Services

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def services() -> AsyncIterator[Services]:
    async with await Services.start() as started:
        yield started


async def test_old_and_new_together_lose_nothing_double_nothing_and_show_no_error(
    services: Services, tmp_path: Path
) -> None:
    """Both are on one token and one PostgreSQL while people go on asking."""
    folder = tmp_path / "rolling"
    folder.mkdir()
    with stores(POSTGRESQL) as opened:
        database = await opened.fresh(POSTGRESQL, folder)
        outcome = await rehearse(services, database, folder, rounds=1, every=0.7, seed=1)

    assert outcome.wrong == []
    begun = [json.loads(log.read_text().splitlines()[0]) for log in folder.glob("bot-*.log")]
    assert [(line["message"], line["version"]) for line in begun] == [("starting", version())] * 2
    assert outcome.commands
    assert max(outcome.drains) < 20


async def test_stop_and_start_on_one_file_loses_nothing_that_was_asked_before(
    services: Services, tmp_path: Path
) -> None:
    """Sounds take longer than the old process lives: they end while nobody is there, or later."""
    await services.reset()
    await services.netmind.settings(audio_making=3.5)
    with stores(SQLITE) as opened:
        database = await opened.fresh(SQLITE, tmp_path)
        outcome = await rehearse(
            services, database, tmp_path, rounds=1, every=1.5, seed=1, platform=STOP_START
        )

    assert outcome.wrong == []
    assert outcome.under_way
    assert len(outcome.gaps) == 1
