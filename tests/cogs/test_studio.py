"""/studio: what moderators choose for their guild."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.enums import AppCommandType, InteractionType

from storage.guilds import GuildSettings
from storage.routes import Route
from tests.world import World, said


def moderator(world: World, name: str = "morgan") -> MemberActor:
    """Return somebody who may manage the server."""
    role = world.guild.create_role("moderator", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user(name), roles=[role])


async def settings(world: World) -> GuildSettings:
    return await world.app.client.services.choices.of_guild(world.guild.id)


async def choose(world: World, what: str, **chosen: Any) -> Any:
    answer = await moderator(world).slash(world.channel, f"studio {what}", **chosen)
    assert answer.ephemeral
    return answer


def shown(answer: Any) -> str:
    """Return what the person reads about the server's settings."""
    (embed,) = answer.response.embeds
    return str(embed.description)


async def test_only_who_manages_the_server_sees_the_commands_and_only_there(world: World) -> None:
    tree = world.app.client.tree
    command = tree.get_command("studio")
    assert isinstance(command, discord.app_commands.Group)
    told = command.to_dict(tree)
    assert told["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert (told["contexts"], told["integration_types"]) == ([0], [0])


async def test_results_go_where_it_was_chosen(world: World) -> None:
    gallery = world.guild.create_text_channel("gallery")
    answer = await choose(world, "results", where="gallery", gallery=gallery)
    assert f"in one gallery channel or forum: <#{gallery.id}>" in shown(answer)
    assert (await settings(world)).gallery_id == gallery.id
    await choose(world, "results", where="thread", gallery=gallery)
    assert await settings(world) == GuildSettings(route=Route.THREAD)
    answer = await choose(world, "results", where="channel")
    assert await settings(world) == GuildSettings(route=Route.CHANNEL)
    assert "in the channel where it was asked for" in shown(answer)


async def test_what_is_chosen_holds_and_is_shown(world: World) -> None:
    await choose(world, "language", language="en")
    assert await settings(world) == GuildSettings(language="en")
    told = shown(await choose(world, "show"))
    assert "English" in told
    await choose(world, "language", language="own")
    assert await settings(world) == GuildSettings()


async def test_a_gallery_needs_a_channel(world: World) -> None:
    answer = await choose(world, "results", where="gallery")
    assert "Name the gallery" in said(answer)
    assert await settings(world) == GuildSettings()


async def test_a_gallery_where_the_bot_may_not_post_is_refused_with_what_is_missing(
    world: World,
) -> None:
    text, forum = world.guild.create_text_channel("text"), world.guild.create_forum_channel("forum")
    world.forbid("attach_files", "embed_links", channel=text)
    world.forbid("send_messages_in_threads", channel=forum)
    for gallery, words in (
        (text, "Attach Files, Embed Links."),
        (forum, "need: Send Messages in Threads."),
    ):
        answer = await choose(world, "results", where="gallery", gallery=gallery)
        assert words in said(answer)
    assert await settings(world) == GuildSettings()


async def test_a_way_that_is_not_on_the_list_is_refused(world: World) -> None:
    """A changed Discord client can send any word."""
    for where in ("everywhere", "direct", "moon"):
        root = {"name": "results", "type": 1, "options": [{"name": "where", "type": 3}]}
        root["options"][0]["value"] = where  # type: ignore[index] # a list of one option
        answer = await forge(world, root)
        assert "no such way" in said(answer)
    assert await settings(world) == GuildSettings()


async def forge(world: World, subcommand: dict[str, Any]) -> Any:
    root = world.env.backend.find_command("studio", world.guild.id, type=AppCommandType.CHAT_INPUT)
    assert root is not None
    data = {"id": root["id"], "name": "studio", "type": 1, "options": [subcommand]}
    return await moderator(world)._dispatch_interaction(
        InteractionType.APPLICATION_COMMAND, world.channel, data
    )


async def test_threads_are_asked_for_only_where_there_can_be_some(world: World) -> None:
    """A thread has no threads; there the result comes into the channel, as everywhere else."""
    await world.app.client.services.choices.choose(world.guild.id, route=Route.THREAD)
    thread = world.env.backend.create_thread(world.channel.id, "takes", world.mira.id)
    handle = next(each for each in world.channel.threads if each.id == thread.id)
    world.forbid("create_public_threads")
    answer = await world.ask("rain")
    assert "I need: Create Public Threads." in said(answer)
    assert await world.jobs_made() == 0

    await world.mira.slash(handle, "audio", prompt="rain", duration=1)
    assert (await world.job()).route is Route.CHANNEL


async def test_a_gallery_that_has_closed_is_told_before_a_job_is_made(world: World) -> None:
    gallery = world.guild.create_forum_channel("gallery")
    choices = world.app.client.services.choices
    await choices.choose(world.guild.id, route=Route.GALLERY, gallery_id=gallery.id)
    world.forbid("attach_files", channel=gallery)
    assert f"<#{gallery.id}>" in (answer := said(await world.ask("rain")))
    assert "I need: Attach Files." in answer
    world.env.backend.delete_channel(gallery.id)
    await world.env.settle()
    assert "that channel is gone" in said(await world.ask("rain"))
    assert await world.jobs_made() == 0


async def test_a_private_result_needs_no_permission(world: World) -> None:
    world.forbid("send_messages", "attach_files")
    answer = await world.ask("rain", duration=1, private=True)
    assert answer.ephemeral
    assert (await world.job()).route is Route.PRIVATE


async def test_who_changed_what_is_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    answer = await choose(world, "results", where="thread")
    (line,) = [
        each for each in capsys.readouterr().out.splitlines() if "guild_settings_changed" in each
    ]
    person = answer._interaction.user_id
    for words in (f"by={person}", "route", f"guild={world.guild.id}"):
        assert words in line


@pytest.mark.parametrize("code", ["klingon", ""])
async def test_a_language_that_nobody_speaks_is_refused(world: World, code: str) -> None:
    answer = await moderator(world).slash(world.channel, "studio language", language=code)
    assert "do not speak" in said(answer)
    assert await settings(world) == GuildSettings()


async def test_sounds_come_as_it_was_chosen(world: World) -> None:
    told = shown(await choose(world, "voice", on=True))
    assert await settings(world) == GuildSettings(voice=True)
    assert "as voice messages" in told
    assert "as files" in shown(await choose(world, "voice", on=False))


async def test_reports_go_where_it_was_chosen(world: World) -> None:
    channel = world.guild.create_text_channel("moderators")
    assert "Reports go: **nowhere" in shown(await choose(world, "show"))
    assert f"<#{channel.id}>" in shown(await choose(world, "reports", channel=channel))
    assert await settings(world) == GuildSettings(log_channel_id=channel.id)
    await choose(world, "reports")
    assert await settings(world) == GuildSettings()


async def test_a_channel_for_reports_where_the_bot_may_not_post_is_refused(world: World) -> None:
    channel = world.guild.create_text_channel("moderators")
    world.forbid("send_messages", channel=channel)
    answer = await choose(world, "reports", channel=channel)
    assert "I need: Send Messages" in said(answer)
    assert await settings(world) == GuildSettings()
