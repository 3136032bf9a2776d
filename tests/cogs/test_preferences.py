"""/preferences: what a person chooses for all their jobs."""

from pathlib import Path
from typing import Any

from simcord.backend import serializers
from simcord.enums import InteractionType

from storage.people import Preferences
from storage.routes import Route
from tests.cogs.test_any_model import world_with
from tests.cogs.test_remix import fields
from tests.world import World, said

TINY = """
[models.tiny]
title = "Tiny"
kind = "audio"
id = "someone/tiny"
typical_seconds = 5
deadline_seconds = 60
prompt_limit = 500
"""


async def chosen(world: World) -> Preferences:
    return await world.app.client.services.choices.of_person(world.mira.id)


async def panel(world: World) -> Any:
    answer = await world.type(world.mira, "preferences")
    assert answer.ephemeral
    return answer


async def click(world: World, answer: Any, custom_id: str) -> Any:
    return await world.mira.click(answer.response, custom_id=custom_id)


async def pick(world: World, answer: Any, custom_id: str, value: str) -> Any:
    return await world.mira.select(answer.response, [value], custom_id=custom_id)


def shown(answer: Any) -> str:
    """Return what the panel says, as its person sees it now."""
    (embed,) = answer.response.embeds
    return "\n".join([embed.description, *(f"{each.name}: {each.value}" for each in embed.fields)])


async def open_form(world: World, answer: Any, kind: str = "audio") -> Any:
    return await click(world, answer, f"foley:pref:usual:{kind}")


async def test_each_switch_is_turned_and_turned_back(world: World) -> None:
    answer = await panel(world)
    for name, first in (("mention", "no"), ("private", "yes")):
        answer = await click(world, answer, f"foley:pref:{name}:{first}")
    assert await chosen(world) == Preferences(mention=False, private=True)
    assert "Mention you when it is ready: **no**" in shown(answer)
    for name, second in (("mention", "yes"), ("private", "no")):
        answer = await click(world, answer, f"foley:pref:{name}:{second}")
    assert await chosen(world) == Preferences()


async def test_direct_messages_are_agreed_to_refused_or_left_to_a_question(world: World) -> None:
    answer = await panel(world)
    for value, direct in (("yes", True), ("no", False), ("ask", None)):
        answer = await pick(world, answer, "foley:pref:direct", value)
        assert (await chosen(world)).direct is direct
    assert "Private results come by direct message: **I ask you**" in shown(answer)


async def test_a_yes_in_the_panel_holds_for_what_is_open(world: World) -> None:
    await world.ask("a secret", duration=1, private=True)
    await pick(world, await panel(world), "foley:pref:direct", "yes")
    assert (await world.job()).route is Route.DIRECT


async def test_a_language_is_chosen_and_given_back(world: World) -> None:
    answer = await pick(world, await panel(world), "foley:pref:language", "en")
    assert (await chosen(world)).language == "en"
    assert "**English**" in shown(answer)
    answer = await pick(world, answer, "foley:pref:language", "discord")
    assert (await chosen(world)).language is None


async def test_the_panel_works_after_a_restart(world: World) -> None:
    answer = await panel(world)
    await world.restart()
    await click(world, answer, "foley:pref:private:yes")
    assert (await chosen(world)).private


async def test_who_wants_no_mention_gets_none(world: World) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, mention=False)
    await world.ask("rain", duration=1)
    await world.until_ended()
    (result,) = world.results()
    assert result.mentions == []
    assert "<@" not in result.content


async def test_usual_options_are_used_where_nothing_is_set(world: World) -> None:
    answer = await panel(world)
    opened = await open_form(world, answer)
    await world.mira.submit_modal(opened, {"duration": "3", "negative_prompt": "birds"})
    assert dict((await chosen(world)).defaults) == {
        "audio": {"duration": 3, "negative_prompt": "birds"}
    }
    told = shown(await panel(world))
    assert "duration 3 s · negative prompt birds" in told
    assert "Video: As the model has them" in told
    await world.ask("rain")
    await world.ask("rain", duration=1)
    first, second = [(await world.job(number)).options for number in (1, 2)]
    assert (first["duration"], first["negative_prompt"]) == (3, "birds")
    assert (second["duration"], second["negative_prompt"]) == (1, "birds")


