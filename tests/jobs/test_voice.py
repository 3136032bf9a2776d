"""Sounds as people see them: a drawn wave beside the file, or a voice message of Discord's own."""

from pathlib import Path
from typing import Any

import discord
import pytest
import sqlalchemy as sa

from bot.jobs.reasons import Reason
from bot.jobs.sending import NONCE_WINDOW
from bot.media.workshop import Workshop
from storage import deliveries, schema
from storage.deliveries import Delivery, DeliveryKind
from storage.routes import Route
from storage.states import DeliveryState
from tests.jobs.test_routes import route, shown
from tests.media import files
from tests.world import World

pytestmark = pytest.mark.usefixtures("_real_workshop")


@pytest.fixture
def _real_workshop(world: World) -> None:
    world.app.workers.courier.sender.packer.workshop = Workshop()


async def ask(world: World, folder: Path, *, voice: bool = True) -> None:
    """Ask for a sound that is a real one, in a guild that hears it as a voice message or not."""
    await world.app.client.services.choices.choose(world.guild.id, voice=voice)
    body = files.sound(folder / "tone.wav", seconds=2).read_bytes()
    world.netmind.next_outcome(body=body)
    await world.ask("a gong", duration=2)


async def make(world: World, folder: Path, **more: Any) -> None:
    await ask(world, folder, **more)
    await world.until_ended()


def spoken(world: World) -> list[discord.Message]:
    return [message for message in world.posts() if message.flags.voice]


async def voice_of(world: World) -> Delivery:
    """Return the delivery of the voice message."""
    statement = sa.select(schema.deliveries).where(schema.deliveries.c.kind == DeliveryKind.VOICE)
    async with world.app.database.read() as connection:
        return deliveries.read((await connection.execute(statement)).mappings().one())


async def test_a_sound_comes_with_a_picture_of_it(world: World, tmp_path: Path) -> None:
    await make(world, tmp_path, voice=False)
    (result,) = world.results()
    sound, picture = result.attachments
    assert sound.filename == "a-gong-1.flac"
    assert picture.filename == "a-gong-1.png"
    assert world.file(picture).startswith(b"\x89PNG")
    assert picture.description == "The sound, drawn as a wave"


async def test_a_sound_that_cannot_be_drawn_comes_without_a_picture(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    (result,) = world.results()
    assert len(result.attachments) == 1


async def test_a_guild_that_wants_voice_messages_gets_words_and_then_the_sound(
    world: World, tmp_path: Path
) -> None:
    await make(world, tmp_path)
    (sound,) = spoken(world)
    (words,) = [each for each in world.notices() if "Your sound is ready" in each.content]
    assert [person.id for person in words.mentions] == [world.mira.id]
    assert words.components
    assert (sound.content, sound.components, sound.mentions) == ("", [], [])
    assert sound.reference is not None
    assert sound.reference.message_id == words.id
    (file,) = sound.attachments
    assert world.file(file).startswith(b"OggS")
    request = world.sent("POST", "/messages")[-1].body
    (described,) = request["attachments"]
    assert described["duration_secs"] == pytest.approx(2, abs=0.1)
    assert described["waveform"]
    assert request["flags"] == discord.MessageFlags(voice=True).value
    assert request["enforce_nonce"]


async def test_a_video_is_never_a_voice_message(world: World, tmp_path: Path) -> None:
    await world.app.client.services.choices.choose(world.guild.id, voice=True)
    world.netmind.next_outcome(body=files.video(tmp_path / "film.mp4").read_bytes())
    await world.ask("a pier", "video")
    await world.until_ended(step=30)
    assert spoken(world) == []
    assert len(world.results()) == 1


async def test_where_voice_messages_are_not_allowed_the_file_comes_below_the_words(
    world: World, tmp_path: Path
) -> None:
    await ask(world, tmp_path)
    refuse_voice(world)
    await world.until_ended()
    await world.later(15)
    assert spoken(world) == []
    (file,) = world.results()
    assert file.attachments[0].filename.startswith("a-gong-1.")
    assert file.mentions == []
    assert f"#1/{(await voice_of(world)).id} ·" in file.content
    assert (await world.job()).reason is None


async def test_a_sound_that_cannot_be_a_voice_message_comes_as_it_is(world: World) -> None:
    """What the sandbox made up here is no sound that anything could read."""
    await world.app.client.services.choices.choose(world.guild.id, voice=True)
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert spoken(world) == []
    assert len(world.results()) == 1


@pytest.mark.parametrize("wait", [0, NONCE_WINDOW.total_seconds() + 1])
async def test_a_voice_message_that_was_posted_unnoticed_is_posted_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: float
) -> None:
    await ask(world, tmp_path)
    poster = world.app.workers.courier.post
    speak = poster._speak

    async def lost(letter: Any) -> Any:
        monkeypatch.setattr(poster, "_speak", speak)
        await speak(letter)
        raise TimeoutError

    monkeypatch.setattr(poster, "_speak", lost)
    await world.until_ended()
    world.move(wait)
    await world.finish()
    if wait:
        assert len(spoken(world)) == 1
    assert (await voice_of(world)).state is DeliveryState.SENT
    assert len({request.body["nonce"] for request in voice_sends(world)}) == 1


