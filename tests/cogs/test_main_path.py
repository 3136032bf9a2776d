"""The whole path, through the real bot: a command, a job, a generation, a file in the channel."""

from pathlib import Path

from bot.media.probe import probe
from storage.states import DeliveryState, JobState
from tests.world import World, open_world, shortest, sketch


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
    # What is escaped could mention nobody; Discord is told so besides.
    (sent,) = world.sent("POST", f"/channels/{world.channel.id}/messages")
    allowed = sent.body["allowed_mentions"]
    assert allowed["parse"] == []
    assert [int(person) for person in allowed["users"]] == [world.mira.id]
    assert not allowed.get("replied_user")


async def test_the_finished_generation_is_deleted_at_netmind(world: World) -> None:
    """The list at NetMind stays short."""
    await world.ask("rain", duration=1)
    await world.finish()

    assert len(world.netmind.calls("delete")) == 1
    assert (await world.job()).cleanup_at is None


async def test_the_three_shapes_of_an_answer_give_the_same_message(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    """The API's answers have changed twice; people see no difference."""
    seen = []
    for shape in ("A", "B", "C"):
        async with open_world(tmp_path / shape, {"shape": shape, "render": sketch}) as world:
            await world.ask("a bell in the fog", duration=1, seed=7)
            await world.ask("a pier", "video", seed=7)
            await world.until_ended(1, 2)
            seen.append(
                [
                    (post.content, file.filename, file.content_type, world.file(file))
                    for post in world.results()
                    for file in post.attachments
                ]
            )
            assert world.notices() == []
    assert [name for _, name, *_ in seen[0]] == ["a-bell-in-the-fog-1.flac", "a-pier-2.mp4"]
    assert seen[0] == seen[1] == seen[2]


async def test_what_is_posted_is_what_netmind_made(rendering_world: World, tmp_path: Path) -> None:
    """Real files: a sound of the length that was asked for, a video of the shape."""
    world = rendering_world
    await world.ask("rain", duration=1, seed=1)
    await world.ask("a pier", "video", **shortest(world))
    await world.until_ended(1, 2)
    probes = {}
    for post in world.results():
        for file in post.attachments:
            path = tmp_path / file.filename
            path.write_bytes(world.file(file))
            probes[file.filename] = probe(path)
    sound, video = probes["rain-1.flac"], probes["a-pier-2.mp4"]
    assert (sound.audio_codec, round(sound.seconds)) == ("flac", 1)
    assert (video.width, video.height, video.audio_codec) == (960, 544, None)
