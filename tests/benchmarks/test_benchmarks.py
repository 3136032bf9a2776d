"""The benchmarks in small: only what really goes wrong is noticed. `make bench` measures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.benchmarks import answers, memory
from tests.benchmarks.report import MB, percentile
from tests.rig.bots import Services


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


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 50) == 3.0
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 95) == 5.0
    assert percentile([7.0], 50) == 7.0
