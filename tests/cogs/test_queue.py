"""/queue: how busy it is, and when one's own jobs are ready."""

from typing import Any

from simcord.results import ResponseMessage

from bot.jobs.reasons import Reason
from tests.cogs.layouts import shown, walk
from tests.world import World


async def queue(world: World, person: Any) -> str:
    answer = await world.type(person, "queue")
    assert answer.ephemeral
    found: ResponseMessage = answer.response
    assert len(list(walk(found.components))) <= 40
    return shown(found)


def places(world: World, count: int) -> None:
    """Have so many places at NetMind."""
    world.app.workers.submitter.max_in_flight = count
    world.app.client.services.desk.standings.max_in_flight = count


async def test_with_nothing_to_do_it_says_so(world: World) -> None:
    text = await queue(world, world.mira)
    assert "Nobody is waiting" in text
    assert "Nothing of yours is on its way." in text
    assert "MMAudio usually takes 30 s" in text


async def test_others_are_counted_and_never_named(world: World) -> None:
    places(world, 1)
    for prompt in ("bells", "horns"):
        await world.type(world.jonas, "audio", prompt=prompt, duration=1)
    await world.work()
    await world.ask("rain", duration=1)
    text = await queue(world, world.mira)
    assert "1 of 1 places are taken: 🎧 Sound 1" in text
    assert "2 jobs are waiting" in text
    assert "**#3** rain" in text
    assert "you are next; ready in about 60 s" in text
    assert not any(word in text for word in ("bells", "horns", "jonas", str(world.jonas.id)))


async def test_a_bar_shows_how_far_ones_own_job_is(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    begun = int(world.clock().timestamp())
    world.move(15)
    text = await queue(world, world.mira)
    assert "▰▰▰▰▰▰▱▱▱▱▱▱" in text
    assert f"ready <t:{begun + 30}:R>" in text
    world.move(30)
    assert "takes longer than usual" in await queue(world, world.mira)


async def test_an_outage_is_told_and_promises_no_time(world: World) -> None:
    await world.ask("rain", duration=1)
    world.app.client.services.desk.standings.outage.begin(Reason.NO_BALANCE)
    text = await queue(world, world.mira)
    assert "account is empty" in text
    assert "you are next; starts when NetMind is back" in text
    assert "ready in" not in text


async def test_more_jobs_than_fit_are_counted(world: World) -> None:
    places(world, 0)
    for _ in range(10):
        await world.ask("*" * 2000, duration=1)
    text = await queue(world, world.mira)
    assert text.count("**#") == 8
    assert "2 more of yours; /jobs lists them" in text
    assert len(text) < 4000


async def test_it_works_in_direct_messages(world: World) -> None:
    await world.ask("rain", duration=1)
    answer = await world.mira.user.slash("queue")
    assert "**#1** rain" in shown(answer.response)
