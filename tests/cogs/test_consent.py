"""Nobody gets a direct message who has not agreed to it, and everybody is asked once."""

from typing import Any

from storage.routes import Route
from storage.states import JobState
from tests.world import World


async def ask_privately(world: World) -> Any:
    return await world.ask("a secret", duration=1, private=True)


def asked(answer: Any) -> bool:
    return any("direct messages?" in each.content for each in answer.followups)


async def test_a_person_is_asked_with_their_first_private_job_and_not_again(world: World) -> None:
    answer = await ask_privately(world)
    assert asked(answer)
    assert answer.followups[0].ephemeral
    await world.mira.click(answer.followups[0], label="No, I use /job")
    assert not asked(await ask_privately(world))
    await world.until_ended(1, 2)
    assert world.sent("POST", "/users/@me/channels") == []


async def test_a_yes_holds_for_the_job_that_brought_the_question(world: World) -> None:
    answer = await ask_privately(world)
    await world.mira.click(answer.followups[0], label="Yes, send them")
    assert (await world.job()).route is Route.DIRECT
    await world.until_ended()
    assert [each for each in world.mira.user.dm_channel.history() if each.attachments]


async def test_the_question_works_after_a_restart(world: World) -> None:
    answer = await ask_privately(world)
    await world.restart()
    await world.mira.click(answer.followups[0], label="Yes, send them")
    assert (await world.app.client.services.choices.of_person(world.mira.id)).direct is True


async def test_a_question_that_cannot_be_asked_takes_nothing_away(world: World) -> None:
    world.env.inject_error("POST", "/webhooks/*", status=404, code=10015)
    answer = await ask_privately(world)
    assert answer.response.embeds
    assert answer.followups == []
    await world.until_ended()
    assert (await world.job()).state is JobState.FINISHED


async def test_the_card_of_a_direct_result_is_not_looked_for(world: World) -> None:
    """Only its person sees it, so nobody can edit it later."""
    await world.app.client.services.choices.prefer(world.mira.id, private=True, direct=True)
    answer = await world.ask("a secret", duration=1)
    assert answer.ephemeral
    job = await world.job()
    assert (job.route, job.card_closed, job.card_id) == (Route.DIRECT, True, None)


async def test_a_public_job_brings_no_question(world: World) -> None:
    assert not asked(await world.ask("rain", duration=1))
