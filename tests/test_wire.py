"""The deployed program: `python -m bot run` as a process, Discord and NetMind over the wire."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.generation import Pace
from bot.sandbox.netmind import SandboxNetmind
from tests.standins.discord.process import OPENAPI, DiscordStandIn, answered, edited

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code and what it wrote."""

    code: int
    stdout: str
    stderr: str


class Bot:
    """A running `python -m bot run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> Ended:
        """Signal it and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        return await self.ended()

    async def ended(self) -> Ended:
        """Wait for its end."""
        stdout, stderr = await asyncio.wait_for(self._process.communicate(), 20)
        assert self._process.returncode is not None
        return Ended(self._process.returncode, stdout.decode(), stderr.decode())


async def start_bot(
    discord: DiscordStandIn, netmind: SandboxNetmind, data: Path, **more: str
) -> Bot:
    """Start the program with the settings an operator would give, and no others."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/foley.db",
        "NETMIND_API_TOKEN": netmind.token,
        "NETMIND_BASE_URL": netmind.base_url,
        "DOWNLOAD_ALLOW": f"127.0.0.1:{netmind.port}",
        **discord.environment,
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Bot(process)


@pytest.fixture
async def discord() -> AsyncIterator[DiscordStandIn]:
    """Discord, in a process of its own."""
    async with await DiscordStandIn.start(openapi=OPENAPI if OPENAPI.exists() else None) as started:
        yield started


@asynccontextmanager
async def quick_netmind(making: float = 0.5) -> AsyncIterator[SandboxNetmind]:
    """A NetMind that takes this many seconds for a sound."""
    async with SandboxNetmind(paces={"audio": Pace(0.1, making)}) as started:
        yield started


def is_command_sync(entry: Any) -> bool:
    return bool(entry.method == "PUT" and str(entry.path).endswith("/commands"))


def is_ready(entry: Any) -> bool:
    return bool(entry.kind == "gateway.identify")


def has_file(entry: Any) -> bool:
    return bool(entry.method == "POST" and entry.files)


async def files_in(discord: DiscordStandIn) -> list[Any]:
    return [
        file
        for each in await discord.messages(discord.home.channel)
        for file in each["attachments"]
    ]


async def test_a_sound_is_posted_over_the_wire(discord: DiscordStandIn, tmp_path: Path) -> None:
    """Command, card, file: through real HTTP and a real gateway, in the bot's own process."""
    async with quick_netmind() as netmind:
        bot = await start_bot(discord, netmind, tmp_path)
        await discord.wait_for(is_ready, timeout=20)
        interaction = await discord.invoke("audio", {"prompt": "wind over willow", "duration": 1})
        await discord.wait_for(answered(interaction))
        sent = await discord.wait_for(has_file, timeout=20)
        card = (await discord.interaction(interaction))["original_id"]
        await discord.wait_for(edited(card), timeout=20)
        ended = await bot.stop()

    assert (ended.code, ended.stderr) == (0, "")
    assert [file["filename"] for file in await files_in(discord)] == ["wind-over-willow-1.flac"]
    assert sent.nonce
    assert await discord.violations() == []
    assert discord.token not in ended.stdout
    assert netmind.token not in ended.stdout
    assert "/files/" not in ended.stdout
    assert netmind.user_id not in ended.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_job_under_way_survives_a_restart(
    discord: DiscordStandIn, tmp_path: Path, how: signal.Signals
) -> None:
    """Stopped while generating, started again: the result arrives, once."""
    async with quick_netmind(making=3) as netmind:
        first = await start_bot(discord, netmind, tmp_path)
        await discord.wait_for(is_ready, timeout=20)
        await discord.invoke("audio", {"prompt": "rain", "duration": 1})
        # It looks only at generations whose id it has on disk.
        while not netmind.calls("get"):  # noqa: ASYNC110 - another process makes the call
            await asyncio.sleep(0.05)
        await first.stop(how)
        mark = (await discord.ledger())[-1].seq

        second = await start_bot(discord, netmind, tmp_path)
        await discord.wait_for(has_file, timeout=30, after=mark)
        await asyncio.sleep(1)
        await second.stop()

    assert len(await files_in(discord)) == 1
    assert len(netmind.calls("create")) == 1


async def test_a_refused_token_ends_in_one_line_and_exit_code_3(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """Nobody logs in again and again with a token that will never do."""
    async with quick_netmind() as netmind:
        bot = await start_bot(discord, netmind, tmp_path, DISCORD_TOKEN="wrong")
        ended = await bot.ended()

    assert ended.code == 3
    assert ended.stderr.splitlines() == [
        "Discord refused the token. Copy DISCORD_TOKEN anew from the developer portal."
    ]
    refused = [entry for entry in await discord.ledger() if entry.status == 401]
    assert len(refused) == 1


async def test_a_token_refused_at_the_gateway_ends_with_exit_code_3(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """A token reset between login and identify is no reason to connect for ever."""
    await discord.refuse_identify(4004)
    async with quick_netmind() as netmind:
        bot = await start_bot(discord, netmind, tmp_path)
        ended = await bot.ended()

    assert (ended.code, ended.stderr) == (3, "Discord refused the connection (4004).\n")


async def test_commands_are_given_to_discord_only_when_they_changed(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """A restart costs none of the day's command updates."""
    async with quick_netmind() as netmind:
        for _ in range(2):
            mark = (await discord.ledger())[-1].seq if await discord.ledger() else 0
            bot = await start_bot(discord, netmind, tmp_path)
            await discord.wait_for(is_ready, timeout=20, after=mark)
            await bot.stop()

    assert len([entry for entry in await discord.ledger() if is_command_sync(entry)]) == 1
