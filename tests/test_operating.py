"""What operators type, against a Discord and a NetMind over the wire, each a process of its own."""

from pathlib import Path

from tests.program import Ended, Program
from tests.rig.bots import Services


async def type_(services: Services, folder: Path, *words: str, **changed: str) -> Ended:
    environment = {**services.environment, "DATA_DIR": str(folder), **changed}
    program = await Program.start(*words, folder=folder, **environment)
    return await program.ended()


async def test_sync_gives_discord_the_commands_once_and_again_if_it_is_forced(
    tmp_path: Path,
) -> None:
    async with await Services.start() as services:
        said = [
            await type_(services, tmp_path, *words)
            for words in (["sync"], ["sync"], ["sync", "--force"])
        ]
        ledger = await services.discord.ledger()
    assert [each.code for each in said] == [0, 0, 0]
    last = [each.stdout.splitlines()[-1] for each in said]
    assert last[0] == last[2]
    assert last[0].startswith("Discord has the ")
    assert last[1] == "Discord has them already; nothing has changed."
    puts = [each for each in ledger if (each.kind, each.method) == ("http", "PUT")]
    assert len(puts) == 2
