"""What the bot may not do in a channel is said before a job is made there."""

import discord
import pytest

from bot.permissions import INVITED_WITH
from tests.world import World, said

NEEDED = {
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "view_channel": "View Channel",
}


@pytest.mark.parametrize(("name", "words"), NEEDED.items())
async def test_a_permission_that_is_missing_is_named_and_no_job_is_made(
    world: World, name: str, words: str
) -> None:
    world.forbid(name)
    answer = await world.ask("rain")
    assert answer.ephemeral
    assert words in said(answer)
    assert await world.jobs_made() == 0


async def test_all_that_is_missing_is_named_at_once(world: World) -> None:
    world.forbid("attach_files", "embed_links")
    answer = await world.ask("rain")
    assert "Attach Files, Embed Links" in said(answer)
    assert "Send Messages" not in said(answer)


async def test_in_a_thread_the_thread_permission_counts(world: World) -> None:
    thread = world.env.backend.create_thread(world.channel.id, "takes", world.mira.id)
    handle = next(each for each in world.channel.threads if each.id == thread.id)
    world.forbid("send_messages")
    await world.mira.slash(handle, "audio", prompt="rain", duration=1)
    assert await world.jobs_made() == 1

    world.forbid("send_messages_in_threads")
    answer = await world.mira.slash(handle, "audio", prompt="rain", duration=1)
    assert "Send Messages in Threads" in said(answer)
    assert await world.jobs_made() == 1


async def test_in_a_direct_message_nothing_has_to_be_allowed(world: World) -> None:
    await world.mira.user.slash("audio", prompt="rain", duration=1)
    await world.finish()

    card, result = world.posts(world.mira.user.dm_channel)
    assert card.embeds
    assert [file.filename for file in result.attachments] == ["rain-1.flac"]
    assert world.posts() == []


async def test_another_channels_permissions_do_not_matter(world: World) -> None:
    closed = world.guild.create_text_channel("closed")
    world.forbid("send_messages", channel=closed)
    await world.ask("rain", duration=1)
    await world.finish()
    assert len(world.results()) == 1


async def test_the_invite_asks_for_all_that_a_job_needs() -> None:
    """What `check` prints for the operator covers what the channel check wants."""
    assert all(getattr(INVITED_WITH, name) for name in NEEDED)
    assert INVITED_WITH.send_messages_in_threads
    assert not INVITED_WITH.is_superset(discord.Permissions(administrator=True))
