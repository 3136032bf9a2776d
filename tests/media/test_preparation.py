"""What goes in, and that what comes out plays; here in one process, the files are our own."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.media import video_plan
from bot.media.errors import CannotFitError, NotReadableError, TooHeavyError
from bot.media.examination import examine
from bot.media.limits import Limits
from bot.media.preparation import make_voice, prepare
from tests.media import files

ROOMY = 10_000_000


@pytest.mark.parametrize(
    "name", ["good.mp4", "tone.flac", "deep.flac", "tone.mp3", "tone.ogg", "noise.png"]
)
def test_what_plays_and_fits_is_left_alone(shelf: Path, tmp_path: Path, name: str) -> None:
    ready = prepare(shelf / name, tmp_path / "out", ROOMY, Limits())

    assert ready.as_is
    assert ready.path == shelf / name
    assert ready.extension == name.split(".")[1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name",
    [
        "hevc.mp4",
        "yuv444.mp4",
        "ten-bit.mp4",
        "vp9.webm",
        "mpeg4.avi",
        "odd.mp4",
        "flac-sound.mkv",
        "broadcast.ts",
        "apple.mov",
        "index-last.mp4",
    ],
)
def test_a_video_comes_out_as_h264_and_aac_with_its_index_first(
    shelf: Path, tmp_path: Path, name: str
) -> None:
    ready = prepare(shelf / name, tmp_path / "out", ROOMY, Limits())

    assert (ready.changed, ready.content_type) == ("playable", "video/mp4")
    assert video_plan.plays(ready.after)
    assert files.streams(ready.path) == {
        "seconds": pytest.approx(1.0, abs=0.11),
        "video": "h264",
        "pixels": "yuv420p",
        "size": (68, 44) if name == "odd.mp4" else (64, 64),
        "frames": 24,
        "audio": "aac",
    }


@pytest.mark.parametrize("name", ["index-last.mp4", "apple.mov", "flac-sound.mkv"])
def test_a_good_picture_is_copied_not_encoded_again(shelf: Path, tmp_path: Path, name: str) -> None:
    before = shelf / name

    ready = prepare(before, tmp_path / "out", ROOMY, Limits())

    assert _first_picture(ready.path) == _first_picture(before)


def test_uneven_frames_keep_their_times(tmp_path: Path) -> None:
    source = files.video(
        tmp_path / "uneven.webm",
        "libvpx-vp9",
        sound=None,
        clock=1000,
        times=[number * 40 + number % 3 * 10 for number in range(24)],
    )

    ready = prepare(source, tmp_path / "out", ROOMY, Limits())

    assert _times(ready.path) == pytest.approx(_times(source), abs=0.002)


def test_a_video_lying_on_its_side_comes_out_upright(tmp_path: Path) -> None:
    source = files.video(tmp_path / "side.mp4", size=(96, 64), pixels="yuv444p", sound=None)
    _turn(source)
    assert examine(source, Limits()).rotation == 270

    ready = prepare(source, tmp_path / "out", ROOMY, Limits())

    assert (ready.after.width, ready.after.height, ready.after.rotation) == (64, 96, 0)
    lying, upright = _grey(source), _grey(ready.path)
    wrong, right = (np.abs(np.rot90(lying, turns) - upright).mean() for turns in (1, -1))
    assert right < wrong / 4


def test_a_copied_video_stays_turned(tmp_path: Path) -> None:
    source = files.video(tmp_path / "side.mov", size=(96, 64), sound=None)
    _turn(source)

    ready = prepare(source, tmp_path / "out", ROOMY, Limits())

    assert ready.after.rotation == 270


def test_a_large_video_is_fitted_and_still_plays(tmp_path: Path) -> None:
    source = files.video(tmp_path / "large.mp4", size=(320, 240), noise=120)
    limit = source.stat().st_size // 4

    ready = prepare(source, tmp_path / "out", limit, Limits())

    assert (ready.changed, ready.before.size) == ("smaller", source.stat().st_size)
    assert ready.path.stat().st_size == ready.after.size <= limit
    assert video_plan.plays(ready.after)
    assert files.streams(ready.path)["frames"] == 24
    assert ready.after.audio_codec == "aac"


def test_a_video_under_the_floor_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    source = files.video(tmp_path / "large.mp4", size=(320, 240), noise=120)
    least = video_plan.least_bytes(examine(source, Limits()))

    with pytest.raises(CannotFitError) as refusal:
        prepare(source, tmp_path / "out", 15_000, Limits())

    assert (refusal.value.limit, refusal.value.least) == (15_000, least)


@pytest.mark.parametrize(
    ("name", "codec", "extension"),
    [
        ("tone.wav", "flac", "flac"),
        ("tone.m4a", "opus", "ogg"),
        ("opus.webm", "opus", "ogg"),
    ],
)
def test_a_sound_comes_out_as_what_discord_plays(
    shelf: Path, tmp_path: Path, name: str, codec: str, extension: str
) -> None:
    ready = prepare(shelf / name, tmp_path / "out", ROOMY, Limits())

    assert (ready.changed, ready.extension) == ("playable", extension)
    assert files.streams(ready.path) == {
        "audio": codec,
        "seconds": pytest.approx(1.0, abs=0.1),
    }


def test_wav_becomes_flac_without_losing_a_sample(shelf: Path, tmp_path: Path) -> None:
    ready = prepare(shelf / "tone.wav", tmp_path / "out", ROOMY, Limits())

    assert _samples(ready.path) == _samples(shelf / "tone.wav")


def test_deep_flac_gives_up_bits_before_it_gives_up_samples(shelf: Path, tmp_path: Path) -> None:
    source = shelf / "deep.flac"

    ready = prepare(source, tmp_path / "out", int(source.stat().st_size * 0.8), Limits())

    assert (ready.after.audio_codec, ready.after.sample_format) == ("flac", "s16")


@pytest.mark.parametrize("limit", [22_000, 14_000])
def test_a_sound_too_large_becomes_opus_of_the_rate_that_fits(
    shelf: Path, tmp_path: Path, limit: int
) -> None:
    ready = prepare(shelf / "deep.flac", tmp_path / "out", limit, Limits())

    assert (ready.after.audio_codec, ready.changed) == ("opus", "smaller")
    assert limit * 0.4 < ready.path.stat().st_size <= limit


def test_a_sound_below_its_floor_is_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotFitError) as refusal:
        prepare(shelf / "tone.wav", tmp_path / "out", 6_000, Limits())

    assert 6_000 < (refusal.value.least or 0) < 13_000


@pytest.mark.parametrize(("mode", "format_"), [("RGB", "JPEG"), ("RGBA", "WEBP")])
def test_a_large_picture_becomes_smaller(tmp_path: Path, mode: str, format_: str) -> None:
    source = files.picture(tmp_path / "a.png", (700, 500), mode)

    ready = prepare(source, tmp_path / "out", 500_000, Limits())

    with Image.open(ready.path) as image:
        image.load()
        assert image.format == format_
    assert ready.path.stat().st_size <= 500_000


def test_a_picture_below_its_floor_is_refused_with_the_least_it_came_to(tmp_path: Path) -> None:
    source = files.picture(tmp_path / "a.png", (80, 60))

    with pytest.raises(CannotFitError) as refusal:
        prepare(source, tmp_path / "out", 1_000, Limits())

    assert 1_000 < (refusal.value.least or 0) < source.stat().st_size


@pytest.mark.parametrize("name", ["good.mp4", "index-last.mp4", "tone.flac", "noise.png"])
def test_a_file_cut_in_half_is_refused(shelf: Path, tmp_path: Path, name: str) -> None:
    half = tmp_path / name
    whole = (shelf / name).read_bytes()
    half.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(NotReadableError):
        prepare(half, tmp_path / "out", ROOMY, Limits())


@pytest.mark.parametrize("content", [b"", b"words, nothing but words " * 99, bytes(5000)])
def test_what_is_no_media_is_refused(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(content)

    with pytest.raises(NotReadableError):
        prepare(source, tmp_path / "out", ROOMY, Limits())


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {}\n",
    ],
)
def test_a_list_of_other_files_is_no_media(shelf: Path, tmp_path: Path, text: str) -> None:
    """Such a list could have this machine read its own files, or call addresses inside."""
    (tmp_path / "broadcast.ts").write_bytes((shelf / "broadcast.ts").read_bytes())
    source = tmp_path / "list.m3u8"
    source.write_text(text.format("broadcast.ts"))

    with pytest.raises(NotReadableError):
        prepare(source, tmp_path / "out", ROOMY, Limits())


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(media_seconds=0.5), "good.mp4"),
        (Limits(media_seconds=0.5), "tone.mp3"),
        (Limits(frames=10), "good.mp4"),
        (Limits(packets=20), "tone.ogg"),
        (Limits(pixels=64 * 63), "good.mp4"),
        (Limits(pixels=80 * 59), "noise.png"),
    ],
)
def test_each_limit_is_kept(shelf: Path, tmp_path: Path, limits: Limits, name: str) -> None:
    with pytest.raises(TooHeavyError):
        prepare(shelf / name, tmp_path / "out", ROOMY, limits)


def test_a_voice_message_is_opus_at_48_kilohertz(shelf: Path, tmp_path: Path) -> None:
    make_voice(shelf / "tone.wav", tmp_path / "out", ROOMY, Limits())

    found = examine(tmp_path / "out", Limits())
    assert (found.container, found.audio_codec, found.sample_rate) == ("ogg", "opus", 48_000)


def test_what_is_opus_already_is_a_voice_message_without_loss(shelf: Path, tmp_path: Path) -> None:
    make_voice(shelf / "tone.ogg", tmp_path / "out", ROOMY, Limits())

    assert _samples(tmp_path / "out") == _samples(shelf / "tone.ogg")


def test_a_video_without_sound_has_no_voice(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(NotReadableError, match="no sound"):
        make_voice(shelf / "mute.mp4", tmp_path / "out", ROOMY, Limits())


def _first_picture(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray().tobytes()


def _grey(path: Path) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="gray").astype(float)


def _times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time or 0.0 for frame in container.decode(video=0)]


def _samples(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return b"".join(
            frame.to_ndarray().tobytes() for frame in container.decode(audio=0) if frame.samples
        )


def _turn(path: Path) -> None:
    """Write into an MP4's header that the picture is to be shown turned to the right."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40
    one = 1 << 16
    content[place : place + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 64 * one, 0, 1 << 30)
    path.write_bytes(content)
