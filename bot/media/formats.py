"""The formats that come out: those that Discord plays or shows where the message stands."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["audio", "video", "image"]


@dataclass(frozen=True)
class Format:
    """A file format; `muxer` is its name in FFmpeg or Pillow, `extension` has no dot."""

    kind: Kind
    muxer: str
    extension: str
    content_type: str


MP4 = Format("video", "mp4", "mp4", "video/mp4")
FLAC = Format("audio", "flac", "flac", "audio/flac")
MP3 = Format("audio", "mp3", "mp3", "audio/mpeg")
OGG = Format("audio", "ogg", "ogg", "audio/ogg")
PNG = Format("image", "PNG", "png", "image/png")
JPEG = Format("image", "JPEG", "jpg", "image/jpeg")
WEBP = Format("image", "WEBP", "webp", "image/webp")
GIF = Format("image", "GIF", "gif", "image/gif")

PICTURES = {format_.muxer: format_ for format_ in (PNG, JPEG, WEBP, GIF)}
"""By Pillow's name; nothing else is opened as a picture."""
