"""Several processes on one token and one PostgreSQL: gateways with shards, workers without."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crash.stores import POSTGRESQL, stores
from tests.rig.bots import Bot, Services
from tests.rig.collect import GivenCommand
from tests.rig.records import at_rest, read_records


@dataclass
class Fleet:
    """Processes that share a token and a database."""

    services: Services
    database: str
    folder: Path
    bots: dict[str, Bot] = field(default_factory=dict)
    commands: list[GivenCommand] = field(default_factory=list)

    async def add(self, name: str, **settings: str) -> Bot:
        """Start a process; one with a gateway is online when this returns."""
        discord = self.services.discord
        mark = max((entry.seq for entry in await discord.ledger()), default=0)
        environment = {
            "DATABASE_URL": self.database,
            "DATA_DIR": str(self.folder),
            **settings,
        }
        log = self.folder / f"{name}.log"
        self.bots[name] = await self.services.start_bot(log, environment)
        if settings["ROLE"] == "gateway":
            await discord.wait_for(
                lambda entry: entry.kind == "gateway.identify", timeout=30, after=mark
            )
        return self.bots[name]

    async def ask(self, number: int, channel: int, guild: str) -> None:
        """Give so many commands, as fast as people can."""
        for each in range(number):
            prompt = f"rain in {guild} number {each + 1}"
            at = datetime.now(UTC)
            made = await self.services.discord.invoke(
                "audio", {"prompt": prompt, "duration": 1}, channel=channel
            )
            person = self.services.discord.home.alice
            self.commands.append(GivenCommand(made, person, channel, prompt, at))

    async def settled(self) -> None:
        """Wait until every command has become a job and nothing is left to do."""
        async with asyncio.timeout(60):
            while True:
                records = await read_records(self.database)
                whole = len(records.jobs) == len(self.commands)
                if whole and at_rest(records, datetime.now(UTC)):
                    return
                await asyncio.sleep(0.2)

    def log(self, name: str) -> str:
        return self.bots[name].log.read_text(errors="replace")


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    folder = tmp_path / "fleet"
    folder.mkdir()
    with stores(POSTGRESQL) as opened:
        async with await Services.start() as services:
            fleet = Fleet(services, await opened.fresh(POSTGRESQL, folder), folder)
            try:
                yield fleet
            finally:
                for bot in fleet.bots.values():
                    await bot.kill()


@pytest.mark.timeout(150)
async def test_gateways_with_their_shards_and_two_workers_do_each_job_once(fleet: Fleet) -> None:
    """Commands are answered by the gateway whose shard it is; only workers make and post."""
    discord = fleet.services.discord
    await discord.settings(shards=2)
    # A guild's shard is in its id; one of these two is on each.
    other = await discord.add_guild("Annexe")
    while (other >> 22) % 2 == (discord.home.guild >> 22) % 2:
        other = await discord.add_guild("Annexe")
    elsewhere = await discord.add_channel("loft", guild=other)
    for shard in ("0", "1"):
        await fleet.add(f"gateway-{shard}", ROLE="gateway", SHARD_COUNT="2", SHARD_IDS=shard)
    await fleet.add("worker-1", ROLE="worker")
    await fleet.add("worker-2", ROLE="worker")
    await fleet.ask(6, discord.home.channel, "the studio")
    # The checker reads the home guild; what the other guild sees is checked by its messages.
    home = list(fleet.commands)
    await fleet.ask(6, elsewhere, "the annexe")
    await fleet.settled()

    files = [
        file["filename"]
        for message in await discord.messages(elsewhere)
        for file in message["attachments"]
        if not file["filename"].endswith(".png")  # a sound has a picture of it
    ]
    assert len(files) == len(set(files)) == 6
    assert len({job.generation_id for job in (await read_records(fleet.database)).jobs}) == 12
    for name in ("gateway-0", "gateway-1"):
        assert "job_accepted" in fleet.log(name)
        assert "generation_created" not in fleet.log(name)
    assert sum("turn_taken" in fleet.log(name) for name in ("worker-1", "worker-2")) == 1
    assert len(home) == 6
