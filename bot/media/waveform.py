"""Measure a sound: how loud it is from moment to moment."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.limits import Limits
from bot.media.reading import audio_of, decoded, open_media
from bot.media.shape import Waveform

MOST_PEAKS = 256
"""Discord refuses a voice message with more."""
PEAKS_PER_SECOND = 10
"""Discord's own apps send one byte for 100 ms."""

_WINDOWS_PER_SECOND = 100
_SILENCE = 0.001
"""Of full scale, -60 dB: what is never louder is shown as silent, not blown up."""
_CURVE = 0.7
"""Loudness is heard less than in proportion; this keeps the quiet parts in sight."""
_RATE = 16_000
"""Samples a second are enough to see a sound, and quick."""


def waveform_of(path: Path, limits: Limits) -> Waveform:
    """Decode the sound of a file. Raises NotReadableError (also if it has none), TooHeavyError."""
    levels = levels_of(path, limits)
    seconds = len(levels) / _WINDOWS_PER_SECOND
    count = max(1, min(MOST_PEAKS, int(seconds * PEAKS_PER_SECOND)))
    return Waveform(seconds, bytes(shape_of(levels, count)))


def shape_of(levels: NDArray[np.float32], count: int) -> NDArray[np.uint8]:
    """Bring levels into `count` bytes, each its span's loudest; the loudest of all is 255."""
    edges = np.linspace(0, len(levels), count + 1).astype(int)
    spans = [levels[start : max(end, start + 1)] for start, end in zip(edges, edges[1:])]  # noqa: B905, RUF007 - pairs of neighbours
    tops = np.array([span.max(initial=0) for span in spans], np.float32)
    loudest = float(tops.max(initial=0))
    if loudest < _SILENCE:
        return np.zeros(count, np.uint8)
    shape: NDArray[np.uint8] = np.rint((tops / loudest) ** _CURVE * 255).astype(np.uint8)
    return shape


def levels_of(path: Path, limits: Limits) -> NDArray[np.float32]:
    """Give the loudness (root mean square, 0 to 1) of each hundredth of a second."""
    window = _RATE // _WINDOWS_PER_SECOND
    pieces: list[NDArray[np.float32]] = []
    rest = np.zeros(0, np.float32)
    for samples in _samples(path, limits):
        rest = np.concatenate([rest, samples])
        whole = len(rest) // window * window
        pieces.append(_loudness(rest[:whole].reshape(-1, window)))
        rest = rest[whole:]
    if len(rest):
        pieces.append(_loudness(rest.reshape(1, -1)))
    levels = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    if not len(levels):
        raise NotReadableError(f"{path.name} has no sound that can be decoded")
    return np.nan_to_num(levels)


def _loudness(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    loudness: NDArray[np.float32] = np.sqrt(np.mean(windows * windows, axis=1, dtype=np.float32))
    return loudness


def _samples(path: Path, limits: Limits) -> Iterator[NDArray[np.float32]]:
    most = limits.media_seconds * _RATE
    resampling = av.AudioResampler("flt", "mono", _RATE)
    for frame in _frames(path):
        for mono in filter(None, resampling.resample(frame)):
            most -= mono.samples
            if most < 0:
                raise TooHeavyError("the sound is too long")
            yield mono.to_ndarray()[0].astype(np.float32)


def _frames(path: Path) -> Iterator[av.AudioFrame | None]:
    """Give the sound piece by piece, and None at its end."""
    with open_media(path) as container:
        audio = audio_of(container)
        if audio is None:
            raise NotReadableError(f"{path.name} has no sound")
        for packet in container.demux(audio):
            for frame in decoded(packet):
                if isinstance(frame, av.AudioFrame):
                    yield frame
    yield None
