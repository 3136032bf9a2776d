"""The deployed program: `python -m bot run` as a process, Discord and NetMind over the wire."""

import asyncio
import base64
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.generation import Pace
from bot.sandbox.netmind import SandboxNetmind
from tests.blank import put_blank
from tests.program import Program, running
from tests.standins.discord.faults import Fault
from tests.standins.discord.process import OPENAPI, DiscordStandIn, answered, edited

pytestmark = pytest.mark.timeout(100)


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


def bot(
    discord: DiscordStandIn, netmind: SandboxNetmind, data: Path, **more: str
) -> AbstractAsyncContextManager[Program]:
    """Run the program with the settings an operator would give."""
    environment = {
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/foley.db",
        "NETMIND_API_TOKEN": netmind.token,
        "NETMIND_BASE_URL": netmind.base_url,
        "DOWNLOAD_ALLOW": f"127.0.0.1:{netmind.port}",
        **discord.environment,
        **more,
    }
    return running("run", folder=data, **environment)


def is_ready(entry: Any) -> bool:
    return bool(entry.kind == "gateway.identify")


def has_file(entry: Any) -> bool:
    return bool(entry.method == "POST" and entry.files)


async def files_in(discord: DiscordStandIn) -> list[str]:
    messages = await discord.messages(discord.home.channel)
    files = [file["filename"] for each in messages for file in each["attachments"]]
    return [name for name in files if not name.endswith(".png")]  # a sound has a picture of it


async def last_of(discord: DiscordStandIn) -> int:
    """Return where Discord's ledger ends now."""
    return max((entry.seq for entry in await discord.ledger()), default=0)


async def test_a_sound_is_posted_over_the_wire(discord: DiscordStandIn, tmp_path: Path) -> None:
    """Command, card, file: through real HTTP and a real gateway, in the bot's own process."""
    async with quick_netmind() as netmind, bot(discord, netmind, tmp_path) as program:
        await discord.wait_for(is_ready, timeout=20)
        interaction = await discord.invoke("audio", {"prompt": "wind over willow", "duration": 1})
        await discord.wait_for(answered(interaction))
        sent = await discord.wait_for(has_file, timeout=20)
        card = (await discord.interaction(interaction))["original_id"]
        await discord.wait_for(edited(card), timeout=20)
        ended = await program.stop()

    assert (ended.code, ended.stderr) == (0, "")
    assert await files_in(discord) == ["wind-over-willow-1.flac"]
    assert sent.nonce
    assert await discord.violations() == []
    for secret in (discord.token, netmind.token, netmind.user_id, "/files/"):
        assert secret not in ended.stdout


async def test_a_voice_message_is_posted_over_the_wire(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """It is as Discord's own document says, and the wave is that of the sound."""
    async with quick_netmind() as netmind, bot(discord, netmind, tmp_path) as program:
        await discord.wait_for(is_ready, timeout=20)
        with closing(sqlite3.connect(tmp_path / "foley.db")) as connection, connection:
            connection.execute(
                "INSERT INTO guilds (id, first_seen_at, last_seen_at, voice) VALUES (?, ?, ?, 1)",
                (discord.home.guild, "2026-01-01 00:00:00", "2026-01-01 00:00:00"),
            )
        await discord.invoke("audio", {"prompt": "a gong", "duration": 2})
        await discord.wait_for(has_file, timeout=30)
        await program.stop()

    words, sound = (await discord.messages(discord.home.channel))[-2:]
    (file,) = sound["attachments"]
    assert sound["message_reference"]["message_id"] == words["id"]
    assert (sound["content"], file["filename"]) == ("", "a-gong-1.ogg")
    assert abs(file["duration_secs"] - 2) < 0.1
    assert len(base64.b64decode(file["waveform"])) == 20
    assert await discord.violations() == []


async def test_a_job_under_way_survives_a_crash(discord: DiscordStandIn, tmp_path: Path) -> None:
    """Killed while generating, started again: the result arrives, once."""
    async with quick_netmind(making=3) as netmind:
        async with bot(discord, netmind, tmp_path) as first:
            await discord.wait_for(is_ready, timeout=20)
            await discord.invoke("audio", {"prompt": "rain", "duration": 1})
            # It looks only at generations whose id it has on disk.
            while not netmind.calls("get"):  # noqa: ASYNC110 - another process makes the call
                await asyncio.sleep(0.05)
            await first.stop(signal.SIGKILL)
        mark = await last_of(discord)
        async with bot(discord, netmind, tmp_path) as second:
            await discord.wait_for(has_file, timeout=30, after=mark)
            # The generation is deleted when all is done: a second post would have come by then.
            while not netmind.calls("delete"):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.05)
            await second.stop()

    assert await files_in(discord) == ["rain-1.flac"]
    assert len(netmind.calls("create")) == 1


def is_left(entry: Any) -> bool:
    return bool(entry.kind == "gateway.close")


def state_of(data: Path, job_id: int = 1) -> str:
    """Return the state of a job as the file has it."""
    with closing(sqlite3.connect(data / "foley.db")) as connection:
        (state,) = connection.execute("SELECT state FROM jobs WHERE id = ?", [job_id]).fetchone()
    return str(state)


