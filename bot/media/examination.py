"""Look a file through to its end: what it says of itself, and what of that is true.

Headers lie, so packets are counted, and the first of each stream is really decoded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.facts import Probe
from bot.media.index import brand_of, has_index_first
from bot.media.limits import Limits
from bot.media.picture import examine_picture
from bot.media.reading import audio_of, check_pixels, codec_name, decoded, open_media, video_of

_WHOLE = 0.9
"""Of what the header promises; less has been cut."""
_EXACT = frozenset({"mp4", "mov", "matroska", "flac"})
"""Containers whose header knows the length; others guess it from the first packets."""


@dataclass
class _Count:
    """What was met of one stream."""

    stream: av.VideoStream | av.AudioStream
    packets: int = 0
    size: int = 0
    start: float | None = None
    end: float = 0.0
    first: av.VideoFrame | av.AudioFrame | None = None

    def add(self, packet: av.Packet) -> None:
        if self.first is None:
            self.first = next(iter(decoded(packet)), None)
        if not packet.size:
            return
        self.packets += 1
        self.size += packet.size
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None and packet.time_base:
            start = float(stamp * packet.time_base)
            self.start = start if self.start is None else min(self.start, start)
            self.end = max(self.end, start + float((packet.duration or 0) * packet.time_base))


def examine(path: Path, limits: Limits) -> Probe:
    """Read a whole file. Raises NotReadableError or TooHeavyError; see Probe for the rest."""
    if path.stat().st_size == 0:
        raise NotReadableError(f"{path.name} is empty")
    found = examine_picture(path, limits)
    if found is not None:
        return found
    with open_media(path) as container:
        video, audio = video_of(container, limits), audio_of(container)
        counts = _counted(container, video, audio, limits)
        return Probe(
            size=path.stat().st_size,
            seconds=_seconds(container, counts, path.name),
            container=_container(container.format.name, path),
            index_first=has_index_first(path) if "mp4" in container.format.name else None,
            other_streams=len(container.streams) - len(counts),
            **(_video(video, counts[video.index], limits) if video else {}),
            **(_audio(audio, counts[audio.index]) if audio else {}),
        )


def _counted(
    container: InputContainer,
    video: av.VideoStream | None,
    audio: av.AudioStream | None,
    limits: Limits,
) -> dict[int, _Count]:
    counts = {stream.index: _Count(stream) for stream in (video, audio) if stream}
    if not counts:
        raise NotReadableError("the file has neither sound nor video")
    packets = container.demux([count.stream for count in counts.values()])
    for number, packet in enumerate(packets):
        count = counts[packet.stream_index]
        count.add(packet)
        if number >= limits.packets or (video and counts[video.index].packets > limits.frames):
            raise TooHeavyError("the file has too many frames")
        if count.end - (count.start or 0) > limits.media_seconds:
            raise TooHeavyError(f"the file is longer than {limits.media_seconds:.0f} seconds")
    if any(count.first is None for count in counts.values()):
        raise NotReadableError("nothing of a stream can be decoded")
    return counts


def _seconds(container: InputContainer, counts: dict[int, _Count], name: str) -> float:
    starts = [count.start for count in counts.values() if count.start is not None]
    measured = max(count.end for count in counts.values()) - min(starts, default=0.0)
    declared = (container.duration or 0) / av.time_base
    known = any(exact in container.format.name for exact in _EXACT)
    if known and measured < declared * _WHOLE:
        raise NotReadableError(f"{name} has been cut short")
    return measured or declared


def _container(name: str, path: Path) -> str:
    """Give one name for what FFmpeg calls by several."""
    if "mp4" in name.split(","):
        return "mov" if brand_of(path) == b"qt  " else "mp4"
    return name.split(",", maxsplit=1)[0]


def _video(stream: av.VideoStream, count: _Count, limits: Limits) -> dict[str, Any]:
    frame = count.first
    if not isinstance(frame, av.VideoFrame):
        raise NotReadableError("nothing of the video can be decoded")
    check_pixels(frame.width, frame.height, limits)
    return {
        "video_codec": codec_name(stream),
        "width": frame.width,
        "height": frame.height,
        "frames_per_second": float(stream.average_rate or stream.guessed_rate or 0) or None,
        "pixel_format": frame.format.name,
        "bit_depth": frame.format.components[0].bits,
        "rotation": frame.rotation % 360,
        "pixel_aspect": _aspect(stream),
        "frames": count.packets,
        "video_bytes": count.size,
    }


def _aspect(stream: av.VideoStream) -> float:
    """Give a pixel's width by its height; what cannot be meant is square."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if 0.25 <= aspect <= 4 else 1.0  # noqa: PLR2004 - four times is no screen


def _audio(stream: av.AudioStream, count: _Count) -> dict[str, Any]:
    frame = count.first
    if not isinstance(frame, av.AudioFrame):
        raise NotReadableError("nothing of the sound can be decoded")
    return {
        "audio_codec": codec_name(stream),
        "sample_rate": frame.sample_rate,
        "channels": frame.layout.nb_channels,
        "sample_format": frame.format.name,
        "audio_bytes": count.size,
    }
