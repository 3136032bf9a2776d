import io
from functools import cache

import av
import numpy as np
import pytest

from bot.netmind.magic import MP4, sniff
from bot.sandbox.dubbing import NotAVideoError, add_sound
from bot.sandbox.sound import render_sound
from bot.sandbox.video import render_video
from tests.sandbox.media import frames_of


@cache
def clip(frames: int = 36) -> bytes:
    return render_video("rain", width=64, height=64, frames=frames, fps=24, seed=1)


@cache
def dubbed() -> bytes:
    return add_sound(clip(), "a bell", seed=1)


def seconds_of_sound(video: bytes) -> float:
    with av.open(io.BytesIO(video), "r") as container:
        return sum(frame.samples for frame in container.decode(audio=0)) / 44_100


def loudness(video: bytes) -> float:
    with av.open(io.BytesIO(video), "r") as container:
        pieces = [frame.to_ndarray() for frame in container.decode(audio=0)]
    wave = np.concatenate(pieces, axis=1).astype(np.float64)
    return float(np.sqrt(np.mean(wave**2)))


def test_the_pictures_are_the_videos_own_and_the_sound_is_as_long() -> None:
    """The pictures are not made anew: every one is the same to the last bit."""
    before, after = frames_of(clip()), frames_of(dubbed())
    assert len(after) == 36
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    with av.open(io.BytesIO(dubbed()), "r") as container:
        (sound,) = container.streams.audio
        assert (sound.codec_context.name, sound.rate) == ("aac", 44_100)
        assert "not made by NetMind" in container.metadata["comment"]
    assert seconds_of_sound(dubbed()) == pytest.approx(1.5, abs=0.05)
    assert loudness(dubbed()) > 0.01


def test_a_sound_that_was_there_before_is_replaced() -> None:
    again = add_sound(dubbed(), "wind", seed=1)
    with av.open(io.BytesIO(again), "r") as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 1)


def test_the_same_video_prompt_and_seed_give_the_same_bytes() -> None:
    assert add_sound(clip(), "a bell", seed=1) == dubbed()
    assert add_sound(clip(), "a bell", seed=2) != dubbed()
    assert add_sound(clip(), "rain", seed=1) != dubbed()


def test_a_video_of_a_few_frames_gets_a_sound_too() -> None:
    short = add_sound(clip(4), "a bell", seed=1)
    assert len(frames_of(short)) == 4
    with av.open(io.BytesIO(short), "r") as container:
        assert len(container.streams.audio) == 1


def packed(name: str, codec: str) -> bytes:
    """Render twelve frames into another container."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=name) as container:
        stream = container.add_stream(codec, rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(12):
            picture = np.full((64, 64, 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(("name", "codec"), [("mov", "libx264"), ("webm", "libvpx-vp9")])
def test_other_containers_are_packed_anew(name: str, codec: str) -> None:
    video = add_sound(packed(name, codec), "wind", seed=1)
    assert sniff(video) == MP4
    assert len(frames_of(video)) == 12
    assert seconds_of_sound(video) == pytest.approx(0.5, abs=0.1)


def test_the_index_stands_in_front_so_that_players_start_at_once() -> None:
    assert dubbed().index(b"moov") < dubbed().index(b"mdat")


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\x00\x00\x00\x18ftypisom" + bytes(64),
        clip()[:400],
        render_sound("wind", seconds=1, seed=1),
        packed("matroska", "libx264"),
    ],
    ids=["empty", "nothing in it", "cut short", "a sound", "Matroska"],
)
def test_what_has_no_pictures_for_an_mp4_is_refused(file: bytes) -> None:
    with pytest.raises(NotAVideoError, match="video: Input should"):
        add_sound(file, "wind", seed=1)
