"""Small files that are really media, each with the id of its generation inside."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import av
import numpy as np

from bot.sandbox.dubbing import add_sound
from bot.sandbox.orders import Kind

_ZEROS = bytes(64 * 1024)
_STREAMINFO_END = 42
"""A FLAC file begins with `fLaC`, a block header of 4 bytes and 34 bytes of STREAMINFO."""
_APPLICATION, _PADDING = 2, 1
_LONGEST_BLOCK = 2**24 - 1
_RATE = 44_100


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes in parts; a number stands for so many zeros, which are never held in memory."""

    parts: tuple[bytes | int, ...]

    @property
    def size(self) -> int:
        return sum(part if isinstance(part, int) else len(part) for part in self.parts)

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self, limit: int | None = None) -> Iterator[bytes]:
        """Give the content bit by bit, up to so many bytes."""
        left = self.size if limit is None else limit
        for part in self.parts:
            for piece in _zeros(part) if isinstance(part, int) else _slices(part):
                if left <= 0:
                    return
                yield piece[:left]
                left -= len(piece)


def media(kind: Kind, mark: str, size: int = 0, *, dubbed: bool = False) -> Content:
    """Return a sound (FLAC) or video (MP4) that holds the mark and has at least this size.

    A `dubbed` video has a sound.
    """
    if kind == "audio":
        return _flac(mark.encode(), size)
    return _mp4(film_with_sound() if dubbed else film(), mark.encode(), size)


def _flac(mark: bytes, size: int) -> Content:
    """Put the mark, and padding, into blocks that players skip."""
    template = sound()
    data = b"foly" + mark
    named = bytes([_APPLICATION]) + len(data).to_bytes(3) + data
    parts: list[bytes | int] = [template[:_STREAMINFO_END] + named]
    missing = size - len(template) - len(named)
    while missing > 0:
        length = max(0, min(missing - 4, _LONGEST_BLOCK))
        parts += [bytes([_PADDING]) + length.to_bytes(3), length]
        missing -= 4 + length
    return Content((*parts, template[_STREAMINFO_END:]))


def _mp4(template: bytes, mark: bytes, size: int) -> Content:
    """Put the mark and the padding into a `free` box at the end; its size has 64 bits."""
    zeros = max(0, size - len(template) - 16 - len(mark))
    box = (1).to_bytes(4) + b"free" + (16 + len(mark) + zeros).to_bytes(8) + mark
    return Content((template + box, zeros))


@cache
def sound() -> bytes:
    """Render a tenth of a second of a tone."""
    times = np.arange(_RATE // 10) / _RATE
    samples = (np.sin(times * 440 * 2 * np.pi) * 8000).astype(np.int16)[None, :]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=_RATE, layout="mono", format="s16")
        assert isinstance(stream, av.AudioStream)  # what a flac stream is
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = _RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


@cache
def film() -> bytes:
    """Render eight small frames."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(8):
            pixels = np.full((48, 64, 3), number * 30, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


@cache
def film_with_sound() -> bytes:
    """Render the small frames with the sound of wind."""
    return add_sound(film(), "wind", seed=1)


def _slices(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), len(_ZEROS)):
        yield data[start : start + len(_ZEROS)]


def _zeros(number: int) -> Iterator[bytes]:
    for start in range(0, number, len(_ZEROS)):
        yield _ZEROS[: number - start]
