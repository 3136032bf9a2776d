"""A sound for a video, by the production client, at both NetMinds that the tests know."""

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import av
import pytest
import stamina

from bot.netmind.client import NetmindClient, open_session
from bot.netmind.errors import BadRequest
from bot.netmind.protocol import Generation, Phase
from bot.sandbox.netmind import SandboxNetmind
from bot.sandbox.orders import Order
from bot.sandbox.video import render_video
from tests.sandbox.conftest import AUDIO, VIDEO, Clock
from tests.standins.netmind.bench import bench_of_ones_own

ABOUT = "video:"
CLIP = render_video("rain", width=64, height=64, frames=8, fps=24, seed=1)


@pytest.fixture(autouse=True)
def _quick_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


class Sandbox:
    """The sandbox and the production client, with a clock in the hand."""

    def __init__(self, server: SandboxNetmind, client: NetmindClient, clock: Clock) -> None:
        self.server, self.client, self.clock = server, client, clock

    async def give(self, data: bytes, name: str = "video.mp4", kind: str = "video/mp4") -> str:
        """Upload a file and return a link to it."""
        file_id = await self.client.upload(name, kind, io.BytesIO(data))
        return await self.client.presigned_url(file_id)

    async def end(self, video: Any, model: str = AUDIO, **config: Any) -> Generation:
        """Ask for a sound for a video and look when it has ended."""
        made = await self.client.create(model, {"prompt": "a bell", "video": video, **config})
        await self.server.rendered()
        self.clock.move(60)
        return await self.client.get(made.id)


async def canned(order: Order) -> bytes:
    return f"{order.kind} {order.prompt} {len(order.video)}".encode()


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[Sandbox]:
    clock = Clock()
    async with (
        SandboxNetmind(clock=clock, **options) as server,
        open_session() as session,
    ):
        yield Sandbox(server, NetmindClient(session, server.base_url, server.token), clock)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that renders nothing."""
    async with opened(render=canned) as sandbox:
        yield sandbox


async def body(sandbox: Sandbox, generation: Generation) -> bytes:
    file_id = generation.results[0].file_id
    assert file_id is not None
    return sandbox.server.shelf.files[file_id].body


async def test_the_result_is_the_video_with_a_sound() -> None:
    async with opened() as sandbox:
        done = await sandbox.end(await sandbox.give(CLIP))
        assert done.phase is Phase.SUCCEEDED
        assert (done.results[0].name, done.results[0].kind) == ("video.mp4", "video/mp4")
        with av.open(io.BytesIO(await body(sandbox, done)), "r") as container:
            assert container.streams.video[0].frames == 8
            assert len(container.streams.audio) == 1


async def test_without_a_video_the_same_model_makes_a_sound(sandbox: Sandbox) -> None:
    done = await sandbox.end(None, duration=1)
    assert done.results[0].name == "sound.flac"
    assert await body(sandbox, done) == b"audio a bell 0"


@pytest.mark.parametrize("name", ["my film.mp4", "a/b.mp4", "ä?#.mp4"])
async def test_a_file_may_have_any_name(sandbox: Sandbox, name: str) -> None:
    done = await sandbox.end(await sandbox.give(CLIP, name))
    assert await body(sandbox, done) == f"video a bell {len(CLIP)}".encode()


async def test_what_is_no_video_fails_with_a_reason(sandbox: Sandbox) -> None:
    for data in (b"", b"<html>", b"fLaC" + bytes(40)):
        done = await sandbox.end(await sandbox.give(data))
        assert (done.phase, done.text) == (Phase.FAILED, f"{ABOUT} Input should be a video file")


async def test_a_video_that_cannot_be_read_fails_with_a_reason() -> None:
    """It begins like one, so only the rendering finds out."""
    async with opened() as sandbox:
        done = await sandbox.end(await sandbox.give(CLIP[:400]))
        assert done.phase is Phase.FAILED
        assert "video: Input should" in (done.text or "")


async def test_a_link_that_opens_nothing_fails_with_a_reason(sandbox: Sandbox) -> None:
    good = await sandbox.give(CLIP)
    announced = await sandbox.client.upload("x.mp4", "video/mp4", io.BytesIO(CLIP))
    shelf = sandbox.server.shelf
    to_put = shelf.sign(shelf.files[announced], timedelta(hours=1), upload=True)
    links = [
        "https://example.org/film.mp4",
        f"{sandbox.server.base_url}/files/",
        f"{sandbox.server.base_url}/files/u/inference/{announced}/x.mp4",
        f"{sandbox.server.base_url}/files/u/inference/{announced}/x.mp4?{to_put}",
        good.replace("signature=", "signature=0"),
        good.replace("/files/", "/elsewhere/"),
    ]
    for link in links:
        done = await sandbox.end(link)
        assert (done.phase, done.text) == (Phase.FAILED, f"{ABOUT} The video could not be fetched")
    sandbox.clock.move(3600)
    assert (await sandbox.end(good)).phase is Phase.FAILED


async def test_what_is_no_link_fails_with_a_reason(sandbox: Sandbox) -> None:
    for video in (7, True, ["x"], {"url": "x"}):
        done = await sandbox.end(video)
        assert (done.phase, done.text) == (Phase.FAILED, f"{ABOUT} Input should be a valid URL")


async def test_a_model_that_takes_no_video_ignores_one(sandbox: Sandbox) -> None:
    done = await sandbox.end("nonsense", VIDEO)
    assert await body(sandbox, done) == b"video a bell 0"


async def test_an_upload_that_comes_too_late_is_refused(sandbox: Sandbox) -> None:
    sandbox.server.slow_next("upload", seconds=0)
    sandbox.server.fail_next("upload", status=403, body=b"<Error>")
    await sandbox.give(CLIP)
    with pytest.raises(BadRequest):
        await sandbox.give(CLIP)


# The stand-in for tests of processes.


async def test_the_stand_in_makes_a_video_with_a_sound_too() -> None:
    async with bench_of_ones_own() as bench:
        file_id = await bench.client.upload("film.mp4", "video/mp4", io.BytesIO(CLIP))
        link = await bench.client.presigned_url(file_id)
        made = await bench.client.create(AUDIO, {"prompt": "wind", "video": link})
        await bench.netmind.advance(60)
        done = await bench.client.get(made.id)
        film = await bench.fetch(done.results[0].url)
        assert await bench.netmind.violations() == []
    with av.open(io.BytesIO(film), "r") as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 1)


async def test_the_stand_in_refuses_what_the_sandbox_refuses() -> None:
    async with bench_of_ones_own() as bench:
        sound = await bench.client.upload("x.mp4", "video/mp4", io.BytesIO(b"fLaC"))
        film = await bench.client.upload("x.mp4", "video/mp4", io.BytesIO(CLIP))
        good = await bench.client.presigned_url(film)
        links = [
            (await bench.client.presigned_url(sound), "Input should be a video file"),
            ("https://example.org/x", "The video could not be fetched"),
            (good.replace("signature=", "signature=0"), "The video could not be fetched"),
            (7, "Input should be a valid URL"),
        ]
        for link, text in links:
            made = await bench.client.create(AUDIO, {"prompt": "wind", "video": link})
            await bench.netmind.advance(60)
            done = await bench.client.get(made.id)
            assert (done.phase, done.text) == (Phase.FAILED, f"{ABOUT} {text}")
