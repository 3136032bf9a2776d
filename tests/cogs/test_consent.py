"""Nobody gets a direct message who has not agreed to it, and everybody is asked once."""

from typing import Any

from storage.routes import Route
from tests.world import World


async def ask_privately(world: World) -> Any:
    return await world.ask("a secret", duration=1, private=True)


def asked(answer: Any) -> bool:
    return any("direct messages?" in each.content for each in answer.followups)


async def test_a_person_is_asked_with_their_first_private_job_and_not_again(world: World) -> None:
    answer = await ask_privately(world)
    assert asked(answer)
    assert answer.followups[0].ephemeral
    await world.mira.click(answer.followups[0], label="No, I fetch it with /job")
    assert not asked(await ask_privately(world))
    await world.until_ended(1, 2)
    assert world.sent("POST", "/users/@me/channels") == []


async def test_a_yes_holds_for_the_job_that_brought_the_question(world: World) -> None:
    answer = await ask_privately(world)
    await world.mira.click(answer.followups[0], label="Yes, send it to me")
    assert (await world.job()).route is Route.DIRECT
    await world.until_ended()
    assert [each for each in world.mira.user.dm_channel.history() if each.attachments]


async def test_the_question_works_after_a_restart(world: World) -> None:
    answer = await ask_privately(world)
    await world.restart()
    await world.mira.click(answer.followups[0], label="Yes, send it to me")
    assert (await world.app.client.choices.of_person(world.mira.id)).direct is True


async def test_a_public_job_brings_no_question(world: World) -> None:
    assert not asked(await world.ask("rain", duration=1))
