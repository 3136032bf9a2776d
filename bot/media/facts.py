"""What is known of a media file."""

from dataclasses import dataclass

from bot.media.formats import Kind


@dataclass(frozen=True)
class Probe:
    """A file's codecs and measures; what it does not have, or nobody looked for, is None.

    `size`, `video_bytes` and `audio_bytes` are in bytes, the latter two of the packets alone.
    `width` and `height` are as stored: before `rotation` (degrees) and `pixel_aspect` (width of a
    pixel by its height). `index_first` is whether an MP4 can play before its end has arrived.
    `other_streams` counts subtitles, data, and further video and sound.
    """

    size: int
    seconds: float
    audio_codec: str | None = None
    sample_rate: int | None = None
    video_codec: str | None = None
    width: int | None = None
    height: int | None = None
    frames_per_second: float | None = None
    container: str | None = None
    pixel_format: str | None = None
    bit_depth: int | None = None
    rotation: int = 0
    pixel_aspect: float = 1.0
    frames: int | None = None
    video_bytes: int = 0
    channels: int | None = None
    sample_format: str | None = None
    audio_bytes: int = 0
    other_streams: int = 0
    index_first: bool | None = None
    picture: str | None = None
    animated: bool = False
    see_through: bool = False

    @property
    def kind(self) -> Kind:
        """Sound, video or a picture; a sound's cover is not a video."""
        if self.picture:
            return "image"
        return "video" if self.video_codec else "audio"
