"""One person's pile is nobody else's wait."""

from tests.world import World


async def test_who_sends_one_beside_who_sent_twenty_is_served_second(world: World) -> None:
    world.app.workers.submitter.max_in_flight = 1
    for number in range(20):
        await world.type(world.jonas, "audio", prompt=f"bells {number}", duration=1)
    await world.ask("rain", duration=1)
    await world.until_ended(1, 21)
    made = [made.order.prompt for made in world.netmind.generations.values()]
    assert made[:2] == ["bells 0", "rain"]
