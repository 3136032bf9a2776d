"""The program as it is measured: the real process, with an empty SQLite file, among stand-ins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.rig.bots import Bot, Services

DATABASE = "foley.db"
TEMPORARY = "temporary"
"""Where its temporary files lie."""

_STARTS_WITHIN = 60.0


@asynccontextmanager
async def running(services: Services, folder: Path) -> AsyncIterator[Bot]:
    """Run it in this folder, which is empty; it is given once Discord knows it."""
    temporary = folder / TEMPORARY
    temporary.mkdir()
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "DATA_DIR": str(folder),
        "TMPDIR": str(temporary),
        "LOG_LEVEL": "info",
    }
    bot = await services.start_bot(folder / "bot.log", settings)
    try:
        await services.discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN
        )
        yield bot
    finally:
        await bot.kill()
