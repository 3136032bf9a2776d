"""Where and when the bot may be used, and whose results are hidden."""

from typing import Any

from tests.cogs.test_studio import moderator
from tests.world import World, said


async def studio(world: World, what: str, **chosen: Any) -> str:
    answer = await moderator(world).slash(world.channel, f"studio {what}", **chosen)
    assert answer.ephemeral
    response: Any = answer.response
    embeds = response.embeds
    return str(embeds[0].description) if embeds else said(answer)


async def ask(world: World, channel: Any = None, person: Any = None) -> Any:
    return await (person or world.mira).slash(
        channel or world.channel, "audio", prompt="rain", duration=1
    )


async def test_a_pause_takes_nothing_new_and_lets_the_rest_go_on(world: World) -> None:
    await ask(world)
    assert "nothing new is taken" in await studio(world, "pause", on=True)
    assert "have paused me" in said(await ask(world))
    await world.until_ended()
    assert len(world.results()) == 1
    await studio(world, "pause", on=False)
    assert not (await ask(world)).ephemeral


async def test_a_pause_in_one_server_is_none_in_direct_messages(world: World) -> None:
    await studio(world, "pause", on=True)
    direct = await world.mira.user.slash("audio", prompt="rain", duration=1)
    assert direct.response.embeds


async def test_elsewhere_than_allowed_people_are_told_where_to_go(world: World) -> None:
    sounds = world.guild.create_text_channel("sounds")
    await studio(world, "channels", allow=sounds)
    assert said(await ask(world)) == (f"I may not be used in this channel. Try <#{sounds.id}>.")
    assert not (await ask(world, sounds)).ephemeral
    assert "in every channel" in await studio(world, "channels", everywhere=True)
    assert not (await ask(world)).ephemeral


async def test_an_allowed_channel_is_taken_back(world: World) -> None:
    sounds = world.guild.create_text_channel("sounds")
    await studio(world, "channels", allow=sounds)
    await studio(world, "channels", allow=world.channel)
    assert not (await ask(world)).ephemeral
    told = await studio(world, "channels", forget=world.channel)
    assert told.startswith(f"Where I may be used: <#{sounds.id}>\n")
    assert "may not be used" in said(await ask(world))


async def test_results_of_a_channel_are_hidden_until_somebody_looks(world: World) -> None:
    await studio(world, "spoilers", on=True, channel=world.channel)
    await ask(world)
    await world.until_ended()
    (result,) = world.results()
    assert [file.is_spoiler() for file in result.attachments] == [True]
    await studio(world, "spoilers", on=False, channel=world.channel)
    await ask(world)
    await world.until_ended(2)
    assert not any(file.is_spoiler() for file in world.results()[-1].attachments)


async def test_results_of_a_role_are_hidden_and_others_are_not(world: World) -> None:
    guest = world.guild.create_role("guest")
    anna = world.guild.add_member(world.env.create_user("anna"), roles=[guest])
    assert f"<@&{guest.id}>" in await studio(world, "spoilers", on=True, role=guest)
    await ask(world, person=anna)
    await ask(world)
    await world.until_ended(1, 2)
    hidden = {
        result.mentions[0].id: result.attachments[0].is_spoiler() for result in world.results()
    }
    assert hidden == {anna.id: True, world.mira.id: False}


async def test_a_hidden_sound_is_no_voice_message(world: World) -> None:
    await studio(world, "voice", on=True)
    await studio(world, "spoilers", on=True, channel=world.channel)
    await ask(world)
    assert (await world.job()).voice is False


async def test_a_change_of_nothing_is_refused(world: World) -> None:
    assert "at least one thing" in await studio(world, "channels")
    assert "at least one thing" in await studio(world, "spoilers", on=True)
