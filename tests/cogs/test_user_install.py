"""A person can have the bot with them where it is not itself. There it cannot post by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.builders import ChannelHandle

from bot.sandbox.models import sandbox_catalog
from storage.routes import Route
from tests.world import World, open_world, said

# Of Discord's contexts: a conversation that the bot does not belong to.
PRIVATE_CHANNEL = 2


def leave_the_guild(world: World) -> None:
    """Have the bot know nothing of the guild: only its people have it with them there."""
    client = world.app.client
    guild = client.get_guild(world.guild.id)
    assert guild is not None
    client._connection._remove_guild(guild)
    tell_otherwise(
        world,
        guild={"id": str(guild.id), "locale": "en-US", "features": []},
        authorizing_integration_owners={"1": str(world.mira.id)},
    )


def tell_otherwise(world: World, **more: Any) -> None:
    """Have Discord's events about interactions say this, too."""
    backend = world.env.backend
    emit: Callable[..., Any] = backend.emit

    def changed(event: str, payload: Any, *args: Any, **others: Any) -> Any:
        told = payload | more if event == "INTERACTION_CREATE" else payload
        return emit(event, told, *args, **others)

    backend.emit = changed  # type: ignore[method-assign] # the event is Discord's, not ours


async def ask(world: World, **more: Any) -> Any:
    return await world.ask("rain", duration=1, **more)


async def ask_directly(world: World, **more: Any) -> Any:
    return await world.mira.user.slash("audio", prompt="rain", duration=1, **more)


def files(channel: ChannelHandle) -> list[discord.Message]:
    return [each for each in channel.history() if each.attachments and not each.flags.ephemeral]


async def test_every_command_is_there_for_who_has_the_bot_with_them(world: World) -> None:
    """Only what is the business of one server is not; Discord would not ask who manages it."""
    tree = world.app.client.tree
    offered = {each.name: each.to_dict(tree) for each in tree.get_commands()}
    of_servers = {name for name, each in offered.items() if 1 not in each["integration_types"]}
    assert of_servers == {"studio", "Report"}
    assert all(each["integration_types"][0] == 0 for each in offered.values())
    for name, each in offered.items():
        assert each["contexts"] == ([0] if name in of_servers else [0, 1, 2])


async def test_where_the_bot_is_not_a_result_is_kept_until_it_is_fetched(world: World) -> None:
    leave_the_guild(world)
    world.forbid("send_messages", "view_channel")
    answer = await ask(world)
    assert answer.ephemeral
    assert "I am no member here" in answer.followups[0].content
    job = await world.job()
    assert (job.route, job.card_closed, job.card_id) == (Route.PRIVATE, True, None)

    await world.until_ended()
    done = await world.mira.click(answer.response, label="Refresh")
    assert [each.filename for each in done.followups[0].attachments] == ["rain-1.flac"]
    assert world.sent("POST", f"/channels/{world.channel.id}/messages") == []
    assert world.sent("POST", "/users/@me/channels") == []


async def test_where_the_bot_is_not_a_result_goes_to_who_agreed(world: World) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, direct=True)
    leave_the_guild(world)
    answer = await ask(world, private=False)
    assert answer.ephemeral
    assert answer.followups == []
    assert (await world.job()).card_closed
    await world.until_ended()
    assert len(files(world.mira.user.dm_channel)) == 1
    assert files(world.channel) == []


async def test_in_a_conversation_of_two_people_nothing_is_posted(world: World) -> None:
    tell_otherwise(world, context=PRIVATE_CHANNEL)
    answer = await ask_directly(world)
    assert answer.ephemeral
    assert (await world.job()).route is Route.PRIVATE


@pytest.mark.parametrize("wish", [{}, {"private": True}])
async def test_between_the_bot_and_a_person_there_is_nothing_to_hide(
    world: World, wish: dict[str, Any]
) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, private=True)
    answer = await ask_directly(world, **wish)
    assert not answer.ephemeral
    assert answer.followups == []
    assert (await world.job()).route is Route.CHANNEL


async def test_a_video_cannot_be_fetched_from_where_the_bot_is_not(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async with open_world(tmp_path, catalog=sandbox_catalog()) as world:
        message = await world.jonas.send(
            world.channel, f"<@{world.env.backend.bot_user.id}>", attachments=[("a.mp4", b"film")]
        )
        leave_the_guild(world)
        opened = await world.mira.context_menu(world.channel, "Add sound", message)
        answer = await world.mira.submit_modal(opened, {"prompt": "rain"})
        assert "cannot fetch the video" in said(answer)
        assert await world.jobs_made() == 0