async def test_a_stop_leaves_the_gateway_first_and_answers_what_was_asked(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """Whoever typed a command just then has a card, and a job that the next process carries on."""
    async with quick_netmind() as netmind:
        async with bot(discord, netmind, tmp_path) as first:
            await discord.wait_for(is_ready, timeout=20)
            await discord.plan(Fault("POST", "/interactions/*/*/callback", delay=1.5))
            interaction = await discord.invoke("audio", {"prompt": "rain", "duration": 1})
            await asyncio.sleep(0.3)
            ended = await first.stop()
        left = await discord.wait_for(is_left)
        answer = await discord.wait_for(answered(interaction))
        assert left.seq < answer.seq
        assert (ended.code, ended.stderr) == (0, "")
        assert "left_in_haste" not in ended.stdout
        async with bot(discord, netmind, tmp_path) as second:
            await discord.wait_for(edited(await card_of(discord, interaction)), timeout=30)
            while not netmind.calls("delete"):  # noqa: ASYNC110 - another process makes the call
                await asyncio.sleep(0.05)
            await second.stop()

    assert await files_in(discord) == ["rain-1.flac"]
    assert len(netmind.calls("create")) == 1


async def card_of(discord: DiscordStandIn, interaction: int) -> int:
    """Return the message that answered a command."""
    card: int = (await discord.interaction(interaction))["original_id"]
    return card


async def hanging_create(discord: DiscordStandIn, netmind: SandboxNetmind) -> None:
    """Have a job's POST under way, without an answer."""
    netmind.hang_next("create", accepted=True)
    await discord.wait_for(is_ready, timeout=20)
    await discord.invoke("audio", {"prompt": "rain", "duration": 1})
    while not netmind.generations:  # noqa: ASYNC110 - another process makes the call
        await asyncio.sleep(0.05)


async def test_a_stop_gives_back_what_does_not_end_in_time(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    async with (
        quick_netmind() as netmind,
        bot(discord, netmind, tmp_path, DRAIN_SECONDS="0") as program,
    ):
        await hanging_create(discord, netmind)
        async with asyncio.timeout(10):
            ended = await program.stop()

    assert (ended.code, ended.stderr) == (0, "")
    assert "drained" in ended.stdout
    assert state_of(tmp_path) == "uncertain"


async def test_ctrl_c_ends_a_stop_at_once_and_further_sigterms_do_not(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    async with (
        quick_netmind() as netmind,
        bot(discord, netmind, tmp_path, DRAIN_SECONDS="60") as program,
    ):
        await hanging_create(discord, netmind)
        program._process.send_signal(signal.SIGTERM)
        await discord.wait_for(is_left)
        program._process.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(program._process.wait(), 0.5)
        async with asyncio.timeout(5):
            ended = await program.stop(signal.SIGINT)

    assert ended.code == 128 + signal.SIGINT
    # The next process finds it by its lease.
    assert state_of(tmp_path) == "submitting"


async def test_a_stop_while_discord_cannot_be_reached_ends_at_once(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    environment = {
        "DISCORD_TOKEN": "a.b.c",
        "DISCORD_API_BASE": nowhere,
        "NETMIND_API_TOKEN": "key",
        "NETMIND_BASE_URL": nowhere,
    }
    async with running("run", folder=tmp_path, **environment) as program:
        while not (tmp_path / "data" / "foley.db").exists():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.5)
        assert program._process.returncode is None
        async with asyncio.timeout(5):
            ended = await program.stop()

    assert (ended.code, ended.stderr) == (0, "")


async def test_a_refused_token_ends_in_one_line_and_exit_code_3(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """Nobody logs in again and again with a token that will never do."""
    async with (
        quick_netmind() as netmind,
        bot(discord, netmind, tmp_path, DISCORD_TOKEN="not-the-token") as program,
    ):
        ended = await program.ended()

    sentence = "Discord refused the token. Copy DISCORD_TOKEN anew from the developer portal.\n"
    assert (ended.code, ended.stderr) == (3, sentence)
    assert "not-the-token" not in ended.stdout
    assert len([entry for entry in await discord.ledger() if entry.status == 401]) == 1


async def test_a_token_that_is_reset_while_it_runs_ends_with_exit_code_3(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """Nobody connects again and again; a close code lost on the way costs one more try."""
    async with quick_netmind() as netmind, bot(discord, netmind, tmp_path) as program:
        await discord.wait_for(is_ready, timeout=20)
        assert await discord.reset_token() == 1
        ended = await program.ended()

    assert ended.code == 3
    assert ended.stderr.startswith("Discord closed the connection for good (4004). Look at ")
    assert len(ended.stderr.splitlines()) == 1
    assert len([entry for entry in await discord.ledger() if entry.kind == "gateway.open"]) <= 2


async def test_without_a_netmind_account_the_sandbox_does_the_main_job(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """`run --sandbox-netmind` needs a Discord token and nothing else."""
    async with running("run", "--sandbox-netmind", folder=tmp_path, **discord.environment):
        await discord.wait_for(is_ready, timeout=20)
        await discord.invoke("audio", {"prompt": "bells", "duration": 1})
        await discord.wait_for(has_file, timeout=30)

    assert await files_in(discord) == ["bells-1.flac"]
    assert (tmp_path / "data" / "foley.db").exists()


async def test_a_server_that_removes_the_bot_while_it_is_off_is_noted_when_it_is_back(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    """The database knows the server from before."""
    put_blank(tmp_path / "foley.db")
    with closing(sqlite3.connect(tmp_path / "foley.db", isolation_level=None)) as connection:
        then = "2026-01-01 00:00:00.000000"
        connection.execute(
            "INSERT INTO guilds (id, first_seen_at, last_seen_at, joined) VALUES (?, ?, ?, true)",
            (discord.home.guild, then, then),
        )
        await discord.remove_bot(discord.home.guild)
        async with quick_netmind() as netmind, bot(discord, netmind, tmp_path) as program:
            looked = "SELECT left_at FROM guilds"
            while not (left := connection.execute(looked).fetchone()[0]):  # noqa: ASYNC110 - another process notes it
                await asyncio.sleep(0.05)
            await program.stop()
    assert left is not None
