"""What the buttons of results and of private cards do, through the whole bot."""

from collections.abc import Sequence
from typing import Any

import discord
import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor

from bot import border
from storage.deliveries import DeliveryKind
from storage.schema import deliveries
from storage.states import JobState
from tests.cogs.layouts import actions, shown
from tests.world import World, said

UNKNOWN = "This job is not known here any more."
NOT_YOURS = "This belongs to somebody else."


async def make(world: World, **options: Any) -> None:
    await world.ask("rain", duration=1, **options)
    await world.until_ended()


async def press(world: World, person: MemberActor, action: str, job_id: int = 1) -> Any:
    """Press a button that stands below the newest message, whether it is shown there or not."""
    shown_now = world.posts()[-1]
    message = world.env.backend.get_message(shown_now.channel.id, shown_now.id)
    button: dict[str, Any] = {
        "type": 2,
        "style": 2,
        "label": "x",
        "custom_id": f"foley:{action}:{job_id}",
    }
    message.components = [{"type": 1, "components": [button]}]
    return await person.click(shown_now, custom_id=button["custom_id"])


async def copies(world: World) -> Sequence[Any]:
    """Return channel and person of each copy that is promised."""
    statement = sa.select(deliveries.c.channel_id, deliveries.c.person_id).where(
        deliveries.c.kind == DeliveryKind.COPY
    )
    async with world.app.database.read() as connection:
        return [tuple(row) for row in await connection.execute(statement)]


async def own_card(world: World, job_id: int = 1) -> Any:
    return await world.type(world.mira, "job", id=job_id)


async def test_again_makes_another_of_the_same_with_a_seed_of_its_own(world: World) -> None:
    await make(world, steps=7, negative_prompt="thunder")
    answer: Any = await world.mira.click(world.results()[0], label="Again")
    assert not answer.ephemeral
    first, second = await world.job(1), await world.job(2)
    assert second.prompt == first.prompt
    assert second.options["seed"] != first.options["seed"]
    assert dict(second.options) | {"seed": 0} == dict(first.options) | {"seed": 0}
    assert (second.card_id, second.state) == (answer.response.id, JobState.QUEUED)
    await world.until_ended(2)
    assert len(world.results()) == 2


async def test_again_from_the_card_of_a_private_job_stays_private(world: World) -> None:
    await make(world, private=True)
    assert world.posts() == []
    answer: Any = await world.mira.click((await own_card(world)).response, label="Again")
    assert answer.ephemeral
    assert (await world.job(2)).route == (await world.job(1)).route
    await world.until_ended(2)
    assert world.posts() == []


async def test_again_by_somebody_else_is_their_own_job(world: World) -> None:
    await make(world)
    await world.jonas.click(world.results()[0], label="Again")
    job = await world.job(2)
    assert (job.requester_id, job.prompt) == (world.jonas.id, "rain")


async def test_a_private_job_is_not_known_to_others(world: World) -> None:
    await make(world, private=True)
    await world.type(world.jonas, "audio", prompt="bells", duration=1)
    for action in ("again", "remix"):
        answer = await press(world, world.jonas, action)
        assert said(answer) == UNKNOWN
        assert answer.ephemeral
        assert answer.modal is None
    assert await world.jobs_made() == 2


async def test_a_star_is_given_and_taken_and_shows_in_the_list(world: World) -> None:
    await make(world)
    answer: Any = await world.mira.click(world.results()[0], label="Star")
    assert answer.ephemeral
    assert "Starred" in said(answer)
    listed = await world.type(world.mira, "jobs", starred=True)
    assert "🎧 ⭐ " in shown(listed.response)
    answer = await world.mira.click((await own_card(world)).response, label="Star")
    assert "taken away" in said(answer)
    listed = await world.type(world.mira, "jobs", starred=True)
    assert "No stars" in shown(listed.response)


async def test_delete_takes_the_message_away_and_a_second_click_says_the_same(
    world: World,
) -> None:
    await make(world)
    card = await own_card(world)
    first = await world.mira.click(world.results()[0], label="Delete")
    assert world.results() == []
    job = await world.job()
    assert job.removed_at == world.clock()
    assert job.cleanup_at is not None
    second = await world.mira.click(card.response, label="Delete")
    assert said(first) == said(second) == "🗑️ It is deleted, NetMind's copy too."
    assert (await world.job()).removed_at == job.removed_at
    await world.later(60)
    assert (await world.job()).cleanup_at is None


