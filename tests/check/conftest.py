"""A deployment in which all is well: a Discord and a NetMind on loopback, and an own folder."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from discord.http import Route

from bot import disk
from bot.check.finding import Finding
from bot.check.looks import Report
from bot.disk import Machine
from bot.sandbox.netmind import SandboxNetmind
from storage.database import Address, Database
from tests.blank import put_blank
from tests.standins.discord.contract import Contract
from tests.standins.discord.http import PREFIX, Api
from tests.standins.discord.ledger import Ledger
from tests.standins.discord.process import OPENAPI
from tests.standins.discord.world import World, home_world

PORTAL = {
    "terms_of_service_url": "https://example.com/terms",
    "privacy_policy_url": "https://example.com/privacy",
}


@dataclass
class Discord:
    """Discord's stand-in, served from here: what there is, and what it was asked."""

    world: World
    ledger: Ledger

    def asked(self) -> list[str]:
        return [f"{entry.method} {entry.path}" for entry in self.ledger.entries]


def named(report: Report, name: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.name == name]


@pytest.fixture
async def netmind() -> AsyncIterator[SandboxNetmind]:
    async with SandboxNetmind() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    """Serve a Discord, which holds everything to the contract where that is at hand."""
    world = home_world("discord-secret")
    world.settings.application = {**PORTAL}
    ledger = Ledger(world.token)
    app = web.Application()
    Api(world, ledger, contract()).add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield Discord(world, ledger)
    await runner.cleanup()
    assert [entry.detail for entry in ledger.entries if entry.kind == "violation"] == []


_CONTRACTS: list[Contract] = []


def contract() -> Contract | None:
    """Return Discord's own document, read once a process."""
    if not _CONTRACTS and OPENAPI.exists():
        _CONTRACTS.append(Contract.read(OPENAPI))
    return next(iter(_CONTRACTS), None)


@pytest.fixture
def deployment(
    tmp_path: Path,
    netmind: SandboxNetmind,
    discord: Discord,
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> Path:
    """Set the environment of a deployment on a machine of one's own; its folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(disk, "machine", lambda _: Machine(None, False, ""))
    for name, value in {
        "DISCORD_TOKEN": discord.world.token,
        "DISCORD_API_BASE": discord.world.base_url + PREFIX,
        "NETMIND_API_TOKEN": netmind.token,
        "NETMIND_BASE_URL": netmind.base_url,
        "DATA_DIR": str(tmp_path / "data"),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
async def database(deployment: Path) -> AsyncIterator[Database]:
    """Give the deployment's database, with the schema and nothing in it."""
    path = deployment / "data" / "foley.db"
    put_blank(path)
    opened = Database.open(Address(path=path))
    yield opened
    await opened.close()
