"""The benchmarks in small: only what really goes wrong is noticed. `make bench` measures."""

import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks import answers, memory, moving
from tests.benchmarks.report import MB, percentile
from tests.rig.bots import Services
from tests.standins.discord.furniture import LARGE, furnish


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    """Discord and NetMind, in processes of their own."""
    async with await Services.start() as started:
        yield started


async def test_no_file_is_ever_held_in_memory_as_a_whole(
    services: Services, tmp_path: Path
) -> None:
    """Two files at once take less than one of them has."""
    load = memory.Load(files=2, size=8 * MB, stalled=0.5)

    delivered = await memory.deliver(services, tmp_path, load)

    assert delivered.whole
    assert delivered.gauge.growth < load.size


async def test_first_answers_do_not_wait_for_somebody_who_holds_the_database(
    services: Services,
) -> None:
    """Discord is more patient here than it is, but not as patient as the lock's holder."""
    await services.discord.settings(answer_within=5.0)
    load = answers.Load(commands=3, others=1, within=0.5, earlier=0, latency=5.0, held=(6.0, 6.0))

    wave = await answers.play(services, load)

    assert wave.lost == []
    assert {kind: len(waits) for kind, waits in wave.waits.items()} == {
        "/audio": 3,
        "/queue": 1,
        "/jobs": 1,
        "Cancel": 1,
    }
    assert len(wave.cards) == 3


async def test_what_is_moved_is_whole_and_a_program_that_fails_is_no_figure(tmp_path: Path) -> None:
    full, dump = tmp_path / "a.db", tmp_path / "a.sql.gz"
    await moving.make(full, 3)
    await moving.cost_of(sys.executable, "-c", moving.DUMP, str(full), str(dump))
    cost = await moving.cost_of(
        sys.executable, "-c", moving.READ, str(dump), str(tmp_path / "b.db")
    )
    with closing(sqlite3.connect(tmp_path / "b.db")) as copy:
        counts = [
            copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
            for table in ("jobs", "job_events", "deliveries")
        ]
    assert counts == [3, 12, 3]
    # Not this process's own memory, which is larger.
    assert 0 < cost.peak < 60 * MB
    with pytest.raises(RuntimeError, match="ended with 3"):
        await moving.cost_of(sys.executable, "-c", "raise SystemExit(3)")


def test_nothing_in_a_furnished_guild_is_there_twice() -> None:
    """Or a bot would keep less of it than of a guild as it is."""
    guild_id = 400 << 22
    parts = ("roles", "channels", "threads", "emojis", "stickers")
    furniture = furnish(guild_id, LARGE)
    ids = [int(thing["id"]) for part in parts for thing in furniture[part]]
    assert len(set(ids)) == sum(getattr(LARGE, part) for part in parts)
    assert guild_id < min(ids) <= max(ids) < 401 << 22


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 50) == 3.0
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 95) == 5.0
    assert percentile([7.0], 50) == 7.0