async def test_again_makes_the_same_whatever_is_usual(world: World) -> None:
    """It is another one of the same words and options, with a seed of its own."""
    await world.ask("rain", duration=1, seed=7)
    await world.until_ended()
    (result,) = world.results()
    usual = {"seed": 7, "negative_prompt": "birds"}
    await world.app.client.services.choices.set_defaults(world.mira.id, "audio", usual)
    await world.mira.click(result, label="Again")
    options = (await world.job(2)).options
    assert set(options) == {"duration", "seed"}
    assert options["seed"] != 7


async def test_what_will_not_do_is_told_and_nothing_of_it_is_lost(world: World) -> None:
    opened = await open_form(world, await panel(world))
    refused = await world.mira.submit_modal(opened, {"duration": "300", "negative_prompt": "birds"})
    assert "duration must be between 1 and 30" in said(refused)
    assert (await chosen(world)).defaults == {}

    assert refused.response is not None
    opened = await world.mira.click(refused.response, label="Open the form again")
    assert fields(opened) | {"others": ""} == {
        "duration": "300",
        "negative_prompt": "birds",
        "seed": "",
        "others": "",
    }
    done = await world.mira.submit_modal(opened, {"duration": "30", "negative_prompt": "birds"})
    assert said(done) == ""
    assert "duration 30" in shown(done)
    assert (await chosen(world)).defaults["audio"]["duration"] == 30
    assert fields(await open_form(world, await panel(world)))["duration"] == "30"


async def test_an_empty_form_takes_what_was_usual_away(world: World) -> None:
    await world.app.client.services.choices.set_defaults(world.mira.id, "audio", {"duration": 3})
    opened = await open_form(world, await panel(world))
    await world.mira.submit_modal(opened, {"duration": "", "negative_prompt": ""})
    assert (await chosen(world)).defaults == {}


async def test_the_form_works_after_a_restart(world: World) -> None:
    answer = await panel(world)
    await world.restart()
    opened = await open_form(world, answer, "video")
    await world.restart()
    await world.mira.submit_modal(opened, {"negative_prompt": "people"})
    assert (await chosen(world)).defaults == {"video": {"negative_prompt": "people"}}


async def test_a_form_for_what_nobody_makes_any_more_is_refused(world: World) -> None:
    answer = await panel(world)
    button = {"custom_id": "foley:pref:usual:smell", "component_type": 2}
    told = await world.mira._dispatch_interaction(
        InteractionType.MESSAGE_COMPONENT,
        world.channel,
        button,
        extra={"message": serializers.message_payload(world.env.backend, stored(world, answer))},
    )
    assert "no model of this kind" in said(told)


def stored(world: World, answer: Any) -> Any:
    return world.env.backend.get_message(world.channel.id, answer.response.id)


async def test_a_usual_option_that_does_not_fit_any_more_is_left_out(world: World) -> None:
    old = {"duration": 999, "smell": "roses", "steps": "many", "model": "gone", "seed": 7}
    await world.app.client.services.choices.set_defaults(world.mira.id, "audio", old)
    await world.ask("rain")
    job = await world.job()
    assert (job.model, dict(job.options)) == ("mmaudio", {"seed": 7})
    answer = await panel(world)
    assert "Sound: seed 7" in shown(answer)
    opened = await open_form(world, answer)
    await world.mira.submit_modal(opened, {"duration": "", "seed": "7", "negative_prompt": ""})
    assert (await chosen(world)).defaults == {"audio": {"seed": 7}}


async def test_the_model_that_is_usual_is_taken_and_named(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async with world_with(TINY, tmp_path) as world:
        opened = await open_form(world, await panel(world))
        assert "model: MMAudio" in fields(opened)["others"]
        await world.mira.submit_modal(opened, {"others": "model: Tiny"})
        assert (await chosen(world)).defaults == {"audio": {"model": "tiny"}}
        assert "Sound: model Tiny" in shown(await panel(world))
        await world.ask("rain")
        assert (await world.job()).model == "tiny"

        opened = await open_form(world, await panel(world))
        await world.mira.submit_modal(opened, {"others": ""})
        assert (await chosen(world)).defaults == {}


async def test_private_by_default_holds_until_it_is_said_otherwise(world: World) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, private=True, direct=False)
    assert (await world.ask("rain", duration=1)).ephemeral
    assert not (await world.ask("rain", duration=1, private=False)).ephemeral
    assert [(await world.job(number)).route for number in (1, 2)] == [
        Route.PRIVATE,
        Route.CHANNEL,
    ]
