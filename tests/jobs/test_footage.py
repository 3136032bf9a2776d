"""The video that gets a sound, on its way to NetMind: it is sent once, and nothing before it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest
from simcord.backend.cdn import CDN_BASE

from bot.jobs import footage, lease, loop, workers
from bot.jobs.lease import LEASE
from bot.jobs.reasons import Reason
from bot.jobs.settler import SHARED_SETTLE
from bot.netmind.catalog import Catalog
from bot.netmind.download import Downloaded, TooLarge
from bot.netmind.magic import MP4
from bot.sandbox.faults import Operation
from bot.sandbox.models import sandbox_catalog
from storage import jobs
from storage.jobs import NewJob
from storage.states import JobState
from tests.world import World, eventually, open_world, sketch

Patch = pytest.MonkeyPatch
FILM = b"\x00\x00\x00\x18ftypisom" + bytes(100)


@pytest.fixture
async def studio(tmp_path: Path, quick_retries: None) -> AsyncIterator[World]:  # noqa: ARG001 - at work for its sake
    """The whole bot, with a model that takes videos and a NetMind whose files are small."""
    async with open_world(tmp_path, {"render": sketch}, sandbox_catalog()) as opened:
        yield opened


async def order(world: World, data: bytes = FILM, name: str = "a.mp4") -> None:
    """Have a job accepted for a video that Jonas posts."""
    message = await world.jonas.send(world.channel, attachments=[(name, data)])
    new = NewJob(
        interaction_id=message.id,
        requester_id=world.mira.id,
        guild_id=world.guild.id,
        channel_id=world.channel.id,
        model="mmaudio",
        kind="audio",
        prompt="thunder",
        options={"duration": 1},
        video_channel_id=world.channel.id,
        video_message_id=message.id,
    )
    await world.app.client.services.desk.accept(new)


async def submit(world: World) -> None:
    submitter = world.app.workers.submitter
    await submitter.step()
    await submitter.tasks.join()


def counts(world: World) -> list[int]:
    """Return how many files were announced, put, linked to, and how many jobs were created."""
    operations: list[Operation] = ["file", "upload", "presign", "create"]
    return [len(world.netmind.calls(each)) for each in operations]


async def test_the_video_is_uploaded_once_and_then_the_sound_is_asked_for(studio: World) -> None:
    await order(studio)
    await studio.until_ended()
    assert (await studio.job()).state is JobState.FINISHED
    assert counts(studio) == [1, 1, 1, 1]


async def test_what_is_no_video_ends_the_job_without_an_upload(studio: World) -> None:
    """Whatever its name says."""
    await order(studio, b"fLaC" + bytes(100))
    await order(studio, b"<html>")
    await submit(studio)
    for job_id in (1, 2):
        assert (await studio.job(job_id)).reason == Reason.BAD_VIDEO
    assert counts(studio) == [0, 0, 0, 0]


async def test_a_message_without_a_file_ends_the_job(studio: World) -> None:
    await order(studio, name="a.txt")
    await submit(studio)
    assert (await studio.job()).reason == Reason.NO_VIDEO


async def test_a_model_that_takes_no_video_any_more_gets_none(studio: World) -> None:
    await order(studio)
    studio.app.workers.submitter.catalog = Catalog.load()
    await submit(studio)
    assert (await studio.job()).reason == Reason.UNKNOWN_MODEL
    assert counts(studio) == [0, 0, 0, 0]


async def test_a_restart_between_upload_and_post_uploads_nothing_more(studio: World) -> None:
    studio.netmind.hang_next("presign")
    await order(studio)
    await studio.app.workers.submitter.step()
    await eventually(lambda: not studio.netmind._waiting["presign"])
    await studio.restart()
    await studio.later(LEASE.total_seconds() + 1)
    await studio.later(SHARED_SETTLE.total_seconds())
    assert (await studio.job()).state is JobState.GENERATING
    announced, put, _, created = counts(studio)
    assert (announced, put, created) == (1, 1, 1)


async def test_a_file_that_netmind_has_forgotten_is_uploaded_anew(studio: World) -> None:
    await order(studio)
    async with studio.app.database.write() as connection:
        await jobs.set_video_file(connection, 1, "forgotten")
    await submit(studio)
    job = await studio.job()
    assert job.state is JobState.GENERATING
    assert job.video_file_id != "forgotten"


async def test_each_post_has_a_fresh_link(studio: World) -> None:
    """One of an earlier try may have expired."""
    studio.netmind.fail_next("create", status=500)
    await order(studio)
    await submit(studio)
    assert (await studio.job()).state is JobState.UNCERTAIN
    studio.move(SHARED_SETTLE.total_seconds())
    await submit(studio)
    assert (await studio.job()).state is JobState.GENERATING
    assert counts(studio) == [1, 1, 2, 2]


async def test_trouble_on_the_way_is_met_again_later_and_counts_as_no_attempt(
    studio: World,
) -> None:
    await order(studio)
    operations: list[Operation] = ["file", "upload", "presign"]
    for operation in operations:
        studio.netmind.fail_next(operation, status=500)
        await submit(studio)
        job = await studio.job()
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert not studio.netmind._waiting[operation]
        studio.move(59)
        await submit(studio)
        assert (await studio.job()).changed_at == job.changed_at
        studio.move(1)
    await submit(studio)
    assert (await studio.job()).state is JobState.GENERATING
    assert counts(studio) == [3, 2, 2, 1]


async def test_a_video_that_does_not_arrive_holds_up_nobody_else(studio: World) -> None:
    studio.netmind.fail_next("file", status=500, times=99)
    await order(studio)
    await submit(studio)
    await studio.ask("rain", duration=1)
    await submit(studio)
    assert (await studio.job(2)).state is JobState.GENERATING
    assert (await studio.job()).state is JobState.QUEUED


async def test_trouble_that_lasts_for_an_hour_ends_the_job(studio: World) -> None:
    studio.netmind.fail_next("file", status=500, times=999)
    await order(studio)
    studio.move(3599)
    await submit(studio)
    assert (await studio.job()).state is JobState.QUEUED
    studio.move(60)
    await submit(studio)
    job = await studio.job()
    assert (job.state, job.reason) == (JobState.FAILED, Reason.UNAVAILABLE)


async def test_a_refused_key_on_the_way_concerns_every_job(studio: World) -> None:
    studio.netmind.fail_next("file", status=401)
    await order(studio)
    await submit(studio)
    assert (await studio.job()).state is JobState.QUEUED
    assert studio.app.workers.submitter.outage.reason is Reason.KEY_REFUSED
    studio.netmind.clear()
    studio.move(60)
    await submit(studio)
    assert (await studio.job()).state is JobState.GENERATING


async def test_a_deleted_message_says_nothing_about_netmind(studio: World) -> None:
    """An outage goes on until NetMind has taken something."""
    await order(studio, name="a.txt")
    outage = studio.app.workers.submitter.outage
    outage.begin(Reason.NO_BALANCE)
    studio.move(60)
    await submit(studio)
    assert (await studio.job()).reason == Reason.NO_VIDEO
    assert outage.reason is Reason.NO_BALANCE


def slow_uploads(world: World, monkeypatch: Patch) -> tuple[list[str], asyncio.Event]:
    """Have each upload wait for the event before it begins."""
    upload = world.app.netmind.upload
    begun: list[str] = []
    may_go_on = asyncio.Event()

    async def slow(name: str, media_type: str, file: BinaryIO) -> str:
        begun.append(name)
        await may_go_on.wait()
        return await upload(name, media_type, file)

    monkeypatch.setattr(world.app.netmind, "upload", slow)
    return begun, may_go_on


async def test_a_slow_upload_is_waited_for_under_a_renewed_lease(
    studio: World, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.001)
    begun, may_go_on = slow_uploads(studio, monkeypatch)
    await order(studio)
    submitter = studio.app.workers.submitter
    await submitter.step()
    await eventually(lambda: begun)
    for _ in range(3):
        studio.move(LEASE.total_seconds() - 1)
        async with asyncio.timeout(30):
            while (await studio.job()).lease_until != studio.clock.now + LEASE:  # noqa: ASYNC110 - the database tells, and rings no bell
                await asyncio.sleep(0.001)
        await submitter.step()
        assert (await studio.job()).state is JobState.SUBMITTING
    may_go_on.set()
    await submitter.tasks.join()
    assert (await studio.job()).state is JobState.GENERATING
    assert begun == ["video.mp4"]


async def test_the_upload_of_a_cancelled_job_is_broken_off(
    studio: World, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.001)
    begun, _ = slow_uploads(studio, monkeypatch)
    await order(studio)
    submitter = studio.app.workers.submitter
    await submitter.step()
    await eventually(lambda: begun)
    await studio.app.client.services.desk.cancel(1, studio.mira.id)
    async with asyncio.timeout(30):
        await submitter.tasks.join()
    assert (await studio.job()).state is JobState.CANCELLED
    assert studio.netmind.calls("create") == []


async def test_a_job_that_was_taken_over_during_the_upload_is_not_posted(
    studio: World, monkeypatch: Patch
) -> None:
    """Its holder was asleep so long that the lease ran out."""
    begun, may_go_on = slow_uploads(studio, monkeypatch)
    await order(studio)
    submitter = studio.app.workers.submitter
    await submitter.step()
    await eventually(lambda: begun)
    studio.move(LEASE.total_seconds() + 1)
    await submitter.settler.settle()
    assert (await studio.job()).state is JobState.UNCERTAIN
    may_go_on.set()
    await submitter.tasks.join()
    assert studio.netmind.calls("create") == []
    studio.move(SHARED_SETTLE.total_seconds())
    await submit(studio)
    assert counts(studio) == [1, 1, 2, 1]


async def test_an_upload_that_is_cut_off_by_the_end_is_no_lost_post(
    studio: World, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.05)
    monkeypatch.setattr(loop, "GRACE", 0.05)
    begun, _ = slow_uploads(studio, monkeypatch)
    await order(studio)
    await studio.app.workers.submitter.step()
    await eventually(lambda: begun)
    await studio.app.workers.drain(0)
    job = await studio.job()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


async def test_a_large_video_is_streamed_and_one_that_grew_is_refused(
    studio: World, monkeypatch: Patch
) -> None:
    downloader = studio.app.workers.submitter.footage.downloader
    fetch_result = downloader.fetch
    limits: list[int] = []

    async def fetch(link: str, into: BinaryIO, *, max_bytes: int) -> Downloaded:
        if not link.startswith(CDN_BASE):
            return await fetch_result(link, into, max_bytes=max_bytes)
        limits.append(max_bytes)
        if len(limits) > 1:
            raise TooLarge(max_bytes)
        into.write(FILM)
        return Downloaded(len(FILM), MP4)

    monkeypatch.setattr(footage, "SMALL", len(FILM) - 1)
    monkeypatch.setattr(downloader, "fetch", fetch)
    await order(studio)
    await order(studio)
    await studio.until_ended(1, 2)
    assert [(await studio.job(job_id)).reason for job_id in (1, 2)] == [None, Reason.BAD_VIDEO]
    assert limits == [footage.LARGEST] * 2


@pytest.mark.parametrize(
    ("name", "content_type", "is_video"),
    [
        ("a.bin", "video/mp4", True),
        ("A.MOV", None, True),
        ("a.mp4", "application/octet-stream", True),
        ("a.png", "image/png", False),
        ("mp4", None, False),
    ],
)
def test_a_video_is_known_by_its_type_or_its_name(
    name: str,
    content_type: str | None,
    is_video: bool,  # noqa: FBT001 - an expected value
) -> None:
    file: Any = SimpleNamespace(filename=name, content_type=content_type)
    assert footage.video_among([file]) == (file if is_video else None)
