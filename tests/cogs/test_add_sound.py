"""Add sound: from a video in a message to the same video with a sound."""

import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import discord
import pytest
import sqlalchemy as sa
from simcord.backend.models import Overwrite
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType, OverwriteType
from simcord.results import InteractionResult

from bot.buttons import Action, custom_id
from bot.jobs.reasons import Reason
from bot.netmind.catalog import Catalog
from bot.sandbox.models import sandbox_catalog
from bot.sandbox.video import render_video
from cogs import sound
from storage.schema import jobs
from storage.states import JobState
from tests.cogs.test_remix import fields
from tests.world import World, open_world, said, shortest, sketch

CLIP = render_video("rain", width=64, height=64, frames=8, fps=24, seed=1)
NOT_SEEN = "The video of this job is in a channel that you cannot see."
SHORT = {"prompt": "thunder", "duration": "1"}


def reads_messages(world: World) -> None:
    """Have Discord show the bot what other people write, as its operator can have it."""
    flags = discord.ApplicationFlags(gateway_message_content_limited=True)
    world.app.client._connection.application_flags = flags


@pytest.fixture
async def studio(tmp_path: Path, quick_retries: None) -> AsyncIterator[World]:  # noqa: ARG001 - at work for its sake
    """The whole bot, with a model that takes videos and a NetMind whose files are small."""
    async with open_world(tmp_path, {"render": sketch}, sandbox_catalog()) as opened:
        reads_messages(opened)
        yield opened


async def shown(world: World, *files: tuple[str, bytes], text: str = "") -> discord.Message:
    """Have Jonas post files."""
    return await world.jonas.send(world.channel, text, attachments=files or [("a.mp4", CLIP)])


async def menu(world: World, message: discord.Message) -> InteractionResult:
    return await world.mira.context_menu(world.channel, "Add sound", message)


async def ask(world: World, message: discord.Message) -> InteractionResult:
    """Have Mira ask for a sound for the video in a message."""
    return await world.mira.submit_modal(await menu(world, message), SHORT)


async def forge(world: World, form_id: str, kind: InteractionType) -> InteractionResult:
    """Send a form or a click with an id that nobody was shown."""
    field = {"type": 4, "custom_id": "prompt", "value": "thunder"}
    data: dict[str, Any] = {"custom_id": form_id, "components": []}
    if kind is InteractionType.MODAL_SUBMIT:
        data["components"] = [{"type": 18, "component": field}]
    else:
        data["component_type"] = 2
    return await world.mira._dispatch_interaction(kind, world.channel, data)


