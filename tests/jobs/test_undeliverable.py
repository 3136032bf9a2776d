"""A result that the channel does not take any more is kept, and the person can fetch it."""

import pytest

from bot.jobs.courier import MAX_ATTEMPTS, WAIT_FOR_DISCORD
from bot.jobs.reasons import SENTENCES, Reason
from storage.states import DeliveryState, JobState
from tests.world import World


async def check_kept(world: World) -> None:
    """The delivery is undeliverable, the generation is kept for a week."""
    job, delivery = await world.job(), await world.delivery()
    assert delivery is not None
    assert (job.state, job.reason) == (JobState.FINISHED, Reason.UNDELIVERABLE)
    assert delivery.state is DeliveryState.UNDELIVERABLE
    assert delivery.reason
    assert world.netmind.calls("delete") == []
    await world.finish(6 * 24 * 3600)
    assert world.netmind.calls("delete") == []
    await world.finish(24 * 3600 + 60)
    assert len(world.netmind.calls("delete")) == 1


async def test_a_permission_taken_away_after_the_command_is_told_on_the_card(
    world: World,
) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.forbid("send_messages")
    await world.until_ended()

    (card,) = world.posts()
    assert str(SENTENCES[Reason.UNDELIVERABLE]) in (card.embeds[0].description or "")
    assert card.components == []
    await check_kept(world)


async def test_a_refused_upload_is_kept_too(world: World) -> None:
    """Discord's 50013, e.g. when Attach Files is gone."""
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=403, code=50013, times=None)
    await world.ask("rain", duration=1)
    await world.until_ended()
    await check_kept(world)


async def test_a_deleted_channel_leaves_the_file_for_job(world: World) -> None:
    lobby = world.guild.create_text_channel("lobby")
    await world.ask("rain", duration=1)
    await world.work()
    world.env.backend.delete_channel(world.channel.id)
    await world.until_ended()

    answer = await world.mira.slash(lobby, "job", id=1)
    brought = answer.followups[0]
    assert [file.filename for file in brought.attachments] == ["rain-1.flac"]
    await check_kept(world)


async def test_a_deleted_card_costs_nobody_the_result(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    card = await world.card()
    world.env.backend.delete_message(world.channel.id, card.id)
    await world.until_ended()
    assert len(world.results()) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_trouble_of_discords_passes(world: World, status: int) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=status, times=2)
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert len(world.results()) == 1


async def test_trouble_of_discords_is_waited_for_for_a_day(world: World) -> None:
    """No answer is no refusal: it is not counted."""
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=500, times=None)
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(30)
    await world.later(WAIT_FOR_DISCORD.total_seconds() - 60)
    delivery = await world.delivery()
    assert delivery is not None
    assert delivery.state is DeliveryState.SENDING
    await world.until_ended()
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.UNDELIVERABLE, 1)


async def test_a_message_is_posted_when_discord_is_back_after_hours(world: World) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=503, times=None)
    await world.ask("rain", duration=1)
    await world.work()
    for _ in range(20):
        await world.later(3600)
    world.env.backend.faults.clear()
    await world.later(30)
    assert len(world.results()) == 1


async def test_without_an_answer_the_pauses_grow_with_age_up_to_half_a_minute(
    world: World,
) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=500, times=None)
    await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    pauses = []
    for _ in range(25):
        await world.work(rounds=1)
        delivery = await world.delivery()
        assert delivery is not None
        pauses.append((delivery.lease_until - world.clock.now).total_seconds())
        world.move(pauses[-1])
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (2, 30)
    assert set(pauses) - {2, 30}


async def test_six_refusals_are_enough(world: World) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=400, code=50035, times=None)
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert len(world.sent("POST", path)) == MAX_ATTEMPTS == 6
    await check_kept(world)


async def test_the_pauses_between_refusals_grow(world: World) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=400, code=50035, times=None)
    await world.ask("rain", duration=1)
    await world.work()
    world.move(30)
    pauses = []
    for _ in range(5):
        await world.work(rounds=1)
        delivery = await world.delivery()
        assert delivery is not None
        pauses.append((delivery.lease_until - world.clock.now).total_seconds())
        world.move(pauses[-1])
    assert pauses == [4, 8, 16, 30, 30]


async def test_a_failure_that_cannot_be_told_leaves_the_reason_on_the_card(world: World) -> None:
    world.netmind.next_outcome("failed")
    await world.ask("rain", duration=1)
    await world.work()
    world.forbid("send_messages")
    await world.until_ended()
    (card,) = world.posts()
    assert str(SENTENCES[Reason.GENERATION_FAILED]) in (card.embeds[0].description or "")
    assert (await world.job()).reason == Reason.GENERATION_FAILED


async def test_an_undeliverable_result_does_not_hold_up_the_others(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await world.mira.slash(other, "audio", prompt="lost", duration=1)
    await world.ask("rain", duration=1)
    world.forbid("send_messages", channel=other)
    await world.until_ended(1, 2)
    assert [file.filename for post in world.results() for file in post.attachments] == [
        "rain-2.flac"
    ]


async def test_a_result_that_is_deleted_before_it_came_stays_away(world: World) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=500, times=None)
    await world.ask("rain", duration=1)
    await world.finish(30)
    await world.app.client.services.shelf.remove(1, world.mira.id, None)
    world.env.backend.faults.clear()
    await world.finish()
    assert world.results() == []
    assert (await world.job()).removed_at is not None
    assert "Deleted" in str((await world.card()).embeds[0].title)
    assert await world.app.client.services.desk.untold(world.mira.id) == []
