"""How a file is to be made: values only; bot.media.making follows them."""

from dataclasses import dataclass
from typing import Literal

from bot.media.formats import Format

COPY: Literal["copy"] = "copy"
"""Take a stream over as it is, packet by packet."""

_TABLES = 4096
"""Bytes of headers in any container."""
_PER_FRAME = 20
"""Bytes that MP4's index spends on a frame; Ogg and FLAC spend less on a packet."""
_AUDIO_FRAMES_PER_SECOND = 50


@dataclass(frozen=True)
class VideoTarget:
    """H.264 of this shape, with about so many frames and at most so many bits a second.

    No two frames come closer than `most_frames` a second allow; a closer one is left out.
    `width` and `height` are as shown: a turned picture has been turned.
    """

    width: int
    height: int
    frames_per_second: float
    most_frames: float
    bit_rate: int


@dataclass(frozen=True)
class AudioTarget:
    """Sound by FFmpeg's encoder `codec`; `bit_rate` is None for what loses nothing."""

    codec: str
    bit_rate: int | None
    sample_rate: int
    channels: int
    sample_format: str


@dataclass(frozen=True)
class Recipe:
    """A file of sound or video: what becomes of its two streams; None is left out."""

    format: Format
    video: VideoTarget | Literal["copy"] | None = None
    audio: AudioTarget | Literal["copy"] | None = None

    @property
    def copies_only(self) -> bool:
        """Whether only the container changes."""
        return self.video in {COPY, None} and self.audio in {COPY, None}


@dataclass(frozen=True)
class PictureRecipe:
    """A still picture of this shape; `quality` is Pillow's, 0 to 100."""

    format: Format
    width: int
    height: int
    quality: int


def overhead(seconds: float, frames_per_second: float) -> int:
    """Give the bytes a container takes for itself, rather too many than too few."""
    frames = frames_per_second + _AUDIO_FRAMES_PER_SECOND
    return _TABLES + round(seconds * frames * _PER_FRAME)
