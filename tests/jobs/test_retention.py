"""Old jobs are deleted, a few at a time, and their copies at NetMind before them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import Settings, SettingsError
from bot.jobs import retention
from bot.jobs.reasons import Reason
from bot.jobs.retention import FOUND_WORDS, Retention
from storage import jobs, migrate, people, schema, words
from storage.database import Address, Database
from storage.jobs import NewJob
from storage.states import JobState
from storage.words import EVERYWHERE, NewWord
from tests.jobs.makers import NOON
from tests.world import World, settings_for

DAYS = 30
LATE = NOON + timedelta(days=DAYS, seconds=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(Address(path=tmp_path / "foley.db"))
    await migrate.upgrade(opened)
    yield opened
    await opened.close()


async def fill(database: Database, count: int) -> None:
    """Add jobs that ended at noon."""
    async with database.write() as connection:
        await people.note(connection, 1, NOON)
        for number in range(count):
            new = NewJob(number, 1, None, 5, "mmaudio", "audio", "rain", {})
            job = await jobs.add(connection, new, NOON)
            await jobs.move(connection, job, JobState.CANCELLED, NOON)


async def left(database: Database) -> int:
    async with database.read() as connection:
        count = await connection.scalar(sa.select(sa.func.count()).select_from(schema.jobs))
        assert count is not None
        return count


async def test_without_a_limit_nothing_is_too_old(database: Database) -> None:
    await fill(database, 2)
    assert not await Retention(database, lambda: LATE + timedelta(days=9999)).step()
    assert await left(database) == 2


async def test_what_is_older_goes_a_batch_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    await fill(database, 3)
    early = Retention(database, lambda: LATE - timedelta(seconds=2), DAYS)
    assert not await early.step()
    late = Retention(database, lambda: LATE, DAYS)
    seen = []
    while await late.step():
        seen.append(await left(database))
    assert seen == [1, 0]


async def test_between_two_looks_nothing_is_asked(database: Database) -> None:
    now = [LATE]
    keeper = Retention(database, lambda: now[0], DAYS)
    assert not await keeper.step()
    await fill(database, 1)
    assert not await keeper.step()
    assert await left(database) == 1
    now[0] += retention.EVERY
    assert await keeper.step()
    assert await left(database) == 0


async def test_words_that_were_found_are_forgotten_after_a_month(database: Database) -> None:
    async with database.write() as connection:
        await words.put(connection, EVERYWHERE, [NewWord("word", "ugly")], 1, NOON)
        found = await words.of_guild(connection, EVERYWHERE)
        await words.note_hits(
            connection, found, NOON, guild_id=0, interaction_id=1, person_id=1, prompt="ugly"
        )
    for at, kept in ((NOON + FOUND_WORDS, 1), (NOON + FOUND_WORDS + timedelta(seconds=1), 0)):
        await Retention(database, lambda at=at: at).step()  # type: ignore[misc] # a moment each
        async with database.read() as connection:
            assert len(await words.recent_hits(connection, EVERYWHERE, 5)) == kept


async def test_the_setting_reaches_the_worker_which_deletes_netminds_copy_first(
    world: World,
) -> None:
    await world.restart(retention_days=2)
    await world.ask("rain", duration=1)
    await world.until_ended()
    async with world.app.database.write() as connection:
        # Nobody has deleted it yet.
        await connection.execute(sa.update(schema.jobs).values(cleanup_at=None))
    world.app.workers.janitor.outage.begin(Reason.UNREACHABLE)
    world.move(3 * 86400)
    await world.app.workers.janitor.retention.step()
    job = await world.job()
    assert (job.prompt, job.cleanup_at) == ("", world.clock())
    assert job.generation_id is not None
    world.app.workers.janitor.outage.end()
    await world.later(1)
    await world.later(61)
    assert await left(world.app.database) == 0


def test_days_are_a_whole_number_from_one_on(tmp_path: Path) -> None:
    assert settings_for("http://127.0.0.1:9", tmp_path).retention_days is None
    for days in ("0", "-1", "1.5", "soon"):
        with pytest.raises(SettingsError):
            settings_for("http://127.0.0.1:9", tmp_path, retention_days=days)
    assert Settings.model_fields["retention_days"].description