async def test_delete_of_a_private_job_deletes_netminds_copy(world: World) -> None:
    await make(world, private=True)
    (generation,) = world.netmind.generations.values()
    assert generation.deleted_at is None
    await world.mira.click((await own_card(world)).response, label="Delete")
    await world.work()
    assert generation.deleted_at is not None


async def test_delete_where_the_bot_is_not_let_in_any_more_says_what_was_done(
    world: World,
) -> None:
    await make(world)
    card = await own_card(world)
    world.forbid("view_channel")
    answer: Any = await world.mira.click(card.response, label="Delete")
    assert "does not let me into" in said(answer)
    assert (await world.job()).removed_at is not None


async def test_a_moderator_deletes_what_was_made_in_their_guild_and_nothing_else(
    world: World,
) -> None:
    """A copy of it can stand in another guild, whose moderators have no say in this one."""
    await make(world)
    may = discord.Permissions(manage_messages=True)
    elsewhere = world.env.create_guild("The Other Shop")
    channel = elsewhere.create_text_channel("studio")
    stranger, moderator = (
        guild.add_member(
            world.env.create_user(name), roles=[guild.create_role("moderators", permissions=may)]
        )
        for guild, name in ((elsewhere, "otto"), (world.guild, "mona"))
    )
    await stranger.slash(channel, "audio", prompt="bells", duration=1)
    (card,) = world.posts(channel)
    message = world.env.backend.get_message(channel.id, card.id)
    message.components[0]["components"][0]["custom_id"] = "foley:delete:1"
    answer = await stranger.click(card, custom_id="foley:delete:1")
    assert said(answer).startswith(NOT_YOURS)
    assert len(world.results()) == 1
    await moderator.click(world.results()[0], label="Delete")
    assert world.results() == []


async def test_a_click_by_somebody_else_changes_nothing(world: World) -> None:
    await make(world)
    before = await world.job()
    for action in ("star", "send", "post", "delete", "refresh", "open"):
        answer = await press(world, world.jonas, action)
        assert answer.ephemeral
        no_job = "You have no job with this number."
        assert said(answer).startswith(no_job if action in {"refresh", "open"} else NOT_YOURS)
        assert await world.job() == before
    assert await copies(world) == []
    assert len(world.results()) == 1


async def test_send_and_post_promise_one_copy_for_each_click(world: World) -> None:
    await make(world)
    sent = await world.mira.click(world.results()[0], label="Send to me")
    await world.replay(sent)
    assert [person for _, person in await copies(world)] == [world.mira.id]
    posted = await world.mira.click((await own_card(world)).response, label="Post here")
    await world.replay(posted)
    assert (await copies(world))[1:] == [(world.channel.id, None)]
    assert sent.ephemeral
    assert posted.ephemeral
    assert "direct messages" in said(sent)
    assert "this channel" in said(posted)


async def test_nothing_is_sent_of_a_job_without_a_file(world: World) -> None:
    await world.ask("rain", duration=1)
    assert "no file" in said(await press(world, world.mira, "send"))
    await world.until_ended()
    await press(world, world.mira, "delete")
    await world.ask("wind", duration=1)
    assert "was deleted" in said(await press(world, world.mira, "post"))
    assert await copies(world) == []


async def test_a_button_of_another_version_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(border, "OTHERS_FIRST", 0)
    await world.ask("rain", duration=1)
    answer = await press(world, world.mira, "sing")
    assert answer.ephemeral
    assert said(answer).startswith("This button is of another version of mine.")


async def test_buttons_work_after_a_restart(world: World) -> None:
    await make(world)
    card = await own_card(world)
    assert actions(card.response) == ["post", "again", "remix", "star", "delete"]
    await world.restart()
    answer: Any = await world.mira.click(card.response, label="Again")
    assert answer.response.embeds
    assert await world.jobs_made() == 2
