"""The probe with everything that it needs open."""

import asyncio
import signal
from collections.abc import Callable

from bot.config import Settings
from bot.netmind.client import open_session
from bot.netmind.download import Downloader
from bot.probe.plan import Plan
from bot.probe.play import play
from bot.probe.record import Record, Step
from bot.probe.recorder import Recorder


async def probe(settings: Settings, plan: Plan, on_step: Callable[[Step], None]) -> Record:
    """Ask everything and clean up; SIGTERM ends it early, as Ctrl-C does."""
    token, base = settings.netmind_api_token.get_secret_value(), settings.netmind_base_url
    allow = settings.download_allow
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with open_session() as session, Downloader(allow) as downloader:
        recorder = Recorder(session, base, token, allow, on_step=on_step)
        return await play(recorder, plan, downloader)
