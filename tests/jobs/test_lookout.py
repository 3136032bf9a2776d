"""The lookout wakes the workers of a process while there may be something for them to do."""

from bot.jobs.lookout import EVERY, Lookout
from tests.world import World


async def test_workers_are_woken_while_anything_is_on_its_way_and_once_after_it(
    world: World,
) -> None:
    """The last time is for what the end of a job or message has left to be done."""
    woken: list[bool] = []
    rings: list[None] = []
    lookout = Lookout(world.app.database, world.clock, lambda: rings.append(None))

    async def look() -> None:
        before = len(rings)
        assert await lookout.step() == EVERY
        woken.append(len(rings) > before)

    await look()
    await world.ask("rain")
    await look()
    await look()
    await world.finish()
    await look()
    await look()
    assert woken == [False, True, True, True, False]
