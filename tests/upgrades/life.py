"""A life that ends in the middle of everything, to be kept as a released version's data.

Run by its path with another version's code on PYTHONPATH, it lives there: it asks the rest of the
project for nothing but `tests.world`, and does only what that version can.

    python tests/upgrades/life.py FOLDER

writes FOLDER/<revision>.sql, SQLite's own statements, unless that is there already.
"""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from storage import deliveries
from tests.world import World, open_world, sketch

# Who and where, in every dump: what Discord would call them differs from version to version.
GUILD, CHANNEL, CLOSED, MODERATORS, MIRA, JONAS = range(900000000000000001, 900000000000000007)

_LEASE = timedelta(seconds=20)
# Seconds in which the longest generation of the sandbox's ends.
_LONG = 300.0


async def live(world: World, revision: str) -> None:
    """Leave jobs and deliveries in every state, and whatever else that version could keep."""
    await _ended(world)
    if revision >= "0003":
        await _chosen(world)
    if revision >= "0004":
        await _reported(world)
    if revision >= "0006":
        await _limited(world)
    if revision >= "0007":
        await _worded(world)
    if revision >= "0009":
        await _reviewed(world)
    await _open(world)


async def _ended(world: World) -> None:
    """Jobs 1 to 5: posted, failed, cancelled early and late, without a way to be posted."""
    await world.ask("wind over willow branches", seed=7)
    await world.finish(_LONG)
    world.netmind.next_outcome("failed", "CUDA out of memory")
    await world.ask("an orchestra of a thousand spoons", duration=3)
    await world.finish(_LONG)
    await world.ask("a door that is never opened")
    await world.press_cancel(world.mira, 3)
    await world.type(world.jonas, "audio", prompt="Glocken über dem See — 鐘", duration=2)
    await world.work()
    await world.press_cancel(world.jonas, 4)
    closed = world.guild.create_text_channel("closed")
    await world.mira.slash(closed, "audio", prompt="footsteps in an empty hall")
    world.forbid("send_messages", channel=closed)
    await world.finish(_LONG)


async def _chosen(world: World) -> None:
    """What a person and a guild have chosen; a star; a result that its person deleted."""
    services = _services(world)
    await services.choices.prefer(world.jonas.id, language="de", mention=False)
    await services.choices.choose(world.guild.id, language="fr", refused_size=9_000_000)
    await services.shelf.star(1, world.mira.id)
    await world.type(world.jonas, "audio", prompt="rain on a tin roof")
    await world.finish(_LONG)
    await services.shelf.remove(6, world.jonas.id, None)


async def _reported(world: World) -> None:
    """A report that moderators have read."""
    from bot.jobs.shelf import Place

    services = _services(world)
    channel = world.guild.create_text_channel("moderators")
    await services.choices.choose(world.guild.id, log_channel_id=channel.id)
    message = world.results()[0]
    place = Place(message.channel.id, message.id)
    await services.cases.report(1, place, world.jonas.id, world.guild.id, "too loud")
    await world.work()


async def _limited(world: World) -> None:
    """Limits, a block, a pause that was undone."""
    rules, guild, by = _services(world).rules, world.guild.id, world.mira.id
    await rules.limit(guild, by, guild, at_once=9, per_day=50)
    await rules.block(guild, by, 424242, "spam", timedelta(days=400))
    await rules.choose(guild, by, appeal="Write to the owner.", time_zone="Europe/Berlin")
    await rules.choose(guild, by, paused=True)
    await rules.choose(guild, by, paused=False)


async def _worded(world: World) -> None:
    """A word that nobody may use, and one attempt to."""
    from bot.moderation.words import Kind, Rule

    await _services(world).vocabulary.add(world.guild.id, Rule(Kind.WORD, "goblin"), world.mira.id)
    await world.ask("a goblin laughs")


async def _reviewed(world: World) -> None:
    """Lines of the log, a removal that its person is to hear of, reviews open and decided."""
    from bot.jobs.reviews import Decision

    services, guild, by = _services(world), world.guild.id, world.mira.id
    await services.rules.write_lines(guild, by, on=True)
    await services.rules.choose(guild, by, review_prompts=True)
    await world.type(world.jonas, "audio", prompt="a bell nobody has approved")
    await world.work()
    await world.ask("a gong that was approved")
    await services.reviews.decide(2, guild, Decision(by, approved=True, trust=True))
    await services.rules.choose(guild, by, review_prompts=False)
    await services.moderators.remove(guild, world.jonas.id, 1, "not here")


def _services(world: World) -> Any:
    client = world.app.client
    return getattr(client, "services", client)  # up to schema 0009 it had them itself


async def _open(world: World) -> None:
    """Jobs that are under way, and messages that are."""
    workers = world.app.workers
    await world.ask("thunder far away", seed=1)
    await world.ask("a kettle begins to sing", seed=2)
    await _submit(world)
    for _ in range(20):  # two deliveries are promised
        world.move(_LONG / 20)
        await workers.watcher.step()
    async with world.app.database.write() as connection:
        await deliveries.claim(connection, 1, world.clock(), _LEASE)  # and one claimed
    await world.ask("gravel under slow wheels", seed=3)
    await _submit(world)  # generating
    world.netmind.drop_next("create", accepted=True)
    await world.type(world.jonas, "audio", prompt="a match is struck", seed=4)
    await _submit(world)  # its outcome is unknown
    await world.type(world.jonas, "audio", prompt="snow", seed=5)  # queued


async def _submit(world: World) -> None:
    await world.app.workers.submitter.step()
    await world.app.workers.submitter.tasks.join()
    await world.netmind.rendered()


async def _dump(folder: Path) -> tuple[str, str]:
    async with open_world(folder, {"render": sketch}, netmind_account="shared") as world:
        path = world.settings.database.path
        assert path is not None
        with closing(sqlite3.connect(path)) as database:
            revision = _revision(database)
        await live(world, revision)
        with closing(sqlite3.connect(path)) as database:
            return revision, _named(world, "\n".join(_written(database)))


def _named(world: World, dump: str) -> str:
    """Put our numbers of people and places instead of those that this Discord gave them."""
    numbers = {world.guild.id: GUILD, world.mira.id: MIRA, world.jonas.id: JONAS}
    channels = {"studio": CHANNEL, "closed": CLOSED, "moderators": MODERATORS}
    for channel in world.env.backend.channels.values():
        if channel.name in channels:
            numbers[channel.id] = channels[channel.name]
    for theirs, ours in numbers.items():
        dump = dump.replace(str(theirs), str(ours))
    return dump


def _written(database: sqlite3.Connection) -> list[str]:
    """Return the statements that make this database; who held what a moment ago is left out."""
    lines = [line for line in database.iterdump() if not line.startswith('INSERT INTO "leases"')]
    return [f"-- Schema {_revision(database)}, and what its code wrote.", *lines, ""]


def _revision(database: sqlite3.Connection) -> str:
    (found,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)


def main() -> None:
    """Live, and write down what is left."""
    with tempfile.TemporaryDirectory() as folder:
        revision, dump = asyncio.run(_dump(Path(folder)))
    target = Path(sys.argv[1]) / f"{revision}.sql"
    if target.exists():
        sys.exit(f"{target} is there already; what was released does not change.")
    target.write_text(dump, "utf-8")


if __name__ == "__main__":
    main()
