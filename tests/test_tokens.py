"""A job that outlives its command's token, over the wire: Discord forgets it after a second."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tests.rig.bots import Services
from tests.rig.checker import stale_cards, violations
from tests.rig.collect import GivenCommand, collect
from tests.rig.records import at_rest, read_records
from tests.standins.discord.process import answered


async def test_a_dead_token_costs_nobody_a_result_or_a_card(tmp_path: Path) -> None:
    async with await Services.start() as services:
        discord, home = services.discord, services.discord.home
        await discord.settings(token_lifetime=1.0)
        await services.netmind.settings(audio_making=4.0)
        database = f"sqlite:///{tmp_path}/foley.db"
        settings = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path)}
        bot = await services.start_bot(tmp_path / "bot.log", settings)
        try:
            await discord.wait_for(lambda entry: entry.kind == "gateway.identify", timeout=30)
            at = datetime.now(UTC)
            asked = await discord.invoke("audio", {"prompt": "rain", "duration": 1})
            await discord.wait_for(answered(asked))
            await discord.wait_for(lambda entry: entry.files, timeout=30)
            async with asyncio.timeout(30):
                while not at_rest(await read_records(database), datetime.now(UTC)):  # noqa: ASYNC110 - another process writes it
                    await asyncio.sleep(0.1)
        finally:
            await bot.kill()
        given = GivenCommand(asked, home.alice, home.channel, "rain", at)
        evidence = await collect(
            discord,
            services.netmind,
            database,
            commands=[given],
            logs=[bot.log.read_text()],
            faults_stopped_at=datetime.now(UTC),
        )
    assert violations(evidence) == []
    assert stale_cards(evidence) == []
