"""What every test gets."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stamina

from tests.world import World, open_world


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the machine it runs on."""
    for name in list(os.environ):
        if name.startswith(("DISCORD_", "NETMIND_", "DATABASE_", "DATA_DIR", "LOG_", "MODELS_")):
            monkeypatch.delenv(name)


@pytest.fixture
def quick_retries() -> object:
    """Retries wait for nothing."""
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The whole bot in one process; see tests.world."""
    async with open_world(tmp_path) as opened:
        yield opened
