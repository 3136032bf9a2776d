"""What every test gets."""

import gc
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina
import structlog
from discord.gateway import KeepAliveHandler

from bot.config import Settings
from tests.warm import keep_warm
from tests.world import World, open_world, sketch

keep_warm()

# Looking for garbage less often saves a twentieth of the suite's time.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that were given more time come first: at the end, all cores would wait for one."""
    items.sort(key=_own_seconds, reverse=True)


def _own_seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the machine it runs on."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _plain_traces() -> None:
    """A logged error costs no second of drawing, as structlog's own settings would have it."""
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.fixture(autouse=True)
def _no_heartbeats() -> Iterator[None]:
    """No connection to a gateway that a test has left beats on in the tests after it."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()


@pytest.fixture
def quick_retries() -> Iterator[None]:
    """Retries wait for nothing."""
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
async def world(tmp_path: Path, quick_retries: None) -> AsyncIterator[World]:  # noqa: ARG001 - at work for its sake
    """The whole bot in one process, with a NetMind whose files are small; see tests.world."""
    async with open_world(tmp_path, {"render": sketch}) as opened:
        yield opened


@pytest.fixture
async def rendering_world(tmp_path: Path, quick_retries: None) -> AsyncIterator[World]:  # noqa: ARG001 - at work for its sake
    """The whole bot in one process, with a NetMind that really renders."""
    async with open_world(tmp_path) as opened:
        yield opened
