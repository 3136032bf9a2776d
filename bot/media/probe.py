"""What a media file is, as its own headers and streams say, read with PyAV."""

from pathlib import Path
from typing import Any

import av

from bot.media.errors import NotReadableError
from bot.media.facts import Probe

__all__ = ["NotReadableError", "Probe", "probe"]


def probe(path: Path) -> Probe:
    """Read the file's headers. Raises NotReadableError. For files of our own making only.

    It runs in this process: a file from outside belongs into a child that can be killed, see
    bot.media.workshop.
    """
    try:
        with av.open(path) as container:
            found = Probe(
                size=path.stat().st_size,
                seconds=(container.duration or 0) / av.time_base,
                **_audio(container.streams.audio),
                **_video(container.streams.video),
            )
    except (av.FFmpegError, OSError) as error:
        raise NotReadableError(f"{path.name} cannot be read as media") from error
    # FFmpeg believes a file's name and gives an empty one a stream without a measure.
    if not (found.sample_rate or found.width):
        raise NotReadableError(f"{path.name} cannot be read as media")
    return found


def _audio(streams: tuple[av.AudioStream, ...]) -> dict[str, Any]:
    if not streams:
        return {}
    context = streams[0].codec_context
    return {"audio_codec": context.name, "sample_rate": context.sample_rate}


def _video(streams: tuple[av.VideoStream, ...]) -> dict[str, Any]:
    if not streams:
        return {}
    stream = streams[0]
    return {
        "video_codec": stream.codec_context.name,
        "width": stream.codec_context.width,
        "height": stream.codec_context.height,
        "frames_per_second": float(stream.average_rate or 0),
    }
