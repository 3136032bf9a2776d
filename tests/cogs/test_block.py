"""Blocks: who may ask for nothing, why, and until when."""

from datetime import timedelta
from typing import Any

from storage import audit
from tests.cogs.test_studio import moderator
from tests.world import World, said


async def block(world: World, what: str, **chosen: Any) -> Any:
    answer = await moderator(world).slash(world.channel, f"studio block {what}", **chosen)
    assert answer.ephemeral
    return answer


def shown(answer: Any) -> str:
    return str(answer.response.embeds[0].description)


async def ask(world: World, person: Any) -> Any:
    return await world.type(person, "audio", prompt="rain", duration=1)


async def test_who_is_blocked_is_told_why_until_when_and_what_they_can_do(world: World) -> None:
    await block(world, "appeal", words="Write to @morgan.")
    await block(world, "add", person=world.mira, reason="floods *us*", how_long="day")
    answer = await ask(world, world.mira)
    assert answer.ephemeral
    ends = int((world.clock() + timedelta(days=1)).timestamp())
    assert said(answer).splitlines() == [
        "The moderators of this server do not let you use this bot here.",
        r"Their reason: floods \*us\*",
        f"It ends <t:{ends}:R>.",
        r"Write to \@morgan.",
    ]
    assert not (await ask(world, world.jonas)).ephemeral


async def test_a_block_ends_by_itself(world: World) -> None:
    await block(world, "add", person=world.mira, reason="floods", how_long="hour")
    world.move(3599)
    assert (await ask(world, world.mira)).ephemeral
    world.move(1)
    assert not (await ask(world, world.mira)).ephemeral


async def test_a_block_is_lifted_and_outlives_a_restart(world: World) -> None:
    await block(world, "add", person=world.mira, reason="floods")
    await world.restart()
    assert (await ask(world, world.mira)).ephemeral
    assert "Nobody is blocked here." in shown(await block(world, "lift", person=world.mira))
    assert not (await ask(world, world.mira)).ephemeral
    assert said(await block(world, "lift", person=world.mira)) == (
        "This person is not blocked here."
    )


async def test_buttons_of_old_messages_make_nothing_for_who_is_blocked(world: World) -> None:
    answer = await ask(world, world.mira)
    await world.until_ended()
    (result,) = world.results()
    await block(world, "add", person=world.mira, reason="floods")
    again = await world.mira.click(result, label="Again")
    assert "do not let you" in said(again)
    assert answer.response


async def test_a_block_holds_in_its_own_server_alone(world: World) -> None:
    await block(world, "add", person=world.mira, reason="floods")
    direct = await world.mira.user.slash("audio", prompt="rain", duration=1)
    assert direct.response.embeds


async def test_the_list_names_who_by_whom_and_why(world: World) -> None:
    await block(world, "add", person=world.mira, reason="floods")
    told = shown(await block(world, "list"))
    assert f"<@{world.mira.id}> until it is lifted, by <@" in told
    assert "> floods" in told


async def test_nobody_blocks_themselves(world: World) -> None:
    morgan = moderator(world)
    answer = await morgan.slash(world.channel, "studio block add", person=morgan, reason="x")
    assert said(answer) == "You cannot block yourself."


async def test_blocking_and_lifting_are_written_down(world: World) -> None:
    await block(world, "add", person=world.mira, reason="floods")
    await block(world, "lift", person=world.mira)
    async with world.app.database.read() as connection:
        lifted, blocked = await audit.newest(connection, world.guild.id, 9)
    assert (blocked.what, lifted.what) == ("block", "unblock")
    assert blocked.detail["person"] == world.mira.id
