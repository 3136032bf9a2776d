"""Open a media file from outside with as little of FFmpeg as it takes.

FFmpeg knows formats that are lists of other files and addresses; only those of one file are let
through, and only the decoders that models and people's tools make use of.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.limits import STREAMS, THREADS, Limits

_FORMATS = "mov,matroska,ogg,flac,mp3,wav,w64,aiff,aac,avi,mpegts"
_VIDEO = frozenset(
    [
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "av1",
        "mpeg4",
        "mpeg2video",
        "mpeg1video",
        "mjpeg",
        "prores",
        "theora",
    ]
)
_AUDIO = frozenset(["aac", "mp3", "mp2", "opus", "vorbis", "flac", "alac", "ac3", "eac3"])
_DECODERS = _VIDEO | _AUDIO | {"libdav1d", "libvpx", "libvpx-vp9", "libopus", "libvorbis"}
_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": _FORMATS,
    "codec_whitelist": ",".join(sorted(_DECODERS | {"mp3float", "mp2float", "pcm_s16le"})),
    "max_streams": str(STREAMS),
}


_OURS = frozenset({errno.ENOMEM, errno.EFBIG, errno.ENOSPC})
"""Errors that say something of this machine and its limits, not of the file."""


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a file, with NotReadableError for all that FFmpeg says of it while it is open."""
    try:
        # "file:" keeps a name with a colon in it from being an address.
        with av.open(f"file:{path}", options=dict(_OPTIONS)) as container:
            yield container
    except av.error.ExternalError as error:
        raise TooHeavyError("a codec could not be started, most likely for memory") from error
    except (av.FFmpegError, UnicodeDecodeError, IndexError) as error:
        if getattr(error, "errno", None) in _OURS:
            raise
        raise NotReadableError(f"{path.name} cannot be read as media") from error


def video_of(container: InputContainer, limits: Limits) -> av.VideoStream | None:
    """Give the first video that is not a cover, ready to decode. Raises TooHeavyError."""
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        context = stream.codec_context
        _check_codec(stream, _VIDEO)
        check_pixels(context.width, context.height, limits)
        # A stream may change its shape on the way; the decoder is told as well.
        context.options = {"max_pixels": str(limits.pixels)}
        context.thread_count = THREADS
        return stream
    return None


def audio_of(container: InputContainer) -> av.AudioStream | None:
    """Give the first sound."""
    for stream in container.streams.audio:
        _check_codec(stream, _AUDIO)
        return stream
    return None


def codec_name(stream: av.VideoStream | av.AudioStream) -> str:
    """Give the codec's own name, whichever library decodes it."""
    return stream.codec_context.codec.canonical_name


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise TooHeavyError for a picture that is too large to open."""
    if width * height > limits.pixels:
        raise TooHeavyError(f"a picture of {width} x {height} pixels is too large")


def decoded(packet: av.Packet) -> list[av.VideoFrame | av.AudioFrame]:
    """Decode a packet; a damaged one gives nothing, as in any player."""
    try:
        return packet.decode()  # type: ignore[return-value]  # subtitles are never asked for
    except av.error.InvalidDataError:
        return []


def _check_codec(stream: av.VideoStream | av.AudioStream, known: frozenset[str]) -> None:
    # A stream without a decoder has no context, whatever its type says.
    name = codec_name(stream) if getattr(stream, "codec_context", None) else "unknown"
    if name not in known and not name.startswith("pcm_"):
        raise NotReadableError(f"the codec {name} is not opened here")
