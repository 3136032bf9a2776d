"""Sound for a video: its pictures as they are, and a new sound in place of its own."""

import io
import tempfile
from pathlib import Path

import av
import numpy as np

from bot.errors import FoleyError
from bot.sandbox.acoustics import RATE
from bot.sandbox.orders import LONGEST_SECONDS
from bot.sandbox.sound import COMMENT, compose

_SHORTEST = 0.1


class NotAVideoError(FoleyError):
    """The file has no pictures that can be put into an MP4."""


def add_sound(video: bytes, prompt: str, *, seed: int, negative_prompt: str = "") -> bytes:
    """Render MP4: the pictures of the video and AAC of its length. Raises NotAVideoError.

    Sound is made for the first two minutes at most.
    """
    with tempfile.TemporaryDirectory(prefix="foley-sandbox-") as folder:
        path = Path(folder, "video.mp4")  # moving the index to the front needs a real file
        try:
            _dub(video, path, prompt, seed, negative_prompt)
        except (av.FFmpegError, ValueError) as error:
            raise NotAVideoError("video: Input should be a video file") from error
        return path.read_bytes()


def _dub(video: bytes, path: Path, prompt: str, seed: int, negative_prompt: str) -> None:
    options = {"movflags": "faststart"}
    with (
        av.open(io.BytesIO(video), "r") as source,
        av.open(str(path), "w", options=options) as container,
    ):
        if not source.streams.video:
            raise NotAVideoError("video: Input should have pictures")
        container.metadata.update({"title": prompt, "comment": COMMENT})
        pictures = source.streams.video[0]
        copied = container.add_stream_from_template(pictures)
        track = container.add_stream("aac", rate=RATE, layout="stereo")
        assert isinstance(track, av.AudioStream)  # noqa: S101 - what an AAC stream is
        end = _SHORTEST
        for packet in source.demux(pictures):
            if packet.size == 0:  # the last one is an empty farewell
                continue
            if packet.dts is None:
                # Matroska leaves out the order in which to decode; MP4 cannot do without.
                raise NotAVideoError("video: Input should be MP4 or QuickTime")
            end = max(end, _end_of(packet))
            packet.stream = copied
            container.mux(packet)
        seconds = min(end, LONGEST_SECONDS)
        wave = compose(prompt, seconds=seconds, seed=seed, negative_prompt=negative_prompt)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        container.mux(track.encode(frame))
        container.mux(track.encode(None))


def _end_of(packet: av.Packet) -> float:
    """Return when the picture ends, in seconds; not every file tells its length in its head."""
    return float(((packet.pts or 0) + (packet.duration or 0)) * (packet.time_base or 0))
