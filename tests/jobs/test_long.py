"""Jobs that take longer than an answer to a command may be changed: fifteen minutes."""

from pathlib import Path

import pytest

from bot.netmind.catalog import Catalog
from bot.sandbox.generation import Pace
from storage.states import JobState
from tests.world import open_world, sketch

MINUTE = 60.0


def patient_catalog(seconds: float) -> Catalog:
    """Return a catalogue whose models may take this long, as an operator would write it."""
    models = (
        model.model_copy(update={"deadline_seconds": seconds}) for model in Catalog.load().models
    )
    return Catalog(tuple(models))


@pytest.mark.parametrize("minutes", [16, 180])
async def test_a_job_of_minutes_and_of_hours_is_delivered_and_its_card_says_so(
    tmp_path: Path, minutes: int
) -> None:
    """Only the answer's token dies after fifteen minutes; nothing here needs it by then."""
    seconds = minutes * MINUTE
    sandbox = {"paces": {"audio": Pace(1, seconds)}, "render": sketch}
    async with open_world(tmp_path, sandbox, patient_catalog(seconds + 600)) as world:
        await world.ask("rain", duration=1)
        await world.work()
        assert (await world.job()).state is JobState.GENERATING
        await world.finish(seconds - 2 * MINUTE)
        await world.until_ended(step=MINUTE)

        (result,) = world.results()
        assert result.reference is not None
        card = await world.card()
        assert result.reference.message_id == card.id
        assert "is ready" in (card.embeds[0].title or "")
        assert card.components == []


async def test_hours_of_work_survive_restarts_on_the_way(tmp_path: Path) -> None:
    sandbox = {"paces": {"audio": Pace(1, 180 * MINUTE)}, "render": sketch}
    async with open_world(tmp_path, sandbox, patient_catalog(200 * MINUTE)) as world:
        await world.ask("rain", duration=1)
        for _ in range(3):
            await world.finish(50 * MINUTE)
            await world.restart()
        await world.until_ended(step=MINUTE)
        assert len(world.results()) == 1
        assert len(world.netmind.calls("create")) == 1


async def test_a_deadline_outlives_a_restart(tmp_path: Path) -> None:
    """The time before the restart counts."""
    sandbox = {"paces": {"audio": Pace(1, 300 * MINUTE)}, "render": sketch}
    async with open_world(tmp_path, sandbox, patient_catalog(100 * MINUTE)) as world:
        await world.ask("rain", duration=1)
        await world.finish(90 * MINUTE)
        await world.restart()
        await world.finish(11 * MINUTE)
        job = await world.job()
        assert (job.state, job.reason) == (JobState.FAILED, "too_late")
        assert len(world.notices()) == 1
