"""The Procfile's processes, started and ended as a platform does it."""

import asyncio
import json
import os
import shlex
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from bot.__main__ import cli
from tests.deploy import procfile
from tests.deploy.shell import ended, free_port, started
from tests.program import Ended
from tests.standins.discord.process import DiscordStandIn

NOWHERE = "http://127.0.0.1:9"
PATIENCE = 40.0

pytestmark = pytest.mark.timeout(120)
in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def discord() -> AsyncIterator[DiscordStandIn]:
    async with await DiscordStandIn.start() as running:
        yield running


async def _until_ready(port: int) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def life(discord: DiscordStandIn, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A web process that became ready on its PORT and was then told to end, with all its group."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    settings = {
        "DYNO": "web.1",
        "PORT": str(port),
        "NETMIND_BASE_URL": NOWHERE,
        "NETMIND_API_TOKEN": "key",
        **discord.environment,
    }
    async with started(procfile.commands()["web"], folder, **settings) as process:
        await _until_ready(port)
        os.killpg(process.pid, signal.SIGTERM)
        return await ended(process)


@in_one_loop
async def test_sigterm_ends_a_process_that_serves_with_code_0_within_the_grace(life: Ended) -> None:
    assert life.code == 0


@in_one_loop
async def test_the_log_is_one_line_json_on_stdout_with_what_railway_reads(life: Ended) -> None:
    lines = [json.loads(line) for line in life.stdout.splitlines()]
    assert life.stderr == ""
    assert all({"level", "message"} <= set(line) for line in lines)
    assert [line["message"] for line in lines].count("draining") == 1


@in_one_loop
async def test_a_refused_token_is_one_line_and_one_login_and_no_loop(
    discord: DiscordStandIn, tmp_path: Path
) -> None:
    mark = max((entry.seq for entry in await discord.ledger()), default=0)
    settings = {**discord.environment, "DISCORD_TOKEN": "x.y.z", "NETMIND_API_TOKEN": "key"}
    async with started(procfile.commands()["worker"], tmp_path, **settings) as process:
        life = await ended(process)
    assert life.code == 3
    assert life.stderr.splitlines() == [
        "Discord refused the token. Copy DISCORD_TOKEN anew from the developer portal."
    ]
    asked = [entry for entry in await discord.ledger() if entry.seq > mark]
    assert [entry.kind for entry in asked] == ["http"]


def test_the_release_step_prepares_a_database_and_may_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    python, dash, program, *arguments = shlex.split(procfile.commands()["release"])
    assert (python, dash, program) == ("python", "-m", "bot")
    said = [CliRunner().invoke(cli, arguments) for _ in range(2)]
    assert [each.exit_code for each in said] == [0, 0]
    assert [each.output.split(";")[0] for each in said] == [
        "SQLite: the schema was empty",
        "SQLite: the schema was current",
    ]


@in_one_loop
async def test_a_disk_that_is_wiped_is_a_warning_in_the_log(life: Ended) -> None:
    lines = [json.loads(line) for line in life.stdout.splitlines()]
    (line,) = [line for line in lines if line["message"] == "disk_does_not_last"]
    assert line["level"] == "warn"  # Railway's word
    assert "Set DATABASE_URL to a PostgreSQL" in line["advice"]
