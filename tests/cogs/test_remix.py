"""Remix: a form with a request's words and options, changed and asked for again."""

from typing import Any

from simcord.results import InteractionResult

from storage.routes import Route
from tests.world import World, said, shortest


async def make(world: World, command: str = "audio", **options: Any) -> None:
    await world.ask("rain", command, **options)
    await world.until_ended()


def fields(opened: InteractionResult) -> dict[str, Any]:
    """Return what stands in each field of a form."""
    assert opened.modal is not None
    inputs = [label["component"] for label in opened.modal["components"]]
    return {each["custom_id"]: _value(each) for each in inputs}


def _value(field: dict[str, Any]) -> Any:
    chosen = [each["value"] for each in field.get("options", []) if each.get("default")]
    return chosen if "options" in field else field.get("value") or ""


async def test_the_form_has_the_words_and_options_of_the_job(world: World) -> None:
    await make(world, duration=3, seed=7, steps=9, guidance=2.5)
    opened = await world.mira.click(world.results()[0], label="Remix")
    assert fields(opened) == {
        "prompt": "rain",
        "duration": "3",
        "negative_prompt": "",
        "seed": "7",
        "others": "steps: 9\nguidance: 2.5",
    }


async def test_what_was_changed_is_another_job_and_the_rest_stays(world: World) -> None:
    await make(world, duration=3, seed=7, steps=9, guidance=2.5)
    opened = await world.mira.click(world.results()[0], label="Remix")
    answer: Any = await world.mira.submit_modal(
        opened, fields(opened) | {"prompt": "hail", "duration": "1"}
    )
    job = await world.job(2)
    assert job.prompt == "hail"
    assert dict(job.options) == {"duration": 1, "seed": 7, "steps": 9, "guidance": 2.5}
    assert job.card_id == answer.response.id


async def test_choices_are_chosen_from_a_menu(world: World) -> None:
    await make(world, "video", **shortest(world))
    opened = await world.mira.click(world.results()[0], label="Remix")
    filled = fields(opened)
    assert filled["shape"] == [shortest(world)["shape"]]
    await world.mira.submit_modal(opened, {"prompt": "hail", "shape": filled["shape"]})
    options = (await world.job(2)).options
    assert options["shape"] == shortest(world)["shape"]
    assert "length" not in options


async def test_a_form_that_was_opened_before_a_restart_can_be_sent_after_it(world: World) -> None:
    await make(world, duration=1)
    opened = await world.mira.click(world.results()[0], label="Remix")
    await world.restart()
    await world.mira.submit_modal(opened, fields(opened) | {"prompt": "hail"})
    assert (await world.job(2)).prompt == "hail"


async def test_what_is_wrong_is_said_and_the_form_opens_as_it_was_written(world: World) -> None:
    await make(world, duration=1)
    opened = await world.mira.click(world.results()[0], label="Remix")
    written = fields(opened) | {"prompt": "hail", "duration": "long"}
    refused: Any = await world.mira.submit_modal(opened, written)
    assert refused.ephemeral
    assert said(refused) == "duration must be a whole number."
    assert await world.jobs_made() == 1

    again = await world.mira.click(refused.response, label="Open the form again")
    assert fields(again) == written
    await world.mira.submit_modal(again, written | {"duration": "2"})
    assert (await world.job(2)).prompt == "hail"
    opened = await world.mira.click(world.results()[0], label="Remix")
    assert fields(opened)["prompt"] == "rain"


async def test_the_button_of_a_refused_form_works_after_a_restart(world: World) -> None:
    """What was written is forgotten then; the job's own words are not."""
    await make(world, duration=1)
    opened = await world.mira.click(world.results()[0], label="Remix")
    refused: Any = await world.mira.submit_modal(opened, fields(opened) | {"duration": "long"})
    await world.restart()
    again = await world.mira.click(refused.response, label="Open the form again")
    assert fields(again)["prompt"] == "rain"
    assert fields(again)["duration"] == "1"


async def test_a_remix_by_somebody_else_is_their_own_job(world: World) -> None:
    await make(world, duration=1)
    opened = await world.jonas.click(world.results()[0], label="Remix")
    await world.jonas.submit_modal(opened, fields(opened))
    assert (await world.job(2)).requester_id == world.jonas.id


async def test_a_remix_of_a_private_job_is_private(world: World) -> None:
    await world.ask("rain", duration=1, private=True)
    await world.until_ended()
    card = await world.type(world.mira, "job", id=1)
    opened = await world.mira.click(card.response, label="Remix")
    answer: Any = await world.mira.submit_modal(opened, fields(opened))
    assert answer.ephemeral
    assert (await world.job(2)).route is Route.PRIVATE


async def test_the_menu_of_a_message_finds_its_job(world: World) -> None:
    await make(world, duration=1)
    opened = await world.jonas.context_menu(world.channel, "Remix", world.results()[0])
    assert fields(opened)["prompt"] == "rain"


async def test_the_menu_of_a_message_of_somebody_else_says_so(world: World) -> None:
    written = await world.jonas.send(world.channel, "hello")
    answer = await world.mira.context_menu(world.channel, "Remix", written)
    assert answer.ephemeral
    assert said(answer) == "There is no result of mine in this message."
