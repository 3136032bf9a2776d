"""What moderators have changed, and undoing it."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.errors import Refusal
from tests.cogs.test_studio import moderator
from tests.world import World, said


async def studio(world: World, morgan: MemberActor, what: str, **chosen: Any) -> Any:
    return await morgan.slash(world.channel, f"studio {what}", **chosen)


async def changes(world: World, morgan: MemberActor) -> Any:
    answer = await studio(world, morgan, "changes")
    assert answer.ephemeral
    return answer.response


async def ask(world: World) -> str:
    answer = await world.type(world.mira, "audio", prompt="rain", duration=1)
    return said(answer) if answer.ephemeral else ""


async def test_before_any_change_there_is_none(world: World) -> None:
    told = await changes(world, moderator(world))
    assert told.embeds[0].description == "Nobody has changed anything yet."


async def test_who_changed_what_when_and_from_what_is_told(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "limits role", role=world.guild.default_role, at_once=3)
    await studio(world, morgan, "voice", on=True)
    told = str((await changes(world, morgan)).embeds[0].description)
    at = int(world.clock().timestamp())
    assert told.splitlines() == [
        f"**1** <@{morgan.id}> changed a setting <t:{at}:R>",
        "> voice messages: ✗ → ✓",
        f"**2** <@{morgan.id}> changed a limit <t:{at}:R>",
        "> @everyone · at once: - → 3",
    ]


async def test_a_setting_is_undone_and_that_is_a_change_too(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "pause", on=True)
    assert "paused me" in await ask(world)
    shown = await changes(world, morgan)
    clicked = await morgan.click(shown, label="Undo 1")
    assert await ask(world) == ""
    response: Any = clicked.response
    assert "paused: ✓ → ✗" in str(response.embeds[0].description)


async def test_a_limit_is_undone(world: World) -> None:
    morgan = moderator(world)
    everyone = world.guild.default_role
    await studio(world, morgan, "limits role", role=everyone, at_once=9)
    await studio(world, morgan, "limits role", role=everyone, at_once=1)
    await morgan.click(await changes(world, morgan), label="Undo 1")
    assert [await ask(world) for _ in range(3)] == [""] * 3


async def test_a_block_is_undone_and_done_again(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "block add", person=world.mira, reason="floods")
    shown = await changes(world, morgan)
    await morgan.click(shown, label="Undo 1")
    assert await ask(world) == ""
    await morgan.click(await changes(world, morgan), label="Undo 1")
    assert "do not let you" in await ask(world)


async def test_the_button_works_after_a_restart(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "pause", on=True)
    shown = await changes(world, morgan)
    await world.restart()
    await morgan.click(shown, label="Undo 1")
    assert await ask(world) == ""


async def test_who_manages_the_server_no_more_undoes_nothing(world: World) -> None:
    role = world.guild.create_role("deputy", permissions=discord.Permissions(manage_guild=True))
    deputy = world.guild.add_member(world.env.create_user("dora"), roles=[role])
    await studio(world, deputy, "pause", on=True)
    shown = await changes(world, deputy)
    role._role.permissions = 0
    world.move(16 * 60)
    clicked = await deputy.click(shown, label="Undo 1")
    assert "Only who manages this server" in said(clicked)
    assert "paused me" in await ask(world)


async def test_a_change_of_another_server_is_not_undone_here(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "pause", on=True)
    with pytest.raises(Refusal, match="no change that can be undone"):
        await world.app.client.services.rules.undo(world.guild.id + 1, morgan.id, 1)


async def test_words_are_told_too_and_not_undone_here(world: World) -> None:
    morgan = moderator(world)
    await studio(world, morgan, "words add", word="siren")
    told = await changes(world, morgan)
    assert str(told.embeds[0].description).splitlines()[1] == "> siren"
    assert told.components == []
