"""What a person asks for wrongly ends in one clear sentence for them, and nothing else suffers."""

from typing import Any

import pytest
from discord import app_commands

from bot import border
from storage.states import JobState
from tests.world import World, said, shortest


async def refused(world: World, answer: Any, *words: str) -> None:
    """Check that the person alone reads one sentence with these words, and no job was made."""
    assert answer.ephemeral
    assert answer.followups == []
    for word in words:
        assert word in said(answer)
    assert "\n" not in said(answer)
    assert not answer.response.embeds
    assert await world.jobs_made() == 0
    assert world.posts() == []


@pytest.mark.parametrize(
    "prompt", ["", " ", " \n\t ", "\u200b\u200b", "\u2060\ufeff \u00ad", "\u202e\u202c", "\u3000"]
)
async def test_a_prompt_in_which_nothing_can_be_seen_is_refused(world: World, prompt: str) -> None:
    await refused(world, await world.forge(world.mira, "audio", prompt=prompt), "prompt is empty")


async def test_a_prompt_over_the_limit_is_refused_with_both_numbers(world: World) -> None:
    await refused(world, await world.ask("x" * 4000), "4000", "2000")


async def test_a_prompt_of_exactly_the_limit_is_taken(world: World) -> None:
    await world.ask("x" * 2000, duration=1)
    await world.finish()
    assert len(world.results()) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"duration": 0}, ("duration", "between 1 and 30")),
        ({"duration": 31}, ("duration", "between 1 and 30")),
        ({"duration": 2**52}, ("duration", "between 1 and 30")),
        ({"steps": -1}, ("steps", "between 1 and 100")),
        ({"guidance": 99.5}, ("guidance", "between 1 and 10")),
        ({"seed": -2}, ("seed", "between -1 and")),
        ({"negative_prompt": "x" * 1001}, ("negative_prompt", "1001", "1000")),
    ],
)
async def test_an_option_out_of_range_is_refused_with_its_range(
    world: World, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    """Discord's own client checks it first; the desk does not rely on that."""
    await refused(world, await world.forge(world.mira, "audio", prompt="rain", **options), *words)


async def test_a_choice_that_is_not_on_offer_is_refused(world: World) -> None:
    answer = await world.forge(world.mira, "video", prompt="rain", shape="9x9")
    await refused(world, answer, "shape must be one of")


async def test_a_model_that_is_not_on_offer_is_refused_with_those_that_are(world: World) -> None:
    answer = await world.forge(world.mira, "audio", prompt="rain", model="gpt-9")
    await refused(world, answer, "no such model", "MMAudio")


async def test_a_model_of_another_kind_is_refused(world: World) -> None:
    answer = await world.forge(world.mira, "audio", prompt="rain", model="hunyuanvideo")
    await refused(world, answer, "no such model", "MMAudio")


async def test_two_mistakes_are_told_at_once(world: World) -> None:
    answer = await world.forge(world.mira, "audio", prompt=" ", duration=99)
    assert answer.ephemeral
    assert "prompt" in said(answer)
    assert "duration" in said(answer)
    assert await world.jobs_made() == 0


async def test_a_refused_request_does_not_touch_anybody_elses_job(world: World) -> None:
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    await world.forge(world.mira, "audio", prompt="")
    await world.forge(world.mira, "audio", prompt="rain", duration=99)
    await world.finish()

    assert (await world.job(1)).state is JobState.FINISHED
    (result,) = world.results()
    assert [person.id for person in result.mentions] == [world.jonas.id]


async def test_a_command_with_an_option_that_discord_forgot_to_remove_is_told_to_reload(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after a deploy, an open Discord still shows the old command."""
    monkeypatch.setattr(border, "OTHERS_FIRST", 0)
    world.tolerated.add(app_commands.CommandSignatureMismatch)
    answer = await world.forge(world.mira, "audio", duration=1)
    await refused(world, answer, "has changed")


async def test_spaces_around_a_prompt_are_not_kept(world: World) -> None:
    await world.ask("  rain on a roof \n", duration=1)
    assert (await world.job()).prompt == "rain on a roof"


async def test_a_seed_is_drawn_and_shown_so_that_it_can_be_used_again(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.ask("rain", duration=1, seed=-1)
    first, second = [await world.job(number) for number in (1, 2)]
    assert first.options["seed"] != second.options["seed"]
    assert min(first.options["seed"], second.options["seed"]) >= 0
    await world.until_ended(1, 2)
    (result,) = [each for each in world.results() if " #1 ·" in each.content]
    assert f"seed {first.options['seed']}" in result.content


async def test_only_what_was_set_is_sent_to_netmind(world: World) -> None:
    """NetMind's own defaults stand for what nobody chose."""
    asked: list[Any] = []
    create = world.netmind._accept

    def listen(model: str, config: dict[str, Any]) -> Any:
        asked.append((model, config))
        return create(model, config)

    world.netmind._accept = listen  # type: ignore[method-assign] # listens in
    await world.ask("rain", duration=1, seed=7)
    await world.ask("a pier", "video", length=shortest(world)["length"], seed=8)
    await world.work()
    assert asked == [
        ("hkchengrex/MMAudio", {"duration": 1, "seed": 7, "prompt": "rain"}),
        ("hunyuanvideo-community/HunyuanVideo", {"num_frames": 25, "seed": 8, "prompt": "a pier"}),
    ]
