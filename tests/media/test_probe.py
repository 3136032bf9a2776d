from pathlib import Path

import pytest

from bot.media.probe import NotReadableError, Probe, probe
from bot.sandbox.sound import render_sound
from bot.sandbox.video import render_video


def test_a_sound_has_its_codec_rate_and_length(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(render_sound("rain", seconds=2, seed=1))

    assert probe(path) == Probe(path.stat().st_size, 2.0, audio_codec="flac", sample_rate=44100)


def test_a_video_has_its_codec_shape_and_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(render_video("rain", width=320, height=192, frames=12, fps=24, seed=1))

    assert probe(path) == Probe(
        path.stat().st_size,
        0.5,
        video_codec="h264",
        width=320,
        height=192,
        frames_per_second=24.0,
    )


@pytest.mark.parametrize("content", [b"", b"no media at all", b"fLaC and then nothing"])
def test_what_is_no_media_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(content)

    with pytest.raises(NotReadableError, match=r"a\.flac cannot be read as media"):
        probe(path)