async def test_a_voice_message_is_taken_up_after_a_restart(world: World, tmp_path: Path) -> None:
    await ask(world, tmp_path)
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=500, times=None)
    await world.finish(30)
    world.env.backend.faults.clear()
    await world.restart()
    world.app.workers.courier.sender.packer.workshop = Workshop()
    await world.until_ended()
    await world.finish()
    assert len(spoken(world)) == 1


async def test_the_original_of_a_voice_message_is_kept_for_a_while(
    world: World, tmp_path: Path
) -> None:
    """A voice message is smaller and cannot be saved by everybody: Send to me brings the file."""
    await make(world, tmp_path)
    job = await world.job()
    assert job.cleanup_at is not None
    assert job.ended_at is not None
    assert (job.cleanup_at - job.ended_at).days >= 6


async def test_a_result_that_is_deleted_before_its_sound_came_stays_silent(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(world, tmp_path)

    async def no_answer(letter: Any) -> Any:  # noqa: ARG001 - as the other
        raise TimeoutError

    monkeypatch.setattr(world.app.workers.courier.post, "_speak", no_answer)
    await world.later(15)
    await world.later(15)
    await world.app.client.services.shelf.remove(1, world.mira.id, None)
    monkeypatch.undo()
    await world.later(30)
    assert spoken(world) == []
    assert (await voice_of(world)).state is DeliveryState.UNDELIVERABLE
    assert await world.app.client.services.desk.untold(world.mira.id) == []


async def test_a_thread_has_the_words_and_the_sound(world: World, tmp_path: Path) -> None:
    await route(world, Route.THREAD)
    await make(world, tmp_path)
    card = await world.card()
    words, sound = (await shown(world, card.id))[-2:]
    assert "Your sound is ready" in words.content
    assert sound.flags.voice


async def test_a_sound_that_cannot_be_fetched_any_more_is_explained(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(world, tmp_path)
    announce = world.app.workers.courier.sender._tell
    await world.later(1)
    generation = (await world.job()).generation_id or ""

    async def then_forget(errand: Any) -> Any:
        posted = await announce(errand)
        world.netmind.generations.clear()
        world.app.workers.watcher.results.take(generation)
        return posted

    monkeypatch.setattr(world.app.workers.courier.sender, "_tell", then_forget)
    await world.until_ended()
    await world.finish()
    assert (await world.job()).reason == Reason.GONE
    assert any("cannot be posted" in each.content for each in world.notices())


def refuse_voice(world: World) -> None:
    """Have Discord refuse voice messages, as without the permission for them."""
    poster = world.app.workers.courier.post

    answer: Any = _Answer()

    async def refused(letter: Any) -> Any:  # noqa: ARG001 - as the other
        raise discord.Forbidden(answer, {"code": 50013, "message": "Missing Permissions"})

    poster._speak = refused  # type: ignore[method-assign]


class _Answer:
    status, reason = 403, "Forbidden"


def voice_sends(world: World) -> list[Any]:
    return [
        request
        for request in world.sent("POST", "/messages")
        if request.body.get("flags", 0) & discord.MessageFlags(voice=True).value
    ]
