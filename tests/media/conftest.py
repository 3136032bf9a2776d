"""A shelf of small media files, made once."""

from pathlib import Path

import pytest

from tests.media import files


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of each kind; tests write elsewhere."""
    folder = tmp_path_factory.mktemp("shelf")
    quiet = {"x265-params": "log-level=none"}
    files.video(folder / "good.mp4")
    files.video(folder / "index-last.mp4", index_first=False)
    files.video(folder / "apple.mov")
    files.video(folder / "hevc.mp4", "libx265", options=quiet)
    files.video(folder / "yuv444.mp4", pixels="yuv444p")
    files.video(folder / "ten-bit.mp4", pixels="yuv420p10le")
    files.video(folder / "vp9.webm", "libvpx-vp9", sound="libopus", options={"cpu-used": "8"})
    files.video(folder / "mpeg4.avi", "mpeg4", sound="libmp3lame")
    files.video(folder / "odd.mp4", size=(67, 45), pixels="yuv444p")
    files.video(folder / "flac-sound.mkv", sound="flac")
    files.video(folder / "broadcast.ts")
    files.video(folder / "mute.mp4", sound=None)
    files.sound(folder / "tone.wav")
    files.sound(folder / "tone.flac", "flac")
    files.sound(folder / "deep.flac", "flac", sample_format="s32", noise=True)
    files.sound(folder / "tone.mp3", "libmp3lame", sample_format="fltp")
    files.sound(folder / "tone.ogg", "libopus", sample_format="flt")
    files.sound(folder / "tone.m4a", "aac", sample_format="fltp", muxer="mp4")
    files.sound(folder / "opus.webm", "libopus", sample_format="flt")
    files.picture(folder / "noise.png", (80, 60))
    files.picture(folder / "clear.png", (80, 60), "RGBA")
    return folder
