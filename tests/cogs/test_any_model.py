"""One table in the file of MODELS_FILE is all that a new model of the API takes."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import discord
from PIL import Image

from bot.config import Settings
from bot.netmind.catalog import Catalog
from bot.sandbox.models import recipes
from storage.states import JobState
from tests.world import World, open_world, sketch

PACKAGED = Path(__file__).parents[2] / "bot" / "netmind" / "catalog.toml"

PAINTS = """
[models.painter]
title = "Painter"
kind = "image"
id = "someone/paints"
typical_seconds = 5
deadline_seconds = 60
prompt_limit = 500

[models.painter.options.size]
type = "choice"
description = "How large the picture is"
choices = { small = { width = 128, height = 64 } }
"""
SPEAKS = """
[models.speaker]
title = "Speaker"
kind = "speech"
id = "someone/speaks"
prompt_wire = "text"
typical_seconds = 5
deadline_seconds = 60
prompt_limit = 500

[models.speaker.options.speed]
type = "number"
description = "How fast it is said"
wire = "voice_setting.speed"
min = 0.5
max = 2
"""
PLAYS = """
[models.player]
title = "Player"
kind = "music"
id = "someone/plays"
typical_seconds = 5
deadline_seconds = 60
prompt_limit = 500
"""


@asynccontextmanager
async def world_with(table: str, tmp_path: Path, **sandbox: Any) -> AsyncIterator[World]:
    """Open the whole bot with the packaged catalogue and one table more."""
    path = tmp_path / "models.toml"
    path.write_text(PACKAGED.read_text("utf-8") + table, "utf-8")
    settings = Settings.load(
        _env_file=None, discord_token="x", netmind_api_token="x", models_file=path
    )
    catalog = Catalog.load(settings.models_file)
    options = {"models": recipes(catalog), **sandbox}
    async with open_world(tmp_path, options, catalog, models_file=path) as world:
        yield world


async def the_file(world: World) -> tuple[discord.Attachment, bytes]:
    """Return the one file that was posted."""
    await world.until_ended(1)
    assert (await world.job()).state is JobState.FINISHED, world.notices()
    (result,) = world.results()
    file, *pictures = result.attachments
    assert all(picture.filename.endswith(".png") for picture in pictures)
    return file, world.file(file)


async def test_an_image_model_posts_a_picture(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async with world_with(PAINTS, tmp_path) as world:
        await world.ask("a lighthouse at night", "image", size="small")
        file, data = await the_file(world)
        assert (file.filename, file.content_type) == ("a-lighthouse-at-night-1.png", "image/png")
        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.format, picture.size) == ("PNG", (128, 64))


async def test_a_speech_model_posts_a_sound(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    """Its prompt and its speed go by names of its own."""
    async with world_with(SPEAKS, tmp_path) as world:
        await world.ask("Hello from the pier.", "speech", speed=2.0)
        file, data = await the_file(world)
        assert (file.filename, file.content_type) == ("hello-from-the-pier-1.mp3", "audio/mpeg")
        with av.open(io.BytesIO(data), "r") as sound:
            assert sound.metadata["title"] == "Hello from the pier."
            assert sound.duration is not None
            assert 0.3 < sound.duration / av.time_base < 1.5
        (made,) = world.netmind.generations.values()
        assert (made.order.kind, made.order.speed) == ("speech", 2.0)


async def test_any_other_word_is_a_command_too(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async with world_with(PLAYS, tmp_path, render=sketch) as world:
        await world.ask("a waltz", "music")
        file, _ = await the_file(world)
        assert file.filename == "a-waltz-1.flac"


async def test_what_the_model_does_not_take_is_told_in_its_own_words(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    """The file of MODELS_FILE may promise too much; then NetMind's reason is shown."""
    table = SPEAKS.replace("max = 2", "max = 9")
    async with world_with(table, tmp_path) as world:
        await world.ask("Hello.", "speech", speed=9.0)
        await world.until_ended(1)
        assert (await world.job()).state is JobState.FAILED
        (notice,) = world.notices()
        assert "Input should be between 0.5 and 2.0" in notice.content
