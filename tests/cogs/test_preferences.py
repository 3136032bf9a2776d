"""/preferences: what a person chooses for all their jobs."""

from typing import Any

import pytest

from storage.people import Preferences
from storage.routes import Route
from tests.world import World, said


async def chosen(world: World) -> Preferences:
    return await world.app.client.choices.of_person(world.mira.id)


async def panel(world: World) -> Any:
    answer = await world.type(world.mira, "preferences")
    assert answer.ephemeral
    return answer


async def click(world: World, answer: Any, custom_id: str) -> Any:
    return await world.mira.click(answer.response, custom_id=custom_id)


async def test_each_switch_is_turned_and_turned_back(world: World) -> None:
    answer = await panel(world)
    for name, first in (("mention", "no"), ("private", "yes"), ("direct", "yes")):
        answer = await click(world, answer, f"foley:pref:{name}:{first}")
    assert await chosen(world) == Preferences(mention=False, private=True, direct=True)
    for name, second in (("mention", "yes"), ("private", "no"), ("direct", "no")):
        answer = await click(world, answer, f"foley:pref:{name}:{second}")
    assert await chosen(world) == Preferences(mention=True, private=False, direct=False)


async def test_the_panel_works_after_a_restart(world: World) -> None:
    answer = await panel(world)
    await world.restart()
    await click(world, answer, "foley:pref:private:yes")
    assert (await chosen(world)).private


async def test_who_wants_no_mention_gets_none(world: World) -> None:
    await world.app.client.choices.prefer(world.mira.id, mention=False)
    await world.ask("rain", duration=1)
    await world.until_ended()
    (result,) = world.results()
    assert result.mentions == []
    assert "<@" not in result.content


async def test_usual_options_are_used_where_nothing_is_set(world: World) -> None:
    answer = await panel(world)
    opened = await click(world, answer, "foley:pref:usual:audio")
    await world.mira.submit_modal(opened, {"duration": "3", "negative_prompt": "birds"})
    assert dict((await chosen(world)).defaults) == {
        "audio": {"model": "mmaudio", "duration": 3, "negative_prompt": "birds"}
    }
    await world.ask("rain")
    await world.ask("rain", duration=1)
    first, second = [(await world.job(number)).options for number in (1, 2)]
    assert (first["duration"], first["negative_prompt"]) == (3, "birds")
    assert (second["duration"], second["negative_prompt"]) == (1, "birds")


async def test_what_will_not_do_is_told_and_nothing_of_it_is_lost(world: World) -> None:
    opened = await click(world, await panel(world), "foley:pref:usual:audio")
    refused = await world.mira.submit_modal(opened, {"duration": "300", "negative_prompt": "birds"})
    assert "duration" in said(refused)
    assert (await chosen(world)).defaults == {}


@pytest.mark.parametrize("old", [{"duration": 999}, {"smell": "roses"}, {"duration": "long"}])
async def test_a_usual_option_that_does_not_fit_any_more_is_left_out(
    world: World, old: dict[str, Any]
) -> None:
    await world.app.client.choices.set_defaults(world.mira.id, "audio", old)
    await world.ask("rain")
    assert set((await world.job()).options) == {"seed"}


async def test_private_by_default_holds_until_it_is_said_otherwise(world: World) -> None:
    await world.app.client.choices.prefer(world.mira.id, private=True, direct=False)
    assert (await world.ask("rain", duration=1)).ephemeral
    assert not (await world.ask("rain", duration=1, private=False)).ephemeral
    assert [(await world.job(number)).route for number in (1, 2)] == [
        Route.PRIVATE,
        Route.CHANNEL,
    ]
