"""A result that the channel does not take any more is kept, and the person can fetch it."""

import pytest

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
    assert SENTENCES[Reason.UNDELIVERABLE] in (card.embeds[0].description or "")
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
    (brought,) = answer.followups
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


async def test_trouble_of_discords_for_ever_is_given_up(world: World) -> None:
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=500, times=None)
    await world.ask("rain", duration=1)
    await world.until_ended()
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.UNDELIVERABLE, 6)


async def test_the_pauses_between_attempts_grow(world: World) -> None:
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
    assert pauses == [4, 8, 16, 32, 64]


async def test_a_failure_that_cannot_be_told_leaves_the_reason_on_the_card(world: World) -> None:
    world.netmind.next_outcome("failed")
    await world.ask("rain", duration=1)
    await world.work()
    world.forbid("send_messages")
    await world.until_ended()
    (card,) = world.posts()
    assert SENTENCES[Reason.GENERATION_FAILED] in (card.embeds[0].description or "")
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
