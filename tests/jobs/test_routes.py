"""Where results go: the channel, a thread, a gallery, a forum, a direct message, or nowhere."""

from typing import Any

import discord
import pytest

from bot.jobs.reasons import Reason
from bot.jobs.sending import NONCE_WINDOW
from storage.routes import Route
from storage.states import DeliveryState, JobState
from tests.world import World, said


async def route(world: World, route: Route, gallery_id: int | None = None) -> None:
    await world.app.client.services.choices.choose(
        world.guild.id, route=route, gallery_id=gallery_id
    )


async def shown(world: World, channel_id: int) -> list[discord.Message]:
    """Return what stands in a channel or thread, oldest first."""
    channel: Any = await world.app.client.fetch_channel(channel_id)
    return [message async for message in channel.history(oldest_first=True)]


async def made(world: World, **options: Any) -> Any:
    answer = await world.ask("rain on slates", duration=1, **options)
    await world.until_ended()
    return answer


async def test_a_thread_opens_below_the_card_and_has_the_result(world: World) -> None:
    await route(world, Route.THREAD)
    await made(world)
    card = await world.card()
    (result,) = [each for each in await shown(world, card.id) if each.attachments]
    assert [person.id for person in result.mentions] == [world.mira.id]
    assert world.results() == []
    assert "thread below" in str(card.embeds[0].description)
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.channel_id, delivery.message_id) == (card.id, result.id)


async def test_a_thread_that_is_there_already_is_taken(world: World) -> None:
    """It was opened by somebody who died before the message was posted."""
    await route(world, Route.THREAD)
    await world.ask("rain", duration=1)
    card = await world.card()
    await world.app.workers.courier.post.open_thread(world.channel.id, card.id, "before")
    await world.until_ended()
    assert len([each for each in await shown(world, card.id) if each.attachments]) == 1


async def test_a_gallery_gets_the_result_and_the_card_says_where_it_is(world: World) -> None:
    gallery = world.guild.create_text_channel("gallery")
    await route(world, Route.GALLERY, gallery.id)
    await made(world)
    (result,) = world.posts(gallery)
    assert result.attachments
    assert world.results() == []
    assert f"<#{gallery.id}>" in str((await world.card()).embeds[0].description)


async def test_a_failure_is_told_where_it_was_asked_for(world: World) -> None:
    gallery = world.guild.create_text_channel("gallery")
    await route(world, Route.GALLERY, gallery.id)
    world.netmind.next_outcome("failed")
    await made(world)
    assert world.posts(gallery) == []
    assert len(world.notices()) == 1


async def test_a_forum_gets_a_post_for_each_result(world: World) -> None:
    forum = world.guild.create_forum_channel("gallery")
    await route(world, Route.GALLERY, forum.id)
    await made(world)
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENT
    (result,) = await shown(world, delivery.channel_id)
    thread: Any = await world.app.client.fetch_channel(delivery.channel_id)
    assert (thread.name, thread.parent_id) == ("rain on slates #1", forum.id)
    assert result.attachments


