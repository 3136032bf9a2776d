"""/studio: what moderators choose for their guild."""

import discord
import pytest
from simcord.actors import MemberActor

from storage.guilds import GuildSettings
from storage.routes import Route
from tests.world import World, said


def moderator(world: World) -> MemberActor:
    role = world.guild.create_role("moderator", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("morgan"), roles=[role])


async def settings(world: World) -> GuildSettings:
    return await world.app.client.choices.of_guild(world.guild.id)


async def test_only_who_manages_the_server_sees_the_commands(world: World) -> None:
    command = world.app.client.tree.get_command("studio")
    assert isinstance(command, discord.app_commands.Group)
    assert command.default_permissions == discord.Permissions(manage_guild=True)
    assert command.guild_only


async def test_results_go_where_it_was_chosen(world: World) -> None:
    gallery = world.guild.create_text_channel("gallery")
    morgan = moderator(world)
    answer = await morgan.slash(world.channel, "studio results", where="gallery", gallery=gallery)
    assert answer.ephemeral
    assert (await settings(world)).gallery_id == gallery.id
    answer = await morgan.slash(world.channel, "studio results", where="channel")
    assert await settings(world) == GuildSettings(route=Route.CHANNEL)


async def test_a_gallery_needs_a_channel(world: World) -> None:
    answer = await moderator(world).slash(world.channel, "studio results", where="gallery")
    assert "Name the gallery" in said(answer)
    assert await settings(world) == GuildSettings()


@pytest.mark.parametrize("code", ["klingon", ""])
async def test_a_language_that_nobody_speaks_is_refused(world: World, code: str) -> None:
    answer = await moderator(world).slash(world.channel, "studio language", language=code)
    assert "do not speak" in said(answer)
    assert await settings(world) == GuildSettings()
