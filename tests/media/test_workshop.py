"""The child process: what it may, how it ends, and that nothing of it stays."""

import asyncio
import dataclasses
import json
import os
import signal
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.media import runner, workshop
from bot.media.errors import (
    CannotFitError,
    MediaCrashError,
    MediaError,
    NotReadableError,
    TooHeavyError,
)
from bot.media.limits import MIB, Limits
from bot.media.workshop import Workshop
from tests.media import files

Child = asyncio.subprocess.Process
Children = asyncio.Queue[Child]


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    """Every child that is started, in order."""
    started: Children = asyncio.Queue()
    start = runner._start_child

    async def start_and_remember() -> Child:
        child = await start()
        started.put_nowait(child)
        return child

    monkeypatch.setattr(runner, "_start_child", start_and_remember)
    return started


def _assert_gone(child: Child) -> None:
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


async def test_a_file_is_examined_to_its_end(shelf: Path) -> None:
    found = await Workshop().examine(shelf / "ten-bit.mp4")

    assert (found.kind, found.bit_depth, found.frames, found.index_first) == ("video", 10, 24, True)
    assert (found.audio_codec, found.channels, found.container) == ("aac", 2, "mp4")


async def test_a_prepared_file_stands_alone_at_its_place(shelf: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"

    ready = await Workshop().prepare(shelf / "hevc.mp4", target, limit=MIB)

    assert (ready.path, ready.as_is) == (target, False)
    assert list(tmp_path.iterdir()) == [target]


async def test_what_needs_no_change_writes_nothing(shelf: Path, tmp_path: Path) -> None:
    ready = await Workshop().prepare(shelf / "good.mp4", tmp_path / "out", limit=MIB)

    assert (ready.path, ready.as_is) == (shelf / "good.mp4", True)
    assert list(tmp_path.iterdir()) == []


async def test_a_refusal_keeps_its_facts_and_leaves_no_file(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotFitError) as refusal:
        await Workshop().prepare(shelf / "tone.wav", tmp_path / "out", limit=5000)

    assert (refusal.value.limit, (refusal.value.least or 0) > 5000) == (5000, True)
    assert list(tmp_path.iterdir()) == []


async def test_a_child_out_of_time_is_killed(
    shelf: Path, tmp_path: Path, children: Children
) -> None:
    workshop = Workshop(Limits(wall_seconds=0.001))

    with pytest.raises(TooHeavyError, match="too long"):
        await workshop.prepare(shelf / "hevc.mp4", tmp_path / "out", limit=MIB)

    child = children.get_nowait()
    assert child.returncode == -signal.SIGKILL
    _assert_gone(child)
    assert list(tmp_path.iterdir()) == []


async def test_cancelling_ends_the_child(shelf: Path, tmp_path: Path, children: Children) -> None:
    work = asyncio.create_task(Workshop().prepare(shelf / "hevc.mp4", tmp_path / "out", limit=MIB))
    child = await children.get()

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    _assert_gone(child)
    assert list(tmp_path.iterdir()) == []


async def test_a_child_killed_from_outside_is_an_error_not_a_wait(
    shelf: Path, children: Children
) -> None:
    work = asyncio.create_task(Workshop().examine(shelf / "good.mp4"))
    child = await children.get()

    os.kill(child.pid, signal.SIGSEGV)

    with pytest.raises(MediaCrashError):
        await work
    _assert_gone(child)


async def test_a_child_finishes_although_every_process_is_told_to_end(
    shelf: Path, children: Children
) -> None:
    """Heroku sends SIGTERM to all of them; the file is still to be posted."""
    work = asyncio.create_task(Workshop().examine(shelf / "good.mp4"))
    child = await children.get()

    os.kill(child.pid, signal.SIGTERM)

    assert (await work).kind == "video"
    _assert_gone(child)
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


async def test_a_child_ends_with_its_parent(shelf: Path, tmp_path: Path) -> None:
    """The pipe that only the parent holds is closed when the parent dies."""
    child = await runner._start_child()
    assert child.stdin is not None
    request = {
        "operation": "prepare",
        "source": str(shelf / "hevc.mp4"),
        "arguments": {"target": str(tmp_path / "out"), "limit": MIB},
        "output_bytes": MIB,
        "limits": dataclasses.asdict(Limits()),
    }

    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.close()

    answer, _ = await child.communicate()
    assert (answer, child.returncode) == (b"", 1)


async def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLEY_SECRET", "swordfish")
    child = await runner._start_child()

    # It waits for its request; for a moment after the start the kernel shows nothing.
    while not (seen := Path(f"/proc/{child.pid}/environ").read_bytes()):  # noqa: ASYNC110 - the kernel sends no event
        await asyncio.sleep(0)
    await runner._end(child)

    assert b"swordfish" not in seen
    assert b"PYTHONPATH" in seen


async def test_one_file_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    working: list[int] = []
    together: list[int] = []

    async def run(request: dict[str, Any], limits: Limits) -> dict[str, Any]:  # noqa: ARG001 - as the real one
        working.append(1)
        for _ in range(5):
            together.append(len(working))
            await asyncio.sleep(0)
        working.pop()
        return {"seconds": 1.0, "peaks": [255]}

    monkeypatch.setattr(workshop, "run", run)
    shop = Workshop()

    await asyncio.gather(*(shop.waveform(Path("a")) for _ in range(3)))

    assert (max(together), len(together)) == (1, 15)


async def test_too_little_memory_is_said(shelf: Path) -> None:
    with pytest.raises(TooHeavyError, match="memory"):
        await Workshop(Limits(memory_bytes=96 * MIB)).examine(shelf / "good.mp4")


@pytest.mark.parametrize("side", [5_000, 100_000])
async def test_a_huge_picture_in_a_tiny_file_is_refused(tmp_path: Path, side: int) -> None:
    bomb = tmp_path / "bomb.png"
    Image.new("L", (1, 1)).save(bomb)
    _make_picture_huge(bomb, side)

    with pytest.raises(TooHeavyError, match="pixels is too large"):
        await Workshop().examine(bomb)


@pytest.mark.parametrize("side", [16_000, 65_000])
async def test_a_huge_video_in_a_tiny_file_is_refused(tmp_path: Path, side: int) -> None:
    bomb = files.video(tmp_path / "bomb.avi", "mjpeg", pixels="yuvj420p", sound=None, frames=3)
    _make_video_huge(bomb, side)

    with pytest.raises(MediaError):
        await Workshop().prepare(bomb, tmp_path / "out", limit=MIB)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-signal.SIGXCPU, TooHeavyError),
        (-signal.SIGKILL, TooHeavyError),
        (-signal.SIGSEGV, MediaCrashError),
        (1, MediaCrashError),
    ],
)
def test_how_a_child_died_decides_what_is_said(code: int, error: type[MediaError]) -> None:
    with pytest.raises(error):
        runner._understood(b"", code)


