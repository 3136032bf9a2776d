"""From an empty folder to the first sound, step by step, in seconds.

    python -m tests.first_answer

Everything is as a new operator does it, but Discord is the stand-in and NetMind the sandbox, both
on this machine: there is no account, and nobody opens the invite link. `pip` takes the packages
from wherever it is told to on this machine. In a container, `init` says that its disk does not
last.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.sandbox.netmind import SandboxNetmind
from tests.program import ROOT
from tests.standins.discord.process import DiscordStandIn, answered

PROMPT = "wind over willow branches"
PATIENCE = 60.0


@dataclass
class Steps:
    """What was done, and how many seconds each took."""

    done: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        begun = monotonic()
        yield
        self.done.append((name, monotonic() - begun))

    def table(self) -> Table:
        """Return them with their sum."""
        table = Table("step", "seconds", box=None)
        for name, seconds in self.done:
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("[bold]in all", f"[bold]{sum(seconds for _, seconds in self.done):.1f}")
        return table


def install(steps: Steps, folder: Path) -> Path:
    """Clone and install into an empty folder; return the program's Python."""
    with steps.step("git clone"):
        _do("git", "clone", "--quiet", str(ROOT), str(folder))
    with steps.step("python3 -m venv"):
        _do(sys.executable, "-m", "venv", str(folder / ".venv"))
    python = folder / ".venv/bin/python"
    with steps.step("pip install --require-hashes -r requirements.txt"):
        pinned = ("--require-hashes", "-r", str(folder / "requirements.txt"))
        _do(str(python), "-m", "pip", "install", "--quiet", "--no-cache-dir", *pinned)
    return python


def _do(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own commands


async def first_sound(steps: Steps, folder: Path, python: Path) -> None:
    """Prepare, start, ask, and wait for the file."""
    async with await DiscordStandIn.start() as discord, SandboxNetmind() as netmind:
        environment = {
            "PATH": os.environ["PATH"],
            "DISCORD_API_BASE": discord.api_base,
            "NETMIND_BASE_URL": netmind.base_url,
            "DOWNLOAD_ALLOW": f"127.0.0.1:{netmind.port}",
        }
        tokens = ("--discord-token", discord.token, "--netmind-api-token", netmind.token)
        with steps.step("python -m bot init"):
            process = await _start(python, folder, environment, "init", *tokens)
            await process.wait()
        with steps.step("python -m bot run, until it is online"):
            process = await _start(python, folder, environment, "run")
            await discord.wait_for(_is_online, timeout=PATIENCE)
        try:
            await _ask(steps, discord)
        finally:
            process.terminate()
            await process.wait()


async def _ask(steps: Steps, discord: DiscordStandIn) -> None:
    with steps.step("/audio, until its card is there"):
        made = await discord.invoke("audio", {"prompt": PROMPT, "duration": 2})
        await discord.wait_for(answered(made), timeout=PATIENCE)
    with steps.step("until the sound is there"):
        await discord.wait_for(_has_file, timeout=PATIENCE)


async def _start(
    python: Path, folder: Path, environment: dict[str, str], *words: str
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(str(python), "-m", "bot", *words), cwd=folder, env=environment
    )


def _is_online(entry: Any) -> bool:
    return bool(entry.kind == "gateway.identify")


def _has_file(entry: Any) -> bool:
    return bool(entry.method == "POST" and entry.files)


def main() -> None:
    """Do it all, and print what each step took."""
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="foley-first-") as name:
        folder = Path(name) / "foley"
        python = install(steps, folder)
        asyncio.run(first_sound(steps, folder, python))
    Console().print(steps.table())


if __name__ == "__main__":
    main()
