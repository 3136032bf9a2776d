"""A card that was sent, and whose message nobody lived to note, is found and kept true."""

import sqlalchemy as sa

from storage.schema import jobs
from tests.world import World


async def forget_card(world: World, job_id: int = 1) -> int:
    """Have the process die between sending the card and noting it; return the card's message."""
    card_id = (await world.job(job_id)).card_id
    assert card_id is not None
    async with world.app.database.write() as connection:
        await connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(card_id=None))
    return card_id


async def test_a_card_nobody_noted_is_found_and_tells_the_end(world: World) -> None:
    await world.ask("rain", duration=1)
    card_id = await forget_card(world)
    await world.restart()
    await world.later(16)
    assert (await world.job()).card_id == card_id
    await world.until_ended()
    card = await world.card()
    assert "is ready" in (card.embeds[0].title or "")
    (result,) = world.results()
    assert result.reference is not None
    assert result.reference.message_id == card_id


async def test_the_card_of_a_job_that_ended_meanwhile_is_closed_too(world: World) -> None:
    await world.ask("rain", duration=1)
    card_id = await forget_card(world)
    await world.finish(14)
    await world.later(16)
    job = await world.job()
    assert (job.card_id, job.card_closed) == (card_id, True)
    assert (await world.card()).components == []


async def test_a_job_whose_card_was_never_sent_is_searched_for_once(world: World) -> None:
    await world.ask("rain", duration=1)
    card_id = await forget_card(world)
    world.env.backend.delete_message(world.channel.id, card_id)
    await world.later(16)
    before = len(world.sent("GET"))
    await world.finish(60)
    assert len(world.sent("GET")) == before
    job = await world.job()
    assert (job.card_id, job.card_closed) == (None, True)


async def test_the_card_of_another_command_is_never_taken(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.ask("snow", duration=1)
    card_id = await forget_card(world, 2)
    await world.later(16)
    assert (await world.job(2)).card_id == card_id
    assert (await world.job(1)).card_id != card_id