async def test_sound_has_a_shape(shelf: Path, tmp_path: Path) -> None:
    shape = await Workshop().voice(shelf / "tone.wav", tmp_path / "out.ogg", limit=MIB)

    assert shape.seconds == pytest.approx(1.0, abs=0.05)
    assert len(shape.peaks) == 10
    assert min(shape.peaks[1:-1]) > 200


async def test_a_sound_is_drawn(shelf: Path, tmp_path: Path) -> None:
    await Workshop().waveform_picture(shelf / "tone.wav", tmp_path / "a.png")

    with Image.open(tmp_path / "a.png") as image:
        assert (image.size, image.mode) == ((960, 240), "RGBA")


async def test_a_poster_is_a_frame_and_its_blurred_one_tells_no_detail(
    shelf: Path, tmp_path: Path
) -> None:
    shop = Workshop()
    await shop.poster(shelf / "vp9.webm", tmp_path / "a.jpg")
    await shop.poster(shelf / "vp9.webm", tmp_path / "b.jpg", blurred=True)

    with Image.open(tmp_path / "a.jpg") as sharp, Image.open(tmp_path / "b.jpg") as blurred:
        assert (sharp.format, sharp.size, blurred.size) == ("JPEG", (64, 64), (64, 64))
        detail = [
            np.abs(np.diff(np.asarray(image.convert("L"), float))).max()
            for image in (sharp, blurred)
        ]
    assert detail[1] < detail[0] / 3


async def test_a_poster_of_no_video_is_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(NotReadableError, match="no video"):
        await Workshop().poster(shelf / "tone.wav", tmp_path / "a.jpg")


def _make_picture_huge(path: Path, side: int) -> None:
    """Write a PNG header that speaks of side x side pixels."""
    content = bytearray(path.read_bytes())
    content[16:24] = side.to_bytes(4) * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    path.write_bytes(content)


def _make_video_huge(path: Path, side: int) -> None:
    """Write AVI and JPEG headers that speak of side x side pixels."""
    content = bytearray(path.read_bytes())
    strf = content.index(b"strf") + 8
    content[strf + 4 : strf + 12] = side.to_bytes(4, "little") * 2
    place = content.find(b"\xff\xc0")
    while place >= 0:
        content[place + 5 : place + 9] = side.to_bytes(2) * 2
        place = content.find(b"\xff\xc0", place + 1)
    path.write_bytes(content)