async def test_a_forum_post_whose_answer_was_lost_is_found_and_not_opened_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forum takes no nonce, so that the name has to do."""
    forum = world.guild.create_forum_channel("gallery")
    await route(world, Route.GALLERY, forum.id)
    poster = world.app.workers.courier.post
    send = poster._send

    async def lost(letter: Any) -> discord.Message:
        monkeypatch.setattr(poster, "_send", send)
        await send(letter)
        raise TimeoutError

    monkeypatch.setattr(poster, "_send", lost)
    await made(world)
    guild = world.app.client.get_guild(world.guild.id)
    assert guild is not None
    assert len(await guild.active_threads()) == 1
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENT


@pytest.mark.parametrize("gone", [Route.THREAD, Route.GALLERY])
async def test_where_the_place_is_closed_the_channel_of_the_command_gets_it(
    world: World, gone: Route
) -> None:
    gallery = world.guild.create_text_channel("gallery")
    await route(world, gone, gallery.id)
    await world.ask("rain", duration=1)
    world.env.backend.delete_channel(gallery.id)
    if gone is Route.THREAD:
        card = await world.card()
        path = f"/channels/{world.channel.id}/messages/{card.id}/threads"
        world.env.inject_error("POST", path, status=403, code=50013)
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_private_result_goes_to_the_direct_messages_of_who_agreed(world: World) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, direct=True)
    answer = await world.ask("a secret", duration=1, private=True)
    assert answer.ephemeral
    await world.until_ended()
    (result,) = [each for each in world.mira.user.dm_channel.history() if each.attachments]
    assert result.content.startswith("<@")
    assert world.posts() == []


async def test_a_private_result_of_who_did_not_agree_waits_for_them(world: World) -> None:
    """Nobody gets a direct message who did not ask for it."""
    answer = await world.ask("a secret", duration=1, private=True)
    await world.until_ended()
    job = await world.job()
    assert (job.state, job.reason, job.route) == (
        JobState.FINISHED,
        Reason.PRIVATE,
        Route.PRIVATE,
    )
    assert world.posts() == []
    assert world.sent("POST", "/users/@me/channels") == []

    done = await world.mira.click(answer.response, label="Refresh")
    assert [file.filename for file in done.followups[0].attachments] == ["a-secret-1.flac"]
    assert done.followups[0].ephemeral


async def test_where_results_are_private_their_person_publishes_them(world: World) -> None:
    await route(world, Route.PRIVATE)
    answer = await made(world)
    assert answer.ephemeral
    assert world.posts() == []
    done = await world.mira.click(answer.response, label="Refresh")
    assert done.followups[0].attachments
    await world.mira.click((await world.type(world.mira, "job", id=1)).response, label="Post here")
    await world.work()
    (published,) = world.results()
    assert published.attachments[0].filename == "rain-on-slates-1.flac"


async def test_closed_direct_messages_are_told_at_the_next_command(world: World) -> None:
    await world.app.client.services.choices.prefer(world.mira.id, direct=True)
    dm = world.mira.user.dm_channel
    world.env.inject_error("POST", f"/channels/{dm.id}/messages", status=403, code=50007)
    await world.ask("a secret", duration=1, private=True)
    await world.until_ended()
    answer = await world.type(world.mira, "help")
    assert "/job 1" in answer.followups[-1].content


async def test_a_copy_is_sent_to_its_person_once_for_each_click(world: World) -> None:
    await made(world)
    (result,) = world.results()
    await world.mira.click(result, label="Send to me")
    await world.work()
    await world.later(60)
    (copy,) = [each for each in world.mira.user.dm_channel.history() if each.attachments]
    assert copy.attachments[0].filename == "rain-on-slates-1.flac"
    assert len(world.results()) == 1


async def test_a_copy_comes_from_discord_once_netmind_has_none_any_more(world: World) -> None:
    await made(world)
    await world.later(60)
    assert world.netmind.calls("delete")
    (result,) = world.results()
    await world.mira.click(result, label="Send to me")
    await world.later(1)
    (copy,) = [each for each in world.mira.user.dm_channel.history() if each.attachments]
    assert await copy.attachments[0].read() == await result.attachments[0].read()


async def test_a_copy_of_what_is_nowhere_any_more_is_told(world: World) -> None:
    await made(world)
    await world.later(60)
    (result,) = world.results()
    answer = await world.type(world.mira, "job", id=1)
    world.env.backend.delete_message(world.channel.id, result.id)
    await world.mira.click(answer.response, label="Post here")
    await world.later(1)
    await world.later(NONCE_WINDOW.total_seconds())
    assert world.results() == []
    assert len(world.notices()) == 1


async def test_a_click_that_arrives_twice_makes_one_copy(world: World) -> None:
    await made(world)
    answer = await world.type(world.mira, "job", id=1)
    clicked = await world.mira.click(answer.response, label="Post here")
    await world.replay(clicked)
    await world.later(1)
    await world.later(60)
    assert len(world.results()) == 2
    assert said(clicked)
