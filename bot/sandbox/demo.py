"""The main job, shown: the real bot, through the real discord.py, in a world in miniature."""

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from rich.console import Console

from bot.app import App, open_app
from bot.config import Settings
from bot.sandbox.discord import SandboxDiscord, open_discord
from bot.sandbox.generation import Pace
from bot.sandbox.models import sandbox_catalog
from bot.sandbox.netmind import SandboxNetmind
from bot.sandbox.orders import Kind
from bot.sandbox.story import Command, Story
from bot.sandbox.summary import print_calls, print_files, save_results

PROMPT = "wind over willow branches"
VIDEO_PROMPT = "a lighthouse in a storm at night"
OUTPUT = Path("demo-output")
# Past this something is broken, and the demo says so instead of waiting on.
PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class World:
    """The parts of the demo's world."""

    app: App
    netmind: SandboxNetmind
    discord: SandboxDiscord


async def demo(prompt: str, *, stay: bool, port: int | None = None) -> int:
    """Run the demo; return the exit code. `stay`: keep the page up until interrupted."""
    console = Console(highlight=False)
    # The story is told in words; the log would say it twice.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="foley-demo-") as folder:
        async with open_world(Path(folder)) as world:
            jobs_done = await _tell(world, console, prompt or PROMPT, prompt or VIDEO_PROMPT)
            if not jobs_done:
                return 1
            if stay:
                await _stay(world, console, port)
    return 0


@asynccontextmanager
async def open_world(
    folder: Path, paces: Mapping[Kind, Pace] | None = None
) -> AsyncIterator[World]:
    """Open everything and set the workers going; `paces` says how long NetMind takes."""
    async with AsyncExitStack() as stack:
        netmind = await stack.enter_async_context(SandboxNetmind(paces=paces))
        app = await stack.enter_async_context(
            open_app(sandbox_settings(netmind, folder), sandbox_catalog())
        )
        discord = await stack.enter_async_context(open_discord(app.client))
        working = asyncio.create_task(app.workers.run())
        try:
            yield World(app, netmind, discord)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def sandbox_settings(netmind: SandboxNetmind, folder: Path) -> Settings:
    """Return settings that point at the sandbox and read nothing from the environment."""
    return Settings.load(
        _env_file=None,
        discord_token="the-sandbox-needs-none",  # noqa: S106 - it opens nothing
        netmind_api_token=netmind.token,
        netmind_base_url=netmind.base_url,
        download_allow=f"127.0.0.1:{netmind.port}",
        data_dir=folder,
        database_url=None,
    )


async def _tell(world: World, console: Console, prompt: str, video_prompt: str) -> bool:
    story = Story(world.app, world.discord, console)
    console.rule("[bold]Foley: the main job, in a world in miniature")
    commands = [
        Command(world.discord.mira, "audio", {"prompt": prompt, "duration": 6}),
        Command(
            world.discord.jonas,
            "video",
            {"prompt": video_prompt, "length": "about 2 seconds"},
        ),
        Command(world.discord.mira, "audio", {"prompt": f"{prompt}, far away", "duration": 4}),
    ]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            ended = await story.tell(commands)
    except TimeoutError:
        console.print("[red]This took too long; something is broken.[/red]")
        return False
    files = save_results(world.discord, ended, OUTPUT)
    print_files(console, files)
    print_calls(console, world.netmind)
    return len(files) == len(commands)


async def _stay(world: World, console: Console, port: int | None) -> None:
    async with world.discord.page(port) as page:
        console.print()
        console.print("The channel is open on this page; type /audio there and hear the result:")
        console.print(f"  [bold]{page.url}[/bold]", soft_wrap=True)
        console.print("Press Ctrl+C to end.")
        sys.stdout.flush()
        await page.wait_closed()