async def test_a_video_gets_a_sound_and_keeps_its_pictures(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async with open_world(tmp_path, catalog=sandbox_catalog()) as world:
        reads_messages(world)
        answer = await ask(world, await shown(world))
        job = await world.job()
        assert (job.kind, job.card_id) == ("audio", answer.response and answer.response.id)
        await world.until_ended()
        result = world.results()[-1]
        assert "Your video with sound is ready" in result.content
        (file,) = result.attachments
        assert file.filename == "thunder-1.mp4"
        with av.open(io.BytesIO(world.file(file)), "r") as container:
            pictures = list(container.decode(video=0))
            assert (len(pictures), len(container.streams.audio)) == (8, 1)
        card = (await world.card()).embeds[0]
        assert card.title == "🔊 Your video with sound is ready"


async def test_the_video_goes_to_netmind_under_a_name_that_tells_nothing(studio: World) -> None:
    await ask(studio, await shown(studio, ("mira's secret.mp4", CLIP)))
    await studio.work()
    (file,) = (each for each in studio.netmind.shelf.files.values() if each.body == CLIP)
    assert file.name == "video.mp4"
    assert (await studio.job()).video_file_id == file.id


async def test_the_link_to_the_video_is_kept_and_logged_nowhere(
    studio: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[str] = []
    accept = studio.netmind._accept

    def noted(model: str, config: dict[str, Any]) -> Any:
        sent.append(config["video"])
        return accept(model, config)

    monkeypatch.setattr(studio.netmind, "_accept", noted)
    await ask(studio, await shown(studio))
    await studio.until_ended()
    assert ["signature=" in link for link in sent] == [True]
    everything = f"{await studio.job()} {await studio.edges()} {await studio.delivery()}"
    assert "thunder" in everything
    assert "signature=" not in everything + capsys.readouterr().out


async def test_a_result_of_ours_has_a_button_for_it(studio: World) -> None:
    await studio.ask("rain", "video", **shortest(studio))
    await studio.until_ended()
    (video,) = studio.results()
    opened = await studio.jonas.click(video, label="Add sound")
    await studio.jonas.submit_modal(opened, SHORT)
    job = await studio.job(2)
    assert (job.video_message_id, job.requester_id) == (video.id, studio.jonas.id)
    await studio.until_ended(2)
    assert len(studio.results()) == 2
    assert "sound" not in _actions(studio.results()[1])


def _actions(message: discord.Message) -> list[str]:
    return [
        str(getattr(item, "custom_id", "")).split(":")[1]
        for row in message.components
        for item in getattr(row, "children", [])
    ]


async def test_without_a_model_that_takes_videos_there_is_neither_menu_nor_button(
    world: World,
) -> None:
    assert all(each.name != "Add sound" for each in world.app.client.tree.get_commands())
    await world.ask("rain", "video", **shortest(world))
    await world.until_ended()
    (video,) = world.results()
    assert "sound" not in _actions(video)
    form_id = f"foley:film:{world.channel.id}:{video.id}"
    answer = await forge(world, form_id, InteractionType.MODAL_SUBMIT)
    assert said(answer) == str(sound._NO_MODEL)
    assert await world.jobs_made() == 1


async def test_a_form_that_was_opened_before_a_restart_can_be_sent_after_it(
    studio: World,
) -> None:
    opened = await menu(studio, await shown(studio))
    await studio.restart()
    await studio.mira.submit_modal(opened, SHORT)
    assert (await studio.job()).prompt == "thunder"


async def test_what_is_wrong_is_said_and_the_form_opens_as_it_was_written(studio: World) -> None:
    opened = await menu(studio, await shown(studio))
    refused = await studio.mira.submit_modal(opened, SHORT | {"duration": "long"})
    assert said(refused) == "duration must be a whole number."
    assert await studio.jobs_made() == 0
    assert refused.response is not None
    again = await studio.mira.click(refused.response, label="Open the form again")
    await studio.mira.submit_modal(again, fields(again) | {"duration": "1"})
    assert (await studio.job()).prompt == "thunder"


async def test_a_message_without_a_video_is_refused(studio: World) -> None:
    answer = await menu(studio, await shown(studio, ("a.png", b"x")))
    assert answer.ephemeral
    assert said(answer) == "There is no video in this message."


async def test_the_video_is_found_among_other_files(studio: World) -> None:
    await ask(studio, await shown(studio, ("a.png", b"x"), ("b.MOV", CLIP)))
    await studio.work()
    assert any(each.body == CLIP for each in studio.netmind.shelf.files.values())


async def test_a_video_that_is_too_large_is_refused(
    studio: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The cog's own module is another one than that which is imported here.
    monkeypatch.setattr(sys.modules["cogs.sound"], "LARGEST", len(CLIP) - 1)
    answer = await menu(studio, await shown(studio))
    assert said(answer).startswith("This video has ")
    assert answer.modal is None


async def test_a_message_that_discord_will_not_show_again_is_refused(studio: World) -> None:
    """Without a permission of its operator's the bot sees only what is meant for it."""
    flags = discord.ApplicationFlags()
    studio.app.client._connection.application_flags = flags
    answer = await menu(studio, await shown(studio))
    assert said(answer) == str(sound._NOT_SHOWN)
    bot = studio.env.backend.bot_user.id
    assert (await menu(studio, await shown(studio, text=f"<@{bot}>"))).modal is not None


async def test_a_video_of_another_channel_is_refused(studio: World) -> None:
    hidden = studio.guild.create_text_channel("hidden")
    message = await studio.jonas.send(hidden, attachments=[("a.mp4", CLIP)])
    for kind in (InteractionType.MODAL_SUBMIT, InteractionType.MESSAGE_COMPONENT):
        answer = await forge(studio, f"foley:film:{hidden.id}:{message.id}", kind)
        assert said(answer) == str(sound._ELSEWHERE)
        assert answer.modal is None
    assert await studio.jobs_made() == 0


async def test_again_and_remix_make_another_sound_for_the_same_video(studio: World) -> None:
    message = await shown(studio)
    await ask(studio, message)
    await studio.until_ended()
    result = studio.results()[-1]
    await studio.mira.click(result, label="Again")
    opened = await studio.jonas.click(result, label="Remix")
    await studio.jonas.submit_modal(opened, {"prompt": "hail"})
    for job_id in (2, 3):
        assert (await studio.job(job_id)).video_message_id == message.id
    assert (await studio.job(3)).prompt == "hail"


async def test_somebody_else_uses_a_video_only_where_they_can_see_it(studio: World) -> None:
    other = studio.guild.create_text_channel("other")
    await ask(studio, await shown(studio))
    await studio.until_ended()
    await put_video(studio, other)
    await repeat(studio, Action.AGAIN)
    assert (await studio.job(2)).video_channel_id == other.id
    hide(studio, other)
    for action in (Action.AGAIN, Action.REMIX):
        assert said(await repeat(studio, action)) == NOT_SEEN
    assert await studio.jobs_made() == 2


async def put_video(world: World, channel: ChannelHandle) -> None:
    """Let the jobs be about a video in this channel."""
    async with world.app.database.write() as connection:
        await connection.execute(sa.update(jobs).values(video_channel_id=channel.id))


def hide(world: World, channel: ChannelHandle) -> None:
    """Let Jonas not see a channel."""
    denied = discord.Permissions(view_channel=True).value
    overwrite = Overwrite(world.jonas.id, OverwriteType.MEMBER, 0, denied)
    world.env.backend.set_overwrite(channel.id, overwrite)


async def repeat(world: World, action: Action) -> InteractionResult:
    """Have Jonas make the like of Mira's first job."""
    answer = await world.jonas.click(world.results()[-1], custom_id=custom_id(action, 1))
    if action is Action.AGAIN:
        return answer
    return await world.jonas.submit_modal(answer, {"prompt": "hail"})


async def test_a_video_that_was_deleted_ends_the_job_with_a_sentence(studio: World) -> None:
    message = await shown(studio)
    await ask(studio, message)
    await message.delete()
    await studio.work()
    job = await studio.job()
    assert (job.state, job.reason) == (JobState.FAILED, Reason.NO_VIDEO)
    (notice,) = studio.notices()
    assert "The video that it was to be added to is not there any more." in notice.content
    assert studio.netmind.calls("create") == []


def test_the_sandbox_offers_it_and_the_packaged_catalogue_does_not() -> None:
    assert sandbox_catalog().taking_video()
    assert not Catalog.load().taking_video()
