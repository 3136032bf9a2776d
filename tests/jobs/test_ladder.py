"""The file ladder: as it is, else made to fit, else a link, else an explanation; never doomed."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.sending import KEEP_UNPOSTED, REMEMBERED
from bot.media.probe import probe
from bot.web.links import MediaLinks
from storage import guilds
from tests.jobs.test_files import uploads
from tests.media import files
from tests.world import World

MIB = 1024 * 1024
LIMITS = {0: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}


def boost(world: World, tier: int) -> None:
    guild = world.app.client.get_guild(world.guild.id)
    assert guild is not None
    guild.premium_tier = tier


async def make_video(world: World, body: bytes, size: int = 0) -> None:
    world.netmind.next_outcome(body=body, size=size or None)
    await world.ask("a pier", "video")
    await world.until_ended(step=30)


async def posted(world: World, folder: Path) -> Path:
    """Return the one file that was posted."""
    (result,) = world.results()
    (file,) = result.attachments
    path = folder / file.filename
    path.write_bytes(await file.read())
    return path


@pytest.mark.parametrize(
    ("size", "tier"), [(9, 0), (11, 0), (19, 0), (21, 0), (60, 0), (21, 2), (60, 2), (60, 3)]
)
async def test_a_video_of_any_size_is_posted_within_the_limit(
    world: World, tmp_path: Path, size: int, tier: int
) -> None:
    """It is mostly padding, so that making it fit is quick; the ways are the same."""
    boost(world, tier)
    body = files.video(tmp_path / "film.mp4").read_bytes()
    await make_video(world, body, size * MIB)
    path = await posted(world, tmp_path)
    assert len(uploads(world)) == 1
    if size * MIB <= LIMITS[tier]:
        assert path.stat().st_size == size * MIB
    else:
        assert path.stat().st_size <= LIMITS[tier]
        assert (probe(path).video_codec, probe(path).audio_codec) == ("h264", "aac")


async def test_what_does_not_play_in_discord_comes_out_so_that_it_does(
    world: World, tmp_path: Path
) -> None:
    hevc = files.video(
        tmp_path / "film.mp4", "libx265", index_first=False, options={"x265-params": "log-level=0"}
    )
    await make_video(world, hevc.read_bytes())
    path = await posted(world, tmp_path)
    found = probe(path)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert (await world.delivery()) is not None
    assert (await world.job()).reason is None


async def test_a_limit_that_discord_has_lowered_is_learnt_for_a_week(
    world: World, tmp_path: Path
) -> None:
    boost(world, 2)
    path = f"/channels/{world.channel.id}/messages"
    world.env.inject_error("POST", path, status=413, code=40005)
    body = files.video(tmp_path / "film.mp4").read_bytes()
    await make_video(world, body, 20 * MIB)
    assert (await posted(world, tmp_path)).stat().st_size <= 10 * MIB
    assert len(uploads(world)) == 2

    async with world.app.database.read() as connection:
        known = await guilds.settings(connection, world.guild.id)
    assert known.refused_size == 20 * MIB
    for job_id, tried in ((2, 1), (3, 1)):
        before = len(uploads(world))
        world.netmind.next_outcome(body=body, size=19 * MIB)
        await world.ask("a pier", "video")
        await world.until_ended(job_id, step=30)
        assert len(uploads(world)) == before + tried
        size = world.results()[-1].attachments[0].size
        assert (size == 19 * MIB) == (job_id == 3)
        world.move(REMEMBERED.total_seconds())


async def test_what_fits_in_no_form_comes_as_a_link_that_opens_until_it_is_deleted(
    world: World,
) -> None:
    links = MediaLinks.of_token("token", "https://foley.example", world.clock)
    world.app.workers.courier.sender.links = links
    world.netmind.next_outcome(body=b"fLaC", size=10 * MIB + 1)
    await world.ask("rain", duration=1)
    await world.until_ended(step=30)
    assert uploads(world) == []
    (message,) = [each for each in world.posts() if "foley.example" in each.content]
    assert [person.id for person in message.mentions] == [world.mira.id]
    job = await world.job()
    assert job.reason is None
    assert job.ended_at is not None
    token = message.content.partition("/media/")[2].partition(")")[0]
    assert links.read(token) == job.id
    assert job.cleanup_at is not None
    assert job.cleanup_at - job.ended_at >= KEEP_UNPOSTED - timedelta(minutes=5)


async def test_the_original_of_what_was_made_smaller_is_kept_for_a_while(
    world: World, tmp_path: Path
) -> None:
    noisy = files.sound(tmp_path / "noise.wav", seconds=61, noise=True, loudness=1.0)
    assert noisy.stat().st_size > 10 * MIB / 2
    await make_video(world, noisy.read_bytes(), 10 * MIB + 1)
    (result,) = world.results()
    assert "Made smaller" in result.content
    assert "the original has 11.2 MiB" in result.content
    job = await world.job()
    assert job.cleanup_at is not None
    assert job.ended_at is not None
    assert job.cleanup_at - job.ended_at > timedelta(days=6)
