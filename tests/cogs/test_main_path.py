"""The whole path, through the real bot: a command, a job, a generation, a file in the channel."""

from storage.states import DeliveryState, JobState
from tests.world import World


async def test_a_sound_asked_for_is_posted_in_the_channel(world: World) -> None:
    """One command ends in one new message with one file, and the job is finished."""
    await world.ask("wind over willow branches", duration=2)
    await world.finish()

    card, result = world.posts()
    assert [file.filename for file in result.attachments] == ["wind-over-willow-branches-1.flac"]
    assert card.embeds[0].title == "🎧 Your sound is ready"
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, result.id)
    assert (await world.job()).state is JobState.FINISHED


async def test_the_result_replies_to_the_card_and_mentions_its_requester_alone(
    world: World,
) -> None:
    """An edit notifies nobody, so the result is a message of its own."""
    await world.ask("@everyone a @here bell <@1> <@&2>", duration=1)
    await world.finish()

    card, result = world.posts()
    assert result.reference is not None
    assert result.reference.message_id == card.id
    assert [person.id for person in result.mentions] == [world.mira.id]
    assert not result.mention_everyone


async def test_the_finished_generation_is_deleted_at_netmind(world: World) -> None:
    """The list at NetMind stays short."""
    await world.ask("rain", duration=1)
    await world.finish()

    assert len(world.netmind.calls("delete")) == 1
    assert (await world.job()).cleanup_at is None
